"""Codes laid out on a plane, so that neighbours look alike."""

from __future__ import annotations

import numpy as np

from emoterm.codec import F32, I64

_ROUNDS = 192


def arrange(features: F32, columns: int) -> I64:
    """Put K things on a grid of ``columns``.

    Along the first principal direction the things are cut into columns, each sorted along the second (a quick start). Then, for a fixed
    number of rounds, pairs are exchanged wherever that brings like things together. The same features always give the same order.

    Args:
        features: (K, F); K has to be a multiple of ``columns``.
        columns: of the grid.

    Returns:
        (K,) int64: which thing stands at each place, row by row.
    """
    size = len(features)
    rows = size // columns
    centred = features.astype(np.float64) - features.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    first, second = centred @ directions[0], centred @ directions[min(1, len(directions) - 1)]
    by_column = np.argsort(first, kind="stable").reshape(columns, rows)  # (K,) → (columns, rows)
    order = np.take_along_axis(by_column, np.argsort(second[by_column], axis=1, kind="stable"), axis=1).T.copy()  # (rows, columns)
    return _improve(order, centred)


def _improve(order: I64, features: np.ndarray) -> I64:
    """Exchange pairs in rounds: the two are as far apart as the round says, less and less; pairs that touch wait for another round."""
    rows, columns = order.shape
    generator = np.random.default_rng(0)
    for number in range(_ROUNDS):
        reach = max(1, round(max(rows, columns) / 2 * (1 - number / _ROUNDS)))
        down, right = generator.integers(-reach, reach + 1, 2)
        # Where each would stand among the neighbours of the other.
        placed = features[order]  # (rows, columns, F)
        around = _neighbour_mean(placed)
        other, other_around = (np.roll(values, (down, right), (0, 1)) for values in (placed, around))
        now = np.square(placed - around).sum(-1) + np.square(other - other_around).sum(-1)
        then = np.square(other - around).sum(-1) + np.square(placed - other_around).sum(-1)
        gain = now - then
        taken = np.zeros((rows, columns), np.bool_)
        for place in np.argsort(-gain, axis=None)[: order.size // 16].tolist():
            row, column = divmod(place, columns)
            row_of_other, column_of_other = (row - down) % rows, (column - right) % columns
            if gain[row, column] <= 0:
                break
            if taken[row, column] or taken[row_of_other, column_of_other]:
                continue
            for y, x in ((row, column), (row_of_other, column_of_other)):
                taken[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = True
            order[row, column], order[row_of_other, column_of_other] = order[row_of_other, column_of_other], order[row, column]
    return order.reshape(-1)


def _neighbour_mean(placed: np.ndarray) -> np.ndarray:
    """The mean of the four neighbours of each place; a place on the edge is its own neighbour there."""
    padded = np.pad(placed, ((1, 1), (1, 1), (0, 0)), mode="edge")
    mean: np.ndarray = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    return mean
