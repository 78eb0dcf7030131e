"""Ctrl-C is not lost where compiled code swallows the exception."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoterm.cli import interrupt
from emoterm.cli.progress import progress
from tests.cli.conftest import start


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    interrupt.remember_interrupts()
    yield
    interrupt.remember_interrupts()  # forget what was seen
    signal.signal(signal.SIGINT, before)


def test_a_swallowed_interrupt_ends_the_work_at_its_next_step() -> None:
    with progress("Working") as update:
        update(1, 2)
        with pytest.raises(KeyboardInterrupt):  # what an extension module would swallow
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            update(2, 2)


def test_without_an_interrupt_nothing_is_raised() -> None:
    interrupt.check_interrupt()
    assert signal.getsignal(signal.SIGINT) is interrupt._on_interrupt


def test_within_an_import_it_waits_for_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import signal, time\nsignal.raise_signal(signal.SIGINT)\ntime.sleep(0.1)\nfor _ in range(1000): pass\nENDED = True\n"
    (tmp_path / "pressed_in_an_import.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)

    def import_and_go_on() -> None:
        importlib.import_module("pressed_in_an_import")
        for _ in range(100):
            time.sleep(0.01)

    with pytest.raises(KeyboardInterrupt):
        import_and_go_on()
    assert sys.modules.pop("pressed_in_an_import").ENDED
    time.sleep(0.1)  # and it comes once
    assert interrupt._waiting_since is None


@pytest.mark.skipif(os.name == "nt", reason="on Windows a read is not interrupted")
def test_what_waited_for_an_import_ends_the_wait_that_comes_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pressed_before_a_read.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    monkeypatch.syspath_prepend(tmp_path)
    reader, writer = os.pipe()  # into which nobody writes

    def import_and_read() -> None:
        importlib.import_module("pressed_before_a_read")
        os.read(reader, 1)

    with pytest.raises(KeyboardInterrupt):
        import_and_read()
    os.close(reader)
    os.close(writer)


def test_an_import_without_end_is_interrupted_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "endless_import.py").write_text("import signal, time\nsignal.raise_signal(signal.SIGINT)\nwhile True: time.sleep(0.01)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(interrupt, "_AT_MOST_SECONDS", 0.1)
    with pytest.raises(KeyboardInterrupt):
        importlib.import_module("endless_import")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for single processes")
def test_ctrl_c_while_a_model_is_being_loaded_never_hangs() -> None:
    for milliseconds in range(150, 400, 25):
        process = start("morph", "😊", "🐙", "-o", "-", "--quiet")
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode in (0, 130, -signal.SIGINT)  # the last one: before the first line of ours
