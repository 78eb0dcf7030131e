"""Configuration of a training run: frozen dataclasses, each field followed by its meaning.

A recipe (``trainer/recipes/``) is one :class:`Recipe`. :mod:`trainer.overrides` changes single fields from the command line, so that a run
is always described by a recipe name and a short list of ``section.field=value``.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any

from trainer.errors import TrainerError

NETWORKS = ("paper", "residual")
PRECISIONS = ("auto", "no", "bf16", "fp16")
GROUP_CHANNELS = 32
"""Channels that a GroupNorm of ``residual`` normalizes together, or a few more."""
MOST_CODES = 1 << 15
"""Tokens are kept as int16."""
SEEDS = range(-(1 << 63), 1 << 64)
"""What a generator of PyTorch takes."""


class UnfitError(TrainerError):
    """A field of a configuration has a value that makes no sense.

    Args:
        name: of the field.
        value: what it was given.
        wanted: what it must be.
        section: where the field is in a :class:`Recipe`, as in ``vqvae_optim.``, which a configuration does not know of itself. None: it
            was not set from the command line.
    """

    def __init__(self, name: str, value: object, wanted: str, section: str | None = None) -> None:
        fix = f"Give {name} another value." if section is None else f"Change it with --set {section}{name}=VALUE"
        super().__init__(f"{section or ''}{name} must be {wanted}, is {value}.", fix=fix)
        self.told = name, value, wanted


_FINITE = "at least 0, and finite"


def _require(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise UnfitError(name, value, wanted)


@dataclass(frozen=True)
class DataConfig:
    """What the pictures look like when they reach the model."""

    size_px: int = 64
    """Edge of a picture."""
    channels: int = 4
    """4: RGBA with associated alpha. 3: RGB over white, as published."""
    variant_weight: bool = True
    """Weight skin-tone variants down, so that one base emoji with five tones counts about twice, not six times."""
    augment: float = 0.0
    """Share of the pictures of a batch that are shifted, scaled and recoloured; the rest stay as they are."""
    flip: float = 0.0
    """Probability of a horizontal flip; never applied to rows that may carry writing. The prior sees flipped pictures with ``fresh_tokens``
    only."""
    only_style: str = ""
    """Train and validate on this style alone; empty: on all."""
    leave_out_style: str = ""
    """Do not train on this style; it is still among the validation pictures."""

    def __post_init__(self) -> None:
        _require(self.size_px == 64, "size_px", self.size_px, "64, which the networks are made for")
        _require(self.channels in (3, 4), "channels", self.channels, "3 or 4")
        for name in ("augment", "flip"):
            _require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")


@dataclass(frozen=True)
class CodebookConfig:
    """The vector quantizer (van den Oord et al. 2017, appendix A.1, with EMA updates)."""

    size: int = 512
    """K, the number of codes."""
    dim: int = 256
    """D, the length of a code."""
    ema_decay: float = 0.99
    """Decay of the moving averages of cluster size and sum."""
    commitment_weight: float = 0.25
    """β, the weight of the commitment loss."""
    kmeans_start_steps: int | None = None
    """Train so many steps without quantizing, then set the codes by k-means on the latents of a batch; None starts from random vectors.
    A run must have more steps than these."""
    l2_normalize: bool = False
    """Put z_e on the unit sphere, so that codes compete by direction and not by length (Yu et al. 2022, arXiv:2110.04627)."""
    reset_every_epochs: int = 5
    """Every so many epochs codes unused since the last reset become random latents of a recent batch."""
    stop_reset_fraction: float = 1.0
    """No reset after this share of the run, so that the last codes have time to settle."""

    def __post_init__(self) -> None:
        for name in ("size", "dim", "reset_every_epochs"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        for name in ("ema_decay", "stop_reset_fraction"):
            _require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")
        _require(self.size <= MOST_CODES, "size", self.size, f"at most {MOST_CODES}")
        _require(0 <= self.commitment_weight < math.inf, "commitment_weight", self.commitment_weight, _FINITE)
        start = self.kmeans_start_steps
        _require(start is None or start >= 0, "kmeans_start_steps", start, "at least 0, or none")


@dataclass(frozen=True)
class VQVAEConfig:
    """The autoencoder around the codebook."""

    network: str = "paper"
    """``paper``: strided convolutions with BatchNorm. ``residual``: trainer/networks/residual.py."""
    width_32: int = 96
    """Channels at 32×32 (``residual`` only)."""
    width_16: int = 256
    """Channels at 16×16 (``residual`` only)."""
    bottleneck: int = 128
    """Inner channels of a residual block at 16×16 (``residual`` only)."""
    encoder_blocks: int = 3
    """Residual blocks at 16×16 in the encoder (``residual`` only)."""
    decoder_blocks: int = 3
    """Residual blocks at 16×16 in the decoder (``residual`` only)."""
    norm: bool = True
    """GroupNorm inside the residual blocks (``residual`` only)."""
    decoder_width_32: int | None = None
    """Channels at 32×32 in the decoder (``residual`` only); None: ``width_32``."""
    decoder_bottlenecks: tuple[int, ...] = ()
    """Inner channels of each residual block at 16×16 in the decoder (``residual`` only), as ``python -m trainer.prune`` leaves them; empty:
    ``bottleneck`` for each."""
    decoder_norm: bool = True
    """GroupNorm in the decoder too, where there is any (``residual`` only)."""
    decoder_heads: int | None = None
    """Heads of the decoder's attention (``residual`` only), 0 for none; None: as many as the encoder has, ``width_16`` / 64."""
    decoder_alone: bool = False
    """Train the decoder only. Encoder and codebook stay as ``--init`` brings them, and so does the meaning of every token: galleries, token
    files and the prior remain good."""
    searched_share: float = 0.0
    """Share of the pictures that the decoder, trained alone, paints from tokens that were searched for instead of the nearest codes, where
    ``python -m export.search_dataset --out RUN/searched`` has left any."""
    codebook: CodebookConfig = field(default_factory=CodebookConfig)

    def __post_init__(self) -> None:
        # Each field by itself: what depends on two of them is checked when the network is built, as --set changes one after the other.
        _require(self.network in NETWORKS, "network", self.network, " or ".join(NETWORKS))
        for name in ("width_32", "bottleneck", "encoder_blocks", "decoder_blocks"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        width, groups = self.width_16, self.width_16 // GROUP_CHANNELS
        _require(groups >= 2, "width_16", width, f"at least {2 * GROUP_CHANNELS}, for one head of attention")
        _require(width % groups == 0, "width_16", width, f"divisible by {groups}, a group for every {GROUP_CHANNELS} channels")
        decoder_width, heads = self.decoder_width_32, self.decoder_heads
        _require(decoder_width is None or decoder_width > 0, "decoder_width_32", decoder_width, "above 0, or none")
        _require(heads is None or heads >= 0, "decoder_heads", heads, "at least 0, or none")
        _require(0 <= self.searched_share <= 1, "searched_share", self.searched_share, "between 0 and 1")
        _require(all(inner > 0 for inner in self.decoder_bottlenecks), "decoder_bottlenecks", self.decoder_bottlenecks, "above 0")


@dataclass(frozen=True)
class LossConfig:
    """Weights of the terms of the loss; errors are means over pixels and channels."""

    mse: float = 1.0
    """Squared error: over white with four channels (plus black and alpha, see losses.py), plain with three."""
    l1: float = 0.0
    """Absolute error, same composition as ``mse``."""
    evenness: float = 0.0
    """How far the use of the codes is from even, in nats (:meth:`trainer.codebook.Codebook.unevenness`)."""

    def __post_init__(self) -> None:
        for name in ("mse", "l1", "evenness"):
            _require(0 <= getattr(self, name) < math.inf, name, getattr(self, name), _FINITE)


@dataclass(frozen=True)
class PriorConfig:
    """The causal transformer over the tokens of a picture."""

    d_model: int = 128
    """C, the width of the residual stream."""
    n_layer: int = 4
    """Transformer blocks."""
    n_head: int = 4
    """Query heads."""
    n_kv_head: int = 4
    """Key/value heads, which divide ``n_head``; 1 is multi-query attention (Shazeer 2019)."""
    head_dim: int = 32
    """Length of a query, key or value of one head."""
    d_ff: int = 512
    """Inner width of the feed-forward layers."""
    dropout: float = 0.2
    """Probability of dropping an element of the embedded input, of the attention weights, or of what a branch adds."""
    axial_positions: bool = False
    """Rows and columns as axial rotary angles and embeddings; off: one learned embedding per position."""
    conditional: bool = False
    """Read style and words in front of BOS."""
    max_words: int = 1024
    """Upper limit of the word vocabulary."""
    min_word_count: int = 2
    """A word must belong to this many drawings (an emoji in a style) of the training split."""
    condition_dropout: float = 0.1
    """Probability of dropping each single condition."""
    unconditional: float = 0.15
    """Share of the rows that lose all conditions at once."""
    token_dropout: float = 0.0
    """Share of the input tokens replaced by random codes, which teaches the prior to recover from its own slips."""
    token_variants: int = 1
    """Token grids kept per picture: the picture itself, then shifted and recoloured versions."""
    fresh_tokens: bool = False
    """Encode every picture anew at each step, shifted, recoloured and mirrored, so that no spelling comes twice. The grids made beforehand
    then serve to measure only, and one of them is enough."""
    told_changes: bool = False
    """Tell the prior how each training picture was changed (trainer/changes.py), so that it draws pictures as they are. Of those that
    ``fresh_tokens`` shifts and recolours, ``data.augment`` is then the share that is moved and recoloured strongly."""
    source_share: float = 0.0
    """Share of the rows of a batch that are drawn after another picture, the source: the same emoji in another style. 0: the prior has no
    network to read one."""

    word_reader: bool = False
    """A network that turns style and words into what the prior is told of each cell."""
    word_loss: float = 0.5
    """Weight of what that network gets wrong when it tells the codes from the words alone."""
    words_alone: bool = False
    """Train that network only, to tell the codes from the words, which is a small part of the work of a step. All else stays as ``--init``
    brings it."""

    @property
    def reads_source(self) -> bool:
        """Whether there is a network that reads a source."""
        return self.source_share > 0

    @property
    def reads_guide(self) -> bool:
        """Whether the prior is told something of each cell, by a network that reads words or a source."""
        return self.word_reader or self.reads_source

    def __post_init__(self) -> None:
        for name in ("d_model", "n_layer", "n_head", "n_kv_head", "head_dim", "d_ff", "token_variants"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        for name in ("dropout", "condition_dropout", "unconditional", "token_dropout", "source_share"):
            _require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")
        _require(0 <= self.word_loss < math.inf, "word_loss", self.word_loss, _FINITE)
        _require(self.max_words >= 0, "max_words", self.max_words, "at least 0")
        _require(self.min_word_count > 0, "min_word_count", self.min_word_count, "above 0")


@dataclass(frozen=True)
class OptimConfig:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with cosine annealing, in every stage."""

    epochs: int = 200
    """Passes over the training pictures."""
    minutes: float = 0.0
    """If not 0, the run ends by the clock instead of after ``epochs``. What was trained then depends on the machine."""
    batch_size: int = 128
    """Pictures per optimizer step, over all processes."""
    lr: float = 2e-4
    """Learning rate after the warm-up."""
    min_lr: float = 1e-6
    """Learning rate at the end."""
    warmup_steps: int = 0
    """Optimizer steps over which the learning rate rises to ``lr``; of a run that does not end by the clock half of its steps, at most."""
    beta1: float = 0.9
    """Decay of AdamW's average of the gradients."""
    beta2: float = 0.999
    """Decay of AdamW's average of the squared gradients."""
    weight_decay: float = 0.01
    """Times the learning rate, what each step takes from a weight."""
    grad_clip: float = 1.0
    """Largest global gradient norm."""
    ema_weights: float = 0.0
    """Decay of the averaged copy of the weights that is evaluated and exported; 0 is off."""
    eval_every_epochs: int = 5
    """Epochs from one validation to the next."""
    checkpoint_every_steps: int = 500
    """Optimizer steps from one checkpoint to the next."""
    early_stopping: bool = False
    """Keep the weights with the best validation figure instead of the last ones."""

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "lr", "grad_clip", "eval_every_epochs", "checkpoint_every_steps"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        _require(self.lr < math.inf, "lr", self.lr, "a number")
        for name in ("minutes", "min_lr", "warmup_steps", "weight_decay"):
            _require(0 <= getattr(self, name) < math.inf, name, getattr(self, name), _FINITE)
        for name in ("beta1", "beta2", "ema_weights"):
            _require(0 <= getattr(self, name) < 1, name, getattr(self, name), "at least 0 and below 1")


@dataclass(frozen=True)
class SamplingConfig:
    """What a bundle samples with where a person says nothing."""

    temperature: float = 1.0
    """Divides the logits; 0 is always the likeliest token."""
    top_k: int | None = None
    """Draw from so many of the likeliest tokens only; None: from all."""
    top_p: float = 1.0
    """Draw from the likeliest tokens that add up to this probability only."""
    guidance: float = 1.0
    """How strongly conditions count: 1 as trained."""
    min_p: float = 0.0
    """Draw from tokens only that are at least this share as likely as the likeliest."""

    def __post_init__(self) -> None:
        for name in ("temperature", "guidance"):
            _require(0 <= getattr(self, name) < math.inf, name, getattr(self, name), _FINITE)
        _require(self.top_k is None or self.top_k > 0, "top_k", self.top_k, "above 0, or none")
        _require(0 < self.top_p <= 1, "top_p", self.top_p, "above 0 and at most 1")
        _require(0 <= self.min_p <= 1, "min_p", self.min_p, "between 0 and 1")


@dataclass(frozen=True)
class Recipe:
    """A named training run of both stages."""

    name: str
    """Of the module in ``trainer/recipes``."""
    seed: int = 0
    """Of everything random in both stages."""
    data: DataConfig = field(default_factory=DataConfig)
    vqvae: VQVAEConfig = field(default_factory=VQVAEConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    vqvae_optim: OptimConfig = field(default_factory=OptimConfig)
    prior: PriorConfig = field(default_factory=PriorConfig)
    prior_optim: OptimConfig = field(default_factory=OptimConfig)
    mixed_precision: str = "auto"
    """``auto``: bf16 where the hardware multiplies it faster than fp32, else ``no``."""
    compile: bool = False
    """``torch.compile`` the models; worth its start-up time on a GPU."""
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    """Goes into the bundle."""

    def __post_init__(self) -> None:
        _require(self.seed in SEEDS, "seed", self.seed, "at least -2**63 and below 2**64")
        _require(self.mixed_precision in PRECISIONS, "mixed_precision", self.mixed_precision, " or ".join(PRECISIONS))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)
