"""Browse: the gallery as pictures, with search and filters, and everything that is known about the one under the cursor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from emoterm.safe_text import quoted
from emoterm.tui.engine import EVERY_STYLE
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.messages import Detail, Found, GalleryRead
from emoterm.tui.screens.grid import GridScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.thumbnails import ThumbnailGrid

if TYPE_CHECKING:
    from emoterm.gallery import GalleryEntry
    from emoterm.imaging.compose import U8

FIRST_STYLE, ALL_GROUPS = "first style", "all"
_REST_SECONDS, _HURRY_SECONDS = 0.2, 0.3
_LIKE = 60


class BrowseScreen(GridScreen["GalleryEntry"]):
    """The gallery."""

    NAME = "browse"
    PLACEHOLDER = "search names and keywords"
    EMPTY = "reading the gallery …"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "more", "Alike", tooltip="The nearest in latent space", id="more"),
        Binding("w", "weigh", "Blend", tooltip="Put it into the blend", id="weigh"),
        Binding("i", "inspect", "Codes", tooltip="Look at its codes", id="inspect"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._like: GalleryEntry | None = None
        self._looked_at = 0.0

    def filters(self) -> Iterable[Choice]:
        """Style and group."""
        yield Choice("style", [FIRST_STYLE, EVERY_STYLE], label_width=5, id="style")
        yield Choice("group", [ALL_GROUPS], label_width=5, id="group")

    def on_mount(self) -> None:
        """List everything."""
        self.call_after_refresh(self._read)
        self.call_after_refresh(self._search, "", None, None)  # the gallery is read in a thread, but after the first frame

    def on_screen_resume(self) -> None:
        """Marks may have been set elsewhere."""
        self.marked()

    # --- searching ---

    @in_thread(group="read")
    def _read(self) -> None:
        gallery = self.engine.gallery
        self.post_message(GalleryRead(gallery.styles(), gallery.groups()))

    def on_gallery_read(self, message: GalleryRead) -> None:
        """Fill the filters."""
        self.query_one("#style", Choice).set_options([FIRST_STYLE, EVERY_STYLE, *message.styles])
        self.query_one("#group", Choice).set_options([ALL_GROUPS, *message.groups])

    @on(Choice.Changed)
    def search_now(self) -> None:
        """Search with the filters."""
        style, group = self.query_one("#style", Choice).value, self.query_one("#group", Choice).value
        self._search(self.query_text, None if style == FIRST_STYLE else style, None if group == ALL_GROUPS else group)

    @in_thread(group="search", exclusive=True)
    def _search(self, query: str, style: str | None, group: str | None) -> None:
        found = self.engine.search(query, style=style, group=group)
        if not get_current_worker().is_cancelled:
            self.post_message(Found(query, found, self.engine.gallery.reading(query) if query else None))

    def on_found(self, message: Found) -> None:
        """Show what was found."""
        self._like = None
        what = "emojis" if not message.title else f"for {quoted(message.reading, 20)}" if message.reading else "found"
        self._show(message.entries, f"{len(message.entries):,} {what}")

    def _show(self, entries: Sequence[GalleryEntry], note: str) -> None:
        empty = "No emoji fits. Fewer words find more; Esc clears the search."
        self.show_entries({entry.row: entry for entry in entries}, [entry.name for entry in entries], note=note, empty=empty)
        self.marked()

    def pictures(self, entries: Sequence[GalleryEntry]) -> Iterable[U8]:
        """Decoded."""
        return self.engine.entry_pixels(entries)

    # --- the emoji under the cursor ---

    def look_at(self, entry: GalleryEntry) -> None:
        """Explain it, at once or when the cursor rests."""
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

    @in_thread(group="detail", exclusive=True)
    def _explain(self, entry: GalleryEntry) -> None:
        worker = get_current_worker()
        item = self.make_item(entry)
        if worker.is_cancelled:
            return
        facts = self.engine.facts(entry)
        self.post_message(Detail(entry.row, item, [], None, facts))
        like = self.engine.more_like(item.tokens, 6, without=entry.emoji)
        if worker.is_cancelled:
            return
        self.post_message(Detail(entry.row, item, like, self.engine.entry_pixels(like), facts))

    def make_item(self, entry: GalleryEntry) -> Item:
        """With its recipe."""
        return self.engine.item_of(entry)

    def marked(self) -> None:
        """Show which are the ends."""
        marks: dict[Hashable, str] = {}
        for end, item in self.tui.ends.items():
            if item.entry is not None:
                marks[item.entry.row] = marks.get(item.entry.row, "") or end.upper()
        self.query_one(ThumbnailGrid).set_marks(marks)

    # --- actions ---

    def leave(self) -> None:
        """Leave the input, the look-alikes, the search, in this order."""
        if self._like is not None and self.focused is self.query_one(ThumbnailGrid):
            self.search_now()
        else:
            super().leave()

    def action_more(self) -> None:
        """Show the nearest in latent space."""
        self.with_item(self._more)

    @in_thread(group="search", exclusive=True)
    def _more(self, item: Item) -> None:
        assert item.entry is not None
        found = [item.entry, *self.engine.more_like(item.tokens, _LIKE, without=item.entry.emoji)]
        self.app.call_from_thread(self._show_more, item.entry, found)

    def _show_more(self, entry: GalleryEntry, found: list[GalleryEntry]) -> None:
        self._show(found, f"most like {entry.name}; Esc goes back")
        self._like = entry
