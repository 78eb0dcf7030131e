"""The dialog that writes many emojis, a file each, into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input
from textual.worker import Worker, get_current_worker

from emoterm.errors import InputError
from emoterm.files import distinct, files_in, free_name, safe_stem, write_atomic
from emoterm.stickers.places import place_named, valid_names
from emoterm.tui.in_thread import in_thread
from emoterm.tui.screens.file_dialog import Exported, FileDialog, check_free, place_of

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

    def free_name(self) -> str:
        """Of a folder that does not exist, named after the place."""
        return free_name(self._stem if self.place is None else f"{self._stem}-{self.place}", "")

    def place_chosen(self) -> None:
        """Name the folder after it, unless somebody named it."""
        if self.is_as_proposed:
            self.query_one("#name", Input).value = self.propose()

    def write(self, name: str, *, force: bool) -> Worker[None]:
        """Write the files in a worker."""
        return self._write(name, self.layout_chosen, force)

    @in_thread(group="export", exclusive=True)
    def _write(self, name: str, layout: Rendering, force: bool) -> None:
        app = self.app  # which a dialog that was closed does not find any more
        folder, stems, worker = place_of(name), self._stems(layout), get_current_worker()
        check_free((folder / f"{stem}.png" for stem in stems), force=force)
        paths = files_in(folder, stems, force=force)
        folder.mkdir(exist_ok=True)
        done, gone = 0, []
        stickers: list[Sticker] = []
        try:
            for (called, make), path in zip(self._emojis, paths, strict=True):
                if worker.is_cancelled:
                    break
                app.call_from_thread(self.say, f"{done} of {len(paths)} …")
                try:
                    item = make()
                except InputError:  # deleted by another program
                    gone.append(called)
                    continue
                data, sticker = Exported(item.pixels[None], item.recipe).to_bytes(layout)
                write_atomic(path, data, force=force)
                done += 1
                stickers += [] if sticker is None else [sticker]
        finally:
            app.call_from_thread(self.say, "")
        what = f"{done} files" if done == len(paths) else f"{done} of {len(paths)} files"
        if worker.is_cancelled:
            if done:
                app.call_from_thread(app.notify, f"Stopped: {what} are in {folder}.", markup=False)
            return
        app.call_from_thread(self.written, f"{what}; gone meanwhile: {', '.join(gone)}" if gone else what, folder, stickers)

    def _stems(self, layout: Rendering) -> list[str]:
        names = [name for name, _ in self._emojis]
        if layout.place is not None:
            return valid_names(names, place_named(layout.place))
        return distinct(map(safe_stem, names))
