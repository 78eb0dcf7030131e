"""A recipe survives JSON; what is no recipe is refused when it is read."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from trainer.config import DataConfig, Recipe
from trainer.config_json import from_dict
from trainer.errors import TrainerError
from trainer.recipes import load_recipe, names


@pytest.mark.parametrize("name", names())
def test_a_recipe_survives_json(name: str) -> None:
    recipe = load_recipe(name)
    assert from_dict(Recipe, json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_an_unknown_key_is_refused_when_a_recipe_is_read() -> None:
    with pytest.raises(TrainerError, match="DataConfig has no field colour") as caught:
        from_dict(Recipe, {"name": "x", "data": {"colour": 3}})
    assert all(spec.name in str(caught.value.fix) for spec in dataclasses.fields(DataConfig))


@pytest.mark.parametrize(("data", "problem"), [({}, "lacks name"), ({"name": "x", "vqvae": 3}, "VQVAEConfig is described by int")])
def test_what_is_no_recipe_is_refused_when_one_is_read(data: Any, problem: str) -> None:
    with pytest.raises(TrainerError, match=problem):
        from_dict(Recipe, data)


def test_missing_keys_take_their_defaults_when_a_recipe_is_read() -> None:
    assert from_dict(Recipe, {"name": "any"}) == Recipe(name="any")


def test_a_recipe_from_before_names_what_it_samples_with_alone() -> None:
    for before in ({}, {"temperature": 0.7, "top_k": 32}):
        recipe = from_dict(Recipe, {"name": "any", "sampling": before})
        assert recipe.to_dict()["sampling"] == {"temperature": 1.0, "top_k": None, "top_p": 1.0, "guidance": 1.0, "min_p": 0.0} | before
