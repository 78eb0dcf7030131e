"""Names as people type them: compared whatever their case and punctuation, and the nearest one to a name that is not known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from emoterm.errors import UsageError
from emoterm.safe_text import quoted

ANY_STYLE = "any"
"""What a person says who wants no style in particular."""
_NEAR = 0.6
_BETWEEN_WORDS = re.compile(r"[\s_\-‐‑–—.,;:!?\"“”()\[\]/]+")


def plain(text: str) -> str:
    """Text as it is compared: folded case, hyphens and punctuation as spaces, single spaces. Symbols such as emojis stay."""
    folded = text.casefold()
    if not folded.replace(" ", "").isalnum():  # most names are only words: a gallery asks for tens of thousands
        folded = _BETWEEN_WORDS.sub(" ", folded)
    return " ".join(folded.split())


def nearest_name(name: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str | None:
    """The one of some names that is written most like another; None where none is.

    Args:
        name: any.
        known: in lower case, where case should not matter.
        cutoff: the least ratio of :class:`difflib.SequenceMatcher`.
    """
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str:
    """The beginning of a fix, ``"Did you mean noto? "``; nothing where no name is near. See :func:`nearest_name`."""
    nearest = nearest_name(name, known, cutoff=cutoff)
    return "" if nearest is None else f"Did you mean {nearest}? "


def style_or_none(name: str) -> str | None:
    """A style as typed; None for :data:`ANY_STYLE`."""
    return None if plain(name) == ANY_STYLE else name


def check_style(name: str, styles: Iterable[str]) -> str:
    """The style's own spelling.

    Raises:
        UsageError: unknown; the message has the list and the nearest name.
    """
    return check_name(name, styles, what="style")


def check_name(name: str, known: Iterable[str], *, what: str) -> str:
    """The one of ``known`` that ``name`` means, whatever its case.

    Raises:
        UsageError: none; the message has the list and the nearest name.
    """
    names = list(known)
    by_plain = {plain(each): each for each in names}
    found = by_plain.get(plain(name))
    if found is not None:
        return found
    begins = next((key for key in by_plain if plain(name) and key.startswith(plain(name))), None)
    nearest = begins or nearest_name(plain(name), by_plain, cutoff=0.5)
    hint = f" Did you mean {by_plain[nearest]}?" if nearest else ""
    listed = ", ".join(names) if names else "none, this bundle has no such list"
    raise UsageError(f"Unknown {what} {quoted(name)}.{hint}", fix=f"Known {what}s: {listed}")
