"""Settings beside what is typed: none of them may break a command line that works without it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from emoterm import recreate
from emoterm.cli.main import COMMANDS, CommandTable
from emoterm.config import SETTINGS, variable_of
from tests.cli.conftest import Run, draw_emoji, pixels_of

VALUES = {
    "background": "white", "columns": "2", "device": "cpu", "fps": "20", "graphics": "half", "guidance": "2", "min_p": "0.1", "quiet": "1",
    "scale": "2", "style": "blob", "temperature": "0.5", "theme": "nord", "top_k": "5", "top_p": "0.8",
}  # fmt: skip
"""Of each setting one that changes what commands do; the bundle is always that of the tests."""

LINES = {
    "sample": [
        "--n 1 --prompt cat --group 'Animals & Nature' --emotion happy -o OUT.png --size 128",
        "--n 1 --prompt cat --words-alone --each OUT --no-metadata --batch-size 1",
        "--n 1 --free --for slack -o OUT.png --preview OUT-small.png",
        "--n 1 --like 😊 --keep 0.5 -o OUT.png",
        "--n 1 --complete 😊 --rows 8 -o OUT.png",
        "--n 2 --to SHARDS --shard 1/1 --per-file 1 --png",
    ],
    "morph": [
        "😊 🐙 --steps 3 --path slerp -o OUT.png --size 128 --no-metadata",
        "😊 🐙 --steps 3 -o OUT.gif --loop 1 --hold 100 --ping-pong",
        "😊 🐙 --steps 3 --for slack -o OUT.gif --preview OUT-small.png",
    ],
    "blend": [
        "😊 🐙 -o OUT.png --size 128 --no-metadata",
        "😊 🐙 --repaint 0.1 --for slack -o OUT.png --preview OUT-small.png",
    ],
    "restyle": [
        "😊 --style noto --n 2 --prompt cat --beside -o OUT.png --size 128 --no-metadata",
        "😊 --style noto --for slack -o OUT.png --preview OUT-small.png",
        "😊 --style noto --style blob --each OUT",
    ],
    "face": [
        "🍕 --bundle default --emotion cool --face 10,10,40,40 -o OUT.png --size 128 --no-metadata",
        "🍕 --bundle default --emotion happy --each OUT",
        "🍕 --bundle default --emotion cool --for slack -o OUT.png --preview OUT-small.png",
    ],
    "wear": [
        "🐶 crown --bundle default --style noto --face 10,10,40,40 -o OUT.png --size 128 --no-metadata",
        "🐶 crown --bundle default --for slack -o OUT.png --preview OUT-small.png",
    ],
    "reconstruct": ["disc.png --effort 0 -o OUT.png --no-metadata"],
    "fit": [
        "disc.png --for slack --max-bytes 20000 --crop fill --trim -o OUT.png --preview OUT-small.png --no-metadata",
        "disc.png 😊 --for slack --each OUT",
    ],
    "recreate": ["made.png -o OUT.png"],
    "encode": ["disc.png OUT.emo --effort 0"],
    "decode": ["made.emo OUT.png --size 128 --no-metadata"],
    "search": ["cat --group 'Animals & Nature' --limit 3"],
    "show": ["😊"],
    "tui": ["--no-color --still"],
    "train": ["all --out OUT --recipe tiny --data DATA --set seed=1 --init RUN --fresh --steps-limit 1 --cache CACHE"],
    "export": ["--run . --out OUT --data DATA --effort 0"],
    "eval": [
        "--data DATA --split test --limit 3 --effort 0",
        "--data DATA --judge JUDGE --samples 3 --figures OUT",
    ],
    "doctor": [""],
    "config": ["show", "validate"],
    "completion": ["bash"],
}  # fmt: skip
"""For each command what is typed, which between them are all its options but those of settings."""

TABLE = CommandTable()


class Screen:
    """Stands for the terminal interface."""

    wrong_theme = None
    return_code = 0

    def __init__(self, **_: object) -> None: ...

    def run(self) -> int:
        """Is left at once."""
        return 0


@pytest.fixture
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs data, minutes or a terminal does nothing; what reads the command line is as it is."""

    def stand_in(name: str, **parts: Any) -> None:
        module = ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)

    stand_in("trainer.train", run_training=lambda *_, **__: None)
    stand_in("export.build_bundle", build_bundle=lambda _, out, **__: out)
    stand_in("export.evaluate", SampleOptions=lambda *_: None, evaluate_bundle=lambda *_, **__: {})
    stand_in("export.sample_figures", draw_curves=lambda *_: None)
    stand_in("emoterm.tui.app", EmotermApp=Screen)
    stand_in("emoterm.tui.heap", share_heaps=lambda: None)
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr("emoterm.cli.tui.sys", SimpleNamespace(stdin=terminal, stdout=terminal))
    monkeypatch.setattr("emoterm.cli.tui.gc", SimpleNamespace(disable=lambda: None))
    for name in ("NO_COLOR", "TEXTUAL_ANIMATIONS"):  # which the command sets
        monkeypatch.setenv(name, "")


def arguments(command: str, line: str) -> list[str]:
    """A line of the table, with what is typed every time."""
    always = {"force": ["--force"], "json": ["--json"], "seed": ["--seed", "1"]}
    if command == "blend" and "--repaint" not in line:
        del always["seed"]  # refused: nothing is drawn anew
    return [*shlex.split(line), *(word for name in options(command) & always.keys() for word in always[name])]


def options(command: str) -> set[str]:
    """Its parameters by name; ``--help`` is none."""
    return {str(param.name) for param in TABLE[command].params}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("_light")
def test_no_setting_breaks_what_works_without_it(command: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once: each line is run with every setting that its command has, and with those that it has not."""
    draw_emoji(folder / "disc.png")
    if any("made." in line for line in LINES[command]):
        assert run("encode", "disc.png", "made.emo").code == run("decode", "made.emo", "made.png").code == 0
    for name, value in VALUES.items():
        monkeypatch.setenv(variable_of(name), value)
    for line in LINES[command]:
        result = run(command, *arguments(command, line))
        assert result.code == 0, f"{line}: {result.stderr}"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_lines_above_leave_out_no_option(command: str) -> None:
    """So that a new option which does not go with some setting is found."""
    typed: set[str] = set()
    for line in LINES[command]:
        context = TABLE[command].make_context(command, arguments(command, line), resilient_parsing=True)
        sources = {name: context.get_parameter_source(name) for name in options(command)}
        typed |= {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    assert options(command) - SETTINGS.keys() <= typed


def test_the_table_has_another_value_for_every_setting() -> None:
    assert {*VALUES, "bundle"} == SETTINGS.keys()
    assert LINES.keys() == COMMANDS.keys()


def test_a_scale_counts_where_nothing_else_says_how_large(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_SCALE", "3")
    for name, typed, side in (("a", [], 192), ("b", ["--size", 128], 128), ("c", ["--for", "slack"], 128), ("d", ["--scale", 2], 128)):
        assert run("blend", "😊", "🐙", "-o", f"{name}.png", *typed).code == 0
        assert pixels_of(folder / f"{name}.png").shape[0] == side
    # Both typed still exclude each other.
    run("blend", "😊", "🐙", "--scale", 2, "--size", 128).assert_fails(2, "--size", "--scale")


def test_the_style_of_new_emojis_is_one_to_redraw_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_STYLE", "noto")
    assert run("restyle", "😊@twemoji", "-o", "a.png", "--json").json["styles"] == ["noto"]
    assert run("restyle", "😊@twemoji", "--style", "blob", "-o", "b.png", "--json").json["styles"] == ["blob"]


def test_any_style_goes_before_a_setting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_STYLE", "noto")
    sample = ("sample", "--n", 1, "--seed", 1, "--free", "--json")
    assert run(*sample, "-o", "a.png").json["style"] == "noto"
    assert run(*sample, "-o", "b.png", "--style", "Any").json["style"] is None
    assert run("search", "cat", "--style", "any", "--json").json["style"] is None


def test_a_picture_keeps_its_style_in_what_it_is_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_STYLE", "noto")
    wear = ("wear", "🐸@twemoji", "crown", "--bundle", "default", "--json")
    assert run(*wear, "-o", "a.png").json["worn"] == ["👑@twemoji"]
    assert run(*wear, "-o", "b.png", "--style", "noto").json["worn"] == ["👑@noto"]
    face = ("face", "🍕@twemoji", "--bundle", "default", "--json")
    assert all(spec.endswith("@twemoji") for spec in run(*face, "-o", "c.png").json["faces"])
    assert all(spec.endswith("@noto") for spec in run(*face, "-o", "d.png", "--style", "noto").json["faces"])


def test_a_device_to_work_on_is_none_to_compare_on(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a CPU gives the same bytes every time, which is what recreate is asked about."""
    assert run("morph", "😊", "🐙", "--steps", 2, "--device", "cpu", "-o", "made.png").code == 0
    given: list[str] = []
    kitchen = recreate.Kitchen
    monkeypatch.setattr(recreate, "Kitchen", lambda *bundle, device, **more: given.append(device) or kitchen(*bundle, **more))
    monkeypatch.setenv("EMOTERM_DEVICE", "auto")
    for flags in ([], ["--device", "auto"]):
        assert run("recreate", "made.png", "--json", *flags).json["identical"]
    assert given == ["cpu", "auto"]


def test_a_style_that_the_bundle_lacks_is_told_where_something_is_drawn_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_STYLE", "crayon")
    assert run("blend", "😊", "🐙", "-o", "a.png", "--json").json["style"] is None
    run("blend", "😊", "🐙", "--repaint", 0.1, "-o", "b.png").assert_fails(2, "crayon")


@pytest.mark.usefixtures("_light")
def test_a_bundle_is_measured_as_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(sys.modules["export.evaluate"], "SampleOptions", lambda *parts: given.append(parts[-1]))
    monkeypatch.setenv("EMOTERM_TEMPERATURE", "0.5")
    monkeypatch.setenv("EMOTERM_MIN_P", "0.5")
    for flags in ([], ["--temperature", 0.25, "--min-p", 0.1]):
        assert run("eval", "--data", "DATA", "--judge", "JUDGE", "--json", *flags).code == 0
    assert given == [{}, {"temperature": 0.25, "min_p": 0.1}]
