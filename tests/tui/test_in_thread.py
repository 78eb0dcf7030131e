"""What a screen does in a thread, and what that may not cost the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual.app import App
from textual.worker import WorkerFailed

from emoterm.tui.in_thread import in_thread


class Unwritable:
    """Nobody writes this out."""

    def __repr__(self) -> str:
        raise AssertionError("an argument is written out")


class Program(App[None]):
    """Does two things in threads."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    @in_thread(group="work")
    def use(self, argument: object) -> object:
        self.threads.append(threading.get_ident())
        return argument

    @in_thread(group="fail")
    def fail(self) -> None:
        raise ValueError("it does not work")


def test_it_runs_in_another_thread_and_its_arguments_are_not_written_out() -> None:
    async def script() -> None:
        program, argument = Program(), Unwritable()
        async with program.run_test():
            worker = program.use(argument)
            assert await worker.wait() is argument
            assert program.threads != [threading.get_ident()]

    asyncio.run(script())


def test_an_error_ends_no_program() -> None:
    async def script() -> None:
        program = Program()
        async with program.run_test() as pilot:
            with pytest.raises(WorkerFailed, match="it does not work"):
                await program.fail().wait()
            await pilot.pause()
            assert program.is_running

    asyncio.run(script())
