"""From conditions to the tokens of new pictures, and from tokens to how likely they are.

What is drawn for a picture depends on the bundle, the seed, its index and its condition, and on nothing else: not on the batch it is in,
nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoterm.batches import ON_CPU, ON_CUDA, batches_of, given_beginning
from emoterm.bundle import Bundle
from emoterm.errors import UsageError
from emoterm.guide import Guide
from emoterm.parallel import in_order, interleaved, split_evenly, thread_count
from emoterm.prior_graphs import PriorGraphs, needs_of
from emoterm.prior_model import PriorModel
from emoterm.prior_step import Decoding, log_probabilities
from emoterm.sampling import SamplingParams, uniforms
from emoterm.token_writing import write_tokens
from emoterm.vocabulary import Condition, Vocabulary

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Progress = Callable[[int, int], None]


class _Conditioning(NamedTuple):
    """What the prior is told of N pictures."""

    context: I64
    """(N, slots)."""
    guide: Guide | None


class Prior:
    """The prior of a bundle, loaded when first used. Safe to call from several threads.

    Args:
        bundle: an open bundle; has to stay open until the graphs are loaded.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: batches that are generated side by side on a CPU; ``None``: see :func:`emoterm.parallel.thread_count`.
        graphs: those of the bundle, where a program has begun to open them; ``device`` is theirs then.

    Raises:
        UsageError: fewer than one thread.
        BundleError: a vocabulary that does not fit the manifest.
    """

    def __init__(self, bundle: Bundle, *, device: str = "auto", threads: int | None = None, graphs: PriorGraphs | None = None) -> None:
        self._bundle = bundle
        self._threads = thread_count(threads)
        self.graphs = PriorGraphs(bundle, device=device) if graphs is None else graphs
        """Each opened on first use."""
        self.n_tokens = bundle.manifest.n_tokens
        """Tokens of one picture."""
        self.vocabulary = Vocabulary.from_json(bundle.read(bundle.manifest.vocabulary), bundle.manifest)
        """What a condition may ask for."""
        self.source, self.words = self.graphs.source, self.graphs.words

    @property
    def model(self) -> PriorModel:
        """The graph that can do everything, loaded on first use.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        return self.graphs.step("all")

    @property
    def provider(self) -> str:
        """As :attr:`emoterm.prior_graphs.PriorGraphs.provider`."""
        return self.graphs.provider

    def generate(
        self,
        conditions: Sequence[Condition],
        *,
        seed: int,
        params: SamplingParams,
        first_picture: int = 0,
        batch_size: int | None = None,
        given: I64 | None = None,
        sources: I64 | None = None,
        on_progress: Progress | None = None,
    ) -> I64:
        """Write the tokens of one picture for each condition.

        Args:
            conditions: what each picture should be.
            seed: 0 … 2⁶⁴ − 1.
            params: the sampling law.
            first_picture: index of the first picture among all of this seed; pictures 8 … 15 are the same whether or not 0 … 7 were made.
            batch_size: rows generated together, a guided picture being two; bounds the memory, changes no token. ``None``:
                those of :mod:`emoterm.batches`.
            given: (N, n_tokens) tokens that are already known; −1 where the prior writes.
            sources: (N, n_tokens) tokens of pictures to draw after, one for each condition. Guidance then leads towards the source
                as well as towards style and words.
            on_progress: called with the tokens done and the tokens in all, after each row of tokens of a batch.

        Returns:
            (N, n_tokens), raster order.

        Raises:
            UsageError: a seed out of range, an unknown style or word, too many words, or a source for a prior that reads none.
            ModelError: the prior cannot be loaded.
        """
        tokens = np.empty((len(conditions), self.n_tokens), np.int64)
        rows = self.generate_rows(
            conditions,
            seed=seed,
            params=params,
            first_picture=first_picture,
            batch_size=batch_size,
            given=given,
            sources=sources,
            on_progress=on_progress,
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
        batch_size: int | None = None,
        given: I64 | None = None,
        sources: I64 | None = None,
        on_progress: Progress | None = None,
    ) -> Iterator[tuple[slice, I64]]:
        """As :meth:`generate`, but hand over the tokens as they come. Closing the iterator cancels, between two tokens.

        Yields:
            Which of the conditions, as a slice, and their tokens so far, (n, columns · rows so far): after each row of tokens of a batch.
            Several batches take turns, each with its own slice.
        """
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, is {batch_size}")
        n = len(conditions)
        known = self._check_given(given, n)
        uniforms(seed, first_picture, 0)  # complains about the seed now, not at the first step of the iterator
        conditional = self._conditioning(conditions, sources)
        unconditional = self._conditioning([Condition(style=condition.unlike) for condition in conditions], None)
        # A picture that is asked for nothing is guided from itself to itself: no second half is needed if all are such.
        needless = conditional.guide is None and np.array_equal(conditional.context, unconditional.context)
        guided = params.guidance != 1 and not needless
        halves = (conditional, unconditional) if guided else (conditional,)
        has_guide = any(half.guide is not None for half in halves)
        model = self.graphs.step(needs_of(params, told=guided or has_guide))

        def write(pictures: slice) -> Iterator[tuple[slice, I64]]:
            numbers = np.stack([uniforms(seed, first_picture + i, self.n_tokens) for i in range(pictures.start, pictures.stop)])
            context = np.concatenate([half.context[pictures] for half in halves])  # 2 × (n, slots) → (rows, slots)
            guide = self._guide_of(halves, pictures) if has_guide else None
            for so_far in self._write(model, context, known[pictures], numbers, params, guide):
                yield pictures, so_far

        def run() -> Iterator[tuple[slice, I64]]:
            done: dict[int, int] = {}
            sizes = ON_CUDA if model.on_cuda else ON_CPU
            batches = batches_of(
                known,
                context=conditional.context.shape[1],
                rows_each=len(halves),
                most_rows=batch_size or sizes.writing,
                most_read=sizes.reading * model.spec.block_size,
                # A GPU takes as long for a small batch as for a large one, so there none is split for the threads' sake.
                threads=1 if model.on_cuda else self._threads,
            )
            # While a step is recorded no other thread may use the GPU.
            for pictures, so_far in interleaved(write, batches, threads=1 if model.cuda_graph else self._threads):
                done[pictures.start] = so_far.size
                if on_progress is not None:
                    on_progress(sum(done.values()), n * self.n_tokens)
                yield pictures, so_far

        return run()

    def token_bits(
        self, conditions: Sequence[Condition], tokens: I64, *, sources: I64 | None = None, batch_size: int = ON_CPU.reading
    ) -> F64:
        """What the prior would need to write down each token: −log₂ of its probability given those before, with all sampling options off.

        Args:
            conditions: N conditions.
            tokens: (N, n_tokens).
            sources: (N, n_tokens) tokens of the pictures that these are drawn after.
            batch_size: pictures read together.

        Returns:
            (N, n_tokens) bits.
        """
        context, guide = self._conditioning(conditions, sources)
        bits = np.empty(tokens.shape)
        model = self.graphs.step("plain" if guide is None else "guided")

        def read(part: slice) -> None:
            sequence = np.concatenate([context[part], tokens[part, :-1]], axis=1)  # the last token is never read
            log_p = log_probabilities(model, sequence, None if guide is None else guide.rows(part))[
                :, context.shape[1] - 1 :
            ]  # BOS predicts the first token: (n, n_tokens, K)
            bits[part] = -np.take_along_axis(log_p, tokens[part, :, None], axis=2)[:, :, 0] / np.log(2)

        in_order(read, split_evenly(len(tokens), most=batch_size, threads=self._threads), threads=self._threads)
        return bits

    def bits(self, conditions: Sequence[Condition], tokens: I64, *, sources: I64 | None = None, batch_size: int = ON_CPU.reading) -> F64:
        """The sum of :meth:`token_bits` for each picture: (N,) bits."""
        total: F64 = self.token_bits(conditions, tokens, sources=sources, batch_size=batch_size).sum(axis=1)
        return total

    def _conditioning(self, conditions: Sequence[Condition], sources: I64 | None) -> _Conditioning:
        """Read N conditions, and N sources (N, n_tokens)."""
        context = self.vocabulary.context(conditions)
        guide = None
        if self.words.exists and (context[:, :-1] != self.vocabulary.null_token).any():
            guide = self.words.read(context[:, :-1])
        if sources is None:
            return _Conditioning(context, guide)
        if not self.source.exists:
            manifest = self._bundle.manifest
            raise UsageError(
                f"The bundle {manifest.name} {manifest.version} cannot draw after a picture.",
                fix="Use the one that ships: leave out --bundle.",
            )
        after = self.source.read(self._check_tokens(sources, len(context), "sources", lowest=0))
        return _Conditioning(context, after if guide is None else guide + after)

    def _guide_of(self, halves: Sequence[_Conditioning], pictures: slice) -> F32:
        """The guide of some of the pictures for each half of the batch, as far as there is one: (n or 2 n, n_tokens, C)."""
        n = pictures.stop - pictures.start
        told_last = max(number for number, told in enumerate(halves) if told.guide is not None)
        said = np.zeros(((told_last + 1) * n, self.n_tokens, self._bundle.manifest.prior.guide_width), np.float32)
        for number, told in enumerate(halves):
            if told.guide is not None:
                told.guide.add_to(said[number * n : (number + 1) * n], pictures)
        return said

    def _check_given(self, given: I64 | None, n: int) -> I64:
        if given is None:
            return np.full((n, self.n_tokens), -1)
        return self._check_tokens(given, n, "given", lowest=-1)

    def _check_tokens(self, tokens: I64, n: int, name: str, *, lowest: int) -> I64:
        checked = np.asarray(tokens, np.int64)
        if checked.shape != (n, self.n_tokens):
            raise ValueError(f"{name} should be ({n}, {self.n_tokens}), is {checked.shape}")
        if checked.size and not (checked.min() >= lowest and checked.max() < self.vocabulary.codebook_size):
            raise ValueError(f"{name} should hold tokens in [0, {self.vocabulary.codebook_size}){', or -1' if lowest < 0 else ''}")
        return checked

    def _write(self, model: PriorModel, context: I64, known: I64, numbers: F64, params: SamplingParams, guide: F32 | None) -> Iterator[I64]:
        """Yield (n, tokens so far) after each row.

        ``context`` (rows, slots) and ``guide`` (rows, n_tokens, C): what is asked for, and in a second half what guidance leads away from,
        which ``guide`` may lack; ``known`` and ``numbers`` (n, n_tokens).
        """
        n, columns = len(known), self._bundle.manifest.grid[1]
        tokens = known.copy()
        done = int(given_beginning(known)[0])
        if done == self.n_tokens:
            yield tokens
            return
        begun = np.concatenate([context, np.tile(known[:, :done], (len(context) // n, 1))], axis=1)  # (rows, slots + done)
        decoding = Decoding(model, rows=len(context), n=n, params=params, guide=guide)
        rows = done // columns
        for final in write_tokens(decoding, begun, tokens, known, numbers):
            if final // columns > rows:
                rows = final // columns
                yield tokens[:, : rows * columns].copy()
