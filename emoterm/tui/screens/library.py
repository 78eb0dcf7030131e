"""Library: what was kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from emoterm.tui.item import Item
from emoterm.tui.kept import item_of_kept
from emoterm.tui.messages import Detail
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.shorten import cut_middle
from emoterm.tui.widgets.detail import DetailPane
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumbnails import ThumbnailGrid, thumbnail_size

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.library import Kept

_DEBOUNCE_SECONDS = 0.12
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


class LibraryScreen(ItemActions):
    """The kept pictures."""

    NAME = "library"
    FIRST = "ThumbnailGrid"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Find", key_display="/", id="search"),
        Binding("f", "favourite", "Favourite", id="favourite"),
        Binding("x", "delete", "Delete", id="delete"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("r", "reveal", "Path", id="reveal"),
        Binding("t", "tokens", "Tokens", show=False, id="tokens"),
        Binding("g", "ground", "Ground behind the picture", show=False, id="ground"),
        Binding("k", "nothing", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._listed: Sequence[Kept] = ()
        """All there are, as they were read last."""
        self._kept: dict[Hashable, Kept] = {}
        """Those that are shown."""
        self._detail: Detail | None = None
        self._deleted: list[Path] = []
        self._going: set[Path] = set()
        """What is being deleted."""
        self._told, self._told_at = 0, 0.0
        """How many the notice of deletions told of, and when."""
        self._search_timer: Timer | None = None

    def body(self) -> ComposeResult:
        """Search above, grid and detail side by side."""
        with Horizontal(id="filters"):
            yield Input(placeholder="search names and recipes", id="query", compact=True)
        with Horizontal(id="main"):
            with Vertical(id="pictures"):
                yield ThumbnailGrid(self._pictures, empty=_NOTHING_KEPT, id="kept")
            yield DetailPane(id="detail")

    def on_mount(self) -> None:
        """Pictures as large as fits."""
        self.query_one(ThumbnailGrid).size_px = thumbnail_size(self.app.size.width)

    def on_screen_resume(self) -> None:
        """Something may have been kept elsewhere."""
        self._list()

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(_DEBOUNCE_SECONDS, self._search_now)

    @on(Input.Submitted, "#query")
    def _to_the_grid(self) -> None:
        self.query_one(ThumbnailGrid).focus()

    @work(thread=True, exclusive=True, group="list", exit_on_error=False)
    def _list(self) -> None:
        entries = self.tui.library.entries()
        if not get_current_worker().is_cancelled:
            self.post_message(Listed(entries))

    def on_listed(self, message: Listed) -> None:
        """Show what of it is searched for."""
        self._listed = message.entries
        self._search_now()

    def _search_now(self) -> None:
        self._search(self.query_one("#query", Input).value, self._listed)

    @work(thread=True, exclusive=True, group="search", exit_on_error=False)
    def _search(self, query: str, listed: Sequence[Kept]) -> None:
        found = [kept for kept in listed if kept.fits(query)]
        if not get_current_worker().is_cancelled:
            self.post_message(Fitting(query, found, len(listed)))

    def on_fitting(self, message: Fitting) -> None:
        """Show it."""
        grid = self.query_one(ThumbnailGrid)
        cursor = grid.cursor
        entries = [kept for kept in message.entries if kept.path not in self._going]
        total = message.total - (len(message.entries) - len(entries))
        self._kept = {kept.path: kept for kept in entries}
        is_searched = bool(message.query.strip())
        self.say(f"{len(entries):,} of {total:,}" if is_searched else f"{total:,} kept")
        grid.set_empty(_NOTHING_FITS if is_searched and total else _NOTHING_KEPT)
        grid.set_items([Thumb(kept.path, kept.name) for kept in entries], cursor=cursor)
        grid.set_marks({kept.path: "★" for kept in entries if kept.favourite})
        self.query_one(DetailPane).set_class(not entries, "-empty")
        if not entries:
            self._detail = None

    def _pictures(self, keys: Sequence[Hashable]) -> Sequence[U8]:
        kept = self._kept
        return [self.tui.library.pixels(kept[key]) for key in keys if key in kept]

    @on(ThumbnailGrid.Highlighted, "#kept")
    def _look_at(self, message: ThumbnailGrid.Highlighted) -> None:
        kept = self._kept.get(message.thumb.key)
        if kept is not None:
            self._explain(kept)

    @work(thread=True, exclusive=True, group="detail", exit_on_error=False)
    def _explain(self, kept: Kept) -> None:
        worker = get_current_worker()
        item = item_of_kept(self.engine, kept)
        if worker.is_cancelled:
            return
        facts = [("kept", f"{datetime.fromtimestamp(kept.modified):%Y-%m-%d %H:%M}")]
        if kept.recipe is not None:
            facts.append(("made by", f"emoterm {kept.recipe.command}"))
            facts += [(name.replace("_", "-"), str(value)) for name, value in kept.recipe.parameters.items() if value not in (None, "")]
        self.post_message(Detail(item, [], None, facts))

    def on_detail(self, message: Detail) -> None:
        """Show it."""
        self._detail = message
        self.query_one(DetailPane).show(message)

    def item(self) -> Item | None:
        """The emoji under the cursor, if it is there."""
        kept = self._current
        return self._detail.item if self._detail is not None and kept is not None and self._detail.item.spec == str(kept.path) else None

    def item_maker(self) -> Callable[[], Item] | None:
        """For the emoji under the cursor."""
        kept = self._current
        return None if kept is None else partial(item_of_kept, self.engine, kept)

    @property
    def _current(self) -> Kept | None:
        thumb = self.query_one(ThumbnailGrid).current
        return None if thumb is None else self._kept.get(thumb.key)

    # --- actions ---

    def action_search(self) -> None:
        """Type a search; what is typed at once goes there too."""
        self.set_focus(self.query_one("#query", Input))

    def leave(self) -> None:
        """Leave the input, then the search."""
        if self.focused is not self.query_one(ThumbnailGrid):
            super().leave()
        else:
            self.query_one("#query", Input).value = ""

    def action_favourite(self) -> None:
        """Remember it, or not."""
        if kept := self._current:
            self._set_favourite(kept)

    @work(thread=True, group="change", exit_on_error=False)
    def _set_favourite(self, kept: Kept) -> None:
        self.tui.library.set_favourite(kept, not kept.favourite)
        self.app.call_from_thread(self._list)

    def action_delete(self) -> None:
        """Take it out; can be undone."""
        if kept := self._current:
            # Out of the grid at once: the next x may come before the new list, and is meant for the next picture.
            self._going.add(kept.path)
            grid = self.query_one(ThumbnailGrid)
            grid.set_items([thumb for thumb in grid.items if thumb.key != kept.path], cursor=grid.cursor)
            self._delete(kept)

    @work(thread=True, group="change", exit_on_error=False)
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

    @work(thread=True, group="change", exit_on_error=False)
    def _restore(self, deleted: Path) -> None:
        self.tui.library.restore(deleted)
        self.app.call_from_thread(self._list)

    def action_reveal(self) -> None:
        """Show and copy the path of the file."""
        if kept := self._current:
            self.app.copy_to_clipboard(str(kept.path))
            self.app.notify(str(kept.path), title="Path, copied", timeout=8, markup=False)

    def action_tokens(self) -> None:
        """The picture or its tokens."""
        self.query_one(DetailPane).toggle_tokens()

    def action_ground(self) -> None:
        """What the picture is shown on."""
        self.query_one(DetailPane).next_ground()
