"""The token loop: from conditions to the tokens of new pictures.

One call of the graph reads the whole context (prefill), then one call a token; keys and values go from ``present.*`` back into
``past_key_values.*`` without passing through numpy. What is drawn for a picture depends on the bundle, the seed, its index and its
condition, and on nothing else: not on the batch it is in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.manifest import PriorSpec
from emoterm.sampling import SamplingParams, draw, guide, probabilities, uniforms
from emoterm.session import CUDA, active_provider, load_onnxruntime, open_session
from emoterm.vocabulary import Condition, Vocabulary

if TYPE_CHECKING:
    import onnxruntime

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Progress = Callable[[int, int], None]

# Two things make ONNX Runtime's sums round differently in the last bit for a batch of one, and so could change a token: a graph that
# broadcasts one key/value head over the query heads is folded into one matrix product where larger batches go head by head; and with
# several threads a single product longer than 256 is cut in other places. From two rows on all batches gave the same bits, with 1, 2, 4
# and 8 threads. The second row adds a tenth to the time of one picture, and nothing to that of more.
MIN_ROWS = 2

# A step is a chain of small products: a second thread for them measured no faster.
DEFAULT_THREADS = 1


class Prior:
    """The prior of a bundle, loaded when first used. Safe to call from several threads.

    Args:
        bundle: an open bundle; has to stay open until the graph is loaded.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: CPU threads of one operator; ``None``: :data:`DEFAULT_THREADS`.

    Raises:
        BundleError: a vocabulary that does not fit the manifest.
    """

    def __init__(self, bundle: Bundle, *, device: str = "auto", threads: int | None = None) -> None:
        self._bundle = bundle
        self._device = device
        self._threads = DEFAULT_THREADS if threads is None else threads
        self._lock = threading.Lock()
        self._loaded: onnxruntime.InferenceSession | None = None
        self.n_tokens = bundle.manifest.n_tokens
        """Tokens of one picture."""
        self.vocabulary = Vocabulary.from_json(bundle.read(bundle.manifest.vocabulary), bundle.manifest)
        """What a condition may ask for."""

    @property
    def session(self) -> onnxruntime.InferenceSession:
        """The session, loaded on first use.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = open_session(self._bundle.graph("prior"), device=self._device, threads=self._threads)
            return self._loaded

    @property
    def provider(self) -> str:
        """The execution provider in use, as told by the session."""
        return active_provider(self.session)

    def generate(
        self,
        conditions: Sequence[Condition],
        *,
        seed: int,
        params: SamplingParams,
        first_picture: int = 0,
        batch_size: int = 16,
        prefix: I64 | None = None,
        on_progress: Progress | None = None,
    ) -> I64:
        """Write the tokens of one picture for each condition.

        Args:
            conditions: what each picture should be.
            seed: 0 … 2⁶⁴ − 1.
            params: the sampling law.
            first_picture: index of the first picture among all of this seed; pictures 8 … 15 are the same whether or not 0 … 7 were made.
            batch_size: pictures generated together; bounds the memory, changes no token.
            prefix: (N, P) tokens that each picture begins with, P at most ``n_tokens``.
            on_progress: called with the tokens done and the tokens in all, after each row of tokens of a batch.

        Returns:
            (N, n_tokens), raster order.

        Raises:
            UsageError: a seed out of range, an unknown style or word, or too many words.
            ModelError: the prior cannot be loaded.
        """
        tokens = np.empty((len(conditions), self.n_tokens), np.int64)
        rows = self.generate_rows(
            conditions, seed=seed, params=params, first_picture=first_picture, batch_size=batch_size, prefix=prefix, on_progress=on_progress
        )
        for pictures, so_far in rows:
            tokens[pictures, : so_far.shape[1]] = so_far
        return tokens

    def generate_rows(
        self,
        conditions: Sequence[Condition],
        *,
        seed: int,
        params: SamplingParams,
        first_picture: int = 0,
        batch_size: int = 16,
        prefix: I64 | None = None,
        on_progress: Progress | None = None,
    ) -> Iterator[tuple[slice, I64]]:
        """As :meth:`generate`, but hand over the tokens as they come. Nothing runs between two steps of the iterator; closing it cancels.

        Yields:
            Which of the conditions, as a slice, and their tokens so far, (n, columns · rows so far): after each row of tokens of a batch,
            one batch after the other.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, is {batch_size}")
        n = len(conditions)
        kept = np.empty((n, 0), np.int64) if prefix is None else np.asarray(prefix, np.int64)
        if kept.ndim != 2 or len(kept) != n or kept.shape[1] > self.n_tokens:
            raise ValueError(f"prefix should be ({n}, at most {self.n_tokens}), is {kept.shape}")
        if kept.size and not (kept.min() >= 0 and kept.max() < self.vocabulary.codebook_size):
            raise ValueError(f"prefix should hold tokens in [0, {self.vocabulary.codebook_size})")
        uniforms(seed, first_picture, 0)  # complains about the seed now, not at the first step of the iterator
        context = self.vocabulary.context(conditions)

        def run() -> Iterator[tuple[slice, I64]]:
            for start in range(0, n, batch_size):
                stop = min(start + batch_size, n)
                numbers = np.stack([uniforms(seed, first_picture + i, self.n_tokens) for i in range(start, stop)])
                for so_far in self._generate_batch(context[start:stop], kept[start:stop], numbers, params):
                    if on_progress is not None:
                        on_progress(start * self.n_tokens + so_far.size, n * self.n_tokens)
                    yield slice(start, stop), so_far

        return run()

    def bits(self, conditions: Sequence[Condition], tokens: I64, *, batch_size: int = 64) -> F64:
        """What the prior would need to write down given pictures: −log₂ of their probability, with all sampling options off.

        Args:
            conditions: N conditions.
            tokens: (N, n_tokens).
            batch_size: pictures read together.

        Returns:
            (N,) bits.
        """
        context = self.vocabulary.context(conditions)
        total = np.zeros(len(tokens))
        for start in range(0, len(tokens), batch_size):
            part = slice(start, start + batch_size)
            step = _CachedStep(self.session, self._bundle.manifest.prior)
            fed = context[part]
            for wanted in tokens[part].T:  # (n,) codes of one place
                logits = step(fed).astype(np.float64)
                logits -= logits.max(axis=1, keepdims=True)
                picked = logits[np.arange(len(wanted)), wanted]
                total[part] += (np.log(np.exp(logits).sum(axis=1)) - picked) / np.log(2)
                fed = wanted[:, None]  # (n, 1)
        return total

    def _generate_batch(self, context: I64, prefix: I64, numbers: F64, params: SamplingParams) -> Iterator[I64]:
        """Yield (n, tokens so far) after each row. ``context`` (n, slots), ``prefix`` (n, P), ``numbers`` (n, n_tokens)."""
        n, columns = len(context), self._bundle.manifest.grid[1]
        tokens = np.empty((n, self.n_tokens), np.int64)
        done = prefix.shape[1]
        tokens[:, :done] = prefix
        if done == self.n_tokens:
            yield tokens
            return
        unconditional = np.tile(self.vocabulary.context([Condition()]), (n, 1))
        # A picture without conditions is guided from itself to itself: no second half is needed if all are such.
        guided = params.guidance != 1 and not np.array_equal(context, unconditional)
        rows = np.concatenate([context, unconditional]) if guided else context
        rows = np.resize(rows, (max(len(rows), MIN_ROWS), rows.shape[1]))  # repeats the rows where there are too few
        copies = -(-len(rows) // n)
        fed = np.concatenate([rows, np.resize(prefix, (len(rows), done))], axis=1)  # (rows, slots + P)
        step = _CachedStep(self.session, self._bundle.manifest.prior)
        for place in range(done, self.n_tokens):
            logits = step(fed)
            scores = guide(logits[:n], logits[n : 2 * n], params.guidance) if guided else logits[:n]
            tokens[:, place] = picked = draw(probabilities(scores, params), numbers[:, place])
            fed = np.tile(picked, copies)[: len(rows), None]  # (rows, 1)
            if (place + 1) % columns == 0:
                yield tokens[:, : place + 1].copy()


class _CachedStep:
    """One run of the generation graph after the other, with the keys and values of what was read before.

    The cache grows by the tokens of each call: ``n_layer`` pairs of (rows, n_kv_head, tokens so far, head_dim), which stay on the device.
    """

    def __init__(self, session: onnxruntime.InferenceSession, spec: PriorSpec) -> None:
        self._session = session
        self._spec = spec
        self._device = "cuda" if active_provider(session) == CUDA else "cpu"
        self._binding = session.io_binding()
        parts = [f"{i}.{part}" for i in range(spec.n_layer) for part in ("key", "value")]
        self._past = [f"past_key_values.{part}" for part in parts]
        self._present = [f"present.{part}" for part in parts]
        self._cache: list[Any] = []
        self._length = 0

    def __call__(self, tokens: I64) -> F32:
        """Read ``tokens`` (rows, T) and return the logits (rows, K) of what comes next."""
        if not self._cache:
            self._cache = self._empty_cache(len(tokens))
        binding = self._binding
        positions = np.arange(self._length, self._length + tokens.shape[1])
        binding.bind_cpu_input("tokens", np.ascontiguousarray(tokens))
        binding.bind_cpu_input("positions", positions)
        for name, value in zip(self._past, self._cache, strict=True):
            binding.bind_ortvalue_input(name, value)
        binding.bind_output("logits", "cpu")
        for name in self._present:
            binding.bind_output(name, self._device)
        self._session.run_with_iobinding(binding)
        logits, *self._cache = binding.get_outputs()
        self._length += tokens.shape[1]
        result: F32 = logits.numpy()
        return result

    def _empty_cache(self, rows: int) -> list[Any]:
        nothing = np.empty((rows, self._spec.n_kv_head, 0, self._spec.head_dim), np.float32)
        return [load_onnxruntime().OrtValue.ortvalue_from_numpy(nothing) for _ in self._past]
