"""Nothing that the program says gets lost while a library is kept quiet on another thread."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
import time
from collections.abc import Callable

import pytest

from emoterm.cli.report import narrate, show, show_json
from emoterm.quiet import captured_output


def test_captured_output_is_kept_off_the_terminal_and_given_back_after_errors(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with captured_output() as read_output:
            os.write(2, b"from C++")
            raise RuntimeError(read_output())

    with pytest.raises(RuntimeError, match=r"from C\+\+"):
        fail()
    os.write(2, b"after")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "after")


@pytest.mark.parametrize(
    "say", [lambda: show("kept"), lambda: narrate("kept"), lambda: show_json("test", {"word": "kept"})], ids=["show", "narrate", "json"]
)
def test_what_is_said_while_a_library_is_captured_comes_out_afterwards(say: Callable[[], None], capfd: pytest.CaptureFixture[str]) -> None:
    capturing = threading.Event()

    def load() -> None:
        with captured_output(), contextlib.redirect_stdout(io.StringIO()):  # as where CUDA's libraries are loaded
            capturing.set()
            time.sleep(0.2)  # long enough for the main thread to speak

    library = threading.Thread(target=load)
    library.start()
    capturing.wait()
    say()
    library.join()
    captured = capfd.readouterr()
    assert "kept" in captured.out + captured.err
    if captured.out.startswith("{"):
        assert json.loads(captured.out)["word"] == "kept"
