"""``python -m export.renew PART BUNDLE --data DATA -o OUT``: the graphs of a bundle's prior or its decoder, made anew from its weights.

For a bundle that was exported before its graphs were made in a better way. Nothing is trained, and what has nothing to do with the part
stays what it is, to the byte. Every graph is held against torch, and what depends on it is measured, as in an export.

Of the prior, the weights stay, too. By what steps attention is rounded is measured where 8-bit weights do not say it yet, and which layers
see a window only is chosen. Of the decoder, the weights are rounded again; a picture of the gallery whose tokens were searched for gets the
nearest ones where the new decoder makes more of those. How the encoder is stored was chosen with the decoder before, and stays.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from emoterm.bundle import MANIFEST, open_bundle
from emoterm.errors import EmotermError, OutputError, UsageError
from emoterm.manifest import SCHEMA_VERSION, ParitySpec, SamplingDefaults
from export import parity
from export.build_bundle import BUNDLE_VERSION, check_replaceable, install, with_gallery
from export.bundle_models import BundleModels, choose_windows, write_decoder, write_file, write_prior
from export.calibrate import measure_inputs
from export.errors import ParityError
from export.evaluate import evaluate, evaluate_prior
from export.graphs.prior_weights import with_attention_steps
from export.graphs.weights_file import WeightsFile
from export.material import Material, gather
from export.model_card import model_card, notice
from export.progress import Progress, as_in_training, untold
from export.to_onnx import round_to_half_
from export.unpack import unpack
from export.unpack_gallery import check_same_data, unpack_gallery
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.overrides import override, parse_changes
from trainer.prior import Prior
from trainer.run import load_prior, load_vqvae
from trainer.searched import SEARCHED

Part: TypeAlias = Literal["decoder", "prior"]


def renew(
    part: Part,
    source: Path,
    data: str,
    out: Path,
    *,
    settings: Sequence[str] = (),
    force: bool = False,
    progress: Progress = untold,
) -> Path:
    """Write the bundle anew.

    Args:
        part: whose graphs.
        source: the folder of a bundle, of this schema; for the prior, whose graphs are what changes with it, of the one before as well.
        data: what it was trained on, any source of :mod:`trainer.data`.
        out: folder or ``.emoterm`` file.
        settings: changes to its recipe's ``sampling``, such as ``sampling.min_p=0.01``: what it samples with where a person says nothing.
        force: replace the bundle that is there.
        progress: shows how far the search is for the tokens that the figures of a decoder are measured with.

    Returns:
        ``out``.

    Raises:
        UsageError: ``source`` is no such folder, or not of this data.
        TrainerError: the data cannot be read, or a weight is not where this version would put it.
        ParityError: a graph does not do what the torch model does.
        OutputError: ``out`` exists, or cannot be written.
    """
    if out.exists() and not force:
        raise OutputError(f"{out} already exists.", fix="Add --force to replace it, or choose another name.")
    check_replaceable(out)
    if source.resolve() in out.resolve().parents:
        raise OutputError(f"{out} lies inside of {source}.", fix="Choose another place with -o.")
    strange = [setting for setting in settings if not setting.startswith("sampling.")]
    if strange:
        raise UsageError(
            f"{strange[0]} would not be true of how it was trained.", fix="Only its sampling can be set: --set sampling.min_p=0.01"
        )
    emojis = load_emojis(data)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.absolute().parent) as temporary:
        folder, run = Path(temporary) / "bundle", Path(temporary) / "run"
        _copy(source, folder, part)
        with open_bundle(folder) as bundle:
            check_same_data(bundle, emojis)
            unpack(bundle, run)
            if part == "decoder":
                unpack_gallery(bundle, emojis, run / SEARCHED)
            manifest = bundle.manifest
        recipe = from_dict(Recipe, manifest.provenance["recipe"])
        assert isinstance(recipe, Recipe)
        recipe = override(recipe, parse_changes(settings))
        vqvae = load_vqvae(run, recipe)
        round_to_half_(vqvae)  # as in an export: what was bytes has more digits
        parity.no_grad_eval(vqvae)
        space = TokenSpace.load(run / "vocabulary.json", recipe.vqvae.codebook.size)
        held_out = emojis.split("test")

        spec = replace(manifest.prior, sampling=SamplingDefaults(**vars(recipe.sampling)))
        differences, storage = dict(manifest.parity.max_abs_diff), dict(manifest.storage)
        models = BundleModels(folder, spec, dict(manifest.graphs), differences, storage)
        material = gather(recipe, vqvae, space, emojis.split("train"), held_out)
        if part == "decoder":
            write_decoder(models, vqvae, material)
        else:
            _write_prior(models, load_prior(run, recipe, space), material)
        provenance: dict[str, Any] = manifest.provenance | {"recipe": recipe.to_dict()}
        manifest = replace(
            manifest,
            version=BUNDLE_VERSION,
            graphs=models.graphs,
            prior=models.prior,
            parity=ParitySpec(parity.ATOL, models.differences),
            storage=models.storage,
            provenance=provenance,
        )
        (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        if part == "decoder":
            manifest = with_gallery(folder, manifest, emojis, run / SEARCHED)
            (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        with open_bundle(folder) as bundle:
            if part == "decoder":
                found = evaluate(bundle, held_out, device="cpu", progress=progress)
            else:
                found = evaluate_prior(bundle, held_out, device="cpu")
            manifest = replace(manifest, metrics=manifest.metrics | found)
        for name, text in ((MANIFEST, manifest.to_json()), ("MODEL_CARD.md", model_card(manifest)), ("NOTICE", notice(manifest))):
            (folder / name).write_text(text, encoding="utf-8")
        with open_bundle(folder) as bundle:
            bundle.verify()
        install(folder, out)
    return out


def _write_prior(models: BundleModels, prior: Prior, material: Material) -> None:
    parity.no_grad_eval(prior)
    choose_windows(models, prior, material.readings)
    spec = models.prior.weights
    weights = WeightsFile.stored(spec.file, (models.folder / spec.file).read_bytes())
    weights = with_attention_steps(weights, prior, measure_inputs(prior, *material.readings))
    models.prior = replace(models.prior, weights=write_file(models.folder, weights.file, weights.data))
    write_prior(models, prior, weights, material)


def _copy(source: Path, folder: Path, part: Part) -> None:
    """The bundle; for a new prior readable by this version, as what is new in its schema has a value where nothing is said."""
    if not (source / MANIFEST).is_file():
        raise UsageError(f"{source} is no folder of a bundle.", fix="Name the folder that holds its manifest.json.")
    shutil.copytree(source, folder)
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
    except ValueError:
        return  # whoever opens it says what is wrong
    if part == "prior" and isinstance(said, dict) and said.get("schema_version") == SCHEMA_VERSION - 1:
        said["schema_version"] = SCHEMA_VERSION
        (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")


def main() -> None:
    """Exit code 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m export.renew", description=__doc__)
    parser.add_argument("part", choices=get_args(Part), help="whose graphs")
    parser.add_argument("bundle", type=Path, help="the folder of a bundle")
    parser.add_argument("--data", required=True, help="what it was trained on")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="as in sampling.min_p=0.01")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the new one goes")
    parser.add_argument("--force", action="store_true", help="replace a bundle")
    arguments = parser.parse_args()
    try:
        renew(
            arguments.part,
            arguments.bundle,
            arguments.data,
            arguments.out,
            settings=arguments.set,
            force=arguments.force,
            progress=as_in_training,
        )
    except (EmotermError, TrainerError, ParityError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
