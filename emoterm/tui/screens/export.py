"""The dialog that writes a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.widgets import Input
from textual.worker import Worker, get_current_worker

from emoterm.files import free_name, write_atomic
from emoterm.imaging.formats import ANIMATION_FORMATS, format_of
from emoterm.stickers.places import place_named, valid_name
from emoterm.tui.in_thread import in_thread
from emoterm.tui.screens.file_dialog import Exported, FileDialog, check_free, place_of
from emoterm.tui.widgets.choice import Choice

if TYPE_CHECKING:
    from textual.widget import Widget

    from emoterm.rendering import Format, Rendering
    from emoterm.stickers.fit import Sticker


class ExportDialog(FileDialog):
    """Asks for the name of a file and writes it.

    Args:
        what: the pictures.
        stem: a name to begin with.
        formats: suffixes that can be written, the default first.
    """

    HEADING: ClassVar[str] = "Write to a file"

    def __init__(self, what: Exported, stem: str, formats: Sequence[str]) -> None:
        super().__init__()
        self._what, self._stem, self._formats = what, stem, list(formats)

    def free_name(self) -> str:
        """Of the format that was chosen, and valid for the place."""
        stem = self._stem if self.place is None else valid_name(self._stem, place_named(self.place))
        return free_name(stem, f".{self._suffix}")

    def more_to_ask(self) -> Iterable[Widget]:
        """The format."""
        yield Choice("format", self._formats, label_width=13, id="format")

    @property
    def _suffix(self) -> str:
        if self.place is not None:  # where every sticker is of one format
            return "png" if len(self._what.frames) == 1 else "gif"
        return self.chosen("#format", self._formats[0])

    @property
    def has_sizes(self) -> bool:
        """Not where tokens are written."""
        return super().has_sizes and self._suffix != "emo"

    def place_chosen(self) -> None:
        """A place has its own format, and its own names."""
        self.query_one("#format").display = self.place is None
        self._rename()

    @on(Choice.Changed, "#format")
    def _rename(self) -> None:
        field = self.query_one("#name", Input)
        if self.is_as_proposed:
            field.value = self.propose()
        else:
            field.value = with_suffix(field.value, self._suffix, known=(*self._formats, *ANIMATION_FORMATS))
        self.query_one("#size").display = self.has_sizes

    def write(self, name: str, *, force: bool) -> Worker[None]:
        """Write the file in a worker."""
        self.say("Fitting it …" if self.place else "Writing it …")
        return self._write(name, self.layout_chosen, [self._suffix] if self.place else self._formats, force)

    @in_thread(group="export", exclusive=True)
    def _write(self, name: str, layout: Rendering, formats: Sequence[str], force: bool) -> None:
        app = self.app  # which a dialog that was closed does not find any more
        try:
            path = place_of(name)
            check_free([path], force=force)
            data, sticker = self._bytes(format_of(path, formats), layout)
            if get_current_worker().is_cancelled:
                return
            write_atomic(path, data, force=force)
        finally:
            app.call_from_thread(self.say, "")
        app.call_from_thread(self.written, path.name, path.absolute().parent, [] if sticker is None else [sticker])

    def _bytes(self, kind: str, layout: Rendering) -> tuple[bytes, Sticker | None]:
        what = self._what
        if kind == "emo":
            return what.packed, None
        if kind == "png":
            return what.to_bytes(layout if layout.place else replace(layout, columns=what.columns))
        film = replace(layout, fps=what.fps, ping_pong=what.pingpong)
        if layout.place:
            return what.to_bytes(replace(film, keep_frames=True))
        return what.to_bytes(replace(film, format=cast("Format", kind)))


def with_suffix(name: str, suffix: str, *, known: Collection[str]) -> str:
    """A name that was typed, of another format; what is no name yet, and what follows a dot and is no format, stays.

    Args:
        name: as typed.
        suffix: without its dot.
        known: the suffixes that give way to it.
    """
    path = Path(name.strip())
    if not path.name or name.rstrip().endswith(("/", "..")):
        return name
    bare = name.strip().removesuffix(path.suffix) if path.suffix[1:].lower() in known else name.strip()
    return f"{bare}.{suffix}"
