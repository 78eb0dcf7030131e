"""Short names of countries, and what is said of their flags: "usa", "french flag"."""

from __future__ import annotations

from collections.abc import Sequence

# fmt: off
_SHORT = {
    "usa": "united states", "america": "united states", "uk": "united kingdom", "britain": "united kingdom", "uae": "united arab emirates",
}
_OF_FLAGS = {
    "american": "united states", "british": "united kingdom", "french": "france", "german": "germany", "italian": "italy",
    "spanish": "spain", "portuguese": "portugal", "dutch": "netherlands", "swiss": "switzerland", "swedish": "sweden",
    "irish": "ireland", "polish": "poland", "greek": "greece", "ukrainian": "ukraine", "russian": "russia", "chinese": "china",
    "japanese": "japan", "korean": "south korea", "indian": "india", "canadian": "canada", "mexican": "mexico", "brazilian": "brazil",
    "australian": "australia",
}
# fmt: on
"""In front of "flag" only: a French horn has nothing to do with the country."""
_FLAGS = frozenset({"flag", "flags"})


def with_countries(words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The words with countries by the names that Unicode has for them, and each word that was replaced by which.

    Args:
        words: in the form of :func:`emoterm.names.plain`. A short name alone asks for the flag; beside anything but "flag" it stays.
    """
    is_flag = len(words) == 1 or not _FLAGS.isdisjoint(words)
    said: list[str] = []
    read: list[tuple[str, str]] = []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        name = (_SHORT.get(word) if is_flag else None) or (_OF_FLAGS.get(word) if following in _FLAGS else None)
        said += [word] if name is None else name.split()
        read += [] if name is None else [(word, name)]
    return (["flag", *said] if len(words) == 1 and read else said), read
