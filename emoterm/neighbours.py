"""Which emojis of the gallery are near each other in latent space."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import F32, I64
from emoterm.gallery import Gallery, GalleryEntry
from emoterm.parallel import in_order, thread_count

if TYPE_CHECKING:
    U16 = NDArray[np.uint16]

_READ_AT_ONCE = 4096
"""Rows of the token file; unpacked they are 64 bytes a token for a moment."""
_BLOCK = 1 << 15
"""Pictures whose distances are added up together: the index, the term and the sum of so many stay in the cache of a core."""
_LOOKED_AT = 16
"""Pictures that are looked at first for each that is wanted: an emoji may come in several styles, and may be left out."""


class Neighbours:
    """Distances between token grids, measured between their codes.

    The squared distance of two pictures is a sum over positions of squared distances between two codes, and those are only K × K numbers.
    So one query looks up 256 numbers for each picture, and no latent is ever computed. The grids are kept position by position, two bytes
    a token: 512 MB for a million pictures. All pictures are compared: latents of emojis have no few directions in which most of them
    differ, by which a search could pass over the others and be sure.

    Args:
        gallery: the emojis.
        codebook: the code vectors (K, D).
        threads: that share a query; ``None``: see :func:`emoterm.parallel.thread_count`.
    """

    def __init__(self, gallery: Gallery, codebook: F32, *, threads: int | None = None) -> None:
        self._gallery = gallery
        self._threads = thread_count(threads)
        codes = codebook.astype(np.float64)
        lengths = np.square(codes).sum(axis=1)
        squared = lengths[:, None] - 2 * codes @ codes.T + lengths  # (K, K)
        self._squared: F32 = np.maximum(squared, 0).astype(np.float32)
        self._lock = threading.Lock()
        self._columns: U16 | None = None

    @property
    def grids(self) -> U16:
        """The token grid of every entry, in the order of ``gallery.entries``: (N, 256)."""
        return self._positions().T

    def usage(self) -> I64:
        """How often the gallery uses each code: (K,)."""
        counts = np.zeros(len(self._squared), np.int64)
        for column in self._positions():
            counts += np.bincount(column, minlength=len(counts))
        return counts

    def distances(self, tokens: I64) -> F32:
        """The Euclidean distance in latent space from tokens (256,) to every entry: (N,)."""
        columns = self._positions()
        tables = self._squared[tokens]  # (256, K)
        total = np.zeros(columns.shape[1], np.float32)

        def add(start: int) -> None:
            part = total[start : start + _BLOCK]
            index, term = np.empty(len(part), np.intp), np.empty_like(part)
            for table, column in zip(tables, columns[:, start : start + _BLOCK], strict=True):
                np.copyto(index, column)
                table.take(index, out=term, mode="clip")  # with "raise", the default, the result would go through a buffer
                np.add(part, term, out=part)

        in_order(add, range(0, len(total), _BLOCK), threads=self._threads)
        return np.sqrt(total, out=total)

    def nearest(self, tokens: I64, n: int, *, without: str = "") -> list[GalleryEntry]:
        """The nearest emojis, nearest first.

        Args:
            tokens: (256,).
            n: the most to return.
            without: an emoji to leave out, in all its styles.

        Returns:
            One entry an emoji, in the style that is nearest. Skin-tone variants are left out: they would crowd out everything else.
        """
        distances = self.distances(tokens)
        numbers = np.flatnonzero(~self._gallery.has_skin_tone)
        distances = distances[numbers]
        looked_at = _LOOKED_AT * n
        while True:
            found = self._first(numbers, distances, looked_at, n, without)
            if len(found) >= n or looked_at >= len(numbers):
                return found
            looked_at *= 8

    def _first(self, numbers: I64, distances: F32, looked_at: int, n: int, without: str) -> list[GalleryEntry]:
        if looked_at < len(numbers):
            near = np.flatnonzero(distances <= np.partition(distances, looked_at)[looked_at])
            numbers, distances = numbers[near], distances[near]
        found: dict[tuple[str, str], GalleryEntry] = {}
        for number in numbers[np.argsort(distances, kind="stable")].tolist():
            entry = self._gallery.entry(number)
            if not (without and entry.emoji == without):
                found.setdefault((entry.emoji, entry.name), entry)
            if len(found) >= n:
                break
        return list(found.values())

    def _positions(self) -> U16:
        """The tokens at each position, of every entry: (256, N)."""
        with self._lock:
            if self._columns is None:
                _, rows = self._gallery.pictures
                place = np.full(int(rows.max(initial=-1)) + 1, -1)
                place[rows] = np.arange(len(rows))
                columns: U16 = np.empty((self._gallery.n_tokens, len(rows)), np.uint16)
                for start in range(0, len(place), _READ_AT_ONCE):
                    of = place[start : start + _READ_AT_ONCE]  # entries; -1 for a row that is of none
                    columns[:, of[of >= 0]] = self._gallery.token_rows(start, start + len(of))[of >= 0].T
                self._columns = columns
            return self._columns
