"""What a command does not wait for: imports and files that its work has no need of."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import Run, environment

FREE = ["sample", "--free", "--n", "1", "--seed", "3", "-o", "-"]
FOR_FEW = (
    "emoterm.imaging.animation",
    "emoterm.imaging.crop",
    "emoterm.imaging.frames",
    "emoterm.languages",
    "emoterm.stickers.fit",
    "emoterm.stickers.places",
    "emoterm.terminal.show",
    "rich",
    "textual",
    "torch",
)


def imported(*argv: str, **variables: str) -> set[str]:
    """The modules of a process that ran a command to its end, with these variables in its environment."""
    code = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))
from emoterm.cli.start import run
run()
"""
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, check=True, env=environment(**variables))
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("argv", [FREE, ["morph", "😊", "🐙", "-o", "-"]], ids=["sample", "morph"])
def test_what_few_pictures_need_is_imported_for_those_alone(argv: list[str]) -> None:
    assert imported(*argv).isdisjoint(FOR_FEW)
    assert {"emoterm.imaging.frames", "emoterm.stickers.fit"} <= imported(*argv[:-2], "--for", "slack", "--graphics", "none")


def test_who_asks_for_nothing_does_not_wait_for_the_names_of_the_gallery(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the index was read")

    usual = run(*FREE).stdout
    monkeypatch.setattr("emoterm.gallery.read_index", refuse)
    assert run(*FREE).stdout == usual
    with pytest.raises(AssertionError, match="was read"):
        run("show", "octopus")
