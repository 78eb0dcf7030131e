"""``python -m benchmarks.screenshots``: pictures of the terminal interface, taken from the running program at two sizes.

The keys below are pressed, and what stands on the screen then is written as SVG by Textual. The large ones would weigh more than the model:
of them only the PNG is kept, made by ``rsvg-convert``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZES = {"small": (80, 24), "large": (200, 60)}
SHOTS: dict[str, tuple[str, ...]] = {
    "browse": ("slash", *"cat", "wait", "enter", "wait", "right"),
    "sample": ("2", "wait", "seed", "enter"),
    "morph": ("slash", *"cat face", "wait", "enter", "wait", "a", "escape", "escape", "wait", "end", "home", "b", "3"),
    "blend": ("w", "slash", *"octopus", "wait", "enter", "wait", "w", "4"),
    "codebook": ("slash", *"tiger face", "wait", "enter", "wait", "i", "wait", *["down"] * 8, *["right"] * 6),
    "library": ("slash", *"heart", "wait", "enter", "wait", "k", "right", "k", "right", "k", "right", "k", "wait", "6", "f"),
}
SEED = "7"
PNG_WIDTH = 1600


async def settle(pilot: Pilot[int]) -> None:
    """Wait until all work is done and shown."""
    await pilot.pause(0.3)
    while any(not worker.is_finished for worker in pilot.app.workers):
        await pilot.pause(0.05)
    await pilot.pause(0.3)


async def shoot(keys: tuple[str, ...], size: tuple[int, int]) -> str:
    """The screen after some keys, as SVG."""
    from textual.widgets import Input

    from emoterm.tui.app import EmotermApp

    app = EmotermApp(device="cpu", moving=False)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in keys:
            if key == "wait":
                await settle(pilot)
            elif key == "seed":
                app.screen.query_one("#seed", Input).value = SEED
            else:
                await pilot.press("space" if key == " " else key)
        await settle(pilot)
        app.clear_notifications()
        await settle(pilot)
        return app.export_screenshot(title="emoterm tui")


def main() -> None:
    """Take them all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description=__doc__)
    parser.add_argument("screens", nargs="*", help=f"some of: {', '.join(SHOTS)}")
    parser.add_argument("--out", type=Path, default=IMAGES, help="the folder to write to")
    arguments = parser.parse_args()
    if shutil.which("rsvg-convert") is None:
        sys.exit("rsvg-convert is missing: apt-get install librsvg2-bin")
    for name in arguments.screens or SHOTS:
        for label, size in SIZES.items():
            with tempfile.TemporaryDirectory() as home:  # a library of its own
                os.environ["XDG_DATA_HOME"] = home
                svg = asyncio.run(shoot(SHOTS[name], size))
            file = arguments.out / f"tui-{name}-{label}.svg"
            file.write_text(svg, encoding="utf-8")
            if label == "large":
                subprocess.run(["rsvg-convert", "-w", str(PNG_WIDTH), str(file), "-o", str(file.with_suffix(".png"))], check=True)
                file.unlink()


if __name__ == "__main__":
    main()
