"""What the screens have in common whose emojis can be written all at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from emoterm.tui.screens.base import ItemActions

if TYPE_CHECKING:
    from emoterm.tui.item import Item

FILES = Binding.Group("File", compact=True)
"""The keys that write files, as one entry of the footer."""


class WritesMany(ItemActions):
    """A screen with emojis that belong together."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Write it to a file", group=FILES, id="export"),
        Binding("E", "export_all", "Write all of them to files, as a pack", group=FILES, id="pack"),
    ]

    @abstractmethod
    def all_emojis(self) -> Sequence[tuple[str, Callable[[], Item]]]:
        """What is shown: for each what it is called, and the work that makes it; empty as long as there is nothing."""

    @property
    @abstractmethod
    def pack_name(self) -> str:
        """What the folder is called unless somebody names it."""

    def action_export_all(self) -> None:
        """Write all of them to files."""
        from emoterm.tui.screens.pack import PackDialog

        if emojis := self.all_emojis():
            self.app.push_screen(PackDialog(emojis, self.pack_name))
        else:
            self.app.notify("There is nothing yet to write.", severity="warning", timeout=4)
