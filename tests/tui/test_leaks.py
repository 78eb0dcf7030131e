"""Nothing that was taken off the screen stays in memory."""

from __future__ import annotations

import gc
import time
from collections import Counter
from typing import Any

from textual.dom import DOMNode
from textual.widgets._toast import Toast

from emoterm.tui.app import EmotermApp
from tests.tui.conftest import Drive, Keys

NOTICE_S = 0.1
"""How long a notice stays here. In the seconds that it usually has, a quick machine makes all trips."""
PATIENCE_S = 60
"""A notice that is on a screen for longer has been left behind, however busy the machine is."""


def widgets() -> Counter[str]:
    gc.unfreeze()  # what emoterm/tui/smooth.py has frozen meanwhile is neither collected nor counted
    gc.collect()
    # Not by isinstance, which asks each thing what it says it is: some module's answer is a warning.
    return Counter(kind.__name__ for kind in map(type, gc.get_objects()) if issubclass(kind, DOMNode))


def toasts_in(counted: dict[str, int]) -> int:
    """Notices, and what holds them."""
    return sum(n for name, n in counted.items() if name.startswith("Toast"))


async def notices_are_over(app: EmotermApp, keys: Keys) -> None:
    """Wait until no screen shows one. If one never goes, this ends too, and it is counted."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and any(screen.query(Toast) for stack in app._screen_stacks.values() for screen in stack):
        await keys.pilot.pause(NOTICE_S)
    await keys.settle()


def test_screens_focus_help_and_notices_leave_nothing_behind(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        notify = app.notify

        def notify_briefly(message: str, **given: Any) -> None:
            notify(message, **given | {"timeout": NOTICE_S})

        app.notify = notify_briefly  # type: ignore[method-assign]

        async def count() -> Counter[str]:
            await notices_are_over(app, keys)
            return widgets()

        async def round_trip() -> None:
            await keys("1", "slash", "escape", "a", "w", "question_mark", "question_mark")
            for number in "23456":
                await keys(number)
            await keys("1")

        for _ in range(3):
            await round_trip()
        before = await count()
        for _ in range(6):
            await round_trip()

        async def growth() -> dict[str, int]:
            return {name: n - before[name] for name, n in (await count()).items() if n > before[name]}

        grown, end = await growth(), time.monotonic() + PATIENCE_S
        while toasts_in(grown) > 2 and time.monotonic() < end:  # what is off the screen may still wait for its last message
            await keys.pilot.pause(NOTICE_S)
            grown = await growth()
        # Two bars of keys may still be held, and each trip adds a weight to the blend. A trip takes down nine bars, of a dozen widgets
        # each, and puts up two notices.
        assert sum(grown.values()) - toasts_in(grown) <= 80, grown
        assert toasts_in(grown) <= 2, grown

    drive(script, toasts=True)
