"""Styles and words, and the tokens that stand for them in the context of the prior.

Tokens: ``0 … K−1`` codes · ``K`` BOS · ``K+1`` NULL · the styles · the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle_json import parse_json
from emoterm.errors import REINSTALL, BundleError, UsageError
from emoterm.manifest import Manifest
from emoterm.names import nearest_name
from emoterm.safe_text import quoted

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Condition:
    """What a picture should be; the empty condition is any picture at all."""

    style: str | None = None
    words: tuple[str, ...] = ()
    unlike: str | None = None
    """A style that guidance leads away from; otherwise it leads away from pictures of anything in any style."""


@dataclass(frozen=True)
class Vocabulary:
    """What the prior can be asked for. Read from a bundle by :meth:`from_json`."""

    styles: list[str]
    words: list[str]
    """Lower-case words and short phrases."""
    groups: dict[str, list[str]]
    """Words by subject, for people to browse; may leave words out."""
    codebook_size: int
    style_slots: int
    word_slots: int
    _style_tokens: dict[str, int] = field(init=False, repr=False, compare=False)
    _word_tokens: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first = self.codebook_size + 2
        object.__setattr__(self, "_style_tokens", {name: first + i for i, name in enumerate(self.styles)})
        object.__setattr__(self, "_word_tokens", {word: first + len(self.styles) + i for i, word in enumerate(self.words)})

    @property
    def n_tokens(self) -> int:
        """Codes, BOS, NULL, styles and words."""
        return self.codebook_size + 2 + len(self.styles) + len(self.words)

    @property
    def bos_token(self) -> int:
        """Stands right in front of the first code."""
        return self.codebook_size

    @property
    def null_token(self) -> int:
        """Fills the slot of a condition that was not given."""
        return self.codebook_size + 1

    def style_token(self, name: str) -> int:
        """The token of a style.

        Raises:
            UsageError: not a style of this bundle; names the nearest and lists all.
        """
        return _look_up(name, self._style_tokens, "style", fix=f"Styles: {', '.join(self.styles) or 'none in this bundle'}")

    def word_token(self, word: str) -> int:
        """The token of a word.

        Raises:
            UsageError: not a word of this bundle; names the nearest.
        """
        return _look_up(word, self._word_tokens, "word", fix=None)

    def context(self, conditions: Sequence[Condition]) -> I64:
        """Conditions as the prior reads them.

        Returns:
            (N, style_slots + word_slots + 1): style, words, BOS; NULL where nothing is asked for.

        Raises:
            UsageError: an unknown style or word, or more words than there are slots.
        """
        rows = np.full((len(conditions), self.style_slots + self.word_slots + 1), self.null_token, np.int64)
        rows[:, -1] = self.bos_token
        for row, condition in zip(rows, conditions, strict=True):
            if condition.style is not None:
                token = self.style_token(condition.style)
                if not self.style_slots:
                    raise UsageError("The prior of this bundle takes no style.")
                row[0] = token
            if len(condition.words) > self.word_slots:
                raise UsageError(f"The prior takes at most {self.word_slots} words, there are {len(condition.words)}.")
            for slot, word in enumerate(condition.words, start=self.style_slots):
                row[slot] = self.word_token(word)
        return rows

    @classmethod
    def from_json(cls, data: bytes | str, manifest: Manifest) -> Vocabulary:
        """Parse ``vocabulary.json`` and compare it with the manifest.

        Raises:
            BundleError: not such a file, or one of another prior.
        """
        where = f"{manifest.name}: {manifest.vocabulary.file}"
        content = parse_json(data, where)
        if not isinstance(content, dict):
            raise BundleError(f"{where} should be an object.", fix=REINSTALL)
        groups = content.get("groups", {})
        if not isinstance(groups, dict):
            raise BundleError(f"{where}: groups should be an object.", fix=REINSTALL)
        prior = manifest.prior
        vocabulary = cls(
            styles=_names(content.get("styles"), f"{where}: styles"),
            words=_names(content.get("words"), f"{where}: words"),
            groups={group: _names(words, f"{where}: groups.{group}") for group, words in groups.items()},
            codebook_size=manifest.codebook.size,
            style_slots=prior.style_slots,
            word_slots=prior.word_slots,
        )
        found = (vocabulary.n_tokens, vocabulary.bos_token, vocabulary.null_token)
        expected = (prior.vocab_size, prior.bos_token, prior.null_token)
        if found != expected:
            raise BundleError(
                f"{where} gives (vocab_size, bos_token, null_token) = {found}, the manifest says {expected}.",
                fix=REINSTALL,
            )
        return vocabulary


def _names(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name and name == name.lower() for name in value):
        raise BundleError(f"{where} should be a list of lower-case names.", fix=REINSTALL)
    if len(set(value)) != len(value):
        raise BundleError(f"{where} has a name twice.", fix=REINSTALL)
    return value


def _look_up(name: str, tokens: dict[str, int], kind: str, *, fix: str | None) -> int:
    token = tokens.get(name)
    if token is None:
        nearest = nearest_name(name.lower(), tokens, cutoff=0.5)
        hint = f" Did you mean {quoted(nearest)}?" if nearest else ""
        raise UsageError(f"{quoted(name)} is not a {kind} of this bundle.{hint}", fix=fix)
    return token
