"""What a training run tells: a metrics log for machines, a progress bar for people.

Both do nothing when they are not ``enabled``: only the main process of a run writes.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from trainer.errors import TrainerError

PLAIN_INTERVAL_S = 30.0
"""Time between two lines where there is no terminal to draw a bar in."""


class MetricsLog:
    """A JSONL file of metrics: one object a line, on disk as soon as it is written.

    A run that was killed has usually logged steps after its last checkpoint. Those lines are dropped when it resumes, so that every step is
    in the log once.

    Args:
        path: the file; its folder is made.
        resume_step: step of the checkpoint that the run goes on from; lines of later steps are dropped. 0 starts a new log.
        enabled: write at all.
    """

    def __init__(self, path: Path, *, resume_step: int = 0, enabled: bool = True) -> None:
        self.path = path
        self._file: IO[str] | None = None
        if enabled:
            path.parent.mkdir(parents=True, exist_ok=True)
            _keep_until(path, resume_step)
            self._file = path.open("a", encoding="utf-8")

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record of plain JSON values; numbers that JSON does not have (NaN, infinity) become null."""
        if self._file is not None:
            self._file.write(json.dumps(_finite(record), ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file; later writes do nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """All records of a metrics log. A last line that was cut off by a kill is left out.

    Raises:
        TrainerError: a line other than the last is not a JSON object.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("not an object")
        except ValueError as error:
            if number == len(lines):
                break
            raise TrainerError(
                f"{path}, line {number} is no log record: {error}", fix="Move the file away; training starts a new one."
            ) from None
        records.append(record)
    return records


class TrainingProgress:
    """A bar on stderr with the time left; a line every half minute where stderr is not a terminal.

    Args:
        name: what is trained.
        total: number of steps of the run.
        done: steps that an earlier call has done already.
        enabled: show at all.
        stream: where to write; stderr unless said otherwise.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        name: str,
        *,
        total: int,
        done: int = 0,
        enabled: bool = True,
        stream: IO[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.total, self.done = name, total, done
        self._stream = stream or sys.stderr
        self._clock = clock
        self._first_step, self._started = done, clock()
        self._last_line = -math.inf
        self._values = ""
        self._enabled = enabled
        self._bar = _bar(self._stream) if enabled and self._stream.isatty() else None
        self._task = None if self._bar is None else self._bar.add_task(name, total=total, completed=done, values="")

    def update(self, step: int, values: Mapping[str, float] | None = None, *, total: int | None = None) -> None:
        """Show that ``step`` steps are done, the newest metrics, and another number of steps in all where that has become known."""
        self.done = step
        self.total = self.total if total is None else total
        if values:
            self._values = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=step, total=self.total, values=self._values)
        elif self._enabled and (self._clock() - self._last_line >= PLAIN_INTERVAL_S or step >= self.total > 0):
            self._last_line = self._clock()
            self._print(f"{self.name} {step}/{self.total or '?'}  {self._time_left()}  {self._values}".rstrip())

    def note(self, text: str) -> None:
        """Print a line that stays, above the bar."""
        if self._bar is not None:
            self._bar.console.print(f"{self.name}: {text}", markup=False, highlight=False, soft_wrap=True)
        elif self._enabled:
            self._print(f"{self.name}: {text}")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _time_left(self) -> str:
        """From the mean speed of this call, not of the earlier ones: the machine may be another."""
        fresh = self.done - self._first_step
        if fresh <= 0 or not self.total:
            return "time left unknown"
        seconds = (self._clock() - self._started) / fresh * max(0, self.total - self.done)
        return f"{timedelta(seconds=round(seconds))} left"

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def _bar(stream: IO[str]) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[values]}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        console=Console(file=stream),
        expand=True,  # the metrics get the room that is left, and are cut off first
        speed_estimate_period=PLAIN_INTERVAL_S,
    )


def _keep_until(path: Path, step: int) -> None:
    """Rewrite the log, in one move, without the records of later steps."""
    if step <= 0 or not path.exists():
        path.unlink(missing_ok=True)
        return
    kept = [record for record in read_log(path) if record.get("step", 0) <= step]
    temporary = path.with_name(f".{path.name}.partial")
    temporary.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in kept), encoding="utf-8")
    os.replace(temporary, path)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
