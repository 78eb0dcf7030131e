"""A finished training run → a verified bundle. Nothing is written at the destination unless every check passes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoterm.bundle import MANIFEST, SUFFIX, open_bundle
from emoterm.errors import OutputError
from emoterm.manifest import (
    PLAIN_GRAPH,
    SCHEMA_VERSION,
    CodebookSpec,
    FileSpec,
    GraphSpec,
    ImageSpec,
    Manifest,
    ParitySpec,
    PriorSpec,
    SamplingDefaults,
)
from emoterm.token_search import DEFAULT_EFFORT
from emoterm.tokenfile import token_bits
from export import parity
from export.calibrate import Readings, measure_inputs
from export.contract import DECODER, ENCODER, OPSET, SOURCE, WORDS, GraphContract, prior_contract
from export.encode_gallery import encode_gallery
from export.evaluate import evaluate
from export.gallery import attributions, write_gallery
from export.graphs.prior_graph import Variant, build_prior_graph, opset_of
from export.model_card import model_card, notice
from export.prior_parity import check_prior
from export.storage import open_packed, store_decoder, store_encoder, store_prior
from export.to_onnx import export_decoder, export_encoder, export_source, export_words, round_to_half_, stored_half
from trainer.conditions import STYLE_SLOTS, WORD_SLOTS, ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet, load_emojis
from trainer.prior import BLOCK_SIZE, Prior
from trainer.run import load_prior, load_run, load_vqvae, read_facts
from trainer.searched import SEARCHED
from trainer.siblings import Siblings
from trainer.train_vqvae import as_channels
from trainer.vqvae import GRID, VQVAE

BUNDLE_VERSION = "12"
CPU = torch.device("cpu")
REAL_PICTURES = 8
"""Held-out pictures that the parity check runs on beside random inputs."""
CALIBRATION_PICTURES = 256
"""Training pictures that show how large the activations get."""
PRIOR_VARIANTS: dict[Variant, str] = {
    "cpu": "prior",
    "plain": PLAIN_GRAPH,
    "cuda": "prior_cuda",
    "standard": "prior_standard",
}
"""The variants of the prior's graph by their names in the bundle."""


def build_bundle(run_dir: Path, out: Path, *, force: bool = False, effort: int = DEFAULT_EFFORT) -> Path:
    """Export, check, measure, write.

    Args:
        run_dir: a run with both stages finished.
        out: a directory, or a file that ends in ``.emoterm`` for a zip; the bundle is named after it.
        force: replace the bundle that is there.
        effort: of the search for the tokens that the figures in the manifest are measured with.

    Returns:
        ``out``.

    Raises:
        TrainerError: the run is not finished, or its data cannot be read.
        ParityError: a graph does not do what the torch model does.
        OutputError: ``out`` exists, is something other than a bundle, or cannot be written.
    """
    if out.exists() and not force:
        raise OutputError(f"{out} already exists.", fix="Add --force to replace it, or choose another name.")
    check_replaceable(out)
    recipe, facts = load_run(run_dir), read_facts(run_dir)
    vqvae = load_vqvae(run_dir, recipe)
    space = TokenSpace.load(run_dir / "vocabulary.json", recipe.vqvae.codebook.size)
    prior = load_prior(run_dir, recipe, space)
    emojis = load_emojis(facts["data"], size_px=recipe.data.size_px)
    held_out = emojis.split("test")

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.parent) as temporary:
        folder = Path(temporary) / "bundle"
        folder.mkdir()
        manifest = _write_models(folder, recipe, vqvae, prior, space, emojis.split("train"), held_out)
        manifest = _write_data(folder, manifest, recipe, emojis, facts, run_dir / SEARCHED)
        # The figures come from the bundle as it will ship, read back through the app.
        with open_bundle(folder) as bundle:
            measured = evaluate(bundle, held_out, device="cpu", effort=effort)
        name = out.absolute().name.removesuffix(SUFFIX)
        manifest = replace(manifest, name=name, metrics={"split": "test", **measured, **manifest.metrics})
        (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
        (folder / "MODEL_CARD.md").write_text(model_card(manifest), encoding="utf-8")
        (folder / "NOTICE").write_text(notice(manifest), encoding="utf-8")
        with open_bundle(folder) as bundle:
            bundle.verify()
        install(folder, out)
    return out


@torch.no_grad()
def _write_models(
    folder: Path, recipe: Recipe, vqvae: VQVAE, prior: Prior, space: TokenSpace, train: EmojiSet, held_out: EmojiSet
) -> Manifest:
    """Graphs, codebook and vocabulary, each checked; the manifest without gallery and metrics."""
    for model in (vqvae, prior):
        round_to_half_(model)
        parity.no_grad_eval(model)
    channels = recipe.data.channels
    pictures = as_channels(held_out.images.float() / 255, channels)
    contexts = _contexts(space, held_out)
    graphs: dict[str, GraphSpec] = {}
    differences: dict[str, float] = {}
    storage: dict[str, Any] = {}

    def add(name: str, data: bytes, contract: GraphContract, difference: float, opset: int = OPSET) -> None:
        spec = _write(folder, f"{name}.onnx", data)
        graphs[name] = GraphSpec(spec.file, spec.sha256, opset, list(contract.inputs), list(contract.outputs))
        differences[name] = difference

    # Parity is a matter of structure, so it is checked before anything is rounded to 8 bits; what that costs is measured.
    rows = _spread(train, CALIBRATION_PICTURES)
    shown = train.subset(rows)
    calibration = as_channels(shown.images.float() / 255, channels)
    calibration_z_q, calibration_tokens = _encoded(vqvae, calibration)
    z_q, tokens = _encoded(vqvae, pictures)
    encoder, decoder = export_encoder(vqvae), export_decoder(vqvae)
    difference = parity.check_decoder(stored_half(decoder), vqvae, pictures[:REAL_PICTURES])
    stored = store_decoder(decoder, calibration_z_q, z_q, pictures)
    add("decoder", stored.data, DECODER, difference)
    storage["decoder"] = stored.facts
    nothing = _all_contexts(space, held_out, drop_all=1.0)
    # With conditions and without: what a prompt sets off inside must fit the scales as well.
    contexts_shown = torch.cat([_all_contexts(space, shown), _all_contexts(space, shown, drop_all=1.0)])
    readings = [Readings(contexts_shown, torch.from_numpy(calibration_tokens).tile(2, 1))]
    guide = prior.guide(contexts)
    if recipe.prior.word_reader:
        data = stored_half(export_words(prior.words))
        add("words", data, WORDS, parity.check_words(data, prior.words, contexts[:, :-1]))
        storage["words"] = {"stored": "half"}
    if recipe.prior.reads_source:
        siblings = train.subset(Siblings(train.rows, CPU).first(torch.from_numpy(rows)))
        _, sources = _encoded(vqvae, as_channels(siblings.images.float() / 255, channels))
        readings.append(replace(readings[0], sources=torch.from_numpy(sources).tile(2, 1)))
        guide = prior.guide(contexts, torch.from_numpy(sources[: len(contexts)]))
        data = stored_half(export_source(prior.source))
        add("source", data, SOURCE, parity.check_source(data, prior.source, torch.from_numpy(sources[:REAL_PICTURES])))
        storage["source"] = {"stored": "half"}
    inputs = measure_inputs(prior, *readings)
    prior_spec = _prior_spec(recipe, space)
    weights, storage["prior"] = store_prior(prior, prior_spec, inputs, nothing.numpy(), tokens)
    prior_spec = replace(prior_spec, weights=_write(folder, weights.file, weights.data))
    difference = parity.check_encoder(stored_half(encoder), vqvae, pictures[:REAL_PICTURES])
    stored = store_encoder(
        encoder,
        calibration.numpy(),
        pictures,
        vqvae.codebook.codes.numpy(),
        stored.data,
        open_packed(prior, weights, prior_spec),
        nothing.numpy(),
    )
    add("encoder", stored.data, ENCODER, difference)
    storage["encoder"] = stored.facts

    for variant, name in PRIOR_VARIANTS.items():
        data = build_prior_graph(recipe.prior, weights, space.codebook_size, variant)
        difference = check_prior(data, weights, variant, prior, prior_spec, contexts)
        plain = variant == "plain"
        if guide is not None and not plain:
            difference = max(difference, check_prior(data, weights, variant, prior, prior_spec, contexts, guide))
        contract = prior_contract(recipe.prior.n_layer, reads_guide=recipe.prior.reads_guide, plain=plain, grouped=variant == "cuda")
        add(name, data, contract, difference, opset_of(variant))

    buffer = io.BytesIO()
    np.save(buffer, vqvae.codebook.codes.half().numpy(), allow_pickle=False)
    codebook = _write(folder, "codebook.npy", buffer.getvalue())
    vocabulary = _write(folder, "vocabulary.json", json.dumps(space.to_json(), ensure_ascii=False, separators=(",", ":")).encode())
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=recipe.name,
        version=BUNDLE_VERSION,
        recipe=recipe.name,
        image=ImageSpec(recipe.data.size_px, channels, "associated" if channels == 4 else "none"),
        grid=[GRID, GRID],
        codebook=CodebookSpec(codebook.file, codebook.sha256, recipe.vqvae.codebook.size, recipe.vqvae.codebook.dim),
        graphs=graphs,
        prior=prior_spec,
        vocabulary=vocabulary,
        gallery={},
        parity=ParitySpec(parity.ATOL, differences),
        storage=storage,
        metrics={},
        attributions=[],
    )


def _prior_spec(recipe: Recipe, space: TokenSpace) -> PriorSpec:
    """The prior's shape; its weights are not written yet."""
    return PriorSpec(
        weights=FileSpec("", ""),
        vocab_size=space.vocab_size,
        block_size=BLOCK_SIZE,
        n_layer=recipe.prior.n_layer,
        n_kv_head=recipe.prior.n_kv_head,
        head_dim=recipe.prior.head_dim,
        style_slots=STYLE_SLOTS,
        word_slots=WORD_SLOTS,
        guide_width=2 * recipe.prior.d_model if recipe.prior.reads_guide else 0,
        bos_token=space.bos,
        null_token=space.null,
        sampling=SamplingDefaults(**recipe.sampling),
    )


def _encoded(vqvae: VQVAE, pictures: Tensor) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Latents (N, D, 16, 16) and tokens (N, 256) of pictures."""
    indices = torch.cat([vqvae.encode(part)[1] for part in pictures.split(64)])
    return vqvae.codebook.lookup(indices).numpy(), indices.flatten(1).numpy()


def _spread(emojis: EmojiSet, n: int) -> NDArray[np.int64]:
    """The rows of ``n`` pictures, or of all, evenly spread over the set."""
    return np.unique(np.linspace(0, len(emojis) - 1, n).astype(np.int64))


def _write_data(folder: Path, manifest: Manifest, recipe: Recipe, emojis: EmojiSet, facts: dict[str, Any], searched: Path) -> Manifest:
    """Gallery, attributions and provenance; also leaves a first ``manifest.json``, without which a bundle cannot be opened."""
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    tokens, worth = encode_gallery(folder, emojis, searched)
    index, packed = write_gallery(emojis, tokens, bits=token_bits(recipe.vqvae.codebook.size))
    gallery = {"index": _write(folder, "gallery_index.json", index), "tokens": _write(folder, "gallery_tokens.bin", packed)}
    provenance: dict[str, Any] = {key: facts[key] for key in ("commit", "torch", "machine", "init") if key in facts}
    provenance |= {"seed": recipe.seed, "data": name_of_data(facts["data"]), "recipe": recipe.to_dict()}
    manifest = replace(manifest, gallery=gallery, attributions=attributions(emojis.rows), provenance=provenance, metrics={"gallery": worth})
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def name_of_data(source: str) -> str:
    """What a source of :func:`trainer.data.load_emojis` is called, without where it lies on the machine that trained.

    Files and folders keep their own name only, ``font:/home/me/y.ttf`` becomes ``font:y.ttf``, and a Hugging Face id stays whole.
    """
    if source.startswith("font:"):
        return f"font:{Path(source.removeprefix('font:')).name}"
    path = Path(source).expanduser()
    # As the sources are told apart: what lies there is that, and only what does not can be an id.
    return path.absolute().name if path.exists() else source


def _all_contexts(space: TokenSpace, emojis: EmojiSet, drop_all: float = 0.0) -> Tensor:
    """What the prior is told about each picture, or nothing: (N, CONTEXT)."""
    return ConditionTable(space, emojis.rows, CPU).context(torch.arange(len(emojis)), drop_all=drop_all)


def _contexts(space: TokenSpace, held_out: EmojiSet) -> Tensor:
    """One context without conditions and three real ones: (4, CONTEXT)."""
    few = held_out.subset(_spread(held_out, 3))
    return torch.cat([_all_contexts(space, few, drop_all=1.0)[:1], _all_contexts(space, few)])


def _write(folder: Path, name: str, data: bytes) -> FileSpec:
    (folder / name).write_bytes(data)
    return FileSpec(name, hashlib.sha256(data).hexdigest())


def check_replaceable(out: Path) -> None:
    """Refuse to put a bundle in the place of anything but a bundle of the same kind, of whatever version, or an empty folder.

    Raises:
        OutputError: there is something else.
    """
    try:
        if not out.exists():
            return
        wanted = "file" if out.suffix == SUFFIX else "folder"
        free = out.is_file() if wanted == "file" else out.is_dir() and (_holds_bundle(out) or not any(out.iterdir()))
    except OSError as error:
        raise _cannot_write(out, error) from None
    if not free:
        what = f"{out} is not the {wanted} of a bundle, and --force replaces bundles only."
        raise OutputError(what, fix="Choose another name with -o, or move away what is there.")


def _holds_bundle(folder: Path) -> bool:
    """Whether it has the manifest of one; other programs have files of that name too, with other things in them."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"schema_version", "graphs"} <= found.keys()


def install(folder: Path, out: Path) -> None:
    """Put the finished folder (or its zip) in place in one move; an old bundle is set aside until the new one stands.

    Raises:
        OutputError: it cannot be written there, or something other than a bundle is there.
    """
    check_replaceable(out)
    try:
        if out.suffix == SUFFIX:
            packed = folder.with_suffix(".zip")
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in sorted(folder.iterdir()):
                    archive.write(file, file.name)
            os.replace(packed, out)
            return
        aside = folder.with_name("replaced")
        if out.exists():
            os.replace(out, aside)
        try:
            os.replace(folder, out)
        except OSError:
            if aside.exists():
                os.replace(aside, out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(out, error) from None


def _cannot_write(out: Path, error: OSError) -> OutputError:
    return OutputError(f"{out} cannot be written ({error.strerror}).", fix="Choose another place with -o.")
