"""A finished training run → a verified bundle. Nothing is written at the destination unless every check passes."""

from __future__ import annotations

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

from emoterm.bundle import MANIFEST, SUFFIX, open_bundle
from emoterm.errors import OutputError
from emoterm.manifest import SCHEMA_VERSION, CodebookSpec, ImageSpec, Manifest, ParitySpec
from emoterm.token_search import DEFAULT_EFFORT
from emoterm.tokenfile import token_bits
from export import parity
from export.bundle_models import write_file, write_models
from export.encode_gallery import encode_gallery
from export.evaluate import evaluate
from export.gallery import attributions, write_gallery
from export.model_card import model_card, notice
from export.progress import Progress, untold
from trainer.claim import data_digest
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.prior import Prior
from trainer.run import chosen, load_prior, load_run, load_vqvae, read_facts
from trainer.searched import SEARCHED
from trainer.vqvae import GRID, VQVAE

BUNDLE_VERSION = "17"


def build_bundle(
    run_dir: Path, out: Path, *, data: str | None = None, force: bool = False, effort: int = DEFAULT_EFFORT, progress: Progress = untold
) -> Path:
    """Export, check, measure, write.

    Args:
        run_dir: a run with both stages finished.
        out: a directory, or a file that ends in ``.emoterm`` for a zip; the bundle is named after it.
        data: where the pictures of the run lie now, any source of :mod:`trainer.data`; None: where they lay when it was trained.
        force: replace the bundle that is there.
        effort: of the search for the tokens that the figures in the manifest are measured with.
        progress: shows how far that search is.

    Returns:
        ``out``.

    Raises:
        TrainerError: the run is not finished, or its data cannot be read or holds other pictures by now.
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
    facts, emojis = _load_data(run_dir, recipe, facts, data)
    held_out = emojis.split("test")

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.parent) as temporary:
        folder = Path(temporary) / "bundle"
        folder.mkdir()
        manifest = _write_models(folder, recipe, vqvae, prior, space, emojis.split("train"), held_out)
        manifest = _write_data(folder, manifest, recipe, emojis, facts, run_dir / SEARCHED)
        # The figures come from the bundle as it will ship, read back through the app.
        with open_bundle(folder) as bundle:
            measured = evaluate(bundle, held_out, device="cpu", effort=effort, progress=progress)
        name = out.absolute().name.removesuffix(SUFFIX)
        manifest = replace(manifest, name=name, metrics={"split": "test", **measured, **manifest.metrics})
        (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
        (folder / "MODEL_CARD.md").write_text(model_card(manifest), encoding="utf-8")
        (folder / "NOTICE").write_text(notice(manifest), encoding="utf-8")
        with open_bundle(folder) as bundle:
            bundle.verify()
        install(folder, out)
    return out


def _load_data(run_dir: Path, recipe: Recipe, facts: dict[str, Any], data: str | None) -> tuple[dict[str, Any], EmojiSet]:
    """All pictures of a run's data: those it was trained on, where it says which these were; and its facts with where they lie now."""
    fix = "Name the data that it was trained on, wherever that lies now: emoterm export --data DATA"
    source = facts["data"] if data is None else data
    try:
        emojis = load_emojis(source, size_px=recipe.data.size_px)
    except TrainerError as error:
        raise TrainerError(error.what, fix=fix if data is None else error.fix) from None
    if "data_digest" in facts and facts["data_digest"] != data_digest(*chosen(emojis, recipe.data)):
        raise TrainerError(f"{source} holds other pictures, or other names, than {run_dir} was trained on.", fix=fix)
    return facts | {"data": source}, emojis


def _write_models(
    folder: Path, recipe: Recipe, vqvae: VQVAE, prior: Prior, space: TokenSpace, train: EmojiSet, held_out: EmojiSet
) -> Manifest:
    """Graphs, codebook and vocabulary, each checked; the manifest without gallery and metrics."""
    models = write_models(folder, recipe, vqvae, prior, space, train, held_out)
    packed = io.BytesIO()
    np.save(packed, vqvae.codebook.codes.half().numpy(), allow_pickle=False)
    codebook = write_file(folder, "codebook.npy", packed.getvalue())
    names = json.dumps(space.to_json(), ensure_ascii=False, separators=(",", ":"))
    channels = recipe.data.channels
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=recipe.name,
        version=BUNDLE_VERSION,
        recipe=recipe.name,
        image=ImageSpec(recipe.data.size_px, channels, "associated" if channels == 4 else "none"),
        grid=[GRID, GRID],
        codebook=CodebookSpec(codebook.file, codebook.sha256, recipe.vqvae.codebook.size, recipe.vqvae.codebook.dim),
        graphs=models.graphs,
        prior=models.prior,
        vocabulary=write_file(folder, "vocabulary.json", names.encode()),
        gallery={},
        parity=ParitySpec(parity.ATOL, models.differences),
        storage=models.storage,
        metrics={},
        attributions=[],
    )


def _write_data(folder: Path, manifest: Manifest, recipe: Recipe, emojis: EmojiSet, facts: dict[str, Any], searched: Path) -> Manifest:
    """Gallery, attributions and provenance; also leaves a first ``manifest.json``, without which a bundle cannot be opened."""
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    manifest = with_gallery(folder, manifest, emojis, searched)
    provenance: dict[str, Any] = {key: facts[key] for key in ("commit", "torch", "machine", "init") if key in facts}
    provenance |= {"seed": recipe.seed, "data": name_of_data(facts["data"]), "recipe": recipe.to_dict()}
    manifest = replace(manifest, attributions=attributions(emojis.rows), provenance=provenance)
    (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def with_gallery(folder: Path, manifest: Manifest, emojis: EmojiSet, searched: Path) -> Manifest:
    """Write the gallery of a bundle whose encoder and decoder lie in ``folder``; the manifest that tells of it and its worth.

    Args:
        folder: of the bundle, with a manifest.
        manifest: of the bundle.
        emojis: all pictures of its data.
        searched: as in :func:`export.encode_gallery.encode_gallery`.
    """
    tokens, worth = encode_gallery(folder, emojis, searched)
    index, packed = write_gallery(emojis, tokens, bits=token_bits(manifest.codebook.size))
    gallery = {"index": write_file(folder, "gallery_index.json", index), "tokens": write_file(folder, "gallery_tokens.bin", packed)}
    return replace(manifest, gallery=gallery, metrics=manifest.metrics | {"gallery": worth})


def name_of_data(source: str) -> str:
    """What a source of :func:`trainer.data.load_emojis` is called, without where it lies on the machine that trained.

    Files and folders keep their own name only, ``font:/home/me/y.ttf`` becomes ``font:y.ttf``, and a Hugging Face id stays whole.
    """
    if source.startswith("font:"):
        return f"font:{Path(source.removeprefix('font:')).name}"
    path = Path(source).expanduser()
    # As the sources are told apart: what lies there is that, and only what does not can be an id.
    return path.absolute().name if path.exists() else source


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
        except BaseException:  # a Ctrl-C between the two moves must not lose the old one either
            if aside.exists():
                os.replace(aside, out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(out, error) from None


def _cannot_write(out: Path, error: OSError) -> OutputError:
    return OutputError(f"{out} cannot be written ({error.strerror}).", fix="Choose another place with -o.")
