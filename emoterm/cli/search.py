"""``emoterm search``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, safe, show, show_json
from emoterm.safe_text import quoted

if TYPE_CHECKING:
    from emoterm.gallery import Gallery, GalleryEntry

_GAP = 2
"""Between two columns."""
_LEAST = 8
"""A column that has to be cut to fewer says nothing."""


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="Words of the name, keywords or group; none lists all.")
    ] = None,
    style: options.Style = None,
    group: options.Group = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most to show.")] = 20,
    bundle: options.Bundle = None,
    json: options.Json = False,
) -> None:
    """Find emojis in the gallery.

    Every emoji found can be used wherever a picture is wanted, by itself or by its name. Where nothing fits, the nearest spelling is looked
    for. Into a pipe the columns are separated by tabs. Nothing found is exit code 1.

    \b
    Examples:
      emoterm search cat
      emoterm search smiling eyes --style twemoji --limit 5
    """
    from emoterm.bundle import open_bundle
    from emoterm.gallery import Gallery

    query = " ".join(words or [])
    with open_bundle(bundle) as opened:
        gallery = Gallery.from_bundle(opened)
        found = gallery.search(query, style=style, group=group, limit=limit)
        rows = [row(gallery, entry) for entry in found]
        reading = gallery.reading(query) if rows else None
    if reading is not None:
        narrate(f"nothing fits {quoted(query)}, reading it as {quoted(reading)}")
    if json:
        show_json("search", {"query": query, "reading": reading, "style": style, "group": group, "emojis": rows})
    else:
        show_rows([[each["emoji"], each["name"], each["group"], ", ".join(each["styles"])] for each in rows])
    if not rows:
        narrate(f"No emoji fits {quoted(query)}. Fewer words find more: emoterm search face")
        raise typer.Exit(1)


def row(gallery: Gallery, entry: GalleryEntry) -> dict[str, Any]:
    """What ``--json`` tells of an emoji."""
    facts = {name: value for name, value in entry._asdict().items() if name not in ("row", "style")}
    return {**facts, "codepoints": entry.codepoints, "styles": gallery.styles_of(entry)}


def show_rows(rows: Sequence[Sequence[str]]) -> None:
    """One line each: tabs in a pipe; in a terminal columns that fit into it, of which the last ones give way."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(map(safe, row)))
        return
    from rich.cells import cell_len  # emojis are two columns wide

    from emoterm.terminal.shorten import cut_end

    clean = [[safe(cell) for cell in row] for row in rows]
    widths = fit_widths([max(map(cell_len, column)) for column in zip(*clean, strict=True)], shutil.get_terminal_size().columns)
    for row in clean:
        cells = (cut_end(cell, width) for cell, width in zip(row, widths, strict=False))
        show((" " * _GAP).join(cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip())


def fit_widths(wanted: Sequence[int], width: int) -> list[int]:
    """How wide each column may be; those that are left out are not in the list.

    Args:
        wanted: by the longest entry of each; the first two always stay, and of the second as much as there is room for.
        width: of the line.
    """
    widths: list[int] = []
    for each in wanted:
        room = width - sum(widths) - _GAP * len(widths)
        if len(widths) >= 2 and room < min(each, _LEAST):
            break
        widths.append(max(1, min(each, room)))
    return widths
