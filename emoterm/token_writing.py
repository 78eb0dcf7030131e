"""Writing the tokens of a batch: one step a token for all pictures, or, of a single picture, several tokens a step.

The second is predictive sampling. A step of one row waits for its weights and for the next operator, so one that reads several tokens takes
hardly longer than one that reads one. What is read behind the newest token is a forecast: what the step before drew there, after tokens
that may have been wrong. As every place has its random number, a place whose tokens before it were right is drawn as it would have been one
by one. So the tokens up to the first wrong forecast are final, and those behind it are the next forecast; each step makes at least one
final. The picture is the same, to the bit.

Wiggers and Hoogeboom 2020, "Predictive Sampling with Forecasting Autoregressive Models", https://arxiv.org/abs/2002.09928, section 2.2
(fixed-point iteration).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from emoterm.pace import Pace
from emoterm.prior_step import Decoding

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def write_tokens(decoding: Decoding, begun: I64, tokens: I64, known: I64, uniforms: F64) -> Iterator[int]:
    """Write the tokens of a batch: of a single picture on a CPU several a step, else one a step.

    Args:
        decoding: of the batch, still unused.
        begun: (rows, slots + done): what is asked for, and the tokens that all pictures begin with.
        tokens: (n, n_tokens): the first ``done`` are final; the others are written into it.
        known: (n, n_tokens): tokens that are given; −1 where the prior writes.
        uniforms: (n, n_tokens) in [0, 1).

    Yields:
        How many tokens of each picture are final, after each step.
    """
    done = begun.shape[1] - decoding.slots
    n, n_tokens = tokens.shape
    if done == n_tokens:
        return
    drawn = decoding.read(begun, uniforms[:, done, None])
    tokens[:, done] = np.where(known[:, done] >= 0, known[:, done], drawn)
    yield done + 1
    write = _ahead if n == 1 and decoding.model.draws_ahead else _one_by_one
    yield from write(decoding, tokens, known, uniforms, done + 1)


def _one_by_one(decoding: Decoding, tokens: I64, known: I64, uniforms: F64, done: int) -> Iterator[int]:
    draws = np.ascontiguousarray(uniforms.T)[:, :, None]  # (n, n_tokens) → (n_tokens, n, 1)
    given = [bool(column.any()) for column in known.T >= 0]
    for place in range(done, tokens.shape[1]):
        drawn = decoding.step(draws[place], known[:, place - 1] if given[place - 1] else None)
        tokens[:, place] = np.where(known[:, place] >= 0, known[:, place], drawn) if given[place] else drawn
        yield place + 1


def _ahead(decoding: Decoding, tokens: I64, known: I64, uniforms: F64, done: int) -> Iterator[int]:
    # Lists: for six numbers they are quicker than arrays, and a step takes half a millisecond.
    given: list[int] = known[0].tolist()
    forecast = given.copy()
    pace = decoding.model.paces.setdefault(decoding.rows, Pace())
    while done < len(given):
        begun = time.perf_counter()
        new = min(pace.size(), len(given) - done, decoding.room())
        read = [int(tokens[0, done - 1])]
        for token in forecast[done : done + new - 1]:
            read.append(token if token >= 0 else read[-1])  # where nothing has been drawn yet, the same again
        drawn = decoding.step_ahead(np.array(read), uniforms[0, done : done + new]).tolist()
        final = [one if one >= 0 else other for one, other in zip(given[done : done + new], drawn, strict=True)]
        right = 1
        while right < new and final[right - 1] == read[right]:
            right += 1
        decoding.keep(right)
        tokens[0, done : done + right] = final[:right]
        forecast[done : done + new] = final
        done += right
        pace.took(new, time.perf_counter() - begun)
        yield done
