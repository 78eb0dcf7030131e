"""Single fields of a recipe, changed as ``--set`` does it."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import trainer.leave_one_out
import trainer.train
from trainer.config import Recipe
from trainer.errors import TrainerError
from trainer.overrides import override, parse_changes
from trainer.recipes import load_recipe, names
from trainer.vqvae import VQVAE

DEFAULT = Recipe(name="any")


def leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that is not a section, as ``("vqvae.codebook.size", 512)``."""
    for spec in dataclasses.fields(node):
        value = getattr(node, spec.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{prefix}{spec.name}.")
        else:
            yield f"{prefix}{spec.name}", value


FEW: dict[str, list[Any]] = {
    "data.size_px": [64],  # the networks are made for this one
    "data.channels": [3, 4],
    "vqvae.network": ["paper", "residual"],
    "vqvae.width_16": [128, 192],
    "mixed_precision": ["no", "bf16"],
}
"""Fields that not every number or word will do for."""


def another(value: Any, path: str = "") -> tuple[str, Any]:
    """A different value of the same kind: as typed, and as it should arrive."""
    if path in FEW:
        found = next((other for other in FEW[path] if other != value), value)
        return str(found), found
    if isinstance(value, bool):
        return str(not value).lower(), not value
    if value is None:
        return "7", 7
    if isinstance(value, int):
        return str(value + 1), value + 1
    if isinstance(value, float):
        return str(value / 2 + 0.125), value / 2 + 0.125
    if isinstance(value, tuple):
        return "8,16", (8, 16)
    return f"{value}x", f"{value}x"


PATHS = {path: value for path, value in leaves(DEFAULT) if path != "sampling"}


@pytest.mark.parametrize("path", PATHS)
def test_every_field_can_be_overridden_alone(path: str) -> None:
    for recipe in (DEFAULT, *map(load_recipe, names())):
        before = dict(leaves(recipe))
        text, value = another(before[path], path)
        after = dict(leaves(override(recipe, {path: text})))
        assert after[path] == value
        assert type(after[path]) is type(value)
        assert after | {path: None} == before | {path: None}
        assert dict(leaves(recipe)) == before


@pytest.mark.parametrize("path", [path for path, value in PATHS.items() if not isinstance(value, str)])
def test_a_value_of_the_wrong_type_names_the_flag_and_the_value(path: str) -> None:
    for recipe in (DEFAULT, *map(load_recipe, names())):
        with pytest.raises(TrainerError) as caught:
            override(recipe, {path: "maybe?"})
        assert f"--set {path}" in caught.value.what
        assert "'maybe?'" in caught.value.what
        assert caught.value.fix


@pytest.mark.parametrize("text", ["1.5", "", "1e3"])
def test_a_whole_number_must_be_whole(text: str) -> None:
    with pytest.raises(TrainerError, match=r"--set vqvae_optim\.epochs"):
        override(DEFAULT, {"vqvae_optim.epochs": text})


@pytest.mark.parametrize("text", ["1", "yes", "", "tru"])
def test_a_switch_is_true_or_false_and_nothing_else(text: str) -> None:
    with pytest.raises(TrainerError, match="--set compile"):
        override(DEFAULT, {"compile": text})


def test_switches_may_be_written_in_capitals() -> None:
    assert override(DEFAULT, {"compile": "True"}).compile is True


def test_an_optional_field_can_be_switched_on_and_off() -> None:
    path = "vqvae.codebook.kmeans_start_steps"
    switched_on = override(DEFAULT, {path: "40"})
    assert switched_on.vqvae.codebook.kmeans_start_steps == 40
    assert override(switched_on, {path: "none"}).vqvae.codebook.kmeans_start_steps is None
    assert override(DEFAULT, {path: "none"}) == DEFAULT


@pytest.mark.parametrize("path", ["epochs", "vqvae_optim.epoch", "vqvae.codebook.siez", "", "."])
def test_an_unknown_field_names_the_flag_and_the_fields_there_are(path: str) -> None:
    with pytest.raises(TrainerError) as caught:
        override(DEFAULT, {path: "3"})
    assert f"--set {path}:" in caught.value.what
    section = path.split(".")[:-1]
    node: Any = DEFAULT
    for key in section:
        node = getattr(node, key, DEFAULT)
    assert all(spec.name in str(caught.value.fix) for spec in dataclasses.fields(node))


@pytest.mark.parametrize("path", ["vqvae", "vqvae.codebook", "seed.more", "vqvae.codebook.size.more", "sampling", "sampling.top_k.more"])
def test_a_section_cannot_be_set_as_one_value_and_a_value_has_no_sections(path: str) -> None:
    with pytest.raises(TrainerError, match=rf"--set {path}: not a single value"):
        override(DEFAULT, {path: "3"})


def test_changes_are_split_at_the_first_equals_sign() -> None:
    assert parse_changes(["a.b=1", "c = x=y "]) == {"a.b": "1", "c": "x=y"}


@pytest.mark.parametrize("change", ["foo", "", "=1", " =1"])
@pytest.mark.parametrize("program", [trainer.train, trainer.leave_one_out], ids=["train", "leave_one_out"])
def test_a_change_without_field_or_value_says_how_to_write_it(
    program: ModuleType, change: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stage = ["vqvae"] if program is trainer.train else []
    monkeypatch.setattr(sys, "argv", ["program", *stage, "--data", "lineart:8", "--out", str(tmp_path / "run"), "--set", change])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    assert f"--set {change}: no value.\nWrite it like --set" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_how_a_bundle_samples_can_be_set() -> None:
    recipe = override(DEFAULT, {"sampling.temperature": "0.8", "sampling.top_k": "none", "sampling.min_p": "0.02"})
    assert (recipe.sampling.temperature, recipe.sampling.top_k, recipe.sampling.min_p) == (0.8, None, 0.02)
    assert recipe.sampling.guidance == DEFAULT.sampling.guidance


def test_overrides_add_up_and_the_last_one_wins() -> None:
    recipe = override(DEFAULT, {"seed": "5", "vqvae.codebook.size": "64", "vqvae.codebook.dim": "8"})
    assert (recipe.seed, recipe.vqvae.codebook.size, recipe.vqvae.codebook.dim) == (5, 64, 8)
    assert override(recipe, {"seed": "6"}).seed == 6


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("vqvae_optim.batch_size", "0"),
        ("prior_optim.batch_size", "0"),
        ("prior_optim.lr", "nan"),
        ("prior_optim.epochs", "-1"),
        ("prior.dropout", "1.5"),
        ("prior.n_layer", "0"),
        ("data.size_px", "32"),
        ("data.channels", "2"),
        ("data.augment", "-0.1"),
        ("data.flip", "1.5"),
        ("vqvae.network", "papper"),
        ("vqvae.width_32", "0"),
        ("vqvae.width_16", "100"),
        ("vqvae.width_16", "48"),
        ("vqvae.width_16", "-64"),
        ("vqvae.bottleneck", "0"),
        ("vqvae.encoder_blocks", "0"),
        ("vqvae.decoder_blocks", "0"),
        ("vqvae.decoder_width_32", "0"),
        ("vqvae.decoder_heads", "-1"),
        ("vqvae.decoder_bottlenecks", "64,0"),
        ("vqvae.codebook.size", "0"),
        ("vqvae.codebook.dim", "-8"),
        ("vqvae.codebook.ema_decay", "2"),
        ("vqvae.codebook.commitment_weight", "-0.25"),
        ("vqvae.codebook.kmeans_start_steps", "-1"),
        ("vqvae.codebook.reset_every_epochs", "0"),
        ("vqvae.codebook.stop_reset_fraction", "nan"),
        ("loss.mse", "-1"),
        ("loss.l1", "nan"),
        ("loss.evenness", "-0.1"),
        ("mixed_precision", "fp8x"),
        ("vqvae.codebook.size", "70000"),
        ("vqvae.codebook.commitment_weight", "inf"),
        ("loss.mse", "inf"),
        ("prior.word_loss", "inf"),
        ("prior.max_words", "-5"),
        ("prior.min_word_count", "-3"),
        ("prior_optim.lr", "inf"),
        ("vqvae_optim.minutes", "inf"),
        ("vqvae_optim.weight_decay", "inf"),
        ("seed", str(2**70)),
        ("sampling.temperature", "-1"),
        ("sampling.top_k", "0"),
        ("sampling.top_p", "1.5"),
        ("sampling.min_p", "1.5"),
        ("sampling.min_p", "-0.1"),
        ("sampling.min_p", "nan"),
        ("sampling.guidance", "nan"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name_and_place(path: str, value: str) -> None:
    for recipe in (DEFAULT, *map(load_recipe, names())):
        with pytest.raises(TrainerError, match=rf"^{re.escape(path)} must be") as caught:
            override(recipe, {path: value})
        assert caught.value.fix == f"Change it with --set {path}=VALUE"


@pytest.mark.parametrize("path", ["vqvae.width_32", "vqvae.bottleneck", "vqvae.decoder_width_32", "vqvae.decoder_bottlenecks"])
def test_a_width_that_its_norm_cannot_share_is_refused_and_goes_without_norms(path: str) -> None:
    """Whether a width will do depends on another field, which may be set after it."""
    recipe = override(load_recipe("tiny"), {path: "100"})
    with pytest.raises(TrainerError, match="100 channels cannot be normalized") as caught:
        VQVAE(recipe.vqvae, 4)
    assert "--set vqvae.norm=false" in str(caught.value.fix)
    VQVAE(override(recipe, {"vqvae.norm": "false"}).vqvae, 4)
