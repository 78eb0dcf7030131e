"""``manifest.json``: what a bundle says about itself.

Frozen dataclasses that mirror the JSON one to one. Reading ignores keys it does not know, so that a newer bundle of the same
``schema_version`` still opens; a missing or mistyped key is a :class:`~emoterm.errors.BundleError` that names it.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from emoterm.bundle_json import parse_json
from emoterm.errors import REINSTALL, BundleError
from emoterm.typed_json import build

SCHEMA_VERSION = 5
MAX_TEXT_CHARS = 1000
GRAPH_NAMES = ("encoder", "decoder", "prior", "prior_cuda", "prior_standard")
PLAIN_GRAPH = "prior_plain"
"""The prior's step without guidance, source, words, top-k and top-p; not in every bundle."""
GUIDED_GRAPH = "prior_guided"
"""The prior's step without top-k and top-p; not in every bundle."""
SOURCE_GRAPH = "source"
"""Reads a picture that the prior draws after; not in every bundle."""
WORDS_GRAPH = "words"
"""Reads a style and words, for a prior that is told of them cell by cell as well; not in every bundle."""


@dataclass(frozen=True)
class FileSpec:
    """A file of the bundle."""

    file: str
    """Name inside the bundle, no folders."""
    sha256: str
    """Hex digest of its bytes."""


@dataclass(frozen=True)
class GraphSpec(FileSpec):
    """An ONNX graph of the bundle."""

    opset: int
    inputs: list[str]
    outputs: list[str]


@dataclass(frozen=True)
class ImageSpec:
    """What the encoder reads and the decoder writes."""

    size_px: int
    channels: int
    """4: RGBA. 3: RGB over white."""
    alpha: str
    """``associated`` (premultiplied) with four channels, ``none`` with three."""


@dataclass(frozen=True)
class CodebookSpec(FileSpec):
    """``codebook.npy``: (size, dim), float16 or float32."""

    size: int
    dim: int


@dataclass(frozen=True)
class SamplingDefaults:
    """What ``emoterm sample`` uses where the user says nothing."""

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    guidance: float = 1.0
    min_p: float = 0.0


@dataclass(frozen=True)
class PriorSpec:
    """Shape of the prior and the layout of its context."""

    weights: FileSpec
    """The safetensors file that the graphs of the prior point into."""
    vocab_size: int
    """Codes, BOS, NULL, styles and words."""
    block_size: int
    """Longest sequence: context slots, BOS and the grid; positions in the KV cache."""
    n_layer: int
    n_kv_head: int
    head_dim: int
    style_slots: int
    word_slots: int
    bos_token: int
    null_token: int
    guide_width: int = 0
    """Channels of what the graphs ``words`` and ``source`` tell the prior for each cell; 0 for a prior without either."""
    local_layers: list[int] = field(default_factory=list)
    """Layers that, on a CPU, see the context and the newest tokens only: what is farther away hardly counts for them."""
    window: int = 0
    """So many of the newest tokens, of block_size; 0 where there is no such layer."""
    sampling: SamplingDefaults = field(default_factory=SamplingDefaults)


@dataclass(frozen=True)
class ParitySpec:
    """How far ONNX Runtime and PyTorch were apart when the bundle was built."""

    atol: float
    max_abs_diff: dict[str, float]
    """Largest absolute difference, per graph."""


@dataclass(frozen=True)
class Attribution:
    """One source of training data."""

    name: str
    license: str
    styles: list[str]


@dataclass(frozen=True)
class Manifest:
    """A whole ``manifest.json``."""

    schema_version: int
    name: str
    version: str
    recipe: str
    image: ImageSpec
    grid: list[int]
    """Rows and columns of the token grid."""
    codebook: CodebookSpec
    graphs: dict[str, GraphSpec]
    """Keys: ``encoder``, ``decoder`` and three variants of one step of the prior: ``prior`` for CPUs, ``prior_cuda``, and
    ``prior_standard`` for builds of ONNX Runtime without its own operators; ``source`` where the prior can draw after a picture, ``words``
    where it is told of style and words cell by cell. There may be ``prior_guided``, which is ``prior`` without top-k and top-p, and
    ``prior_plain``, which has no guidance, source, style and words either: the less they can do, the faster they are."""
    prior: PriorSpec
    vocabulary: FileSpec
    gallery: dict[str, FileSpec]
    """Keys: ``index`` (JSON) and ``tokens`` (9-bit packed grids); empty when the bundle has no gallery."""
    parity: ParitySpec
    storage: dict[str, Any]
    """How the weights of ``encoder``, ``decoder`` and ``prior`` are stored (``8bit`` or ``half``), and what was measured to choose it;
    ``windows``: the same of the local layers of the prior."""
    metrics: dict[str, Any]
    """``split``, ``n``, ``mse``, ``psnr``, ``ssim`` … as the evaluation printed them. ``gallery``: how many of its token grids were
    searched for, and what that is worth."""
    attributions: list[Attribution]
    provenance: dict[str, Any] = field(default_factory=dict)
    """Commit, seed, steps and hardware of the training run."""

    @property
    def n_tokens(self) -> int:
        """Tokens of one picture."""
        return self.grid[0] * self.grid[1]

    def files(self) -> list[FileSpec]:
        """Every file that has a checksum, in a fixed order."""
        return [*self.graphs.values(), self.prior.weights, self.codebook, self.vocabulary, *self.gallery.values()]

    def to_json(self) -> str:
        """The manifest as indented JSON with a final newline."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, *, where: str) -> Manifest:
        """Parse and validate.

        Args:
            text: the content of ``manifest.json``.
            where: name of the bundle, for messages.

        Raises:
            BundleError: not JSON, another ``schema_version``, or a key that is missing or has the wrong type.
        """
        data = parse_json(text, f"{where}: manifest.json")
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version != SCHEMA_VERSION:
            raise BundleError(
                f"{where}: manifest has schema_version {version!r}, this emoterm reads {SCHEMA_VERSION}.",
                fix="Upgrade: pip install -U emoterm; or make an older one anew: emoterm export, or python -m export.renew prior.",
            )
        try:
            manifest: Manifest = build(cls, data, path="manifest", max_text_chars=MAX_TEXT_CHARS)
        except ValueError as error:
            raise BundleError(f"{where}: {error}.", fix=REINSTALL) from None
        missing = [name for name in GRAPH_NAMES if name not in manifest.graphs]
        if manifest.prior.guide_width and not {SOURCE_GRAPH, WORDS_GRAPH} & manifest.graphs.keys():
            missing.append(SOURCE_GRAPH)
        if missing:
            raise BundleError(f"{where}: manifest lists no graph for {', '.join(missing)}.", fix=REINSTALL)
        for spec in manifest.files():
            # A name, never a path: a bundle must not be able to point outside itself.
            if spec.file in ("", ".", "..") or any(char in spec.file for char in "/\\:\0"):
                raise BundleError(f"{where}: {spec.file!r} is not a plain file name.", fix=REINSTALL)
        return manifest
