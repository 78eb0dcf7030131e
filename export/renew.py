"""``python -m export.renew_prior BUNDLE --data DATA -o OUT``: the graphs of a bundle's prior, made anew from its weights.

For a bundle that was exported before its graphs were made in a better way. Nothing is trained or searched for: its weights and all else
stay what they are, to the byte. By what steps attention is rounded is measured where 8-bit weights do not say it yet, which layers see a
window only is chosen, every graph is held against torch, and the bits per emoji are measured, as in an export.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emoterm.bundle import MANIFEST, open_bundle
from emoterm.errors import EmotermError, OutputError, UsageError
from emoterm.manifest import SCHEMA_VERSION, ParitySpec, SamplingDefaults
from export import parity
from export.build_bundle import BUNDLE_VERSION, check_replaceable, install
from export.bundle_models import BundleModels, choose_windows, write_file, write_prior
from export.calibrate import measure_inputs
from export.errors import ParityError
from export.evaluate import evaluate_prior
from export.graphs.prior_weights import with_attention_steps
from export.graphs.weights_file import WeightsFile
from export.material import gather
from export.model_card import model_card, notice
from export.unpack import unpack
from export.unpack_gallery import check_same_data
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.overrides import override, parse_changes
from trainer.run import load_prior, load_vqvae


def renew_prior(source: Path, data: str, out: Path, *, settings: Sequence[str] = (), force: bool = False) -> Path:
    """Write the bundle anew.

    Args:
        source: the folder of a bundle of this schema or the one before.
        data: what it was trained on, any source of :mod:`trainer.data`.
        out: folder or ``.emoterm`` file.
        settings: changes to its recipe's ``sampling``, such as ``sampling.min_p=0.01``: what it samples with where a person says nothing.
        force: replace the bundle that is there.

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
        _copy(source, folder)
        with open_bundle(folder) as bundle:
            check_same_data(bundle, emojis)
            unpack(bundle, run)
            manifest, stored = bundle.manifest, bundle.read(bundle.manifest.prior.weights)
        recipe = from_dict(Recipe, manifest.provenance["recipe"])
        assert isinstance(recipe, Recipe)
        recipe = override(recipe, parse_changes(settings))
        vqvae = load_vqvae(run, recipe)
        space = TokenSpace.load(run / "vocabulary.json", recipe.vqvae.codebook.size)
        prior = load_prior(run, recipe, space)
        for model in (vqvae, prior):
            parity.no_grad_eval(model)

        spec = replace(manifest.prior, sampling=SamplingDefaults(**vars(recipe.sampling)))
        differences, storage = dict(manifest.parity.max_abs_diff), dict(manifest.storage)
        models = BundleModels(folder, spec, dict(manifest.graphs), differences, storage)
        material = gather(recipe, vqvae, space, emojis.split("train"), emojis.split("test"))
        choose_windows(models, prior, material.readings)
        weights = WeightsFile.stored(spec.weights.file, stored)
        weights = with_attention_steps(weights, prior, measure_inputs(prior, *material.readings))
        models.prior = replace(models.prior, weights=write_file(folder, weights.file, weights.data))
        write_prior(models, prior, weights, material)
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
        with open_bundle(folder) as bundle:
            manifest = replace(manifest, metrics=manifest.metrics | evaluate_prior(bundle, emojis.split("test"), device="cpu"))
        for name, text in ((MANIFEST, manifest.to_json()), ("MODEL_CARD.md", model_card(manifest)), ("NOTICE", notice(manifest))):
            (folder / name).write_text(text, encoding="utf-8")
        with open_bundle(folder) as bundle:
            bundle.verify()
        install(folder, out)
    return out


def _copy(source: Path, folder: Path) -> None:
    """The bundle, readable by this version: what is new in its schema has a value where nothing is said."""
    if not (source / MANIFEST).is_file():
        raise UsageError(f"{source} is no folder of a bundle.", fix="Name the folder that holds its manifest.json.")
    shutil.copytree(source, folder)
    said = json.loads((folder / MANIFEST).read_bytes())
    if said.get("schema_version") == SCHEMA_VERSION - 1:
        said["schema_version"] = SCHEMA_VERSION
        (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")


def main() -> None:
    """Exit code 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m export.renew_prior", description=__doc__)
    parser.add_argument("bundle", type=Path, help="the folder of a bundle")
    parser.add_argument("--data", required=True, help="what it was trained on")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="as in sampling.min_p=0.01")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the new one goes")
    parser.add_argument("--force", action="store_true", help="replace a bundle")
    arguments = parser.parse_args()
    try:
        renew_prior(arguments.bundle, arguments.data, arguments.out, settings=arguments.set, force=arguments.force)
    except (EmotermError, TrainerError, ParityError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
