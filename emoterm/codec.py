"""Pictures to latents and tokens, and back.

On the CPU the result of a picture is the same to the bit whatever batch it is in.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import InputError
from emoterm.session import active_provider, open_session

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


class Codec:
    """The encoder, the codebook and the decoder of a bundle, each loaded when first used. Safe to call from several threads.

    Shapes below: N pictures, S = size of the picture in pixels (64), D and K = dimension and size of the codebook, R rows and C columns
    of tokens (16 and 16).

    Args:
        bundle: an open bundle; has to stay open until the graphs are loaded.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: CPU threads; see :func:`emoterm.session.open_session`.
        batch_size: pictures that go through a graph at once; bounds the memory.
    """

    def __init__(self, bundle: Bundle, *, device: str = "auto", threads: int | None = None, batch_size: int = 64) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, is {batch_size}")
        self.batch_size = batch_size
        self._bundle = bundle
        self._device = device
        self._threads = threads
        self._lock = threading.RLock()
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        manifest = bundle.manifest
        self._rgba = manifest.image.channels == 4
        self.size_px = manifest.image.size_px
        """Width and height of a picture."""
        self._rows, self._columns = manifest.grid
        self._dim = manifest.codebook.dim

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
        if not self._rgba:
            images = images[:, :3] + (1 - images[:, 3:])  # over white, as the model was trained
        n = len(images)
        z_e = np.empty((n, self._dim, self._rows, self._columns), np.float32)
        indices = np.empty((n, self._rows, self._columns), np.int64)
        for part in self._batches(n):
            z_e[part], indices[part] = self._session("encoder").run(["z_e", "indices"], {"image": images[part]})
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
        z = self._check(z, (self._dim, self._rows, self._columns))
        codes = self.codebook.astype(np.float64)
        vectors = z.reshape(len(z), self._dim, -1).transpose(0, 2, 1).astype(np.float64)  # (N, D, R, C) → (N, R·C, D)
        # |z − e|² = |z|² − 2 z·e + |e|², and |z|² is the same for all codes.
        distances = np.square(codes).sum(axis=1) - 2 * vectors @ codes.T  # (N, R·C, K)
        indices: I64 = distances.argmin(axis=2).reshape(len(z), self._rows, self._columns)  # (N, R·C) → (N, R, C)
        return indices

    def decode(self, z: F32) -> F32:
        """Latents to pictures.

        Args:
            z: (N, D, R, C), from :meth:`lookup` or anything between such latents.

        Returns:
            (N, 4, S, S) in [0, 1], associated alpha: no colour is above alpha. A bundle without alpha gives alpha 1.
        """
        z = self._check(z, (self._dim, self._rows, self._columns))
        images = np.ones((len(z), 4, self.size_px, self.size_px), np.float32)
        channels = 4 if self._rgba else 3
        for part in self._batches(len(z)):
            images[part, :channels] = self._session("decoder").run(["image"], {"z_q": z[part]})[0]
        np.clip(images, 0, 1, out=images)
        np.minimum(images[:, :3], images[:, 3:], out=images[:, :3])
        return images

    def decode_tokens(self, tokens: I64) -> F32:
        """Tokens (N, R·C) in raster order to pictures, as :meth:`lookup` and :meth:`decode` do."""
        tokens = np.asarray(tokens)
        return self.decode(self.lookup(tokens.reshape(len(tokens), self._rows, self._columns)))  # (N, R·C) → (N, R, C)

    def _batches(self, n: int) -> list[slice]:
        return [slice(start, start + self.batch_size) for start in range(0, n, self.batch_size)]

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = open_session(self._bundle.graph(name), device=self._device, threads=self._threads)
            return self._sessions[name]

    @staticmethod
    def _check(values: F32, shape: tuple[int, ...]) -> F32:
        if values.shape[1:] != shape:
            raise ValueError(f"expected shape (N, {', '.join(map(str, shape))}), got {values.shape}")
        return np.ascontiguousarray(values, dtype=np.float32)
