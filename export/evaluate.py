"""The yardstick: measure any bundle, as it ships, on a split of a data set. ``emoterm eval`` prints what this returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.token_search import DEFAULT_EFFORT, search_tokens
from emoterm.vocabulary import Condition
from export.material import evenly_spread
from export.progress import Progress, untold
from export.sample_yardstick import SampleYardstick
from trainer import metrics
from trainer.conditions import WORD_SLOTS
from trainer.data import EmojiRow, EmojiSet, condition_words, load_emojis
from trainer.judge.run import load_judge
from trainer.siblings import Siblings


@dataclass(frozen=True)
class SampleOptions:
    """What is asked of the samples, when they are measured too."""

    judge: Path
    """Run of ``python -m trainer.judge``."""
    n: int = 2000
    seed: int = 0
    sampling: dict[str, Any] = field(default_factory=dict)
    """Fields of :class:`~emoterm.sampling.SamplingParams` that differ from the bundle's defaults."""


def evaluate_bundle(
    bundle: Path | None,
    data: str,
    split: str = "test",
    limit: int | None = None,
    device: str = "auto",
    *,
    effort: int = DEFAULT_EFFORT,
    samples: SampleOptions | None = None,
    narrate: Callable[[str], None] | None = None,
    progress: Progress = untold,
) -> dict[str, Any]:
    """Load the data, then :func:`evaluate`, and measure samples where that is asked for.

    Args:
        bundle: path or None for the default one.
        data: any source of :mod:`trainer.data`.
        split: ``train`` or ``test``.
        limit: only so many pictures, evenly spread over the split; samples are compared with all of them.
        device: ``auto``, ``cpu`` or ``cuda``.
        effort: of the search for tokens, see :func:`emoterm.token_search.search_tokens`.
        samples: measure samples too.
        narrate: told what is being done.
        progress: shows how far the search is.

    Returns:
        ``bundle``, ``bundle_sha256``, ``split``, and what :func:`evaluate` returns; for a split other than ``train`` also the bits per
        emoji of as many training pictures, as ``prior_bits_train…``; with ``samples`` also ``samples``: the judge's accuracies, ``seed``,
        ``sampling``, and what :meth:`export.sample_yardstick.SampleYardstick.score` returns.

    Raises:
        TrainerError: unreadable data, no such split, no such judge, or too few pictures or samples.
        ModelError: the bundle cannot be used.
    """
    everything = load_emojis(data)
    emojis = _few(everything.split(split), limit)
    judge = None if samples is None else load_judge(samples.judge)
    with open_bundle(bundle) as opened:
        figures = evaluate(opened, emojis, device=device, effort=effort, progress=progress)
        if split != "train" and any(row.split == "train" for row in everything.rows):
            seen = evaluate_prior(opened, _few(everything.split("train"), len(emojis)), device=device)
            figures |= {name.replace("prior_bits", "prior_bits_train"): value for name, value in seen.items()}
        figures["styles"] = figures.pop("styles")  # last of the reconstruction, for people
        result = {"bundle": opened.manifest.name, "bundle_sha256": opened.sha256, "split": split, **figures}
        if samples is not None and judge is not None:
            params = SamplingParams(**{**vars(opened.manifest.prior.sampling), **samples.sampling})
            yardstick = SampleYardstick(opened, judge, everything, device=device, narrate=narrate)
            facts = {"judge": judge.facts.get("accuracies", {}), "seed": samples.seed, "sampling": vars(params)}
            result["samples"] = {**facts, **yardstick.score(params, n=samples.n, seed=samples.seed)}
    return result


def _few(emojis: EmojiSet, limit: int | None) -> EmojiSet:
    return emojis if limit is None else emojis.subset(evenly_spread(emojis, limit))


def evaluate(
    bundle: Bundle, emojis: EmojiSet, *, device: str = "auto", effort: int = DEFAULT_EFFORT, progress: Progress = untold
) -> dict[str, Any]:
    """Reconstruction over white, use of the codebook, bits per emoji of the prior.

    Reconstruction and use of the codebook are of the tokens that a search of this effort finds; the prior writes the nearest codes, so its
    bits are theirs.

    Returns:
        ``n``, ``mse``, ``psnr`` (mean, dB), ``psnr_of_mean_mse`` (dB), ``ssim``, ``alpha_iou``, overall and under ``styles``; ``effort``;
        ``codebook_usage``, ``codebook_entropy_share``; ``prior_bits``; and where the bundle can be told these, ``prior_bits_conditional``
        with style and words, and ``prior_bits_after_source`` with style and the same emoji in another one.
    """
    codec = Codec(bundle, device=device)
    originals = emojis.images.float() / 255
    with progress("searching") as report_search:
        indices = search_tokens(originals.numpy(), codec=codec, effort=effort, on_progress=report_search)
    reconstructions = torch.from_numpy(codec.decode(codec.lookup(indices)))
    if bundle.manifest.image.channels == 3:
        originals, reconstructions = metrics.over_white(originals), reconstructions[:, :3]
    styles = [row.style for row in emojis.rows]
    report = metrics.reconstruction_report(reconstructions, originals, styles if any(styles) else ()).to_dict()
    counts = metrics.code_counts(torch.from_numpy(indices), bundle.manifest.codebook.size)

    figures = {
        **report["overall"],
        "effort": effort,
        "codebook_usage": metrics.codebook_usage(counts),
        "codebook_entropy_share": metrics.codebook_entropy_share(counts),
        **evaluate_prior(bundle, emojis, device=device),
    }
    return {**figures, "styles": report["styles"]}


def evaluate_prior(bundle: Bundle, emojis: EmojiSet, *, device: str = "auto") -> dict[str, float]:
    """Bits per emoji alone: the figures of :func:`evaluate` that begin with ``prior_bits``."""
    _, indices = Codec(bundle, device=device).encode((emojis.images.float() / 255).numpy())
    return _prior_bits(bundle, emojis, indices, device)


def _prior_bits(bundle: Bundle, emojis: EmojiSet, indices: NDArray[np.int64], device: str) -> dict[str, float]:
    tokens = indices.reshape(len(indices), -1)  # (N, 16, 16) → (N, 256)
    prior = Prior(bundle, device=device)
    figures = {"prior_bits": float(prior.bits([Condition()] * len(tokens), tokens).mean())}
    if prior.vocabulary.styles or prior.vocabulary.words:
        known = set(prior.vocabulary.words)
        conditions = [_condition(row, known, prior.vocabulary.styles) for row in emojis.rows]
        figures["prior_bits_conditional"] = float(prior.bits(conditions, tokens).mean())
    siblings = Siblings(emojis.rows, torch.device("cpu")).first(torch.arange(len(tokens))).numpy()
    (drawn,) = np.nonzero(siblings != np.arange(len(tokens)))  # in more than one style
    if prior.source.exists and len(drawn):
        styles = [emojis.rows[i].style for i in drawn]
        styled = [Condition(style=style if style in prior.vocabulary.styles else None) for style in styles]
        figures["prior_bits_after_source"] = float(prior.bits(styled, tokens[drawn], sources=tokens[siblings[drawn]]).mean())
    return figures


def _condition(row: EmojiRow, known: set[str], styles: list[str]) -> Condition:
    """Everything the prior can be told about a row, as in training: its style and its first eight known words."""
    words = [word for word in condition_words(row) if word in known]
    return Condition(style=row.style if row.style in styles else None, words=tuple(words[:WORD_SLOTS]))
