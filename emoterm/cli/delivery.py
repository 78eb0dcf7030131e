"""What becomes of the pictures that a command has made: drawn in the terminal, written, and reported."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emoterm.cli import files, stickers
from emoterm.cli.draw import draw
from emoterm.cli.report import show, show_json
from emoterm.cli.typed import setting_of
from emoterm.terminal.detect import choose_graphics

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.rendering import Rendering


@dataclass(frozen=True)
class Written:
    """What was written."""

    files: list[str] = field(default_factory=list)
    made: list[stickers.Made] = field(default_factory=list)


@dataclass(frozen=True)
class Flags:
    """The options that every command with pictures has, as they were given."""

    output: str | None
    """The file that was asked for; ``-`` is stdout, None the command's own choice."""
    graphics: str
    json: bool
    """Whether stdout is taken by ``--json``."""
    force: bool
    """Whether existing files may be replaced."""
    no_metadata: bool
    preview: str | None = None
    """The picture of the stickers."""


class Delivery:
    """The way out for the pictures of one run of a command.

    Args:
        command: its name.
        how: how pictures become files.
        flags: how it was called.
        started: when, as :func:`time.perf_counter` has it.
    """

    def __init__(self, command: str, how: Rendering, flags: Flags, *, started: float) -> None:
        self.command, self.how, self.flags = command, how, flags
        self._started = started
        self._background = how.color
        self._choice = choose_graphics(
            "none" if flags.json or flags.output == files.STDOUT else flags.graphics, setting=setting_of("graphics")
        )

    def draw(self, pixels: U8) -> None:
        """Pictures (N, H, W, 4) in the terminal, if it is to be drawn on."""
        draw(pixels, self._choice, background=self._background)

    def finish(self, written: Written) -> Written:
        """Say what stickers had to give up, and write their preview. The same, with the preview among its files.

        Raises:
            OutputError: the preview cannot be written.
        """
        if self.how.place is not None:
            written.files.extend(stickers.finish(written.made, self.how.place, preview=self.flags.preview, force=self.flags.force))
        return written

    def report(self, facts: dict[str, Any], written: Written, *, device: str, lines: Iterable[str] = ()) -> None:
        """Say on stdout what was made: the names of the files, or with ``--json`` an object.

        Args:
            facts: of the object, in front of those that all commands tell.
            written: the files.
            device: the execution provider that was used.
            lines: in front of the names of files.
        """
        place = self.how.place
        made = {"for": place, "stickers": stickers.facts(written.made, place)} if place else {}
        self.tell({**facts, **made, "files": written.files, "device": device}, [*lines, *written.files])

    def tell(self, facts: dict[str, Any], lines: Iterable[str]) -> None:
        """Lines on stdout, or with ``--json`` an object of these facts and the time that it took; nothing where the file goes there."""
        if self.flags.json:
            show_json(self.command, {**facts, "seconds": round(time.perf_counter() - self._started, 3)})
        elif self.flags.output != files.STDOUT:
            for line in lines:
                show(line)
