"""A picture that the prior is to draw after: its tokens, read once, become one vector for each cell that the prior writes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import UsageError
from emoterm.manifest import SOURCE_GRAPH
from emoterm.session import open_session

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


class SourceReader:
    """The graph ``source`` of a bundle, loaded when first used. Safe to call from several threads.

    It always runs on the CPU, one picture at a time: a few milliseconds, and the same result in every batch and beside every device.

    Args:
        bundle: an open bundle; has to stay open until the graph is loaded.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    @property
    def exists(self) -> bool:
        """Whether the prior of this bundle can draw after a picture."""
        return self._bundle.manifest.prior.guide_width > 0

    def guide(self, tokens: I64) -> F32:
        """What the prior is told of some pictures.

        Args:
            tokens: (N, n_tokens); a picture that comes several times is read once.

        Returns:
            (N, n_tokens, C).

        Raises:
            UsageError: the prior of this bundle draws after no picture.
            ModelError: see :func:`emoterm.session.open_session`.
        """
        session = self._open()
        pictures, which = np.unique(tokens, axis=0, return_inverse=True)
        width = self._bundle.manifest.prior.guide_width
        guide = np.empty((*pictures.shape, width), np.float32)
        for i in range(len(pictures)):
            guide[i] = session.run(["guide"], {"tokens": pictures[i : i + 1]})[0][0]
        return guide[which.reshape(-1)]

    def _open(self) -> onnxruntime.InferenceSession:
        if not self.exists:
            manifest = self._bundle.manifest
            raise UsageError(
                f"The bundle {manifest.name} {manifest.version} cannot draw after a picture.",
                fix="Use the one that ships: leave out --bundle.",
            )
        with self._lock:
            if self._session is None:
                self._session = open_session(self._bundle.graph(SOURCE_GRAPH), device="cpu")
            return self._session
