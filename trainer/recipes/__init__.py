"""Named training runs, one module each: ``RECIPE`` is the configuration, the docstring says command, hardware, time and result."""

from __future__ import annotations

import importlib
import pkgutil

from trainer.config import Recipe
from trainer.errors import TrainerError


def names() -> list[str]:
    """All recipes, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load_recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises:
        TrainerError: no such recipe.
    """
    if name not in names():
        raise TrainerError(f"There is no recipe {name!r}.", fix=f"Recipes: {', '.join(names())}.")
    recipe = importlib.import_module(f"{__name__}.{name}").RECIPE
    assert isinstance(recipe, Recipe)
    return recipe
