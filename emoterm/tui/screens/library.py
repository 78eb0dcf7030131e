"""Library: what was kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import get_current_worker

from emoterm.terminal.shorten import cut_middle
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.kept import item_of_kept
from emoterm.tui.messages import Detail
from emoterm.tui.screens.grid import GridScreen
from emoterm.tui.screens.many import WritesMany
from emoterm.tui.widgets.thumbnails import ThumbnailGrid

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.library import Kept

_NAME_COLUMNS = 40
_NOTICE_SECONDS, _DELETED = 5, "deleted"
_NOTHING_KEPT = "Nothing is kept yet: k keeps an emoji, on every screen."
_NOTHING_FITS = "Nothing that was kept fits. Fewer words find more; Esc clears the search."


@dataclass
class Listed(Message):
    """What is in the library."""

    entries: Sequence[Kept]


@dataclass
class Fitting(Message):
    """What of it fits a search."""

    query: str
    entries: Sequence[Kept]
    total: int
    """How many there are without the search."""


class LibraryScreen(GridScreen["Kept"], WritesMany):
    """The kept pictures."""

    NAME = "library"
    PLACEHOLDER = "search names and recipes"
    EMPTY = _NOTHING_KEPT
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "favourite", "Star", tooltip="A favourite, or no longer", id="favourite"),
        Binding("x", "delete", "Delete", id="delete"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("r", "reveal", "Path", id="reveal"),
        Binding("k", "nothing", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._listed: Sequence[Kept] = ()
        """All there are, as they were read last."""
        self._deleted: list[Path] = []
        self._going: set[Path] = set()
        """What is being deleted."""
        self._told, self._told_at = 0, 0.0
        """How many the notice of deletions told of, and when."""

    def on_screen_resume(self) -> None:
        """Something may have been kept elsewhere."""
        self._list()

    @in_thread(group="list", exclusive=True)
    def _list(self) -> None:
        entries = self.tui.library.entries()
        if not get_current_worker().is_cancelled:
            self.post_message(Listed(entries))

    def on_listed(self, message: Listed) -> None:
        """Show what of it is searched for."""
        self._listed = message.entries
        self.search_now()

    def search_now(self) -> None:
        """Search what was read."""
        self._search(self.query_text, self._listed)

    @in_thread(group="search", exclusive=True)
    def _search(self, query: str, listed: Sequence[Kept]) -> None:
        found = [kept for kept in listed if kept.fits(query)]
        if not get_current_worker().is_cancelled:
            self.post_message(Fitting(query, found, len(listed)))

    def on_fitting(self, message: Fitting) -> None:
        """Show it."""
        grid = self.query_one(ThumbnailGrid)
        entries = [kept for kept in message.entries if kept.path not in self._going]
        total = message.total - (len(message.entries) - len(entries))
        is_searched = bool(message.query.strip())
        self.show_entries(
            {kept.path: kept for kept in entries},
            [kept.name for kept in entries],
            note=f"{len(entries):,} of {total:,}" if is_searched else f"{total:,} kept",
            empty=_NOTHING_FITS if is_searched and total else _NOTHING_KEPT,
            cursor=grid.cursor,
        )
        grid.set_marks({kept.path: "★" for kept in entries if kept.favourite})

    def pictures(self, entries: Sequence[Kept]) -> Iterable[U8]:
        """Read from their files."""
        return [self.tui.library.pixels(kept) for kept in entries]

    def look_at(self, entry: Kept) -> None:
        """Read it."""
        self._explain(entry)

    @in_thread(group="detail", exclusive=True)
    def _explain(self, entry: Kept) -> None:
        worker = get_current_worker()
        item = self.make_item(entry)
        if worker.is_cancelled:
            return
        facts = [("kept", f"{datetime.fromtimestamp(entry.modified):%Y-%m-%d %H:%M}")]
        if entry.recipe is not None:
            facts.append(("made by", f"emoterm {entry.recipe.command}"))
            facts += [(name.replace("_", "-"), str(value)) for name, value in entry.recipe.parameters.items() if value not in (None, "")]
        self.post_message(Detail(entry.path, item, [], None, facts))

    def make_item(self, entry: Kept) -> Item:
        """With its own recipe."""
        return item_of_kept(self.engine, entry)

    def all_emojis(self) -> Sequence[tuple[str, Callable[[], Item]]]:
        """All that fit the search."""
        return [(kept.name, partial(self.make_item, kept)) for kept in self._entries.values()]

    @property
    def pack_name(self) -> str:
        """After the program: what was kept has nothing else in common."""
        return "emoterm-kept"

    # --- actions ---

    def action_favourite(self) -> None:
        """Remember it, or not."""
        if kept := self.current:
            self._set_favourite(kept)

    @in_thread(group="change")
    def _set_favourite(self, kept: Kept) -> None:
        self.tui.library.set_favourite(kept, not kept.favourite)
        self.app.call_from_thread(self._list)

    def action_delete(self) -> None:
        """Take it out; can be undone."""
        if kept := self.current:
            # Out of the grid at once: the next x may come before the new list, and is meant for the next picture.
            self._going.add(kept.path)
            grid = self.query_one(ThumbnailGrid)
            grid.set_items([thumb for thumb in grid.items if thumb.key != kept.path], cursor=grid.cursor)
            self._delete(kept)

    @in_thread(group="change")
    def _delete(self, kept: Kept) -> None:
        try:
            deleted = self.tui.library.delete(kept)
            self.app.call_from_thread(self._is_deleted, deleted)
        finally:
            self.app.call_from_thread(self._is_settled, kept.path)

    def _is_deleted(self, deleted: Path) -> None:
        self._deleted.append(deleted)
        # Who deletes several gets one notice that counts, in place of the one before.
        now = time.monotonic()
        self._told = self._told + 1 if now - self._told_at < _NOTICE_SECONDS else 1
        self._told_at = now
        name = cut_middle(deleted.stem, _NAME_COLUMNS)
        many = f"{self._told} deleted, {name} last; u brings them back one by one."
        self.tui.tell(f"{name} deleted; u brings it back." if self._told == 1 else many, topic=_DELETED, timeout=_NOTICE_SECONDS)

    def _is_settled(self, path: Path) -> None:
        """It is gone, or it could not be deleted and comes back."""
        self._going.discard(path)
        self._list()

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            self.tui.dismiss(_DELETED)
            self._told = 0
            self._restore(self._deleted.pop())
        else:
            self.app.notify("Nothing to undo.", timeout=3)

    @in_thread(group="change")
    def _restore(self, deleted: Path) -> None:
        self.tui.library.restore(deleted)
        self.app.call_from_thread(self._list)

    def action_reveal(self) -> None:
        """Show and copy the path of the file."""
        if kept := self.current:
            self.app.copy_to_clipboard(str(kept.path))
            self.app.notify(str(kept.path), title="Path, copied", timeout=8, markup=False)
