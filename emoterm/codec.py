"""Pictures to latents and tokens, and back.

On the CPU pictures go through the graphs one by one, on several threads: one picture stays in the cache of its core, and its result cannot
depend on the batch it is in.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import InputError
from emoterm.loading import open_soon
from emoterm.parallel import in_order, thread_count
from emoterm.session import CPU, active_provider, open_session, running

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

CUDA_BATCH_SIZE = 64
"""Pictures that go through a graph at once on a GPU; bounds the memory."""


class Codec:
    """The encoder, the codebook and the decoder of a bundle, each loaded when first used. Safe to call from several threads.

    Shapes below: N pictures, S = size of the picture in pixels (64), D and K = dimension and size of the codebook, R rows and C columns
    of tokens (16 and 16).

    Args:
        bundle: an open bundle; has to stay open until the graphs are loaded.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: pictures side by side on a CPU; ``None``: see :func:`emoterm.parallel.thread_count`.

    Raises:
        UsageError: fewer than one thread.
    """

    def __init__(self, bundle: Bundle, *, device: str = "auto", threads: int | None = None) -> None:
        self._bundle = bundle
        self._device = device
        self._threads = thread_count(threads)
        self._lock = threading.RLock()
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        manifest = bundle.manifest
        self.has_alpha = manifest.image.channels == 4
        """Whether pictures have an alpha channel of their own; otherwise they are over white."""
        self.bundle_sha256 = bundle.sha256
        """Which bundle it is, as recipes name it."""
        self.size_px = manifest.image.size_px
        """Width and height of a picture."""
        self._rows, self._columns = manifest.grid
        self._dim = manifest.codebook.dim

    def preload(self, *names: str) -> None:
        """Begin to load ``encoder`` or ``decoder`` or both, in the background; ONNX Runtime itself is imported first, and here."""
        for name in names:
            open_soon(functools.partial(self._session, name))

    def release(self, name: str) -> None:
        """Give back the memory of ``encoder`` or ``decoder``, which is loaded again when it is next used."""
        with self._lock:
            self._sessions.pop(name, None)

    @property
    def provider(self) -> str:
        """The execution provider in use, as told by a session; loads the decoder if nothing is loaded yet.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        with self._lock:
            return active_provider(next(iter(self._sessions.values()), None) or self._session("decoder"))

    @functools.cached_property
    def codebook(self) -> F32:
        """The code vectors (K, D)."""
        return self._bundle.codebook()

    def encode(self, images: F32) -> tuple[F32, I64]:
        """Pictures to latents.

        Args:
            images: (N, 4, S, S) in [0, 1], associated alpha.

        Returns:
            ``z_e`` (N, D, R, C), what the encoder says, and ``indices`` (N, R, C), the nearest codes.
        """
        images = self._check(images, (4, self.size_px, self.size_px))
        if not self.has_alpha:
            images = images[:, :3] + (1 - images[:, 3:])  # over white, as the model was trained
        n = len(images)
        z_e = np.empty((n, self._dim, self._rows, self._columns), np.float32)
        indices = np.empty((n, self._rows, self._columns), np.int64)

        def run(session: onnxruntime.InferenceSession, part: slice) -> None:
            z_e[part], indices[part] = session.run(["z_e", "indices"], {"image": images[part]})

        self._for_each_batch("encoder", n, run)
        return z_e, indices

    def lookup(self, indices: I64) -> F32:
        """The codes of some indices.

        Args:
            indices: (N, R, C) in [0, K).

        Returns:
            ``z_q`` (N, D, R, C).

        Raises:
            InputError: an index outside the codebook.
        """
        size = len(self.codebook)
        if indices.size and not (indices.min() >= 0 and indices.max() < size):
            raise InputError(
                f"Tokens of this bundle are 0 … {size - 1}; found {indices.min()} … {indices.max()}.",
                fix="They are damaged, or were made with another bundle: choose that one with --bundle.",
            )
        return np.ascontiguousarray(self.codebook[indices].transpose(0, 3, 1, 2))  # (N, R, C, D) → (N, D, R, C)

    def quantize(self, z: F32) -> I64:
        """The nearest code, in Euclidean distance, at each position.

        Args:
            z: (N, D, R, C), such as a point between two ``z_e``.

        Returns:
            Indices (N, R, C); of equally near codes the lowest.
        """
        distances = self._distances(z)
        indices: I64 = distances.argmin(axis=3)  # (N, R, C, K) → (N, R, C)
        return indices

    def nearest(self, z: F32, k: int) -> tuple[I64, F64]:
        """The ``k`` nearest codes at each position, the nearest first.

        Args:
            z: (N, D, R, C).
            k: 1 to the size of the codebook.

        Returns:
            Indices (N, R, C, k), and their squared distances less the square of the vector (N, R, C, k).
        """
        distances = self._distances(z)
        found = np.argpartition(distances, k - 1, axis=3)[..., :k]
        order = np.take_along_axis(distances, found, axis=3).argsort(axis=3, kind="stable")
        indices: I64 = np.take_along_axis(found, order, axis=3)
        return indices, np.take_along_axis(distances, indices, axis=3)

    def _distances(self, z: F32) -> F64:
        """Squared distances to all codes, less the square of each vector: (N, D, R, C) → (N, R, C, K)."""
        z = self._check(z, (self._dim, self._rows, self._columns))
        codes = self.codebook.astype(np.float64)
        vectors = z.transpose(0, 2, 3, 1).astype(np.float64)  # (N, D, R, C) → (N, R, C, D)
        # |z − e|² = |z|² − 2 z·e + |e|², and |z|² is the same for all codes.
        distances: F64 = np.square(codes).sum(axis=1) - 2 * vectors @ codes.T
        return distances

    def decode(self, z: F32) -> F32:
        """Latents to pictures.

        Args:
            z: (N, D, R, C), from :meth:`lookup` or anything between such latents.

        Returns:
            (N, 4, S, S) in [0, 1], associated alpha: no colour is above alpha. A bundle without alpha gives alpha 1.
        """
        z = self._check(z, (self._dim, self._rows, self._columns))
        images = np.ones((len(z), 4, self.size_px, self.size_px), np.float32)
        channels = 4 if self.has_alpha else 3

        def run(session: onnxruntime.InferenceSession, part: slice) -> None:
            images[part, :channels] = session.run(["image"], {"z_q": z[part]})[0]

        self._for_each_batch("decoder", len(z), run)
        np.fmin(np.fmax(images, 0, out=images), 1, out=images)  # unlike clip, these make a number of NaN
        np.minimum(images[:, :3], images[:, 3:], out=images[:, :3])
        return images

    def decode_tokens(self, tokens: I64) -> F32:
        """Tokens (N, R·C) in raster order to pictures, as :meth:`lookup` and :meth:`decode` do."""
        tokens = np.asarray(tokens)
        return self.decode(self.lookup(tokens.reshape(len(tokens), self._rows, self._columns)))  # (N, R·C) → (N, R, C)

    def _for_each_batch(self, name: str, n: int, run: Callable[[onnxruntime.InferenceSession, slice], None]) -> None:
        if n == 0:
            return
        session = self._session(name)
        on_cpu = active_provider(session) == CPU
        size, threads = (1, self._threads) if on_cpu else (CUDA_BATCH_SIZE, 1)

        def run_part(part: slice) -> None:
            with running(name):
                run(session, part)

        in_order(run_part, [slice(i, i + size) for i in range(0, n, size)], threads=threads)

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = open_session(self._bundle.graph(name), device=self._device)
            return self._sessions[name]

    @staticmethod
    def _check(values: F32, shape: tuple[int, ...]) -> F32:
        if values.shape[1:] != shape:
            raise ValueError(f"expected shape (N, {', '.join(map(str, shape))}), got {values.shape}")
        return np.ascontiguousarray(values, dtype=np.float32)
