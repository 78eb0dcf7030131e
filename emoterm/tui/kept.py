"""A kept file as an item: what its recipe says of it where that is of this bundle, else what the encoder sees in it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.bundle import Bundle
    from emoterm.codec import I64
    from emoterm.library import Kept
    from emoterm.recipe import Recipe
    from emoterm.tui.engine import Engine


def item_of_kept(engine: Engine, kept: Kept) -> Item:
    """A file of the library as an item, with its own pixels and its own recipe.

    Its tokens are those of the recipe where that holds one picture of the bundle in use: encoded again, a picture would get others.

    Raises:
        InputError: the file is gone or is no picture.
    """
    from emoterm.imaging.compose import to_uint8
    from emoterm.imaging.load import load_image

    spec = str(kept.path)
    pixels = to_uint8(load_image(kept.path))
    tokens = None if kept.recipe is None else _tokens_in(kept.recipe, engine.bundle)
    if tokens is None:
        item = engine.item_from(spec)
    else:
        made = ("show", {"picture": kept.path.name})
        item = engine.item(tokens, kept.name, made=made, spec=spec, command=("emoterm", "show", spec), pixels=pixels)
    recipe = item.recipe if kept.recipe is None else _without_layout(kept.recipe)
    return replace(item, label=kept.name, pixels=pixels, recipe=recipe)


def _tokens_in(recipe: Recipe, bundle: Bundle) -> I64 | None:
    """The tokens (256,) of the one picture that a recipe of this bundle holds; None where it is of another, or holds none or several."""
    from emoterm.errors import InputError

    if recipe.bundle_sha256 != bundle.sha256:
        return None
    try:
        grid = recipe.token_grid(bundle.manifest.codebook.size)
    except InputError:
        return None
    return grid[0] if len(grid) == 1 else None


def _without_layout(recipe: Recipe) -> Recipe:
    """A recipe for a file that is laid out anew from the same picture, which has its background already."""
    from emoterm.rendering import Rendering

    layout = {"for" if field.name == "place" else field.name for field in fields(Rendering)} - {"background"}
    return replace(recipe, parameters={name: value for name, value in recipe.parameters.items() if name not in layout})
