"""``emoterm search``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, safe, show, show_json

if TYPE_CHECKING:
    from emoterm.gallery import Gallery, GalleryEntry


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

    Every emoji found can be used wherever a picture is wanted, by itself or by its name. Into a pipe the columns are separated by tabs.

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
    if json:
        show_json("search", {"query": query, "style": style, "group": group, "emojis": rows})
        return
    for each in rows:
        cells = [each["emoji"], each["name"], each["group"], ", ".join(each["styles"])]
        show_row(cells, widths=(3, 40, 20, 0))
    if not rows:
        narrate(f"No emoji fits {query!r}. Fewer words find more: emoterm search face")


def row(gallery: Gallery, entry: GalleryEntry) -> dict[str, Any]:
    """What ``--json`` tells of an emoji."""
    facts = {name: value for name, value in entry._asdict().items() if name not in ("row", "style")}
    return {**facts, "codepoints": entry.codepoints, "styles": gallery.styles_of(entry)}


def show_row(cells: list[str], *, widths: tuple[int, ...]) -> None:
    """One line: padded columns in a terminal, tabs in a pipe."""
    if not sys.stdout.isatty():
        print("\t".join(map(safe, cells)))
        return
    from rich.cells import cell_len  # emojis are two columns wide

    show("  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip())
