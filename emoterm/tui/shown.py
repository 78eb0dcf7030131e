"""The pictures of runs that are shown, and those that were shown before, to go back to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.tui.item import Item
    from emoterm.tui.run import Run

Key = tuple[int, int]
"""The number of a run, and the place of a picture in it."""
_STEPS_BACK = 8


class Shown:
    """What is shown, always of one run, and what was shown before. Pictures of neither are let go of."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        """Of the pictures that are shown."""
        self._before: list[list[Key]] = []
        self._runs: dict[int, Run] = {}
        self._pixels: dict[Key, U8] = {}
        self._items: dict[Key, Item] = {}
        self._last_number = 0

    @property
    def run(self) -> Run | None:
        """Where the shown pictures come from, if there are any."""
        return self._runs.get(self.keys[0][0]) if self.keys else None

    def begin(self, run: Run) -> None:
        """Show all pictures of a run, which gets a number; they are still to come."""
        self._last_number += 1
        run.number = self._last_number
        self._runs[run.number] = run
        self._go_on([(run.number, index) for index in range(run.n)])

    def drop(self, key: Key) -> None:
        """Show one less."""
        self._go_on([other for other in self.keys if other != key])

    def go_back(self) -> bool:
        """Show what was shown before; says whether there is such."""
        if not self._before:
            return False
        self._turn_to(self._before.pop())
        return True

    def give_up(self, run: Run) -> bool:
        """Take a run that ended without pictures out of what is shown and what was; says whether others are shown now."""
        self._before = [keys for keys in self._before if all(number != run.number for number, _ in keys)]
        if any(number != run.number for number, _ in self.keys):
            return False
        self._turn_to(self._before.pop() if self._before else [])
        return True

    def put(self, key: Key, pixels: U8) -> bool:
        """A picture (64, 64, 4), or a newer state of it; says whether it looks otherwise than before."""
        before = self._pixels.get(key)
        if before is not None and before.tobytes() == pixels.tobytes():
            return False
        self._pixels[key] = pixels
        return True

    def pixels(self, key: Key) -> U8 | None:
        """The picture (64, 64, 4), as far as it is drawn."""
        return self._pixels.get(key)

    def add_items(self, run: Run, items: Sequence[Item]) -> None:
        """The pictures of a run as items."""
        self._items |= {(run.number, index): item for index, item in enumerate(items)}

    def item(self, key: Key) -> Item | None:
        """A picture as an item, once it is one."""
        return self._items.get(key)

    def _go_on(self, keys: list[Key]) -> None:
        self._before = [*self._before, self.keys][-_STEPS_BACK:]
        self._turn_to(keys)

    def _turn_to(self, keys: list[Key]) -> None:
        self.keys = keys
        reachable = {*keys, *(key for step in self._before for key in step)}
        numbers = {number for number, _ in reachable}
        self._items = {key: item for key, item in self._items.items() if key in reachable}
        self._pixels = {key: pixels for key, pixels in self._pixels.items() if key in reachable}
        self._runs = {number: run for number, run in self._runs.items() if number in numbers}
