"""Browse: the gallery as pictures, with search and filters, and everything that is known about the one under the cursor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from emoterm.tui.engine import EVERY_STYLE
from emoterm.tui.item import Item
from emoterm.tui.messages import Detail, Found, GalleryRead
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.detail import DetailPane
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumbnails import ThumbnailGrid, thumbnail_size

if TYPE_CHECKING:
    from emoterm.gallery import GalleryEntry
    from emoterm.imaging.compose import U8

FIRST_STYLE, ALL_GROUPS = "first style", "all"
_DEBOUNCE_SECONDS, _REST_SECONDS, _HURRY_SECONDS = 0.12, 0.2, 0.3
_LIKE = 60


class BrowseScreen(ItemActions):
    """The gallery."""

    NAME = "browse"
    FIRST = "ThumbnailGrid"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Find", key_display="/", id="search"),
        Binding("m", "more", "Alike", tooltip="The nearest in latent space", id="more"),
        Binding("w", "weigh", "Blend", tooltip="Put it into the blend", id="weigh"),
        Binding("i", "inspect", "Codes", tooltip="Look at its codes", id="inspect"),
        Binding("t", "tokens", "Tokens", show=False, id="tokens"),
        Binding("g", "ground", "Ground behind the picture", show=False, id="ground"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[Hashable, GalleryEntry] = {}
        self._detail: Detail | None = None
        self._search_timer: Timer | None = None
        self._like: GalleryEntry | None = None
        self._looked_at = 0.0

    def body(self) -> ComposeResult:
        """Search above, grid and detail side by side."""
        with Horizontal(id="filters"):
            yield Input(placeholder="search names and keywords", id="query", compact=True)
            yield Choice("style", [FIRST_STYLE, EVERY_STYLE], label_width=5, id="style")
            yield Choice("group", [ALL_GROUPS], label_width=5, id="group")
        with Horizontal(id="main"):
            with Vertical(id="pictures"):
                yield ThumbnailGrid(self._pictures, empty="reading the gallery …", id="gallery")
            yield DetailPane(id="detail")

    def on_mount(self) -> None:
        """List everything."""
        self.query_one(ThumbnailGrid).size_px = thumbnail_size(self.app.size.width)
        self.call_after_refresh(self._read)
        self.call_after_refresh(self._search, "", None, None)  # the gallery is read in a thread, but after the first frame

    def on_screen_resume(self) -> None:
        """Marks may have been set elsewhere."""
        self.marked()

    # --- searching ---

    @work(thread=True, group="read", exit_on_error=False)
    def _read(self) -> None:
        gallery = self.engine.gallery
        self.post_message(GalleryRead(gallery.styles(), gallery.groups()))

    def on_gallery_read(self, message: GalleryRead) -> None:
        """Fill the filters."""
        self.query_one("#style", Choice).set_options([FIRST_STYLE, EVERY_STYLE, *message.styles])
        self.query_one("#group", Choice).set_options([ALL_GROUPS, *message.groups])

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        """Search when the typing pauses."""
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(_DEBOUNCE_SECONDS, self._search_now)

    @on(Choice.Changed)
    def _search_now(self) -> None:
        style, group = self.query_one("#style", Choice).value, self.query_one("#group", Choice).value
        query = self.query_one("#query", Input).value
        self._search(query, None if style == FIRST_STYLE else style, None if group == ALL_GROUPS else group)

    @on(Input.Submitted, "#query")
    def _to_the_grid(self) -> None:
        self.query_one(ThumbnailGrid).focus()

    @work(thread=True, exclusive=True, group="search", exit_on_error=False)
    def _search(self, query: str, style: str | None, group: str | None) -> None:
        found = self.engine.search(query, style=style, group=group)
        if not get_current_worker().is_cancelled:
            self.post_message(Found(query, found))

    def on_found(self, message: Found) -> None:
        """Show what was found."""
        self._like = None
        self._show(message.entries, f"{len(message.entries):,} found" if message.title else f"{len(message.entries):,} emojis")

    def _show(self, entries: Sequence[GalleryEntry], note: str) -> None:
        self._entries = {entry.row: entry for entry in entries}
        self.say(note)
        grid = self.query_one(ThumbnailGrid)
        grid.set_empty("No emoji fits. Fewer words find more; Esc clears the search.")
        grid.set_items([Thumb(entry.row, entry.name) for entry in entries])
        self.query_one(DetailPane).set_class(not entries, "-empty")
        if not entries:
            self._detail = None
        self.marked()

    def _pictures(self, keys: Sequence[Hashable]) -> Sequence[U8]:
        entries = self._entries
        return list(self.engine.entry_pixels([entries[key] for key in keys if key in entries]))

    # --- the emoji under the cursor ---

    @on(ThumbnailGrid.Highlighted, "#gallery")
    def _look_at(self, message: ThumbnailGrid.Highlighted) -> None:
        entry = self._entries.get(message.thumb.key)
        if entry is None:
            return
        now = time.monotonic()
        hurried, self._looked_at = now - self._looked_at < _HURRY_SECONDS, now
        if hurried:
            self._explain_soon(entry)
        else:
            self._explain(entry)

    @work(exclusive=True, group="rest", exit_on_error=False)
    async def _explain_soon(self, entry: GalleryEntry) -> None:
        """When the cursor rests: who runs through the gallery wants to see it, and explaining takes longer than a step."""
        await asyncio.sleep(_REST_SECONDS)
        self._explain(entry)

    @work(thread=True, exclusive=True, group="detail", exit_on_error=False)
    def _explain(self, entry: GalleryEntry) -> None:
        worker = get_current_worker()
        item = self.engine.item_of(entry)
        if worker.is_cancelled:
            return
        facts = self.engine.facts(entry)
        self.post_message(Detail(item, [], None, facts))
        like = self.engine.more_like(item.tokens, 6, without=entry.emoji)
        if worker.is_cancelled:
            return
        self.post_message(Detail(item, like, self.engine.entry_pixels(like), facts))

    def on_detail(self, message: Detail) -> None:
        """Show it."""
        self._detail = message
        self.query_one(DetailPane).show(message)

    @property
    def _current(self) -> GalleryEntry | None:
        thumb = self.query_one(ThumbnailGrid).current
        return None if thumb is None else self._entries.get(thumb.key)

    def item(self) -> Item | None:
        """The emoji under the cursor, if it is there."""
        return self._detail.item if self._detail is not None and self._detail.item.entry == self._current else None

    def item_maker(self) -> Callable[[], Item] | None:
        """For the emoji under the cursor."""
        entry = self._current
        return None if entry is None else partial(self.engine.item_of, entry)

    def marked(self) -> None:
        """Show which are the ends."""
        marks: dict[Hashable, str] = {}
        for end, item in self.tui.ends.items():
            if item.entry is not None:
                marks[item.entry.row] = marks.get(item.entry.row, "") or end.upper()
        self.query_one(ThumbnailGrid).set_marks(marks)

    # --- actions ---

    def action_search(self) -> None:
        """Type a search; what is typed at once goes there too."""
        self.set_focus(self.query_one("#query", Input))

    def leave(self) -> None:
        """Leave the input, the look-alikes, the search, in this order."""
        if self.focused is not self.query_one(ThumbnailGrid):
            super().leave()
        elif self._like is not None:
            self._search_now()
        else:
            self.query_one("#query", Input).value = ""

    def action_more(self) -> None:
        """Show the nearest in latent space."""
        self.with_item(self._more)

    @work(thread=True, exclusive=True, group="search", exit_on_error=False)
    def _more(self, item: Item) -> None:
        assert item.entry is not None
        found = [item.entry, *self.engine.more_like(item.tokens, _LIKE, without=item.entry.emoji)]
        self.app.call_from_thread(self._show_more, item.entry, found)

    def _show_more(self, entry: GalleryEntry, found: list[GalleryEntry]) -> None:
        self._show(found, f"most like {entry.name}; Esc goes back")
        self._like = entry

    def action_tokens(self) -> None:
        """The picture or its tokens."""
        self.query_one(DetailPane).toggle_tokens()

    def action_ground(self) -> None:
        """What the picture is shown on."""
        self.query_one(DetailPane).next_ground()
