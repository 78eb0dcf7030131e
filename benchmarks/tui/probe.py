"""``python -m benchmarks.tui.probe FILE``: the terminal interface with a heartbeat in its event loop.

FILE gets one line a beat that came late: when (``time.perf_counter``), and by how many seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from emoterm.tui.app import EmotermApp
from emoterm.tui.stderr import private_stderr

BEAT_SECONDS = 0.001
LATE_SECONDS = 0.005


async def beat(file: Path) -> None:
    """Ask to be woken every millisecond, and write down when that came late."""
    with file.open("w", encoding="ascii", buffering=1) as out:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            late = time.perf_counter() - before - BEAT_SECONDS
            if late >= LATE_SECONDS:
                out.write(f"{time.perf_counter()} {late}\n")


def main() -> None:
    """As ``emoterm tui``, with a heartbeat from the first frame on."""
    beating: list[asyncio.Task[None]] = []  # a loop keeps no hold of its tasks
    with private_stderr():
        EmotermApp(device="cpu", when_drawn=lambda: beating.append(asyncio.create_task(beat(Path(sys.argv[1]))))).run()


if __name__ == "__main__":
    main()
