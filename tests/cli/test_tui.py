"""``emoterm tui`` where there is no terminal."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_without_a_terminal_it_says_what_works_instead(run: Run) -> None:
    run("tui").assert_fails(2, "needs a terminal", "emoterm sample")
