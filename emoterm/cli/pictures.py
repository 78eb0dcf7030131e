"""Where the pictures of one run go: a grid, a file each, or stickers. Planned before the work is done, written after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoterm.cli import files, stickers
from emoterm.cli.typed import refuse_typed
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


NOWHERE = Targets(None, None, (), ())
"""For pictures that are written otherwise."""


@dataclass(frozen=True)
class Written:
    """What came of it."""

    files: list[str] = field(default_factory=list)
    made: list[stickers.Made] = field(default_factory=list)

    def facts(self, place: str | None) -> dict[str, Any]:
        """For ``--json``."""
        return {**({"for": place, "stickers": stickers.facts(self.made, place)} if place else {}), "files": self.files}


def plan(
    n: int,
    how: Rendering,
    *,
    stem: str,
    sticker: str,
    output: str | None,
    each: Path | None,
    preview: str | None,
    force: bool,
    json: bool,
) -> Targets:
    """Fail before the work is done, not after.

    Args:
        n: pictures.
        how: how they become files.
        stem: of the names that nobody chose.
        sticker: what the stickers are called, before they are numbered.
        output: the file that was asked for.
        each: the folder that was asked for.
        preview: the picture of the stickers that was asked for.
        force: whether existing files may be replaced.
        json: whether stdout is taken by ``--json``.

    Raises:
        OutputError: a file exists, or its folder is missing or cannot be written to.
        UsageError: options that exclude each other or would do nothing, or too large a grid.
    """
    stickers.check_preview(preview, how.place, force=force, json=json)
    grid = output if how.place is None else None
    if output is None and each is None and how.place is None:
        grid = files.free_name(stem, ".png")
    if grid is None:
        fix = "Leave it out." if how.place is not None else "Leave it out, or add -o FILE for the grid."
        refuse_typed("columns", goes_with="a grid, and here every picture is a file of its own", fix=fix)
    else:
        check_size(n, how)
        files.check_picture(grid, ("png",), force=force, json=json)
    names = files.numbered(stem, n)
    if how.place is not None:
        names = stickers.name_stickers(files.numbered(sticker, n), how.place)
        each = stickers.check_targets(output, each, n, default=f"{stem}-{how.place}", force=force, json=json)
    alone = [output] if output is not None and how.place is not None else []
    targets = alone if each is None else [str(target) for target in files.names_in(each, names, force=force)]
    stickers.check_apart(preview, targets)
    return Targets(grid, each, targets, names)


def write(pictures: U8, targets: Targets, how: Rendering, recipe_of: RecipeOf, *, preview: str | None, force: bool) -> Written:
    """Write pictures (N, H, W, 4) where they were planned to go.

    Raises:
        OutputError: a file cannot be written.
        CannotSatisfyError: no sticker passes.
    """
    written = Written()
    if targets.grid is not None:
        data, _ = render(pictures, how, recipe_of(slice(0, len(pictures))))
        written.files.extend(files.deliver(targets.grid, data, force=force))
    if targets.folder is not None:
        targets.folder.mkdir(exist_ok=True)
    for i, (target, name) in enumerate(zip(targets.each, targets.names, strict=False)):
        part = slice(i, i + 1)
        data, sticker = render(pictures[part], how, recipe_of(part))
        written.files.extend(files.deliver(target, data, force=force))
        if sticker is not None:
            written.made.append(stickers.Made(target, name, data, sticker))
    if how.place is not None:
        written.files.extend(stickers.finish(written.made, how.place, preview=preview, force=force))
    return written
