"""``search`` and ``show``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from emoterm.cli.search import fit_widths
from tests.cli.conftest import Run, draw_emoji


def test_search_prints_a_tab_separated_line_an_emoji_into_a_pipe(run: Run) -> None:
    lines = run("search", "cat").out.splitlines()
    assert lines[0].split("\t") == ["🐈", "cat", "Animals & Nature", "noto, fluent3d, twemoji, fluentflat, blob"]
    assert [line[0] for line in lines] == ["🐈", "🐱", "😻"]


def test_search_aligns_its_columns_in_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    lines = run("search", "eyes").out.splitlines()
    assert len({line.index("Smileys") for line in lines}) == 1
    assert "\t" not in "".join(lines)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
def test_search_fits_into_the_terminal(width: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("search", "eyes").out.splitlines()
    assert len(lines) == 3
    assert max(map(cell_len, lines)) <= width
    assert all("…" in line or "eyes" in line for line in lines)
    whole = "😊  smiling face with smiling eyes  Smileys & Emotion  noto, fluent3d, twemoji, fluentflat, blob"
    assert (whole in lines) == (cell_len(whole) <= width)


@pytest.mark.parametrize(
    ("width", "expected"),
    [(100, [2, 30, 17, 40]), (80, [2, 30, 17, 25]), (59, [2, 30, 17]), (50, [2, 30, 14]), (40, [2, 30]), (20, [2, 16])],
)
def test_the_last_columns_give_way(width: int, expected: list[int]) -> None:
    assert fit_widths([2, 30, 17, 40], width) == expected


def test_search_in_json_has_the_facts(run: Run) -> None:
    facts = run("search", "red", "heart", "--json").json
    assert facts["schema"] == "emoterm/search/1"
    (heart,) = facts["emojis"]
    assert heart["emoji"] == "❤️"
    assert heart["codepoints"] == "2764-fe0f"
    assert heart["styles"] == ["noto", "twemoji"]
    assert heart["keywords"] == ["heart"]


def test_search_takes_style_group_and_limit(run: Run) -> None:
    assert [emoji["emoji"] for emoji in run("search", "heart", "--style", "blob", "--json").json["emojis"]] == ["😍", "😻"]
    assert len(run("search", "--limit", 2).out.splitlines()) == 2
    assert len(run("search", "--group", "animals & nature").out.splitlines()) == 3


def test_search_that_finds_nothing_says_so_on_stderr(run: Run) -> None:
    result = run("search", "zzz\x1b[2J")
    assert (result.code, result.out) == (1, "")
    assert "zzz" in result.stderr
    assert "\x1b" not in result.stderr
    result = run("search", "zzz", "--json")
    assert (result.code, json.loads(result.out)["emojis"]) == (1, [])


def test_search_says_when_it_guessed_the_spelling(run: Run) -> None:
    result = run("search", "octpus")
    assert (result.code, result.out[0]) == (0, "🐙")
    assert result.stderr == "nothing fits 'octpus', reading it as 'octopus'\n"
    assert run("search", "octpus", "--json").json["reading"] == "octopus"
    for typed in ("octopus", "octo", "🐙", "1f419"):
        assert run("search", typed).stderr == ""
        assert run("search", typed, "--json").json["reading"] is None


@pytest.mark.parametrize(
    ("argv", "words"), [(["--style", "notto"], ["noto"]), (["--group", "cars"], ["group"]), (["--limit", "0"], ["--limit"])]
)
def test_search_refuses_what_it_does_not_know(argv: list[str], words: list[str], run: Run) -> None:
    run("search", "cat", *argv).assert_fails(2, *words)


def test_show_tells_what_is_known_about_an_emoji(run: Run) -> None:
    facts = run("show", "heart eyes@noto", "--json").json
    assert facts["schema"] == "emoterm/show/1"
    assert (facts["emoji"], facts["style"], facts["group"]) == ("😍", "noto", "Smileys & Emotion")
    assert facts["licence"] == "Noto Emoji, Google (Apache-2.0)"
    assert len(facts["tokens"]) == 256
    text = run("show", "heart eyes").out
    assert "smiling face with heart-eyes" in text
    assert "1f60d" in text


def test_show_draws_when_asked_for(run: Run) -> None:
    assert "▀" in run("show", "😊", "--graphics", "half", "--background", "white").out
    assert "▀" not in run("show", "😊").out


def test_show_takes_files_and_stdin(run: Run, folder: Path) -> None:
    data = draw_emoji(folder / "a.png").read_bytes()
    assert run("show", "a.png", "--json").json["picture"] == "a.png"
    assert run("show", "-", "--json", stdin=data).json["tokens"] == run("show", "a.png", "--json").json["tokens"]
