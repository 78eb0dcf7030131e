"""``emoterm tui`` where there is no terminal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import Run


def test_without_a_terminal_it_says_what_works_instead(run: Run) -> None:
    run("tui").assert_fails(2, "needs a terminal", "emoterm sample")


def test_the_form_of_new_emojis_starts_from_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Screen:
        """Stands for the terminal interface, and is left at once."""

        wrong_theme = None
        return_code = 0

        def __init__(self, **settings: Any) -> None:
            given.update(settings)

        def run(self) -> int:
            return 0

    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr("emoterm.tui.app.EmotermApp", Screen)
    monkeypatch.setattr("emoterm.tui.heap.share_heaps", lambda: None)
    monkeypatch.setattr("emoterm.cli.tui.sys", SimpleNamespace(stdin=terminal, stdout=terminal))
    monkeypatch.setattr("emoterm.cli.tui.gc", SimpleNamespace(disable=lambda: None))
    for name, value in (("STYLE", "blob"), ("TOP_K", "7"), ("TEMPERATURE", "0.5")):
        monkeypatch.setenv(f"EMOTERM_{name}", value)
    assert run("tui").code == 0
    assert given["sampling"] == {"style": "blob", "top_k": 7, "temperature": 0.5}
