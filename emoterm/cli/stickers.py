"""What the commands that write stickers share: names, reports, the preview.

Every command with pictures imports this module, and few write stickers, so what makes them is imported where it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoterm.cli import files
from emoterm.cli.report import narrate
from emoterm.errors import UsageError
from emoterm.files import free_name
from emoterm.recipe import MAX_DEPTH, Recipe

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.stickers.fit import Sticker


@dataclass(frozen=True, eq=False)
class Made:
    """One sticker and where it goes."""

    file: str
    name: str
    data: bytes
    sticker: Sticker


def check_preview(preview: str | None, place: str | None, *, force: bool, json: bool) -> None:
    """Fail before the work is done, not after.

    Raises:
        OutputError: the file exists, or its folder is missing or cannot be written to.
        UsageError: no place, for which it could be a preview, or not the name of a PNG file.
    """
    if preview is None:
        return
    if place is None:
        from emoterm.stickers.places import PLACES

        raise UsageError("--preview shows stickers.", fix=f"Say where they go: --for {'|'.join(PLACES)}")
    files.check_picture(preview, ("png",), force=force, json=json)


def check_apart(preview: str | None, targets: Sequence[str]) -> None:
    """Fail before one of two files is written over the other.

    Raises:
        UsageError: the preview has the name of a sticker.
    """
    if preview is not None and os.path.realpath(preview) in map(os.path.realpath, targets):
        raise UsageError(f"{preview} cannot be both a sticker and its preview.", fix="Give --preview another name.")


def check_targets(output: str | None, each: Path | None, n: int, *, default: str, force: bool, json: bool) -> Path | None:
    """Where the stickers of ``sample`` go: the folder, or None when ``output`` names the file of the only one.

    Args:
        output: the file that was asked for.
        each: the folder that was asked for.
        n: how many stickers there will be.
        default: name of the folder when neither was.
        force: whether an existing file may be replaced.
        json: whether stdout is taken by ``--json``.

    Raises:
        OutputError: the file exists, or its folder is missing or cannot be written to.
        UsageError: a file for several stickers, or both a file and a folder.
    """
    if output is None:
        return each if each is not None else Path(free_name(default, ""))
    if each is not None or n > 1:
        raise UsageError("With --for every emoji is a file of its own.", fix="Use --each FOLDER, or -o FILE with --n 1.")
    files.check_picture(output, ("png",), force=force, json=json)
    return None


def name_stickers(texts: Sequence[str], place: str) -> list[str]:
    """Names that the place takes, no two alike."""
    from emoterm.stickers.places import place_named, valid_names

    return valid_names(texts, place_named(place))


def first_frames(made: Sequence[Made]) -> U8:
    """As a viewer sees them, ``(N, S, S, 4)``; smaller ones in the middle of the size of the largest."""
    from emoterm.imaging.frames import load_frames

    decoded = [load_frames(each.data, size_px=1024).pixels[0] for each in made]
    side = max(len(pixels) for pixels in decoded)
    out = np.zeros((len(decoded), side, side, 4), np.uint8)
    for canvas, pixels in zip(out, decoded, strict=True):
        edge = (side - len(pixels)) // 2
        canvas[edge : edge + len(pixels), edge : edge + len(pixels)] = pixels
    return out


def finish(made: Sequence[Made], place: str, *, preview: str | None, force: bool) -> list[str]:
    """Say what was given up and, where files alone are no emojis, what to paste; write the preview, if one is wanted.

    Returns:
        The files written.
    """
    _report(made)
    if place == "github":
        from emoterm.stickers.places import snippet

        for each in made:
            narrate(snippet(each.file if each.file != files.STDOUT else f"{each.name}.{each.sticker.kind}", each.name))
    if preview is None:
        return []
    from emoterm.imaging.png import encode_png
    from emoterm.stickers.preview import preview as lay_out

    return files.deliver(preview, encode_png(lay_out(first_frames(made))), force=force)


def _report(made: Sequence[Made]) -> None:
    """One line for all of them, and one more for each that had to give something up."""
    from emoterm.stickers.summary import summarize

    for each in made:
        if each.sticker.warning is not None:
            narrate(f"{each.name}: {each.sticker.warning}")
    narrate(summarize([each.sticker for each in made]))
    for each in made if len(made) > 1 else ():
        if each.sticker.given_up:
            narrate(f"{each.name}: {', '.join(each.sticker.given_up)}")


def facts(made: Sequence[Made], place: str) -> list[dict[str, Any]]:
    """For ``--json``."""
    from emoterm.stickers.places import snippet

    rows = []
    for each in made:
        version = each.sticker.version
        row: dict[str, Any] = {
            "file": each.file,
            "name": each.name,
            "bytes": len(each.data),
            "size_px": version.size_px,
            "frames": version.n_frames,
            "colors": version.colors,
            "given_up": list(each.sticker.given_up),
        }
        rows.append({**row, "snippet": snippet(each.file, each.name)} if place == "github" else row)
    return rows


def within_depth(recipe: Recipe) -> Recipe:
    """A recipe without those of the files that were fitted too long ago."""
    return _cut(recipe, MAX_DEPTH)


def _cut(recipe: Recipe, depth: int) -> Recipe:
    if recipe.source is None:
        return recipe
    return replace(recipe, source=None if depth == 1 else _cut(recipe.source, depth - 1))
