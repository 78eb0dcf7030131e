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
from emoterm.session import open_session, running

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Guide:
    """What the prior is told of N pictures. Half a megabyte each, so those that are told the same share it."""

    parts: tuple[tuple[F32, I64], ...]
    """Of each reader: what it said, (M, n_tokens, C), and which of that is for which picture, (N,)."""

    def __add__(self, other: Guide) -> Guide:
        return Guide(self.parts + other.parts)

    def rows(self, pictures: slice) -> F32:
        """What is told of some of the pictures, (n, n_tokens, C): the sum of what the readers say."""
        said = [distinct[which[pictures]] for distinct, which in self.parts]
        return functools.reduce(np.add, said)


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
        self._graph, self._reads = graph, reads
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    @property
    def exists(self) -> bool:
        """Whether the bundle has this graph, and its prior listens to it."""
        return self._bundle.manifest.prior.guide_width > 0 and self._graph in self._bundle.manifest.graphs

    def read(self, values: I64) -> Guide:
        """What the prior is told. Only where the graph :attr:`exists`.

        Args:
            values: (N, M) tokens; a row that comes several times is read once.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        session = self._open()
        rows, which = np.unique(values, axis=0, return_inverse=True)
        manifest = self._bundle.manifest
        guide = np.empty((len(rows), manifest.n_tokens, manifest.prior.guide_width), np.float32)
        with running(self._graph):
            for i in range(len(rows)):
                guide[i] = session.run(["guide"], {self._reads: rows[i : i + 1]})[0][0]
        return Guide(((guide, which.reshape(-1)),))

    def _open(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                self._session = open_session(self._bundle.graph(self._graph), device="cpu")
            return self._session
