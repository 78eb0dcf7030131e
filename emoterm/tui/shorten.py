"""Texts that take more lines than there are."""

from __future__ import annotations

from textual.content import Content

from emoterm.terminal.shorten import cut_end


def cut_lines(text: str, width: int, lines: int) -> str:
    """The text; where it takes more than so many lines of so many columns, those that fit, with ``…`` behind them."""
    wrapped = [line.plain.rstrip() for line in Content(text).wrap(width)]
    return text if len(wrapped) <= lines else "\n".join([*wrapped[: lines - 1], cut_end(f"{wrapped[lines - 1]} …", width)])
