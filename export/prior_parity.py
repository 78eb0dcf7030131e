"""Does every variant of the prior's graph do what the torch model does?

The torch model gets the weights as they are stored. Each variant then reads a sequence in one call, and writes whole pictures step by step
through its cache; torch reads back, without a cache, what was written, and must find the same logits and the same choices.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from safetensors.numpy import load
from torch import Tensor

from emoterm.manifest import PriorSpec
from emoterm.prior_model import PriorModel
from emoterm.prior_step import Decoding, log_probabilities
from emoterm.sampling import SamplingParams
from export import parity
from export.contract import prior_contract
from export.errors import ValueParityError
from export.graphs.prior_graph import ROUNDING, Variant
from export.graphs.prior_weights import load_packed_
from export.graphs.weights_file import WeightsFile
from export.torch_prior import logits
from trainer.conditions import CONTEXT
from trainer.prior import Prior
from trainer.vqvae import GRID

ROUNDED = 1.0
"""Tolerance of variants that round on the way (8-bit activations, half precision): how far the worst of a million log-probabilities, most
of them of codes that never come, may be off. In standard deviations of all of them, because the surer a prior is, the more it loses by
rounding. It is above what rounding does, and below what a wrong angle, mask or weight does. What rounding costs on real pictures is
measured in bits per emoji before it is accepted."""


def check_prior(
    graph: bytes,
    weights: WeightsFile,
    variant: Variant,
    prior: Prior,
    spec: PriorSpec,
    contexts: Tensor,
    guide: Tensor | None = None,
) -> float:
    """Largest absolute difference of log-probabilities, for a random sequence and for greedy pictures written token by token.

    Args:
        graph: the built variant.
        weights: its weights.
        variant: which one it is.
        prior: the trained model.
        spec: what the bundle will say about it.
        contexts: (N, CONTEXT) int64, real ones and the unconditional one.
        guide: (N, 256, 2 C), what words or a source say of the cells of each; None for a prior that reads neither.

    Raises:
        ParityError: which check failed, by how much.
    """
    reference = copy.deepcopy(prior).eval().requires_grad_(False)
    load_packed_(reference, load(weights.data))
    rounds = variant == "cuda" or (variant in ROUNDING and any(name.endswith(".scales") for name in weights))
    windows = {} if variant == "cuda" else dict.fromkeys(spec.local_layers, spec.window)
    contract = prior_contract(variant, spec.n_layer, reads_guide=spec.guide_width > 0, local=bool(spec.local_layers))
    session = parity.open_checked(graph, f"prior ({variant})", contract, {weights.file: weights.data})
    model = PriorModel(session, spec, prior.codebook_size)
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(prior.codebook_size, (len(contexts), GRID * GRID - 1), generator=generator)
    worst = _compare(variant, "a random sequence", model, reference, torch.cat([contexts, codes], 1), guide, windows, rounds=rounds)

    told = None if guide is None else guide.numpy()
    greedy = Decoding(model, rows=len(contexts), n=len(contexts), params=SamplingParams(temperature=0), guide=told)
    nothing = np.zeros((len(contexts), 1))
    drawn = [greedy.read(contexts.numpy(), nothing).copy()]
    drawn += [greedy.step(nothing).copy() for _ in range(GRID * GRID - 1)]
    written = torch.from_numpy(np.stack(drawn, 1))  # (N, 256)
    sequence = torch.cat([contexts, written[:, :-1]], 1)
    worst = max(worst, _compare(variant, "a written picture", model, reference, sequence, guide, windows, rounds=rounds))
    scores = logits(reference, sequence, guide, windows)[:, CONTEXT - 1 :]  # (N, 256, K)
    lost = scores.max(2).values - scores.gather(2, written[:, :, None])[:, :, 0]
    most = 2 * _tolerance(scores.log_softmax(2), rounds=rounds)
    if not (gap := float(lost.max())) <= most:
        raise ValueParityError(f"prior ({variant}): a greedy step chose a code {gap:.3g} below the best (tolerance {most:.3g}).")
    return worst


def _tolerance(wanted: Tensor, *, rounds: bool) -> float:
    """Of log-probabilities (…, K), in nats."""
    return ROUNDED * float(wanted.std()) if rounds else parity.ATOL


def _compare(
    variant: str,
    what: str,
    model: PriorModel,
    reference: Prior,
    sequence: Tensor,
    guide: Tensor | None,
    windows: dict[int, int],
    *,
    rounds: bool,
) -> float:
    found = log_probabilities(model, sequence.numpy(), None if guide is None else guide.numpy()).astype(np.float32)
    wanted = logits(reference, sequence, guide, windows).log_softmax(2)
    return parity.compare(f"prior ({variant})", f"log-probabilities of {what}", found, wanted, atol=_tolerance(wanted, rounds=rounds))
