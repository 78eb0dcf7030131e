"""A kept file as an item: with its own pixels and its own recipe."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.library import Kept
    from emoterm.recipe import Recipe
    from emoterm.tui.engine import Engine


def item_of_kept(engine: Engine, kept: Kept) -> Item:
    """A file of the library as an item.

    Raises:
        InputError: the file is gone or is no picture.
    """
    from emoterm.imaging.compose import to_uint8
    from emoterm.imaging.load import load_image

    item = engine.item_from(str(kept.path))
    recipe = item.recipe if kept.recipe is None else _without_layout(kept.recipe)
    return replace(item, label=kept.name, pixels=to_uint8(load_image(kept.path)), recipe=recipe)


def _without_layout(recipe: Recipe) -> Recipe:
    """A recipe for a file that is laid out anew from the same picture, which has its background already."""
    from emoterm.rendering import Rendering

    layout = {"for" if field.name == "place" else field.name for field in fields(Rendering)} - {"background"}
    return replace(recipe, parameters={name: value for name, value in recipe.parameters.items() if name not in layout})
