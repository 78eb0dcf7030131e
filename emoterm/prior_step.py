"""A batch of pictures in the making: what goes in and out of a step of the prior.

All buffers are bound once. Keys, values and the newest tokens stay where the graph writes them; the host only moves a position along and
hands in one random number a picture.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.kv_cache import KeyValueCache
from emoterm.prior_model import GUIDE, PriorModel
from emoterm.sampling import SamplingParams
from emoterm.session import load_onnxruntime, running

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
        self._model = model
        self._rows, self._n = rows, n
        self._device = "cuda" if model.on_cuda else "cpu"
        self._binding = model.session.io_binding()
        self._length = 0
        spec = model.spec
        # Not a method of this object: a batch whose cache referred to it would only be freed by the garbage collector, megabytes later.
        self._buffer = functools.partial(_buffer, device=self._device)
        self._cache = KeyValueCache(model, self._binding, rows=rows, place=self._buffer)
        for name, value in sampler_inputs(params, codebook_size=model.codebook_size, rows=rows, n=n).items():
            if name not in model.inputs:
                continue
            if name == "top_k":  # wanted on the host
                self._binding.bind_cpu_input(name, value)
            else:
                self._binding.bind_ortvalue_input(name, self._buffer(value))
        self._tokens = _Cell(np.zeros((rows, 1), np.int64), self._device)
        self._grouped = "positions" in model.inputs
        """Whether attention is GroupQueryAttention, which wants to know positions in a way of its own."""
        self._positions = _Cell(np.zeros(1 if self._grouped else (rows, 1), np.int64), self._device)
        self._uniforms = _Cell(np.zeros((n, 1), np.float32), self._device)
        self._most = largest_uniform(params)
        self._binding.bind_ortvalue_input("uniforms", self._uniforms.value)
        if self._grouped:
            self._seqlens_k = _Cell(np.zeros(rows, np.int32), self._device)
            self._total = _Cell(np.zeros((), np.int32), "cpu")  # wanted on the host
            self._binding.bind_ortvalue_input("seqlens_k", self._seqlens_k.value)
            self._binding.bind_ortvalue_input("total_sequence_length", self._total.value)
        self._binding.bind_ortvalue_output("next_tokens", self._tokens.value)
        assert guide is None or GUIDE in model.inputs  # open_prior has seen to it
        self._guide = guide
        self._slots = spec.style_slots + spec.word_slots
        """Positions before BOS, to which no guide is said."""
        self._told = _Cell(np.zeros((rows, 1, spec.guide_width), model.dtype), self._device)
        self._stepping = False
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
        self._binding.bind_ortvalue_input("tokens", self._buffer(np.ascontiguousarray(tokens)))
        positions = np.arange(length)
        self._bind_positions(self._buffer(positions if self._grouped else np.tile(positions, (self._rows, 1))))
        if GUIDE in self._model.inputs:
            said = np.zeros((self._rows, length, self._model.spec.guide_width), self._model.dtype)
            if self._guide is not None:
                said[: len(self._guide), self._slots :] = self._guide[:, : length - self._slots]
            self._binding.bind_ortvalue_input(GUIDE, self._buffer(said))
        self._move_to(length, uniforms, exactly=True)
        if logits:
            self._binding.bind_output("logits", "cpu")
        self._run(recorded=False)
        if logits:
            return self._binding.get_outputs()[-1].numpy()  # in the order of binding
        return self._newest()

    def step(self, uniforms: F64, given: I64 | None = None) -> I64:
        """Read the newest token and draw the next.

        Args:
            uniforms: (n, 1) in [0, 1).
            given: (n,) what to read instead of the newest token; −1 keeps it. None: keep all.

        Returns:
            (n,) int64; its memory is used again by the next step.
        """
        if not self._stepping:  # from here on the graph reads what it wrote
            self._binding.bind_ortvalue_input("tokens", self._tokens.value)
            self._bind_positions(self._positions.value)
            if GUIDE in self._model.inputs:
                self._binding.bind_ortvalue_input(GUIDE, self._told.value)
            self._stepping = True
        if self._guide is not None:
            cell = self._length - self._slots  # which this position predicts
            self._told.set_first(self._guide[:, cell : cell + 1])
        if given is not None:
            read = np.where(given >= 0, given, self._newest())
            self._tokens.set(np.tile(read, self._rows // self._n)[:, None])
        self._positions.set(self._length)
        self._move_to(self._length + 1, uniforms, exactly=not self._model.on_cuda)
        if self._recording is not None and not self._is_recorded:
            self._record()
        self._run(recorded=True)
        return self._newest()

    def _record(self) -> None:
        """ONNX Runtime runs a step that it records more than once, and each time it reads what the time before has drawn. So what it should
        have read is put back; then the recorded step writes over all that was written."""
        read = self._tokens.get().copy()
        self._run(recorded=True)
        self._tokens.set(read)
        self._is_recorded = True

    def _move_to(self, length: int, uniforms: F64, *, exactly: bool) -> None:
        """``length`` tokens will have been read; a recorded graph wants a ``total_sequence_length`` that never changes."""
        self._cache.see(self._length, length - self._length)
        self._length = length
        if self._grouped:
            self._seqlens_k.set(length - 1)
            self._total.set(length if exactly else self._model.spec.block_size)
        self._uniforms.set(np.minimum(uniforms, self._most))

    def _bind_positions(self, positions: Any) -> None:
        """(T,), or (rows, T)."""
        self._binding.bind_ortvalue_input("positions" if self._grouped else "position_ids", positions)

    def _run(self, *, recorded: bool) -> None:
        options = None
        if self._recording is not None:
            options = load_onnxruntime().RunOptions()
            options.add_run_config_entry("gpu_graph_id", str(self._recording) if recorded else "-1")  # −1: neither record nor replay
        with running("prior"):
            self._model.session.run_with_iobinding(self._binding, options)

    def _newest(self) -> I64:
        tokens: I64 = self._tokens.get()[: self._n, 0]
        return tokens


def _buffer(value: NDArray[Any], device: str) -> Any:
    """Memory on the device; on a CPU it is that of ``value`` itself."""
    return load_onnxruntime().OrtValue.ortvalue_from_numpy(value, device, 0)


class _Cell:
    """A small input or output that changes at every step and always lies in the same memory."""

    def __init__(self, host: NDArray[Any], device: str) -> None:
        self._host = host
        self._on_host = device == "cpu"
        self.value = _buffer(host, device)
        """For the binding. On a CPU its memory is that of the array itself."""

    def set(self, new: NDArray[Any] | int) -> None:
        self._host[...] = new
        if not self._on_host:
            self.value.update_inplace(self._host)

    def set_first(self, new: NDArray[Any]) -> None:
        """The first rows; the others stay as they are."""
        self._host[: len(new)] = new
        if not self._on_host:
            self.value.update_inplace(self._host)

    def get(self) -> NDArray[Any]:
        return self._host if self._on_host else self.value.numpy()
