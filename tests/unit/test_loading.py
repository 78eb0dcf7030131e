"""Models that are opened in the background."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from emoterm.loading import open_soon


def test_what_is_begun_in_the_background_is_done_in_order_whatever_goes_wrong() -> None:
    begun, may_go_on, done = threading.Event(), threading.Event(), threading.Event()
    order = []

    def first() -> None:
        begun.set()
        assert may_go_on.wait(5)
        order.append("first")
        raise ValueError("which nobody sees")

    open_soon(first)
    assert begun.wait(5), "the caller does not wait for it"
    open_soon(lambda: order.append("second"))
    open_soon(done.set)
    may_go_on.set()
    assert done.wait(5)
    assert order == ["first", "second"]
    again = threading.Event()
    open_soon(again.set)
    assert again.wait(5)


def test_a_program_that_ends_waits_for_what_has_begun_and_begins_nothing_else() -> None:
    program = """
import threading, time
from emoterm.loading import open_soon
begun = threading.Event()
open_soon(lambda: (begun.set(), time.sleep(0.3), print("first", flush=True)))
open_soon(lambda: print("second", flush=True))
assert begun.wait(5)
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "first\n"


def test_onnx_runtime_is_there_before_anything_else_is_imported() -> None:
    program = """
import sys, threading
from emoterm.loading import open_soon
seen, done = [], threading.Event()
open_soon(lambda: (seen.append((threading.current_thread() is threading.main_thread(), "onnxruntime" in sys.modules)), done.set()))
print("onnxruntime" in sys.modules)
assert done.wait(5)
print(seen)
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert found == "True\n[(False, True)]\n"


def test_where_onnx_runtime_cannot_be_imported_that_is_left_to_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("libonnxruntime.so: cannot open shared object file")

    monkeypatch.setattr("emoterm.loading.load_onnxruntime", broken)
    asked = threading.Event()
    open_soon(asked.set)
    assert asked.wait(5)
