"""What every command promises: the exit codes of the README, and JSON that says which schema it has."""

from __future__ import annotations

from pathlib import Path

import pytest

import emoterm.session
from emoterm.errors import BundleError, CannotSatisfyError, DeviceError, EmotermError, InputError, ModelError, OutputError, UsageError
from tests.cli.conftest import Run, draw_emoji, pixels_of

DEFAULT = ("--bundle", "default", "--device", "cpu")

# Ctrl-C is in test_main.py, as it needs a process of its own.
FAILURES = [
    (1, "a file that is there already", ["sample", "--n", "1", "-o", "disc.png"], "--force"),
    (1, "a picture that is none", ["reconstruct", "text.png"], "text.png"),
    (2, "an unknown option", ["sample", "--nope"], "--nope"),
    (2, "an unknown emoji", ["show", "no such emoji at all"], "no such emoji"),
    (2, "a value out of range", ["sample", "--top-p", "3"], "--top-p"),
    (3, "a missing bundle", ["sample", "--bundle", "nowhere"], "nowhere"),
    (3, "a damaged bundle", ["show", "octopus", "--bundle", "damaged"], "damaged"),
]


@pytest.fixture
def _files(folder: Path) -> None:
    draw_emoji(folder / "disc.png")
    (folder / "text.png").write_text("not a picture")
    (folder / "damaged").mkdir()
    (folder / "damaged" / "manifest.json").write_text("{")


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(("code", "argv", "word"), [pytest.param(code, argv, word, id=what) for code, what, argv, word in FAILURES])
def test_each_kind_of_failure_has_its_exit_code(code: int, argv: list[str], word: str, run: Run) -> None:
    run(*argv).assert_fails(code, word)


@pytest.mark.parametrize("argv", ["sample", "morph 😊 🐙", "blend 😊 🐙", "restyle 😊 --style noto", "face 😊", "wear 😊 crown",
                                  "reconstruct disc.png", "fit disc.png --for slack", "decode disc.png a.png", "show 😊"])  # fmt: skip
def test_what_is_no_colour_is_told_before_anything_is_opened(argv: str, run: Run) -> None:
    run(*argv.split(), "--background", "purpel", "--bundle", "nowhere").assert_fails(2, "purpel", "purple")


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device", "a.png")])
def test_what_the_system_refuses_is_exit_1(error: Exception, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("emoterm.bundle.open_bundle", refuse)
    run("search", "cat").assert_fails(1)


def test_every_class_of_error_has_the_code_of_its_branch() -> None:
    codes = {error: error.exit_code for error in (EmotermError, InputError, OutputError, UsageError, ModelError, BundleError, DeviceError)}
    assert list(codes.values()) == [1, 1, 1, 2, 3, 3, 3]
    assert CannotSatisfyError.exit_code == 4


JSON = {
    "sample": ["--n", "1", "-o", "a.png"],
    "morph": ["octopus", "cat", "--steps", "2", "-o", "a.png"],
    "reconstruct": ["disc.png", "-o", "a.png"],
    "encode": ["octopus", "a.emo"],
    "decode": ["a.emo", "a.png"],
    "search": ["cat"],
    "show": ["octopus"],
    "doctor": ["--device", "cpu"],
    "config": ["show"],
    "completion": ["zsh"],
}


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("name", JSON)
def test_json_is_one_object_that_names_its_schema(name: str, run: Run) -> None:
    if name == "decode":
        run("encode", "octopus", "a.emo")
    facts = run(name, *JSON[name], "--json").json
    assert next(iter(facts)) == "schema"
    assert facts["schema"] == f"emoterm/{name}/1"


@pytest.mark.parametrize(
    "argv",
    [
        ("decode", "a.emo", "OUT"),
        ("face", "⭐", "--emotion", "cool", *DEFAULT, "-o", "OUT"),
        ("wear", "🐶", "crown", *DEFAULT, "-o", "OUT"),
    ],
)
def test_a_size_reaches_commands_that_make_one_picture(argv: tuple[str, ...], run: Run, folder: Path) -> None:
    assert run("encode", "😊", "a.emo").code == 0
    assert run(*(f"{argv[0]}.png" if word == "OUT" else word for word in argv), "--size", 128).code == 0
    assert pixels_of(folder / f"{argv[0]}.png").shape == (128, 128, 4)


@pytest.mark.parametrize("argv", [("decode", "a.emo", "b.png"), ("wear", "🐶", "crown", *DEFAULT, "-o", "b.png")])
def test_a_device_that_is_not_there_is_told(argv: tuple[str, ...], run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("encode", "😊", "a.emo").code == 0
    monkeypatch.setattr(emoterm.session, "cuda_problem", lambda: "its libraries are missing")
    run(*argv, "--device", "cuda").assert_fails(3, "CUDA cannot be used")
    assert not (folder / "b.png").exists()
