"""The border to the training side, which is not installed everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emoterm.errors import EmotermError

_OWN_PACKAGES = ("emoterm", "trainer", "export")


@contextmanager
def training_side() -> Iterator[None]:
    """Wrap imports and calls of ``trainer`` and ``export``.

    Raises:
        EmotermError: a package of the ``train`` extra is missing, or the trainer refused its input.
    """
    try:
        yield
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OWN_PACKAGES:
            raise
        raise EmotermError(f"This command needs {package or 'a package'}, which is not installed ({error}).", fix=_INSTALL) from None
    except Exception as error:
        from trainer.errors import TrainerError

        if isinstance(error, TrainerError):
            raise EmotermError(error.what, fix=error.fix) from error
        raise


_INSTALL = 'pip install "emoterm[train]"'
