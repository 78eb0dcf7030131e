"""What the screens have in common that look through many pictures: a search, the pictures, and all about the one under the cursor."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input

from emoterm.tui.item import Item
from emoterm.tui.messages import Detail
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.widgets.detail import DetailPane
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumb_sizes import first_size
from emoterm.tui.widgets.thumbnails import ThumbnailGrid

if TYPE_CHECKING:
    from textual.widget import Widget

    from emoterm.imaging.compose import U8

_DEBOUNCE_SECONDS = 0.12
Entry = TypeVar("Entry")
"""What a picture of the grid stands for."""


class GridScreen(ItemActions, Generic[Entry]):
    """A grid of pictures with a search above it and a pane beside it."""

    FIRST = "ThumbnailGrid"
    PLACEHOLDER: ClassVar[str]
    """What stands in the field of the search while that is empty."""
    EMPTY: ClassVar[str]
    """What stands in the grid at first."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Find", key_display="/", id="search"),
        Binding("t", "tokens", "Tokens", show=False, id="tokens"),
        Binding("g", "ground", "Ground behind the picture", show=False, id="ground"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[Hashable, Entry] = {}
        self._detail: Detail | None = None
        self._search_timer: Timer | None = None

    # --- what differs ---

    def filters(self) -> Iterable[Widget]:
        """What stands beside the field of the search."""
        return ()

    @abstractmethod
    def search_now(self) -> None:
        """Find what fits the search and the filters, and show it."""

    @abstractmethod
    def pictures(self, entries: Sequence[Entry]) -> Iterable[U8]:
        """The pictures (H, W, 4) of some entries; called in a thread."""

    @abstractmethod
    def make_item(self, entry: Entry) -> Item:
        """An entry as an item; called in a thread."""

    @abstractmethod
    def look_at(self, entry: Entry) -> None:
        """Find out in a thread what the pane shows of an entry, and post it as :class:`~emoterm.tui.messages.Detail`."""

    # --- the grid ---

    def body(self) -> ComposeResult:
        """Search above, grid and pane side by side."""
        with Horizontal(id="filters"):
            yield Input(placeholder=self.PLACEHOLDER, id="query", compact=True)
            yield from self.filters()
        with Horizontal(id="main"):
            with Vertical(id="pictures"):
                yield ThumbnailGrid(self._load, empty=self.EMPTY, id="grid")
            yield DetailPane(id="detail")

    def on_mount(self) -> None:
        """Pictures as large as fits."""
        self.query_one(ThumbnailGrid).size_px = first_size(self.app.size.width)

    def show_entries(self, entries: dict[Hashable, Entry], names: Iterable[str], *, note: str, empty: str, cursor: int = 0) -> None:
        """Put other pictures into the grid.

        Args:
            entries: what there is to show, by keys.
            names: what stands below each.
            note: for the bar.
            empty: what to say where there are none.
            cursor: the place that is looked at.
        """
        self._entries = entries
        self.say(note)
        grid = self.query_one(ThumbnailGrid)
        grid.set_empty(empty)
        grid.set_items([Thumb(key, name) for key, name in zip(entries, names, strict=True)], cursor=cursor)
        self.query_one(DetailPane).set_class(not entries, "-empty")
        if not entries:
            self._detail = None

    def _load(self, keys: Sequence[Hashable]) -> Sequence[U8]:
        shown = self._entries
        entries = [shown[key] for key in keys if key in shown]  # a search may have changed what is shown
        return list(self.pictures(entries)) if entries else []

    @on(ThumbnailGrid.Highlighted, "#grid")
    def _highlighted(self, message: ThumbnailGrid.Highlighted) -> None:
        entry = self._entries.get(message.thumb.key)
        if entry is not None:
            self.look_at(entry)

    def on_detail(self, message: Detail) -> None:
        """Show it."""
        self._detail = message
        self.query_one(DetailPane).show(message)

    # --- the search ---

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        """Search when the typing pauses."""
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(_DEBOUNCE_SECONDS, self.search_now)

    @on(Input.Submitted, "#query")
    def _to_the_grid(self) -> None:
        self.query_one(ThumbnailGrid).focus()

    @property
    def query_text(self) -> str:
        """What is searched for."""
        return self.query_one("#query", Input).value

    def leave(self) -> None:
        """Leave the input, then the search."""
        if self.focused is not self.query_one(ThumbnailGrid):
            super().leave()
        else:
            self.query_one("#query", Input).value = ""

    # --- the picture under the cursor ---

    @property
    def current(self) -> Entry | None:
        """What is under the cursor."""
        thumb = self.query_one(ThumbnailGrid).current
        return None if thumb is None else self._entries.get(thumb.key)

    def item(self) -> Item | None:
        """The emoji under the cursor, if it is there."""
        thumb = self.query_one(ThumbnailGrid).current
        return self._detail.item if self._detail is not None and thumb is not None and self._detail.key == thumb.key else None

    def item_maker(self) -> Callable[[], Item] | None:
        """For the emoji under the cursor."""
        entry = self.current
        return None if entry is None else partial(self.make_item, entry)

    # --- actions ---

    def action_search(self) -> None:
        """Type a search; what is typed at once goes there too."""
        self.set_focus(self.query_one("#query", Input))

    def action_tokens(self) -> None:
        """The picture or its tokens."""
        self.query_one(DetailPane).toggle_tokens()

    def action_ground(self) -> None:
        """What the picture is shown on."""
        self.query_one(DetailPane).next_ground()
