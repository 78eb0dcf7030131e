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
        features: (K, F).
        columns: of the grid.

    Returns:
        (K,) int64: which thing stands at each place, row by row. Where K is no multiple of ``columns``, the end of the last row is empty.
    """
    size = len(features)
    rows = -(-size // columns)
    centred = features.astype(np.float64) - features.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    first, second = centred @ directions[0], centred @ directions[min(1, len(directions) - 1)]
    heights = rows - (np.arange(columns) >= columns - (rows * columns - size))  # (columns,)
    order = np.full((rows, columns), size)
    for column, things in enumerate(np.split(np.argsort(first, kind="stable"), np.cumsum(heights)[:-1])):
        order[: len(things), column] = things[np.argsort(second[things], kind="stable")]
    return _improve(order, centred).reshape(-1)[:size]  # (rows, columns) → (K,)


def _improve(order: I64, features: np.ndarray) -> I64:
    """Exchange pairs in rounds: the two are as far apart as the round says, less and less; pairs that touch wait for another round.

    An empty place, which holds K, stays where it is, and looks to its neighbours like the mean of all, which is 0.
    """
    rows, columns = order.shape
    empty = order == len(features)
    features = np.pad(features, ((0, 1), (0, 0)))  # (K, F) → (K + 1, F)
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
        taken = empty.copy()
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
    return order


def _neighbour_mean(placed: np.ndarray) -> np.ndarray:
    """The mean of the four neighbours of each place; a place on the edge is its own neighbour there."""
    padded = np.pad(placed, ((1, 1), (1, 1), (0, 0)), mode="edge")
    mean: np.ndarray = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    return mean
