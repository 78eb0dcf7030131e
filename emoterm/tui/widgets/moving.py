"""The keys that move a cursor over rows and columns, the same everywhere."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOVING: list[BindingType] = [
    Binding("up", "move(0, -1)", show=False),
    Binding("down", "move(0, 1)", show=False),
    Binding("left", "move(-1, 0)", show=False),
    Binding("right", "move(1, 0)", show=False),
    Binding("home", "jump(0)", show=False),
    Binding("end", "jump(-1)", show=False),
]
"""For widgets with ``action_move(columns, rows)`` and ``action_jump(index)``."""
