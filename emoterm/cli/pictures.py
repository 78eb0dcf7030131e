"""The pictures of a run in a grid, a file each, or stickers. Planned before the work is done, written after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoterm.cli import files, stickers
from emoterm.cli.delivery import Delivery, Flags, Written
from emoterm.cli.typed import refuse_typed
from emoterm.files import files_in, free_name
from emoterm.imaging.compose import U8
from emoterm.rendering import Rendering, check_size, render

if TYPE_CHECKING:
    from emoterm.recipe import Recipe

RecipeOf = Callable[[slice], "Recipe | None"]
"""The recipe of a file that holds these of the pictures."""


@dataclass(frozen=True)
class Targets:
    """File names that are free to be written."""

    grid: str | None
    """The file that all pictures go into."""
    folder: Path | None
    """Made if it is missing."""
    each: Sequence[str]
    """A file for each picture, or none."""
    names: Sequence[str]
    """Of the stickers."""


class Pictures(Delivery):
    """Files for the pictures of a run.

    Args:
        flags: how it was called.
        each: the folder that was asked for.
        started: as in :class:`~emoterm.cli.delivery.Delivery`.
    """

    def __init__(self, command: str, how: Rendering, flags: Flags, *, each: Path | None, started: float) -> None:
        super().__init__(command, how, flags, started=started)
        self._each = each
        self._targets = Targets(None, None, (), ())

    def plan(self, n: int, *, stem: str, sticker: str) -> None:
        """Fail before the work is done, not after.

        Args:
            n: pictures.
            stem: of the names that nobody chose.
            sticker: what the stickers are called, before they are numbered.

        Raises:
            OutputError: a file exists, or its folder is missing or cannot be written to.
            UsageError: options that exclude each other or would do nothing, or too large a grid.
        """
        how, flags, each = self.how, self.flags, self._each
        stickers.check_preview(flags.preview, how.place, force=flags.force, json=flags.json)
        grid = flags.output if how.place is None else None
        if flags.output is None and each is None and how.place is None:
            grid = free_name(stem, ".png")
        if grid is None:
            fix = "Leave it out." if how.place is not None else "Leave it out, or add -o FILE for the grid."
            refuse_typed("columns", goes_with="a grid, and here every picture is a file of its own", fix=fix)
        else:
            check_size(n, how)
            files.check_picture(grid, ("png",), force=flags.force, json=flags.json)
        names = files.numbered(stem, n)
        if how.place is not None:
            names = stickers.name_stickers(files.numbered(sticker, n), how.place)
            each = stickers.check_targets(flags.output, each, n, default=f"{stem}-{how.place}", force=flags.force, json=flags.json)
        alone = [flags.output] if flags.output is not None and how.place is not None else []
        targets = alone if each is None else [str(target) for target in files_in(each, names, force=flags.force)]
        stickers.check_apart(flags.preview, targets)
        self._targets = Targets(grid, each, targets, names)

    def deliver(self, pictures: U8, recipe_of: RecipeOf) -> Written:
        """Draw pictures (N, H, W, 4), and write them where they were planned to go.

        Args:
            pictures: as many as were planned.
            recipe_of: asked for each file, where recipes are wanted.

        Raises:
            OutputError: a file cannot be written.
            CannotSatisfyError: no sticker passes.
        """
        self.draw(pictures)
        targets, written = self._targets, Written()
        if targets.grid is not None:
            data, _ = self._render(pictures, slice(0, len(pictures)), recipe_of)
            written.files.extend(files.deliver(targets.grid, data, force=self.flags.force))
        if targets.folder is not None:
            targets.folder.mkdir(exist_ok=True)
        for i, (target, name) in enumerate(zip(targets.each, targets.names, strict=False)):
            data, sticker = self._render(pictures, slice(i, i + 1), recipe_of)
            written.files.extend(files.deliver(target, data, force=self.flags.force))
            if sticker is not None:
                written.made.append(stickers.Made(target, name, data, sticker))
        return self.finish(written)

    def _render(self, pictures: U8, part: slice, recipe_of: RecipeOf) -> tuple[bytes, Any]:
        return render(pictures[part], self.how, recipe_of(part) if not self.flags.no_metadata else None)
