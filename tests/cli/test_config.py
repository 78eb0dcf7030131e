"""Settings: a flag before the environment, the environment before the file; and the command that shows them."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest

from emoterm.cli.main import COMMANDS
from emoterm.config import SETTINGS, THEMES, config_path, read_keymap, read_settings, unknown_variables, variable_of
from emoterm.errors import UsageError
from tests.cli.conftest import Run


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file."""
    path = tmp_path / "emoterm.toml"
    path.touch()
    monkeypatch.setenv("EMOTERM_CONFIG", str(path))
    return path


def test_flag_before_environment_before_file(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def temperature(*flags: str) -> float:
        return run("sample", "--n", 1, "--seed", 1, "-o", "a.png", "--force", "--json", *flags).json["sampling"]["temperature"]

    of_the_bundle = temperature()
    settings.write_text("temperature = 0.25\n")
    assert of_the_bundle != 0.25
    assert temperature() == 0.25
    monkeypatch.setenv("EMOTERM_TEMPERATURE", "0.5")
    assert temperature() == 0.5
    assert temperature("--temperature", "0.75") == 0.75


def test_a_setting_reaches_every_command_that_has_the_option(run: Run, settings: Path) -> None:
    settings.write_text('device = "cpu"\nscale = 3\ntop_k = 5\nstyle = "noto"\n')
    facts = run("sample", "--n", 1, "-o", "a.png", "--json").json
    assert (facts["style"], facts["sampling"]["top_k"]) == ("noto", 5)
    assert run("show", "octopus", "--json").code == 0


def test_a_style_for_new_emojis_does_not_narrow_the_search(run: Run, settings: Path) -> None:
    everything = run("search", "heart").out
    settings.write_text('style = "blob"\n')
    assert run("search", "heart").out == everything


def test_graphics_from_the_file_draw_nothing_into_a_pipe(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.write_text('graphics = "half"\n')
    assert "▀" not in run("show", "octopus").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "▀" in run("show", "octopus").out


def test_a_bundle_from_the_file_is_used_unless_the_environment_names_one(
    run: Run, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text(f'bundle = "{tmp_path / "nowhere"}"\n')
    assert run("show", "octopus").code == 0  # the tests name one
    monkeypatch.delenv("EMOTERM_BUNDLE")
    run("show", "octopus").assert_fails(3, "nowhere")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tempratur = 1\n", ["tempratur", "Did you mean temperature?"]),
        ('device = "gpu"\n', ["device", "'gpu'", "cpu, cuda"]),
        ("device = 3\n", ["device", "a text"]),
        ("scale = 0\n", ["scale", "at least 1"]),
        ("scale = 1.5\n", ["scale", "a whole number"]),
        ("top_p = 2\n", ["top_p", "at most 1"]),
        ("top_p = 0\n", ["top_p", "above 0"]),
        ("min_p = 1.5\n", ["min_p", "at most 1"]),
        ("min_p = -0.1\n", ["min_p", "at least 0"]),
        ("temperature = nan\n", ["temperature"]),
        ('quiet = "yes"\n', ["quiet", "true or false"]),
        ("device = cpu\n", ["not TOML", 'device = "cpu"']),
        ("[sample]\nn = 3\n", ["sample"]),
        ('theme = "nrod"\n', ["theme is 'nrod'", "Did you mean nord?", "textual-light"]),
    ],
)
def test_a_file_that_makes_no_sense_is_exit_2_and_says_where(text: str, words: list[str], run: Run, settings: Path) -> None:
    settings.write_text(text)
    for argv in (["config", "validate"], ["search", "cat"]):
        run(*argv).assert_fails(2, str(settings), "fix:", *words)
    assert run("sample", "--help").code == 0
    assert run("config", "path").out == f"{settings}\n"


def test_a_variable_that_makes_no_sense_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_SCALE", "big")
    run("search", "cat").assert_fails(2, "EMOTERM_SCALE", "'big'", "whole number")


def test_the_listed_themes_are_those_of_textual_and_newer_ones_are_taken_too(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textual.theme import BUILTIN_THEMES

    assert sorted(THEMES) == sorted(BUILTIN_THEMES)
    monkeypatch.setitem(BUILTIN_THEMES, "newer", BUILTIN_THEMES["nord"])
    settings.write_text('theme = "newer"\n')
    assert read_settings()["theme"].value == "newer"


def test_show_tells_where_a_setting_comes_from(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.write_text('device = "cpu"\nquiet = true\n')
    monkeypatch.setenv("EMOTERM_SCALE", "2")
    facts = run("config", "show", "--json").json
    assert facts["schema"] == "emoterm/config/1"
    assert facts["path"] == str(settings)
    assert facts["settings"]["device"] == {"value": "cpu", "source": str(settings)}
    assert facts["settings"]["scale"] == {"value": 2, "source": "EMOTERM_SCALE"}
    text = run("config", "show").out
    assert 'device = "cpu"' in text
    assert "quiet = true" in text
    assert "# temperature: " in text
    # What is shown can be kept as a file.
    settings.write_text(text)
    assert run("config", "validate").code == 0
    assert read_settings()["device"].value == "cpu"


def test_without_a_file_nothing_is_wrong(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMOTERM_CONFIG")
    monkeypatch.setattr("platformdirs.user_config_path", lambda *args, **more: tmp_path / "nowhere")
    assert run("config", "validate").code == 0
    assert run("config", "path", "--json").json["exists"] is False
    assert run("search", "cat").code == 0


def test_a_file_that_was_named_has_to_be_there(run: Run, settings: Path) -> None:
    settings.unlink()
    for argv in (["config", "validate"], ["config", "show"], ["search", "cat"]):
        run(*argv).assert_fails(2, "EMOTERM_CONFIG", str(settings), "does not exist", "unset EMOTERM_CONFIG")
    with pytest.raises(UsageError, match="EMOTERM_CONFIG"):
        read_keymap()
    assert run("config", "path").out == f"{settings}\n"
    assert run("search", "--help").code == 0
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert checks["settings"]["status"] == "failed"
    assert "EMOTERM_CONFIG" in checks["settings"]["detail"]


def test_a_wrong_name_in_a_setting_is_blamed_on_who_made_it(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = ["sample", "-n", 1, "-o", "a.png"]
    settings.write_text('style = "notoo"\n')
    run(*sample).assert_fails(2, f"{settings}: Unknown style 'notoo'", "Did you mean noto?")
    monkeypatch.setenv("EMOTERM_STYLE", "twemojo")
    run(*sample).assert_fails(2, "error: EMOTERM_STYLE: Unknown style 'twemojo'", "Known styles: ")
    run(*sample, "--style", "twemojo").assert_fails(2, "error: Unknown style 'twemojo'")
    run(*sample, "--style=comic").assert_fails(2, "error: Unknown style 'comic'")
    monkeypatch.setenv("EMOTERM_STYLE", "noto")
    run(*sample, "--prompt", "noto").assert_fails(2, "error: The model knows none of the words of the prompt: 'noto'")
    monkeypatch.setenv("EMOTERM_BACKGROUND", "blu")
    run("show", "octopus").assert_fails(2, "error: EMOTERM_BACKGROUND: 'blu'")


def test_what_the_file_says_is_not_blamed_on_the_environment(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMOTERM_BUNDLE")
    settings.write_text('bundle = "nope"\ngraphics = "half"\n')
    before = dict(os.environ)
    run("search", "cat").assert_fails(3, f"error: {settings}: There is no bundle 'nope'.")
    run("search", "cat", "--bundle", "nope").assert_fails(3, "error: There is no bundle 'nope'.")
    monkeypatch.setattr("sys.__stdout__.isatty", lambda: True)
    checks = {check["name"]: check["detail"] for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert checks["bundle"] == f"{settings}: There is no bundle 'nope'."
    assert checks["terminal"].startswith(f"half: {settings} asks for it")
    assert os.environ == before
    monkeypatch.setenv("EMOTERM_BUNDLE", "elsewhere")
    monkeypatch.setenv("EMOTERM_GRAPHICS", "grey")
    run("search", "cat").assert_fails(3, "error: There is no bundle 'elsewhere' (from EMOTERM_BUNDLE).")
    checks = {check["name"]: check["detail"] for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert checks["bundle"] == "There is no bundle 'elsewhere' (from EMOTERM_BUNDLE)."
    assert checks["terminal"].startswith("grey: EMOTERM_GRAPHICS asks for it")


def test_the_file_lies_where_such_files_lie() -> None:
    assert config_path({}).name == "config.toml"
    assert config_path({}).parent.name == "emoterm"


def test_every_setting_but_the_theme_is_an_option_of_some_command(run: Run) -> None:
    options = "".join(run(name, "--help").out for name in COMMANDS)
    missing = [name for name in SETTINGS if f"--{name.replace('_', '-')}" not in options]
    assert missing in ([], ["theme"])
    assert all(variable_of(name).isupper() for name in SETTINGS)


# --- --quiet -----------------------------------------------------------------------------------------------------------------------


def test_quiet_leaves_the_data_and_nothing_else(run: Run) -> None:
    talkative = run("morph", "😊", "😍", "-o", "a.png", "--steps", 2)
    assert talkative.stderr != ""
    quiet = run("morph", "😊", "😍", "-o", "b.png", "--steps", 2, "--quiet")
    assert (quiet.code, quiet.out, quiet.stderr) == (0, "b.png\n", "")
    assert run("morph", "😊", "😍", "-o", "c.png", "--steps", 2).stderr == talkative.stderr  # it does not last


def test_quiet_still_says_what_is_wrong(run: Run) -> None:
    run("morph", "😊", "no such emoji", "-q").assert_fails(2, "no such emoji", "fix:")


def test_quiet_can_be_a_setting(run: Run, settings: Path) -> None:
    settings.write_text("quiet = true\n")
    assert run("sample", "--n", 1, "-o", "a.png").stderr == ""


def test_quiet_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    from emoterm.cli import progress, report

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "PATIENCE_S", -1.0)
    for quiet in (False, True):
        monkeypatch.setattr("sys.stderr", screen := Terminal())
        report.be_quiet(quiet)
        with progress.progress("Working") as update:
            update(1, 2)
        assert ("Working" in screen.getvalue()) is not quiet
    report.be_quiet(False)


def test_keys_of_the_terminal_interface_are_a_table_beside_the_settings(settings: Path) -> None:
    assert read_keymap() == {}
    settings.write_text('theme = "nord"\n[keymap]\n"mark.a" = "A"\n')
    assert read_keymap() == {"mark.a": "A"}
    only_the_file = {"EMOTERM_CONFIG": str(settings)}
    assert {name: found.value for name, found in read_settings(only_the_file).items()} == {"theme": "nord", "keymap.mark.a": "A"}
    for text in ("keymap = 3", "[keymap]\nkeep = 3"):
        settings.write_text(text)
        for read in (read_keymap, read_settings):
            with pytest.raises(UsageError, match=r"emoterm\.toml: keymap"):
                read()


def test_validate_counts_the_keys_and_names_those_that_make_no_sense(run: Run, settings: Path) -> None:
    def count() -> int:
        return len(run("config", "validate", "--json").json["settings"])

    settings.write_text("quiet = false\n")
    before = count()
    settings.write_text('quiet = false\n[keymap]\n"mark.a" = "A"\nkeep = "K"\n')
    assert count() == before + 2
    assert f"{before + 2} settings are made" in run("config", "validate").stderr
    assert run("search", "cat").code == 0
    settings.write_text('[keymap]\nkeep = "q"\n')
    run("config", "validate").assert_fails(2, str(settings), "keymap", "would hide quit", "fix:")
    run("search", "cat").assert_fails(2, "would hide quit")


# --- what would be ignored, or refused later ---------------------------------------------------------------------------------------


def test_a_variable_that_nothing_reads_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_TEMPRATURE", "1")
    monkeypatch.setenv("EMOTERM_XYZZY", "1")
    said = "EMOTERM_TEMPRATURE is ignored: nothing is called so. Did you mean EMOTERM_TEMPERATURE?"
    for action in ("show", "validate"):
        result = run("config", action)
        assert result.code == 0
        assert said in result.stderr
        assert "EMOTERM_XYZZY is ignored: nothing is called so.\n" in result.stderr
    assert run("config", "validate", "--json").json["ignored"] == ["EMOTERM_TEMPRATURE", "EMOTERM_XYZZY"]
    checks = [check for check in run("doctor", "--device", "cpu", "--json").json["checks"] if check["name"] == "variable"]
    assert (checks[0]["status"], checks[0]["detail"], checks[0]["fix"]) == ("note", said, "unset EMOTERM_TEMPRATURE")


def test_every_variable_that_the_code_names_is_known() -> None:
    root = Path(__file__).parents[2]
    named = {
        name
        for folder in ("emoterm", "trainer", "export", "benchmarks", "examples")
        for file in (root / folder).rglob("*.py")
        for name in re.findall(r"(?<!_)EMOTERM_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert unknown_variables(dict.fromkeys(named, "1")) == {}
    assert unknown_variables(dict.fromkeys(map(variable_of, SETTINGS), "1")) == {}


def test_a_style_that_the_bundle_lacks_is_found_before_something_is_made(run: Run, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.write_text('style = "notto"\n')
    run("config", "validate").assert_fails(2, f"error: {settings}: Unknown style 'notto'. Did you mean noto?", "Known styles: ")
    result = run("doctor", "--device", "cpu", "--json")
    assert result.code == 2
    failed = [check for check in json.loads(result.stdout)["checks"] if check["status"] == "failed"]
    assert [(check["name"], check["detail"]) for check in failed] == [
        ("settings", f"{settings}: Unknown style 'notto'. Did you mean noto?")
    ]
    for style in ("Noto", "any"):
        settings.write_text(f'style = "{style}"\n')
        assert run("config", "validate").code == run("doctor", "--device", "cpu").code == 0
    settings.write_text('style = "notto"\n')
    monkeypatch.setenv("EMOTERM_BUNDLE", "nowhere")  # which doctor tells
    assert run("config", "validate").code == 0
