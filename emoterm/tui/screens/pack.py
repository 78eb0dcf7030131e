"""The dialog that writes many emojis, a file each, into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.widgets import Input
from textual.worker import get_current_worker

from emoterm.files import distinct, files_in, free_name, safe_stem, write_atomic
from emoterm.stickers.places import place_named, valid_names
from emoterm.tui.screens.file_dialog import Exported, FileDialog

if TYPE_CHECKING:
    from emoterm.rendering import Rendering
    from emoterm.stickers.fit import Sticker
    from emoterm.tui.item import Item


class PackDialog(FileDialog):
    """Asks for the name of a folder and fills it.

    Args:
        emojis: for each what it is called, and the work that makes it, done in a thread. Files are called as near to that as they can be.
        stem: a name for the folder to begin with.
    """

    HEADING: ClassVar[str] = "Write all of them to files"

    def __init__(self, emojis: Sequence[tuple[str, Callable[[], Item]]], stem: str) -> None:
        super().__init__()
        self._emojis, self._stem = emojis, stem
        self._proposed = ""

    def free_name(self) -> str:
        """Of a folder that does not exist, named after the place."""
        self._proposed = free_name(self._stem if self.place is None else f"{self._stem}-{self.place}", "")
        return self._proposed

    def place_chosen(self) -> None:
        """Name the folder after it, unless somebody named it."""
        field = self.query_one("#name", Input)
        if field.value.strip() in ("", self._proposed):
            field.value = self.free_name()

    def write(self, name: str, *, force: bool) -> None:
        """Write the files in a worker."""
        self._write(Path(name).expanduser(), self.layout_chosen, force)

    @work(thread=True, exclusive=True, group="export", exit_on_error=False)
    def _write(self, folder: Path, layout: Rendering, force: bool) -> None:
        worker = get_current_worker()
        stickers: list[Sticker] = []
        paths = files_in(folder, self._stems(layout), force=force)
        folder.mkdir(exist_ok=True)
        try:
            for done, ((_, make), path) in enumerate(zip(self._emojis, paths, strict=True)):
                if worker.is_cancelled:
                    return
                self.app.call_from_thread(self.say, f"{done} of {len(paths)} …")
                item = make()
                data, sticker = Exported(item.pixels[None], item.recipe).to_bytes(layout)
                write_atomic(path, data, force=force)
                stickers += [] if sticker is None else [sticker]
        finally:
            self.app.call_from_thread(self.say, "")
        self.app.call_from_thread(self.written, f"{len(paths)} files", folder, stickers)

    def _stems(self, layout: Rendering) -> list[str]:
        names = [name for name, _ in self._emojis]
        if layout.place is not None:
            return valid_names(names, place_named(layout.place))
        return distinct(map(safe_stem, names))
