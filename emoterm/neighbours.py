"""Which emojis of the gallery are near each other in latent space."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import F32, I64
from emoterm.gallery import Gallery, GalleryEntry

if TYPE_CHECKING:
    U16 = NDArray[np.uint16]


class Neighbours:
    """Distances between token grids, measured between their codes.

    The squared distance of two pictures is a sum over positions of squared distances between two codes, and those are only K × K numbers.
    So one query looks up 256 numbers for each picture, and no latent is ever computed.

    Args:
        gallery: the emojis.
        codebook: the code vectors (K, D).
    """

    def __init__(self, gallery: Gallery, codebook: F32) -> None:
        self._gallery = gallery
        codes = codebook.astype(np.float64)
        lengths = np.square(codes).sum(axis=1)
        squared = lengths[:, None] - 2 * codes @ codes.T + lengths  # (K, K)
        self._squared: F32 = np.maximum(squared, 0).astype(np.float32)
        self._lock = threading.Lock()
        self._grids: U16 | None = None

    @property
    def grids(self) -> U16:
        """The token grid of every entry, in the order of ``gallery.entries``: (N, 256)."""
        with self._lock:
            if self._grids is None:
                self._grids = np.stack([self._gallery.tokens(entry) for entry in self._gallery.entries]).astype(np.uint16)
            return self._grids

    def usage(self) -> I64:
        """How often the gallery uses each code: (K,)."""
        return np.bincount(self.grids.ravel(), minlength=len(self._squared))

    def distances(self, tokens: I64) -> F32:
        """The Euclidean distance in latent space from tokens (256,) to every entry: (N,)."""
        total = np.zeros(len(self.grids), np.float32)
        for token, column in zip(tokens.tolist(), self.grids.T, strict=True):
            total += self._squared[token][column]
        return np.sqrt(total)

    def nearest(self, tokens: I64, n: int, *, without: str = "") -> list[GalleryEntry]:
        """The nearest emojis, nearest first.

        Args:
            tokens: (256,).
            n: the most to return.
            without: an emoji to leave out, in all its styles.

        Returns:
            One entry an emoji, in the style that is nearest. Skin-tone variants are left out: they would crowd out everything else.
        """
        found: dict[tuple[str, str], GalleryEntry] = {}
        for index in np.argsort(self.distances(tokens), kind="stable").tolist():
            entry = self._gallery.entries[index]
            if entry.skin_tone or (without and entry.emoji == without):
                continue
            found.setdefault((entry.emoji, entry.name), entry)
            if len(found) >= n:
                break
        return list(found.values())
