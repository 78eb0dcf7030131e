"""Everything that can go wrong, as one tree.

    EmotermError                 exit 1   the request was fine, doing it failed
    ├── InputError               exit 1   a picture or file that cannot be read
    ├── OutputError              exit 1   a file that cannot be written, or is already there
    ├── UsageError               exit 2   a value that makes no sense: out of range, unknown name
    ├── ModelError               exit 3   the model cannot be used
    │   ├── BundleError          exit 3   missing, damaged or incompatible bundle
    │   │   └── RefusedError     exit 3   a bundle that holds what none may hold
    │   └── DeviceError          exit 3   the wanted execution provider does not load
    └── CannotSatisfyError       exit 4   understood, possible in general, not with these limits

Every message says what went wrong, where, and what to do next. Only :mod:`emoterm.cli` turns an error into an exit code; library code
raises and never exits.
"""

from __future__ import annotations

from typing import ClassVar

REINSTALL = "Export the bundle again, or reinstall: pip install --force-reinstall emoterm"
"""The fix for a bundle that is damaged, wherever it is found out."""


class EmotermError(Exception):
    """Base of all errors that emoterm raises on purpose.

    Args:
        what: one sentence: what went wrong, naming the value or the file.
        fix: one sentence or a command to type next; shown on its own line.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return self.what if self.fix is None else f"{self.what}\n{self.fix}"


class InputError(EmotermError):
    """A picture or file that was given cannot be read."""


class OutputError(EmotermError):
    """A file cannot be written, or exists and ``--force`` was not given."""


class UsageError(EmotermError):
    """A value out of range, or a name that is not known."""

    exit_code = 2


class ModelError(EmotermError):
    """The model cannot be used."""

    exit_code = 3


class BundleError(ModelError):
    """A bundle is missing, damaged or incompatible."""


class RefusedError(BundleError):
    """A bundle holds what none may hold; there is no other way to open it."""


class DeviceError(ModelError):
    """The execution provider asked for does not load."""


class CannotSatisfyError(EmotermError):
    """The request is understood but cannot be met within its limits."""

    exit_code = 4
