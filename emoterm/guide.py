"""What the prior is told of each cell before it writes the first: by the words asked for, and by a picture to draw after.

Words (with the style) and pictures are each read once, by a graph of their own, and become one vector for each cell.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import BundleError
from emoterm.session import open_session, running

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


KEPT = 8
"""Rows whose vectors a reader remembers: as many as a prompt finds emojis to draw after. Half a megabyte each."""


@dataclass(frozen=True, eq=False)
class Guide:
    """What the prior is told of N pictures, computed when asked for: that of a million pictures would not fit in memory."""

    parts: tuple[tuple[GuideReader, I64], ...]
    """Each reader, and what it reads: (N, M) tokens."""

    def __add__(self, other: Guide) -> Guide:
        return Guide(self.parts + other.parts)

    def rows(self, pictures: slice) -> F32:
        """What is told of some of the pictures, (n, n_tokens, C): the sum of what the readers say. C is the manifest's ``guide_width``.

        Raises:
            BundleError: a graph failed.
        """
        reader, values = self.parts[0]
        manifest = reader.manifest
        said = np.zeros((len(values[pictures]), manifest.n_tokens, manifest.prior.guide_width), np.float32)
        self.add_to(said, pictures)
        return said

    def add_to(self, said: F32, pictures: slice) -> None:
        """As :meth:`rows`, added to (n, n_tokens, C) in place: a copy would cost megabytes for each batch."""
        for reader, values in self.parts:
            for told, row in zip(said, values[pictures], strict=True):
                told += reader.said_of(row)


class GuideReader:
    """A graph of a bundle that makes a guide, loaded when first used. Safe to call from several threads.

    It always runs on the CPU, one row at a time: a few milliseconds, and the same result in every batch and beside every device.

    Args:
        bundle: an open bundle; has to stay open until the graph is loaded.
        graph: its name.
        reads: the name of what goes in.
    """

    def __init__(self, bundle: Bundle, graph: str, *, reads: str) -> None:
        self._bundle = bundle
        self.manifest = bundle.manifest
        """Of the bundle."""
        self._graph, self._reads = graph, reads
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._read_row = functools.lru_cache(KEPT)(self._run)

    @property
    def exists(self) -> bool:
        """Whether the bundle has this graph, and its prior listens to it."""
        return self.manifest.prior.guide_width > 0 and self._graph in self.manifest.graphs

    def read(self, values: I64) -> Guide:
        """What the prior is told. Only where the graph :attr:`exists`.

        Args:
            values: (N, M) tokens.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        self.open()  # so that what is wrong with it comes before the work
        return Guide(((self, np.ascontiguousarray(values)),))

    def said_of(self, row: I64) -> F32:
        """What is told of one row (M,) of tokens: (n_tokens, C), read-only."""
        return self._read_row(row.tobytes())

    def _run(self, row: bytes) -> F32:
        tokens = np.frombuffer(row, np.int64)[None]  # (1, M)
        with running(self._graph):
            said: F32 = self.open().run(["guide"], {self._reads: tokens})[0][0]
        if said.shape != (self.manifest.n_tokens, self.manifest.prior.guide_width):
            what = f"The {self._graph} of this bundle gave {said.shape}."
            raise BundleError(what, fix="Check it: emoterm doctor, or use another --bundle.")
        said.flags.writeable = False  # it is handed out again
        return said

    def open(self) -> onnxruntime.InferenceSession:
        """The graph, loaded on first use.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        with self._lock:
            if self._session is None:
                self._session = open_session(self._bundle.graph(self._graph), device="cpu", keeps_memory=False)
            return self._session
