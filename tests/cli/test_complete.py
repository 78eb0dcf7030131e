"""What the tab key is offered; tests/pty presses it in shells."""

from __future__ import annotations

import pytest

from emoterm.cli.complete import COMPLETE_VARIABLE, complete_emotion, complete_size, complete_theme, continued
from emoterm.emotions import find_emotion
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("search --group Sm", ["Smileys & Emotion"]),
        ("search --group sm", ["smileys & emotion"]),
        ("search --group 'animals & n", ["animals & nature"]),
        ("search --group x", []),
        ("tui --theme no", ["nord"]),
        ("search --style TW", []),
        ("search --style a", ["any"]),
        ("restyle 😊 --style no", ["noto"]),
        ("restyle 😊 --style noto,bl", ["noto,blob"]),
        ("restyle 😊 --style noto,no", []),
        ("restyle 😊 --style al", ["all"]),
        ("he", ["help"]),
        ("help sho", ["show"]),
        ("help show ", []),
        ("show red-h", ["red-heart"]),
        ("fit octop", ["octopus", ""]),
        ("wear octopus cr", ["crown"]),
        ("wear octopus crown Sun", ["Sun hat", "Sunglasses"]),
        ("fit a.png --for S", ["slack"]),
        ("blend red-h", ["red-heart", ""]),
        ("blend octopus:0.7 red-h", ["red-heart", ""]),
        ("blend octopus@twemoji:2 octopus@tw", ["octopus@twemoji", ""]),
        ("blend red-heart:0.7", [""]),
        ("sample --like octop", ["octopus", ""]),
        ("sample --complete red-h", ["red-heart", ""]),
        ("show 😊 --background tra", ["transparent"]),
        ("show 😊 --background Dodger", ["Dodgerblue"]),
        ("sample --size ", ["64", "128", "256", "512"]),
        ("sample --size 2", ["256"]),
        ("train all --recipe p", ["paper"]),
    ],
)
def test_values_go_on_from_what_is_typed(typed: str, offered: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPLETE_VARIABLE, "bash")
    lines = run(f"emoterm {typed}").out.splitlines()
    assert [line.partition("\t")[0] for line in lines if typed.startswith(("fit", "blend", "sample")) or line != "\t"] == offered


@pytest.mark.parametrize(
    ("begun", "name", "value"),
    [
        ("", "Flags", "Flags"),
        ("Fl", "Flags", "Flags"),
        ("fl", "Flags", "flags"),
        ("FO", "Food & Drink", "FOod & drink"),
        ("flags and more", "Flags", None),
        ("x", "Flags", None),
    ],
)
def test_a_name_is_offered_in_its_own_case_or_in_the_typed_one(begun: str, name: str, value: str | None) -> None:
    assert continued(begun, name) == value
    assert value is None or value.startswith(begun)


def test_emotions_and_themes_are_offered_whatever_the_case() -> None:
    assert {"happy", "sad", "angry"} <= dict(complete_emotion("")).keys()
    assert complete_emotion("h") == [("happy", "")]
    assert complete_emotion("AN") == [("ANgry", "")]
    assert complete_emotion("fur") == [("furious", "angry")]
    assert complete_emotion("xyz") == []
    assert all(find_emotion(value).name == value for value, _ in complete_emotion(""))
    assert "nord" in complete_theme("n")
    assert len(complete_theme("")) > 10


def test_the_help_of_a_size_has_those_that_are_offered(run: Run) -> None:
    sizes = complete_size()
    assert f"{', '.join(sizes[:-1])} or {sizes[-1]} pixels" in " ".join(run("blend", "--help").out.split())
    run("blend", "😊", "🐙", "--size", 100).assert_fails(2, f"Use one of: {', '.join(sizes)}")
