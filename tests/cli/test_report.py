"""Nothing that a name or a message holds may reach the terminal as a command."""

from __future__ import annotations

import json
import math

import pytest

from emoterm.cli.report import finite, safe, show_error, show_json

EVIL = "a\x1b[2Jb\x07c\rd\x9b31me\x7f\u202ef\u2028g\udcff\nh"


def has_control(text: str) -> bool:
    return any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2028\udcff" for char in text)


def test_control_characters_are_escaped() -> None:
    assert safe(EVIL) == "a\\x1b[2Jb\\x07c\\rd\\x9b31me\\x7f\\u202ef\\u2028g\\udcff\\nh"


def test_emojis_stay_whole() -> None:
    for emoji in ("❤️", "👩‍💻", "👋🏽", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"):
        assert safe(emoji) == emoji


def test_json_carries_the_text_without_its_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    show_json("show", {"name": EVIL})
    out = capsys.readouterr().out
    assert not has_control(out.removesuffix("\n"))
    assert json.loads(out) == {"schema": "emoterm/show/1", "name": EVIL}


def test_a_message_of_several_lines_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    show_error("first\nerror: second", fix="do\x1b[0m this\nand that")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["error: first", "       error: second", "fix:   do\\x1b[0m this", "       and that"]


def test_numbers_that_json_does_not_have_become_null() -> None:
    assert finite({"a": [math.inf, 1.5, (math.nan,)], "b": "inf"}) == {"a": [None, 1.5, [None]], "b": "inf"}
    with pytest.raises(ValueError, match="JSON"):
        show_json("x", {"a": math.inf})
