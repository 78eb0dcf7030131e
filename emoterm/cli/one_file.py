"""All pictures of a run in one file: a strip, an animation, a single picture, or a sticker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emoterm.cli import files, stickers
from emoterm.cli.delivery import Delivery, Flags, Written
from emoterm.files import free_name
from emoterm.rendering import Rendering, check_size, render

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.recipe import Recipe


def choose_file(output: str | None, stem: str, formats: Sequence[str], *, force: bool, json: bool) -> tuple[str, str]:
    """The file to write and its format: the one that was asked for, else a free name of the first format.

    Raises:
        OutputError: the file exists, or its folder is missing or cannot be written to.
        UsageError: another suffix, or ``-`` where stdout is taken.
    """
    target = free_name(stem, f".{formats[0]}") if output is None else output
    return target, files.check_picture(target, formats, force=force, json=json)


class OneFile(Delivery):
    """A file for all ``n`` pictures of a run.

    Args:
        flags: how it was called.
        target: of :func:`choose_file`.
        n: pictures.
        started: as in :class:`~emoterm.cli.delivery.Delivery`.

    Raises:
        OutputError: the preview cannot be written.
        UsageError: options that exclude each other or would do nothing, or too large a picture.
    """

    def __init__(self, command: str, how: Rendering, flags: Flags, target: str, n: int, *, started: float) -> None:
        super().__init__(command, how, flags, started=started)
        self._target = target
        check_size(n, how)
        stickers.check_preview(flags.preview, how.place, force=flags.force, json=flags.json)
        stickers.check_apart(flags.preview, [target])

    def deliver(self, pixels: U8, recipe: Recipe | None, *, sticker: str = "") -> Written:
        """Draw pictures (N, H, W, 4) and write them; ``sticker`` is what a sticker made of them is called.

        Raises:
            OutputError: a file cannot be written.
            CannotSatisfyError: no sticker passes.
        """
        self.draw(pixels)
        data, fitted = render(pixels, self.how, None if self.flags.no_metadata else recipe)
        written = Written(files.deliver(self._target, data, force=self.flags.force))
        if self.how.place is not None and fitted is not None:
            (name,) = stickers.name_stickers([sticker], self.how.place)
            written.made.append(stickers.Made(self._target, name, data, fitted))
        return self.finish(written)
