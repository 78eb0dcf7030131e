"""``python -m export.unpack --out RUN``: a bundle → a training run, to go on from with ``emoterm train --init RUN``.

A bundle holds its weights under the names that the exporter gave them, laid out as the graphs want them, rounded. Where each one belongs is
not written down, but can be found out: a network of the same shape with random weights is exported again, and each of its weights looked
for among the constants of that graph. In a decoder's graph, which we write by hand, they have their own names. Rounding cannot be undone;
all else is as it was. The optimizer's averages are not in a bundle.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import load
from torch import Tensor, nn

from emoterm.bundle import Bundle, open_bundle
from emoterm.errors import EmotermError, UsageError
from emoterm.manifest import SOURCE_GRAPH, WORDS_GRAPH
from export.graphs.builder import PRODUCER
from export.graphs.decoder_graph import unfolded_first
from export.graphs.prior_weights import load_packed_
from export.to_onnx import export_decoder, export_encoder, export_source, export_words
from export.unpack_gallery import check_same_data, unpack_gallery
from trainer import checkpoint, tokenizer
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.networks.residual import ResidualDecoder
from trainer.prior import make_prior
from trainer.searched import SEARCHED
from trainer.vqvae import VQVAE

SAME_VERSIONS = "Use the versions of torch and onnx that exported it."
ONLY_IN_TRAINING = ("words.codes.", "changes.")
"""Weights that no graph holds: they begin anew."""
Array = NDArray[Any]


def unpack(bundle: Bundle, out: Path) -> None:
    """Write the run directory ``out``.

    Raises:
        UsageError: ``out`` exists, or the bundle does not say what its networks were.
        TrainerError: a weight is not where this version of the exporter would put it.
    """
    provenance = bundle.manifest.provenance
    if "recipe" not in provenance:
        raise UsageError("The bundle does not tell the recipe of its networks.", fix="Use one that emoterm export made.")
    if out.exists():
        raise UsageError(f"{out} already exists.", fix="Choose another name with --out.")
    recipe = from_dict(Recipe, provenance["recipe"])
    assert isinstance(recipe, Recipe)
    vocabulary = bundle.read(bundle.manifest.vocabulary)
    vqvae, prior = _vqvae_weights(bundle, recipe), _prior_weights(bundle, recipe, json.loads(vocabulary))
    for stage, weights in (("vqvae", vqvae), ("prior", prior)):
        (out / stage).mkdir(parents=True)
        checkpoint.save_weights(out / stage / "weights.safetensors", weights)
    tokenizer.note(out)
    (out / "vocabulary.json").write_bytes(vocabulary)
    facts = {key: provenance[key] for key in ("commit", "torch", "machine", "init", "data") if key in provenance}
    checkpoint.write_text_atomic(out / "recipe.json", json.dumps({"data": "", **facts, "recipe": recipe.to_dict()}, indent=1))


def _vqvae_weights(bundle: Bundle, recipe: Recipe) -> dict[str, Tensor]:
    model = VQVAE(recipe.vqvae, recipe.data.channels).eval()
    _randomize_(model)
    codes = torch.from_numpy(np.load(io.BytesIO(bundle.read(bundle.manifest.codebook))).astype(np.float32))
    weights = model.state_dict()
    for part, export in (("encoder", export_encoder), ("decoder", export_decoder)):
        stored = onnx.load_from_string(bundle.read(bundle.manifest.graphs[part]))
        if part == "decoder" and isinstance(model.decoder, ResidualDecoder) and stored.producer_name == PRODUCER:
            weights |= {f"decoder.{name}": value for name, value in _decoder_weights(_Stored(stored), model.decoder).items()}
        else:
            weights |= _find_weights(stored, export(model), _named(model, part))
    settled = {"codes": codes, "embed_sum": codes.clone(), "warmup_left": torch.tensor(-1)}
    return weights | {f"codebook.{name}": value for name, value in settled.items()}


def _decoder_weights(held: _Stored, decoder: ResidualDecoder) -> dict[str, Tensor]:
    """Of a graph that we wrote, where they keep their names."""
    weights, unfold = {}, decoder.parts().unfold
    for name, module in decoder.named_modules():
        for part, parameter in module.named_parameters(prefix=name, recurse=False):
            if isinstance(module, nn.GroupNorm) and part not in held:
                array = np.full(parameter.shape, part.endswith("weight"))  # a norm that another layer has taken the factors of
            else:
                array = held.read(part)
            if module is unfold:
                array = unfolded_first(array)
            weights[part] = torch.from_numpy(array.reshape(parameter.shape).astype(np.float32))
    return weights


@torch.no_grad()
def _prior_weights(bundle: Bundle, recipe: Recipe, vocabulary: dict[str, Any]) -> dict[str, Tensor]:
    space = TokenSpace(bundle.manifest.codebook.size, tuple(vocabulary["styles"]), tuple(vocabulary["words"]))
    model = make_prior(recipe, space).eval()
    weights = {name: value.clone() for name, value in model.state_dict().items() if name.startswith(ONLY_IN_TRAINING)}
    _randomize_(model)
    load_packed_(model, load(bundle.read(bundle.manifest.prior.weights)))
    weights = {**model.state_dict(), **weights}
    readers: tuple[tuple[str, Callable[[Any], onnx.ModelProto]], ...] = ((SOURCE_GRAPH, export_source), (WORDS_GRAPH, export_words))
    for part, export in readers:
        if part in bundle.manifest.graphs:
            stored = onnx.load_from_string(bundle.read(bundle.manifest.graphs[part]))
            weights |= _find_weights(stored, export(getattr(model, part)), _named(model, part))
    return weights


@torch.no_grad()
def _randomize_(model: nn.Module) -> None:
    """Give it weights that can be told from each other, whatever they begin with."""
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))


def _named(model: nn.Module, part: str) -> dict[str, Array]:
    named = {f"{part}.{name}": parameter.detach().numpy() for name, parameter in getattr(model, part).named_parameters()}
    return {name: value for name, value in named.items() if not name.startswith(ONLY_IN_TRAINING)}


def _find_weights(stored: onnx.ModelProto, exported: onnx.ModelProto, wanted: dict[str, Array]) -> dict[str, Tensor]:
    """The weights in ``stored``, found by where ``wanted`` stands in ``exported``."""
    held = _Stored(stored)
    places = [(tensor.name, numpy_helper.to_array(tensor)) for tensor in exported.graph.initializer]
    found = {}
    for name, value in wanted.items():
        for place, constant in places:
            if constant.size != value.size:
                continue
            turned = value.ndim == 2 and np.array_equal(constant, value.T)  # a product reads (in, out)
            if turned or np.array_equal(constant.reshape(value.shape), value):
                array = held.read(place)
                found[name] = torch.from_numpy(np.array(array.T if turned else array.reshape(value.shape), np.float32))
                break
        else:
            raise TrainerError(f"{name} is not among the constants of its graph.", fix=SAME_VERSIONS)
    return found


def _names_of(name: str) -> tuple[str, str, str]:
    """What a constant may be called in a graph as it ships: in floats, in half precision, in bytes."""
    return name, f"{name}.half", f"{name}_quantized"


class _Stored:
    """The constants of a graph as it ships, by the names that they had when it was exported."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

    def __contains__(self, name: str) -> bool:
        return any(stored in self._arrays for stored in _names_of(name))

    def read(self, name: str) -> NDArray[np.float32]:
        """In full precision.

        Raises:
            TrainerError: there is none of this name.
        """
        *floats, quantized = _names_of(name)
        for plain in floats:
            if plain in self._arrays:
                return self._arrays[plain].astype(np.float32)
        if quantized not in self._arrays:
            raise TrainerError(f"The graph holds no constant {name}.", fix=SAME_VERSIONS)
        array = self._arrays[quantized].astype(np.float32)
        # Biases name their scale after themselves. Scales are one for each output: rows of a convolution, columns of a product.
        scale = self._arrays.get(f"{quantized}_scale", self._arrays.get(f"{name}_scale"))
        if scale is None:
            raise TrainerError(f"The graph does not say by what scale {name} is rounded.", fix=SAME_VERSIONS)
        whole: NDArray[np.float32] = array * (scale if array.ndim <= 2 else scale.reshape(-1, *[1] * (array.ndim - 1)))
        return whole


def main() -> None:
    """Exit code 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m export.unpack", description=__doc__)
    parser.add_argument("bundle", nargs="?", type=Path, help="a folder or a .emoterm file; without it the one that ships")
    parser.add_argument("--out", type=Path, required=True, help="run directory, made new")
    parser.add_argument("--data", help="what the bundle was trained on: the tokens of its gallery become searched tokens of the run")
    arguments = parser.parse_args()
    try:
        with open_bundle(arguments.bundle) as bundle:
            emojis = None if arguments.data is None else load_emojis(arguments.data)
            if emojis is not None:
                check_same_data(bundle, emojis)  # before anything is written
            unpack(bundle, arguments.out)
            if emojis is not None:
                unpack_gallery(bundle, emojis, arguments.out / SEARCHED)
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
