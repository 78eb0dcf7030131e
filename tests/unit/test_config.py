"""Configurations by themselves, without a command line near."""

from __future__ import annotations

import dataclasses

import pytest

from trainer.config import OptimConfig, Recipe
from trainer.errors import TrainerError


def test_configuration_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe(name="any").seed = 1  # type: ignore[misc]


def test_a_value_that_makes_no_sense_is_refused_where_no_recipe_is_near() -> None:
    with pytest.raises(TrainerError, match="epochs must be above 0, is 0") as caught:
        OptimConfig(epochs=0)
    assert "--set" not in str(caught.value.fix)
