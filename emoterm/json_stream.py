"""JSON read piece by piece, so that a file of a million records is never there as a whole in Python's objects."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

WINDOW_BYTES = 1 << 20


def members(data: bytes, array: str) -> Iterator[tuple[str, Any]]:
    """The members of one JSON object, in the order of the text.

    Args:
        data: UTF-8.
        array: the key whose value, an array, is handed out element by element, each with this key.

    Raises:
        ValueError: it is not such an object.
    """
    window = _Window(data)
    window.expect("{")
    more = window.peek() != "}"
    if not more:
        window.expect("}")
    while more:
        key = window.value()
        if not isinstance(key, str):
            raise ValueError(f"{key!r:.40} is no key")
        window.expect(":")
        if key == array:
            for element in _elements(window):
                yield key, element
        else:
            yield key, window.value()
        more = window.expect(",}") == ","
    if window.peek():
        raise ValueError("something follows the object")


def _elements(window: _Window) -> Iterator[Any]:
    window.expect("[")
    if window.peek() == "]":
        window.expect("]")
        return
    while True:
        yield window.value()
        if window.expect(",]") == "]":
            return


class _Window:
    """The part of the text that is decoded, and the place in it."""

    def __init__(self, data: bytes) -> None:
        self._data, self._read = data, 0
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()
        self._text, self._place = "", 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._place < len(self._text):
                if (char := self._text[self._place]) not in " \t\r\n":
                    return char
                self._place += 1
            if not self._more():
                return ""

    def expect(self, chars: str) -> str:
        """Take one of these characters."""
        found = self.peek()
        if not found or found not in chars:
            raise ValueError(f"expected one of {chars}, found {found or 'the end'}")
        self._place += 1
        return found

    def value(self) -> Any:
        """Take one value of any kind."""
        self.peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._place)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            if isinstance(value, int | float) and end >= len(self._text) - len("e+") and self._more():
                continue  # the number may go on: 12, 12.5, 12.5e+3
            self._place = end
            return value

    def _more(self) -> bool:
        if self._read >= len(self._data):
            return False
        piece = self._data[self._read : self._read + WINDOW_BYTES]
        self._read += WINDOW_BYTES
        self._text = self._text[self._place :] + self._utf8.decode(piece, final=self._read >= len(self._data))
        self._place = 0
        return True
