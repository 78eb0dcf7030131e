"""A batch of pictures in the making: what goes in and out of a step of the prior.

All buffers are bound once. Keys, values and the newest tokens stay where the graph writes them; the host moves a position along and hands
in one random number for each token that is drawn, and where a single picture is read ahead, what its next tokens may be.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.cache_binding import CacheBinding
from emoterm.kv_cache import KeyValueCache
from emoterm.prior_model import GUIDE, PriorModel
from emoterm.sampling import SamplingParams
from emoterm.session import load_onnxruntime, running
from emoterm.step_buffers import Cell, StepBuffers, placed

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

NUCLEUS_SLACK = 1e-12
"""Adding K probabilities in float64 is off by about K·2⁻⁵³ ≈ 1e-13: without slack ten times 0.1 would not reach 0.8 with eight."""
FARTHEST = 2.0**20
"""What logits are multiplied with where the likeliest token is wanted: two that differ by 10⁻¹² have other probabilities then."""
FLATTEST = 1e-30
"""The same where all are as likely: with 0 in its place, what is cut off would be no number."""
COLDEST = 1e-6
"""Below this temperature a logit that is larger by a float32 rounding error takes all of the probability: it is the same as greedy."""


def log_probabilities(model: PriorModel, sequence: I64, guide: F32 | None = None) -> F64:
    """Read whole sequences.

    Args:
        model: the opened prior.
        sequence: (rows, T): context, BOS and codes.
        guide: (rows, n_tokens, C): what each row is told of its cells, by style, words and source; None where it is told nothing. C is the
            manifest's ``guide_width``.

    Returns:
        (rows, T, K): the logarithm of the probability of each code at the place after each token, with all sampling options off.
    """
    decoding = Decoding(model, rows=len(sequence), n=len(sequence), params=SamplingParams(), guide=guide)
    logits: F64 = decoding.read(sequence, np.zeros((len(sequence), 1)), logits=True).astype(np.float64)
    logits -= logits.max(axis=2, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return logits


def sampler_inputs(params: SamplingParams, *, codebook_size: int, rows: int, n: int) -> dict[str, NDArray[Any]]:
    """The sampling law as the graphs want it: numbers only. A graph has some of these inputs; what it lacks is off.

    Args:
        params: the law.
        codebook_size: K.
        rows: of the batch: ``n``, or twice as many, conditional ones first.
        n: pictures.
    """
    greedy = is_greedy(params)
    pictures = np.arange(n)
    return {
        "inverse_temperature": np.array(FARTHEST if greedy else max(1 / params.temperature, FLATTEST), np.float32),
        "min_p": np.array(1.0 if greedy else params.min_p, np.float32),
        "top_k": np.array([min(params.top_k or codebook_size, codebook_size)]),
        # With 2 even the last rounding error of the cumulated mass is inside the nucleus.
        "nucleus": np.array(max(params.top_p - NUCLEUS_SLACK, NUCLEUS_SLACK) if params.top_p < 1 else 2.0),
        "guidance": np.array(params.guidance, np.float32),
        "conditional": pictures,
        "unconditional": pictures + (rows - n),
        "picture_of_row": np.arange(rows) % n,
    }


def is_greedy(params: SamplingParams) -> bool:
    """Whether the likeliest token is wanted, of several the first: no random number counts."""
    return params.temperature < COLDEST


def largest_uniform(params: SamplingParams) -> np.float32:
    """What random numbers are cut down to: the largest below 1 of the graphs' float32, or 0 where none counts."""
    return np.float32(0 if is_greedy(params) else 1 - 2.0**-24)


_recordings = itertools.count(1)
"""Numbers of recorded CUDA graphs: a session never forgets one, so none may come twice."""


class Decoding:
    """A batch of pictures in the making: the KV cache and what goes in and out of a step.

    Args:
        model: the opened prior.
        rows: rows of the batch; twice the pictures when they are guided, the second half without conditions.
        n: pictures.
        params: the sampling law.
        guide: (rows or fewer, n_tokens, C): what the first rows are told of each cell, by style, words and source, the other rows nothing;
            None where no row is told anything.
    """

    def __init__(self, model: PriorModel, *, rows: int, n: int, params: SamplingParams, guide: F32 | None = None) -> None:
        self.model = model
        self.rows, self._n = rows, n
        self._device = "cuda" if model.on_cuda else "cpu"
        self._binding = model.session.io_binding()
        self._length = 0
        # Not a method of this object: a batch whose cache referred to it would only be freed by the garbage collector, megabytes later.
        self._buffer = functools.partial(placed, device=self._device)
        self._cache = KeyValueCache(CacheBinding(model, self._binding, rows=rows, place=self._buffer))
        for name, value in sampler_inputs(params, codebook_size=model.codebook_size, rows=rows, n=n).items():
            if name not in model.inputs:
                continue
            if name == "top_k":  # wanted on the host
                self._binding.bind_cpu_input(name, value)
            else:
                self._binding.bind_ortvalue_input(name, self._buffer(value))
        self._most = largest_uniform(params)
        if model.grouped:
            self._seqlens_k = Cell(np.zeros(rows, np.int32), self._device)
            self._total = Cell(np.zeros((), np.int32), "cpu")  # wanted on the host
            self._binding.bind_ortvalue_input("seqlens_k", self._seqlens_k.value)
            self._binding.bind_ortvalue_input("total_sequence_length", self._total.value)
        assert guide is None or GUIDE in model.inputs  # open_prior has seen to it
        self._guide = guide
        self.slots = model.spec.style_slots + model.spec.word_slots + 1
        """Positions before the first token, the last of them BOS, the first to which a guide is said."""
        self._steps: dict[int, StepBuffers] = {}
        """By how many tokens of a row they read."""
        self._bound: StepBuffers | None = None
        # A recorded graph belongs to the memory it was recorded with, so each batch has one of its own.
        self._recording = next(_recordings) if model.cuda_graph else None
        self._is_recorded = False

    def read(self, tokens: I64, uniforms: F64, *, logits: bool = False) -> Any:
        """Read the beginning of the pictures in one call (prefill).

        Args:
            tokens: (rows, T), at most ``block_size``.
            uniforms: (n, 1) in [0, 1), for the token that follows.
            logits: hand out the logits (rows, T, K) instead of the token drawn.

        Returns:
            The next token of each picture (n,) int64, in memory that the next step uses again, or the logits.
        """
        length = tokens.shape[1]
        step = self._step_of(1)
        step.bind_drawing(self._binding)
        self._bound = None
        self._binding.bind_ortvalue_input("tokens", self._buffer(np.ascontiguousarray(tokens)))
        positions = np.arange(length)
        where = self._buffer(positions if self.model.grouped else np.tile(positions, (self.rows, 1)))
        self._binding.bind_ortvalue_input(self.model.position_input, where)
        if GUIDE in self.model.inputs:
            said = np.zeros((self.rows, length, self.model.spec.guide_width), self.model.dtype)
            if self._guide is not None:
                said[: len(self._guide), self.slots - 1 :] = self._guide[:, : length - self.slots + 1]
            self._binding.bind_ortvalue_input(GUIDE, self._buffer(said))
        self._move_to(length, exactly=True)
        step.draw_by(np.minimum(uniforms, self._most))
        if logits:
            self._binding.bind_output("logits", "cpu")
        self._run(recorded=False)
        if logits:
            return self._binding.get_outputs()[-1].numpy()  # in the order of binding
        return step.tokens.get()[: self._n, 0]

    def step(self, uniforms: F64, given: I64 | None = None) -> I64:
        """Read the newest token and draw the next.

        Args:
            uniforms: (n, 1) in [0, 1).
            given: (n,) what to read instead of the newest token; −1 keeps it. None: keep all.

        Returns:
            (n,) int64; its memory is used again by the next step.
        """
        step = self._step_of(1)
        if given is not None:
            read = np.where(given >= 0, given, step.tokens.get()[: self._n, 0])
            step.tokens.set(np.tile(read, self.rows // self._n)[:, None])
        self._take(step, uniforms)
        drawn: I64 = step.tokens.get()[: self._n, 0]
        return drawn

    def room(self) -> int:
        """How many tokens :meth:`step_ahead` may read now."""
        return self._cache.room(self._length)

    def step_ahead(self, tokens: I64, uniforms: F64) -> I64:
        """Of a single picture, read several tokens and draw one after each.

        Args:
            tokens: (T,): the newest token, and what those after it may be. At most :meth:`room`.
            uniforms: (T,) in [0, 1).

        Returns:
            (T,) int64, in memory that is used again: the token after each, right if all that were read before it are. :meth:`keep` says
            which these were.
        """
        assert self._n == 1
        assert self.model.draws_ahead
        step = self._step_of(len(tokens))
        step.tokens.set(tokens)
        self._take(step, uniforms[None, :])
        drawn: I64 = step.tokens.get()[0]
        return drawn

    def keep(self, count: int) -> None:
        """Only the first ``count`` of the tokens that :meth:`step_ahead` read are part of the picture; the others are forgotten."""
        assert self._bound is not None
        self._length += count - self._bound.new

    def _step_of(self, new: int) -> StepBuffers:
        if new not in self._steps:
            self._steps[new] = StepBuffers(self.model, self._device, rows=self.rows, n=self._n, new=new)
        return self._steps[new]

    def _take(self, step: StepBuffers, uniforms: F64) -> None:
        """Read the tokens of a step, and draw; ``uniforms`` (n, T)."""
        if step is not self._bound:  # from here on the graph reads what it wrote
            step.bind_drawing(self._binding)
            step.bind_reading(self._binding)
            self._bound = step
        if self._guide is not None:
            cell = self._length - self.slots + 1  # which the first position predicts
            step.told.set_first(self._guide[:, cell : cell + step.new])
        step.positions.set(np.arange(self._length, self._length + step.new))
        self._move_to(self._length + step.new, exactly=not self.model.on_cuda)
        step.draw_by(np.minimum(uniforms, self._most))
        if self._recording is not None and not self._is_recorded:
            self._record(step)
        self._run(recorded=True)

    def _record(self, step: StepBuffers) -> None:
        """ONNX Runtime runs a step that it records more than once, and each time it reads what the time before has drawn. So what it should
        have read is put back; then the recorded step writes over all that was written."""
        read = step.tokens.get().copy()
        self._run(recorded=True)
        step.tokens.set(read)
        self._is_recorded = True

    def _move_to(self, length: int, *, exactly: bool) -> None:
        """``length`` tokens will have been read; a recorded graph wants a ``total_sequence_length`` that never changes."""
        self._cache.see(self._length, length - self._length)
        self._length = length
        if self.model.grouped:
            self._seqlens_k.set(length - 1)
            self._total.set(length if exactly else self.model.spec.block_size)

    def _run(self, *, recorded: bool) -> None:
        options = None
        if self._recording is not None:
            options = load_onnxruntime().RunOptions()
            options.add_run_config_entry("gpu_graph_id", str(self._recording) if recorded else "-1")  # −1: neither record nor replay
        with running("prior"):
            self.model.session.run_with_iobinding(self._binding, options)
