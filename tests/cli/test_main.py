"""The frame around the commands: help, version, errors, exit codes, pipes."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emoterm import __version__
from emoterm.cli.main import COMMANDS
from tests.cli.conftest import Run, draw_emoji, environment, pixels_of, start

LIGHT = [
    "emoterm.cli",
    "emoterm.cli.complete",
    "emoterm.cli.main",
    "emoterm.cli.options",
    "emoterm.cli.parameters",
    "emoterm.cli.report",
    "emoterm.cli.typed",
    "emoterm.errors",
    "emoterm.quiet",
    "emoterm.safe_text",
]
HEAVY = ("numpy", "PIL", "onnxruntime", "textual", "rich", "pydantic", "torch", "platformdirs")


def test_help_and_version_import_nothing_heavy() -> None:
    code = f"""
import contextlib, sys
from emoterm.cli.main import app
for argv in (["--help"], ["--version"], []):
    with contextlib.suppress(SystemExit):
        app(argv)
print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
print(sorted(name for name in sys.modules if name.startswith("emoterm.")), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stderr.splitlines() == [
        "[]",
        str(LIGHT),
    ]
    assert done.stdout.count("Usage: emoterm") == 2
    assert f"emoterm {__version__}\n" in done.stdout


def test_help_lists_every_command(run: Run) -> None:
    result = run("--help")
    for name, command in COMMANDS.items():
        assert f"\n  {name} " in result.out
        assert command.help.split()[0] in result.out


def test_help_is_a_word_as_well(run: Run) -> None:
    whole, one = run("--help"), run("sample", "--help")
    assert run("help").out == whole.out
    assert run("help", "sample").out == run("help", "sample", "more").out == one.out
    run("help", "smaple").assert_fails(2, "smaple", "sample")
    assert run("--quiet", "help", "sample").out == run("help", "-q", "sample").out == one.out
    assert run("-q", "help").out == whole.out
    assert run("search", "help").code in (0, 1)  # only in front


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    module, _, function = COMMANDS[name].target.partition(":")
    doc = inspect.getdoc(getattr(importlib.import_module(module), function))
    assert doc is not None
    assert doc.splitlines()[0] == COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_json_and_a_bundle(name: str, run: Run) -> None:
    result = run(name, "--help")
    assert result.code == 0
    assert f"    emoterm {name} " in result.out
    assert ("--json" in result.out) == (name != "tui")  # which is for people alone
    assert "--quiet" in result.out
    if name not in ("train", "export", "config", "completion"):
        assert "--bundle" in result.out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["smaple"], ["smaple", "Did you mean 'sample'", "emoterm --help"]),
        (["--nope"], ["--nope", "emoterm --help"]),
        (["sample", "--nope"], ["--nope", "emoterm sample --help"]),
        (["sample", "blue cat"], ["(blue cat)", "emoterm sample --prompt 'blue cat'"]),
        (["sample", "cat", "-o", "a.png"], ["(cat)", "emoterm sample --prompt cat"]),
        (["sample", "--n"], ["--n needs a value.", "emoterm sample --help"]),
        (["sample", "--force=1"], ["--force takes no value.", "emoterm sample --help"]),
        (["sample", "--prom", "cat"], ["There is no option --prom. Did you mean --prompt?\n"]),
        (["sample", "--promt", "cat"], ["There is no option --promt. Did you mean --prompt?\n"]),
        (["sample", "--back", "red"], ["There is no option --back. Did you mean --background?\n"]),
        (["blend", "a", "b", "-o", ""], ["The name of the file to write is empty.", "Name a file, or - for stdout."]),
        (["encode", "a", ""], ["The name of the file to write is empty."]),
        (["sample", "-n", "two"], ["--n is 'two', and should be a whole number.", "emoterm sample --help"]),
        (["sample", "--temperature", "x"], ["--temperature is 'x', and should be a number."]),
        (["sample", "--n", "0"], ["--n is 0, and should be at least 1."]),
        (["morph", "a", "b", "--fps", "99"], ["--fps is 99, and should be at most 50."]),
        (["sample", "--seed", str(2**64)], [f"--seed is {2**64}, and should be at most {2**64 - 1}."]),
        (["sample", "--device", "tpu"], ["--device is 'tpu', which is not known.", "Use one of: auto, cpu, cuda"]),
        (["fit", "cat.png", "--for", "Slak"], ["--for is 'Slak'", "Did you mean slack? Use one of: slack, discord"]),
        (["config"], ["Missing argument 'action': path, show or validate.", "emoterm config --help"]),
        (["config", "nope"], ["action is 'nope', which is not known.", "Use one of: path, show, validate"]),
        (["-q", "search", "cat"], ["-q belongs behind the command.", "emoterm search -q cat"]),
        (["--json", "search", "red heart"], ["--json belongs behind the command.", "emoterm search --json 'red heart'"]),
        (["--bundle", "x", "search"], ["--bundle belongs behind the command.", "emoterm search --bundle x"]),
        (["--nope", "search"], ["There is no option --nope.", "emoterm --help"]),
        (["morph", "😊"], ["B", "emoterm morph --help"]),
        (["morph", "a", "b", "--path", "walk"], ["--path"]),
        (["train", "everything", "--out", "run"], ["stage is 'everything'", "vqvae, prior, all"]),
        (["show", "\x1b]0;owned\x07"], ["\\x1b]0;owned\\x07"]),
        (["\x1b[31m"], ["\\x1b[31m"]),
    ],
)
def test_a_wrong_command_line_is_exit_2_with_the_next_step(argv: list[str], words: list[str], run: Run) -> None:
    result = run(*argv)
    result.assert_fails(2, "fix:   ", *words)
    assert "\x1b" not in result.stderr
    assert "\\t" not in result.stderr
    assert "Input should" not in result.stderr
    assert "Value error" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such device")
def test_a_device_is_written_to_through_stdout_unless_its_name_tells_the_format(run: Run, folder: Path) -> None:
    run("blend", "😊", "🐙", "-o", os.devnull).assert_fails(2, "/dev/null is a device, whose name tells no format.", "-o - > /dev/null")
    assert run("encode", "😊", os.devnull).code == 0  # which writes in one way only
    os.mkfifo(folder / "pipe.png")
    reader = os.open(folder / "pipe.png", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("blend", "😊", "🐙", "-o", "pipe.png").code == 0
        assert os.read(reader, 8) == b"\x89PNG\r\n\x1a\n"
    finally:
        os.close(reader)


def test_choices_are_known_in_any_case(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    assert run("fit", "a.png", "--for", "Slack", "-o", "b.png").code == 0
    assert run("morph", "😊", "🐙", "--path", "Slerp", "--device", "CPU", "--graphics", "None", "--json").json["path"] == "slerp"
    assert run("config", "Validate").code == 0
    monkeypatch.setenv("EMOTERM_DEVICE", "CPU")
    assert run("config", "show", "--json").json["settings"]["device"]["value"] == "cpu"


def test_a_missing_bundle_is_exit_3(run: Run) -> None:
    run("sample", "--bundle", "nowhere").assert_fails(3, "nowhere", "fix:")


def test_a_reader_that_goes_away_is_no_failure() -> None:
    process = start("search", "--limit", "100")
    assert process.stdout is not None
    process.stdout.close()
    process.wait()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for single processes")
def test_ctrl_c_is_exit_130_and_leaves_no_file(folder: Path) -> None:
    process = start("sample", "--free", "--n", "4096", "-o", "many.png")
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"seed ")  # said right before the work
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Interrupted" in stderr
    assert b"Traceback" not in stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "press",
    [
        "signal.raise_signal(signal.SIGINT)",
        "with contextlib.suppress(KeyboardInterrupt): signal.raise_signal(signal.SIGINT)",
        "exec('signal.raise_signal(signal.SIGINT)')",  # for which Python would end by the signal
    ],
)
def test_ctrl_c_while_the_program_is_still_being_imported_is_exit_130(press: str, tmp_path: Path) -> None:
    code = f"""
import contextlib, signal, sys
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            {press}
sys.meta_path.insert(0, Press())
"""
    (tmp_path / "sitecustomize.py").write_text(code)
    here = environment()
    done = subprocess.run(
        [sys.executable, "-m", "emoterm", "search", "cat"],
        capture_output=True,
        text=True,
        env={**here, "PYTHONPATH": f"{tmp_path}{os.pathsep}{here['PYTHONPATH']}"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: Interrupted.\n")


def test_the_installed_program_begins_where_a_ctrl_c_is_caught() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["scripts"] == {"emoterm": "emoterm.cli.start:run"}
    known = "before = {'__future__', 'gc'} | set(sys.modules)"
    code = f"import sys; {known}; import emoterm.cli.start; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == "['emoterm', 'emoterm.cli', 'emoterm.cli.start']\n"


@pytest.mark.skipif(os.name == "nt", reason="the shell of the test is a POSIX one")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("search cat >&-", 0, b""),
        ("search cat 2>&- >out", 0, b""),
        ("show - <&-", 1, b"error: stdin is empty (0 bytes)."),
        ("sample --free -n 1 --seed 1 -o x.png 2>&- >out", 0, b""),
        ("sample --free -n 1 -o x.png >&-", 0, b"seed "),
        ("sample --free -n 1 -o x.png <&- >&- 2>&-", 0, b""),
        ("nonsense <&- >&- 2>&-", 2, b""),
    ],
)
def test_a_closed_stream_is_no_traceback_and_nothing_goes_into_a_wrong_file(line: str, code: int, said: bytes, folder: Path) -> None:
    done = subprocess.run(["sh", "-c", f'"$0" -m emoterm {line}', sys.executable], capture_output=True, env=environment())
    assert (done.returncode, b"Traceback" in done.stderr, done.stdout) == (code, False, b"")
    assert done.stderr.startswith(said) if said else not done.stderr
    if "x.png" in line:
        assert pixels_of(folder / "x.png").shape == (64, 64, 4)
    if line.startswith("sample") and "out" in line:
        assert (folder / "out").read_text() == "x.png\n"


def test_an_output_that_cannot_carry_emojis_is_no_failure() -> None:
    process = start("search", "octopus", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert stdout.startswith(b"\\U0001f419\toctopus")


def test_json_stays_json_where_the_output_cannot_carry_emojis() -> None:
    process = start("show", "octopus", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert json.loads(stdout)["emoji"] == "🐙"


def test_a_program_that_ends_while_a_model_is_still_loading_ends_in_peace() -> None:
    for _ in range(3):  # without waiting for the load it is abort() in nearly every try
        process = start("morph", "😊", "no such emoji at all")
        _, stderr = process.communicate()
        assert process.returncode == 2
        assert stderr.startswith(b"error: ")
        assert b"terminate" not in stderr
