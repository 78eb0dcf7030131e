"""Nothing that was taken off the screen stays in memory."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from typing import Any

from textual.dom import DOMNode

from emoterm.tui.app import EmotermApp
from tests.tui.conftest import Drive, Keys

NOTICE_S = 0.1
"""How long a notice stays here. In the seconds that it usually has, a quick machine makes all trips."""


def widgets() -> Counter[str]:
    gc.unfreeze()  # what emoterm/tui/smooth.py has frozen meanwhile is neither collected nor counted
    gc.collect()
    # Not by isinstance, which asks each thing what it says it is: some module's answer is a warning.
    return Counter(kind.__name__ for kind in map(type, gc.get_objects()) if issubclass(kind, DOMNode))


def test_screens_focus_help_and_notices_leave_nothing_behind(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        notify = app.notify

        def notify_briefly(message: str, **given: Any) -> None:
            notify(message, **given | {"timeout": NOTICE_S})

        app.notify = notify_briefly  # type: ignore[method-assign]

        async def count() -> Counter[str]:
            await asyncio.sleep(5 * NOTICE_S)  # a timer holds each notice until it ends
            await keys.settle()
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
        grown = {name: n - before[name] for name, n in (await count()).items() if n > before[name]}
        # Two bars of keys may still be held, and each trip adds a weight to the blend. A trip takes down nine bars, of a dozen widgets
        # each, and puts up two notices.
        assert sum(n for name, n in grown.items() if not name.startswith("Toast")) <= 80, grown
        assert sum(n for name, n in grown.items() if name.startswith("Toast")) <= 2, grown

    drive(script, toasts=True)
