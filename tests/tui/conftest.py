"""Driving the terminal interface with real keys."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.css import stylesheet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from emoterm.tui.app import EmotermApp
from tests.gallery_bundle import make_gallery_bundle

Script = Callable[[EmotermApp, "Keys"], Awaitable[None]]
Drive = Callable[..., EmotermApp]
DEBOUNCE_SECONDS = 0.2


class Keys:
    """Presses keys, then waits until everything that they set off is done."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.pilot = pilot

    async def __call__(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type text, and wait until the pause after it has been noticed."""
        await self.pilot.press(*(" " if char == " " else char for char in text))
        await self.pilot.pause(DEBOUNCE_SECONDS)
        await self.settle()

    async def settle(self) -> None:
        """Wait for all workers, and for what they said to be handled, which may start others."""
        await self.pilot.pause()
        while self._is_busy():
            while self._is_busy():
                await self.pilot.pause(0.01)
            await self.pilot.pause()

    def _is_busy(self) -> bool:
        return any(not worker.is_finished for worker in self.pilot.app.workers)


@pytest.fixture(scope="session")
def bundle_path(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with a gallery of known emojis."""
    return make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("bundle") / "gallery")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with an empty current folder, and no wishes about colours from outside."""
    for name, folder in (("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("HOME", "home")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in ("NO_COLOR", "TEXTUAL_ANIMATIONS", "EMOTERM_GRAPHICS"):
        monkeypatch.delenv(name, raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path


@pytest.fixture(autouse=True)
def _looks_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key Textual waits until the process is idle, and looks every 20 ms; the same share of that time is idle in half of it."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.01 / 20)


@pytest.fixture(autouse=True)
def _what_is_frozen_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app freezes and thaws the objects of its whole process, and here most of them are not its own (tests/conftest.py).

    tests/unit/test_smooth.py tells that it does.
    """
    kept = {name: getattr(gc, name) for name in ("collect", "get_count", "get_threshold", "set_threshold")}
    monkeypatch.setattr("emoterm.tui.smooth.gc", SimpleNamespace(**kept, freeze=lambda: None, unfreeze=lambda: None))


_TOKENS: dict[Any, Any] = {}
_RULES: dict[Any, Any] = {}


@pytest.fixture(autouse=True)
def _style_sheets_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app reads the same rules with the same variables; Textual keeps what it has read, but for one app alone."""
    tokenize, parse = stylesheet.tokenize_values, Stylesheet._parse_rules

    def tokenize_once(values: dict[str, str]) -> Any:
        key = tuple(values.items())
        if key not in _TOKENS:
            _TOKENS[key] = tokenize(values)
        return _TOKENS[key]

    def parse_once(self: Stylesheet, css: str, *args: Any, **named: Any) -> Any:
        key = (css, args, tuple(named.items()), tuple(self._variables.items()))
        if key not in _RULES:
            _RULES[key] = parse(self, css, *args, **named)
        return _RULES[key]

    monkeypatch.setattr(stylesheet, "tokenize_values", tokenize_once)
    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_once)


@pytest.fixture
def drive(bundle_path: Path) -> Drive:
    """``drive(script)``: run the app and let the script press keys; the app comes back to be asked. ``toasts``: notices are drawn too."""

    def drive(script: Script, *, size: tuple[int, int] = (80, 24), toasts: bool = False, **settings: Any) -> EmotermApp:
        async def run() -> EmotermApp:
            app = EmotermApp(**{"bundle": str(bundle_path), "device": "cpu", **settings})
            async with app.run_test(size=size, notifications=toasts) as pilot:
                keys = Keys(pilot)
                await keys.settle()
                await script(app, keys)
            return app

        return asyncio.run(run())

    return drive


def notices(app: EmotermApp) -> str:
    """Everything the app has told."""
    return "\n".join(f"{notice.title} {notice.message}" for notice in app._notifications)


def screen_text(app: EmotermApp) -> str:
    """What stands on the screen, without colours."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    text = "\n".join(strip.text for strip in lines)
    assert len(lines) == height
    assert all(strip.cell_length == width for strip in lines)
    return text
