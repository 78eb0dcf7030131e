"""Emojis as tensors: read any source, decode the pictures, fill in absent columns, weigh the rows.

N emojis · S size_px · pictures are (N, 4, S, S) uint8, RGBA with associated (premultiplied) alpha
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import TrainerError
from trainer.sources import ALTERNATIVES, Columns, Record, read_source
from trainer.sources.picture import decode_picture
from trainer.sources.row import EmojiRow, row_of, skin_tone_phrases, without_skin_tone

__all__ = ["EmojiRow", "EmojiSet", "build_word_vocabulary", "condition_words", "decode_records", "load_emojis", "picture_digest"]

DIGESTED = 1 << 14
"""Pictures that are read to tell a set from another, at most: 256 MiB of 64×64. Of millions, reading all would take minutes."""
MAX_PHRASE_WORDS = 3
"""Longer names are dropped as a phrase; their words stay."""
_STOP_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "it", "of", "on", "or", "other", "over", "the", "to", "with")
)
_SEPARATORS = re.compile(r"[:,&()]")
_WRITING_GROUPS = frozenset({"Symbols", "Flags", "Objects", "Component"})
"""Groups whose pictures often carry letters, digits or a direction."""
_SIDE = re.compile(r"\b(left|right)(wards)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class EmojiSet:
    """Pictures and rows, in the same order."""

    images: Tensor
    """(N, 4, S, S) uint8, RGBA, associated alpha."""
    rows: list[EmojiRow]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def styles(self) -> list[str]:
        """Styles that occur, sorted; without the empty one."""
        return sorted({row.style for row in self.rows} - {""})

    def subset(self, which: Sequence[int] | Sequence[bool] | np.ndarray | Tensor) -> EmojiSet:
        """The rows picked by a mask of length N or by indices, in the order of the indices.

        Raises:
            ValueError: a mask of another length.
        """
        picked = torch.as_tensor(which)
        if picked.dtype == torch.bool:
            if len(picked) != len(self):
                raise ValueError(f"mask of {len(picked)} for {len(self)} rows")
            picked = picked.nonzero().flatten()  # (N,) mask -> (n,) indices
        picked = picked.to(torch.int64)
        rows = [self.rows[i] for i in picked.tolist()]
        if len(picked) and torch.equal(picked, torch.arange(int(picked[0]), int(picked[0]) + len(picked))):
            return EmojiSet(self.images[int(picked[0]) : int(picked[0]) + len(picked)], rows)  # neighbours: a view, no copy
        return EmojiSet(self.images[picked], rows)

    def split(self, name: str) -> EmojiSet:
        """The rows of one split.

        Raises:
            TrainerError: no row has it.
        """
        mask = [row.split == name for row in self.rows]
        if not any(mask):
            present = ", ".join(sorted({row.split for row in self.rows})) or "no rows"
            raise TrainerError(f"The data has no split {name!r}; it has {present}.", fix="Add a column 'split', or use more emojis.")
        return self.subset(mask)

    def of_style(self, style: str, *, without: bool = False) -> EmojiSet:
        """The rows of one style, or all the others.

        Raises:
            TrainerError: there is no such style.
        """
        if style not in self.styles:
            raise TrainerError(f"The data has no style {style!r}.", fix=f"It has: {', '.join(self.styles) or 'none'}.")
        return self.subset([(row.style == style) != without for row in self.rows])

    def weights(self) -> Tensor:
        """How often to draw each row, relative to a plain emoji.

        A row without a skin tone weighs 1. The V skin-tone variants of one base in one style weigh 1/V each, so all of them together
        are worth one more plain emoji: a hand that comes in yellow and five tones is drawn twice as often as an octopus, not six times.

        Returns:
            (N,) float32, not normalised.
        """
        variants = Counter((row.base, row.style) for row in self.rows if row.skin_tone)
        return torch.tensor([1 / variants[row.base, row.style] if row.skin_tone else 1.0 for row in self.rows], dtype=torch.float32)

    def digest(self) -> str:
        """SHA-256 of what a run learns from: the pictures (:func:`picture_digest`) and what their rows say, in their order."""
        digest = hashlib.sha256(picture_digest(self.images).encode())
        for row in self.rows:
            said = (row.text, row.emoji, row.style, row.group, row.subgroup, row.keywords, row.skin_tone)
            digest.update(json.dumps(said).encode())
        return digest.hexdigest()

    def mirrorable(self) -> Tensor:
        """Which pictures stay what they are when left and right change places: (N,) bool.

        Not those without a known group, nor those of a group that often carries writing, nor those whose name tells a side.
        """
        safe = (row.group not in ("", *_WRITING_GROUPS) and not _SIDE.search(row.text) for row in self.rows)
        return torch.tensor(list(safe), dtype=torch.bool)


def picture_digest(images: Tensor) -> str:
    """SHA-256 of pictures in their order, (N, 4, S, S) uint8; of a larger set, of :data:`DIGESTED` pictures spread evenly over it."""
    digest = hashlib.sha256(str(tuple(images.shape)).encode())
    for row in torch.linspace(0, len(images) - 1, min(DIGESTED, len(images)), dtype=torch.float64).round().long().tolist():
        digest.update(images[row].contiguous().numpy().data)
    return digest.hexdigest()


def load_emojis(
    source: str, *, limit: int | None = None, size_px: int = 64, image_column: str = "image", text_column: str = "text"
) -> EmojiSet:
    """Read a data source of any kind, see :mod:`trainer.sources`.

    Pictures are made square by transparent padding and resized with associated alpha. Rows without a ``split`` get one from a hash of
    their name without the skin tone, the same on every machine: all styles and tones of an emoji are on one side.

    Args:
        source: a Hugging Face id, a parquet file or folder, an image folder, a saved dataset, ``font:PATH`` or ``lineart:N``.
        limit: use the first so many emojis only.
        size_px: width and height of the result.
        image_column: the column that holds the picture.
        text_column: the column that holds the name.

    Raises:
        TrainerError: the source cannot be read, lacks a column, holds no emoji, or holds a picture that cannot be decoded.
    """
    if limit is not None and limit < 1:
        raise TrainerError(f"limit must be at least 1, is {limit}.")
    records = read_source(source, columns=Columns(image_column, text_column), limit=limit)
    if not records:
        raise TrainerError(f"{source} holds no emojis.", fix=ALTERNATIVES)
    return EmojiSet(torch.from_numpy(decode_records(records, size_px=size_px)), [row_of(record) for record in records])


def decode_records(records: Sequence[Record], *, size_px: int) -> NDArray[np.uint8]:
    """The pictures of n records, (n, 4, size_px, size_px), RGBA, associated alpha.

    Raises:
        TrainerError: one cannot be decoded.
    """
    images = np.empty((len(records), 4, size_px, size_px), dtype=np.uint8)

    def decode(index: int) -> None:
        images[index] = decode_picture(records[index].picture, size_px=size_px, name=records[index].name).transpose(2, 0, 1)

    # Pillow releases the interpreter lock while it decodes and resizes.
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for _ in pool.map(decode, range(len(records))):
            pass
    return images


def condition_words(row: EmojiRow) -> tuple[str, ...]:
    """The words and short phrases that may stand in for this emoji in a prompt.

    From the most to the least telling: the name, its parts and words, the keywords, the skin tone, the subgroup and the group. All
    lower-case, each once, none of more than three words. ``"flag: Wales"`` gives ``flag``, ``wales``, …; ``"Smileys & Emotion"`` gives
    ``smileys`` and ``emotion``; ``"face-smiling"`` gives ``face smiling``, ``face`` and ``smiling``.
    """
    phrases: list[str] = []
    for part in _SEPARATORS.split(without_skin_tone(row.text)):
        phrases += [part, *_words(part)]
    for keyword in row.keywords:
        phrases += _SEPARATORS.split(without_skin_tone(keyword))
    phrases += skin_tone_phrases(row.text)
    for part in _SEPARATORS.split(row.subgroup.replace("-", " ")):
        phrases += [" ".join(_words(part)), *_words(part)]
    phrases += _SEPARATORS.split(row.group)
    return tuple(dict.fromkeys(phrase for phrase in map(_normalise, phrases) if _is_telling(phrase)))


def build_word_vocabulary(rows: Iterable[EmojiRow], min_count: int = 1, max_words: int | None = None) -> list[str]:
    """The words worth a token of the prior.

    A word counts once for each drawing: skin-tone variants of one base in one style count together.

    Args:
        rows: the rows of the training split.
        min_count: drop words of fewer drawings.
        max_words: keep the most frequent.

    Returns:
        Words by falling count, equal counts in alphabetical order.
    """
    drawings: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        for word in condition_words(row):
            drawings[word].add((row.base, row.style))
    counted = [word for word in drawings if len(drawings[word]) >= min_count]
    return sorted(counted, key=lambda word: (-len(drawings[word]), word))[:max_words]


def _words(phrase: str) -> list[str]:
    return [word for word in _normalise(phrase).split() if word not in _STOP_WORDS]


def _is_telling(phrase: str) -> bool:
    """Some letter or digit, and not too long."""
    return any(char.isalnum() for char in phrase) and phrase.count(" ") < MAX_PHRASE_WORDS


def _normalise(phrase: str) -> str:
    """Lower case, no double quotes, one space between words."""
    plain = unicodedata.normalize("NFKC", phrase).replace("’", "'").replace("_", " ")
    return " ".join(re.sub('[“”"]', "", plain).lower().split())
