"""Codebook: what each code looks like, how often it is used, where it stands in an emoji, and what another code in its place would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Sparkline, Static
from textual.worker import get_current_worker

from emoterm.tui.codes import arrange_codes, code_patches, with_code
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.widgets.cells import CellMap
from emoterm.tui.widgets.picture import PictureView

if TYPE_CHECKING:
    from emoterm.codec import I64
    from emoterm.imaging.compose import U8

_COLUMNS, _SIDE = 32, 16
_DEFAULT_EMOJI = "😊"


@dataclass
class Laid(Message):
    """The codes on the plane."""

    order: I64
    """(K,): the code at each place."""
    patches: U8
    """(K, 4, 4, 4): each code by itself, in the order of the codebook."""


@dataclass
class Counted(Message):
    """How often the gallery uses each code: (K,)."""

    usage: I64


@dataclass
class Opened(Message):
    """An emoji to look into."""

    item: Item
    changed: bool = False


class CodebookScreen(ItemActions):
    """Inside the model."""

    NAME = "codebook"
    CSS_PATH = "codebook.tcss"
    FIRST = "#cells"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "swap", "Put", tooltip="Put the chosen code into the chosen cell", id="put"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("tab", "other", "Other", tooltip="From the emoji to the codes and back", id="other"),
        Binding("i", "nothing", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._item: Item | None = None
        self._begun = False
        self._undo: list[Item] = []
        self._order: list[int] = []
        self._place: dict[int, int] = {}
        self._patches: U8 | None = None
        self._usage: I64 | None = None

    def body(self) -> ComposeResult:
        """The codes at the left, the emoji at the right, and what is known of the chosen code."""
        with Horizontal(id="main"):
            with Vertical(id="codes-side"):
                yield Static("codes, by looks", classes="title", id="codes-title", markup=False)
                yield CellMap(_SIDE, _COLUMNS, id="codes")
                yield Static("reading …", id="code-facts", markup=False)
                yield Sparkline(id="usage")
            with Vertical(id="emoji-side"):
                yield Static("", classes="title", id="emoji-title", markup=False)
                yield CellMap(_SIDE, _SIDE, id="cells")
                yield Static("", id="cell-facts", markup=False)
            with Vertical(id="whole-side"):
                yield Static("decoded", classes="title", markup=False)
                yield PictureView(id="whole")

    def on_mount(self) -> None:
        """Make the map."""
        self._lay_out()

    def on_screen_resume(self) -> None:
        """Another emoji may have been sent here."""
        wanted = self.tui.inspected
        if wanted is not None:
            self.tui.inspected = None
            self._undo.clear()
            self.post_message(Opened(wanted))
        elif not self._begun:
            self._open(_DEFAULT_EMOJI)
        self._begun = True

    @in_thread(group="open")
    def _open(self, spec: str) -> None:
        self.post_message(Opened(self.engine.item_from(spec)))

    @in_thread(group="map", exclusive=True)
    def _lay_out(self) -> None:
        worker = get_current_worker()
        parts = []
        for part in code_patches(self.engine):
            if worker.is_cancelled:
                return
            parts.append(part)
        self.post_message(Laid(*arrange_codes(parts, _COLUMNS)))
        self.post_message(Counted(self.engine.neighbours.usage()))

    def on_laid(self, message: Laid) -> None:
        """Draw the map."""
        import numpy as np

        self._order = message.order.tolist()
        self._patches = message.patches
        self._place = {code: place for place, code in enumerate(self._order)}
        rows = -(-len(message.order) // _COLUMNS)
        codes = np.zeros((rows * _COLUMNS, *message.patches.shape[1:]), np.uint8)  # what is empty at the end of the last row is clear
        codes[: len(message.order)] = message.patches[message.order]  # (K, 4, 4, 4)
        high, wide = codes.shape[1:3]
        picture = codes.reshape(rows, _COLUMNS, high, wide, 4).swapaxes(1, 2)  # (rows, 4, columns, 4, 4)
        self.query_one("#codes", CellMap).show_rows(rows, picture.reshape(rows * high, _COLUMNS * wide, 4))
        self._point_at_cell()

    def on_counted(self, message: Counted) -> None:
        """Draw the histogram."""
        self._usage = message.usage
        self.query_one(Sparkline).data = sorted(message.usage.tolist(), reverse=True)
        self._tell_code()

    def on_opened(self, message: Opened) -> None:
        """Look into it."""
        self._item = message.item
        self.query_one("#emoji-title", Static).update(message.item.label)
        self.query_one("#cells", CellMap).show(message.item.pixels)
        self.query_one("#whole", PictureView).pixels = message.item.pixels
        if message.changed:
            self._tell_code()
        else:
            self._point_at_cell()

    # --- the two cursors ---

    @property
    def _code(self) -> int | None:
        """The code under the cursor of the map."""
        place = self.query_one("#codes", CellMap).cursor
        return self._order[place] if place < len(self._order) else None

    @property
    def _cell(self) -> int:
        return self.query_one("#cells", CellMap).cursor

    @on(CellMap.Highlighted, "#cells")
    def _point_at_cell(self) -> None:
        """Choosing a cell shows its code."""
        if self._item is not None and self._place:
            self.query_one("#codes", CellMap).cursor = self._place[int(self._item.tokens[self._cell])]
            self._tell_code()

    @on(CellMap.Highlighted, "#codes")
    def _tell_code(self) -> None:
        """Choosing a code shows where it stands."""
        code = self._code
        if code is None:
            self.query_one("#cells", CellMap).set_marked(())
            self.query_one("#code-facts", Static).update("no code here" if self._order else "reading …")
            return
        standing: list[int] = []
        lines = [f"code {code}"]
        if self._item is not None:
            standing = [cell for cell, token in enumerate(self._item.tokens.tolist()) if token == code]
            lines = [f"code {code}: {len(standing)} in this emoji"]
            row, column = divmod(self._cell, _SIDE)
            here = int(self._item.tokens[self._cell])
            self.query_one("#cell-facts", Static).update(f"row {row + 1}, column {column + 1}: code {here}\nEnter puts code {code} there")
        self.query_one("#cells", CellMap).set_marked(standing)
        if self._usage is not None and (total := int(self._usage.sum())):
            times = int(self._usage[code])
            rank = int((self._usage > times).sum()) + 1
            lines.append(f"{times:,} in the gallery, {times / total:.2%}, rank {rank} of {len(self._usage)}")
        self.query_one("#code-facts", Static).update("\n".join(lines))

    # --- actions ---

    def action_other(self) -> None:
        """From the codes to the emoji and back."""
        cells, codes = self.query_one("#cells", CellMap), self.query_one("#codes", CellMap)
        (codes if cells.has_focus else cells).focus()

    def action_swap(self) -> None:
        """Put the chosen code into the chosen cell."""
        if self._item is not None and self._code is not None and int(self._item.tokens[self._cell]) != self._code:
            self._undo.append(self._item)
            del self._undo[:-64]
            self._change(self._item, self._cell, self._code)

    @in_thread(group="change", exclusive=True)
    def _change(self, item: Item, cell: int, code: int) -> None:
        self.post_message(Opened(with_code(self.engine, item, cell, code), changed=True))

    def action_undo(self) -> None:
        """Take back what was put in."""
        if self._undo:
            item = self._undo.pop()
            self.post_message(Opened(item, changed=bool(self._undo)))
        else:
            self.app.notify("Nothing to undo.", timeout=3)

    def item(self) -> Item | None:
        """The emoji that is looked into, as it is now."""
        return self._item
