"""An emoji in another style, as an item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.tui.engine import Engine


def redraw(engine: Engine, item: Item, style: str, seed: int) -> Item:
    """An item in another style, as ``emoterm restyle`` draws it.

    Raises:
        UsageError: the prior of this bundle draws after no picture.
    """
    from emoterm.restyling import LAW, own_style, restyle, words_of

    words = words_of(item.entry, engine.prior.vocabulary)
    unlike, params = own_style(item.entry, words, engine.prior.vocabulary), LAW
    tokens = restyle(item.tokens, [style], prior=engine.prior, words=words, unlike=unlike, seed=seed, params=params)[0]  # (1, 256) → (256,)
    asked = {
        "seed": seed,
        "words": words,
        "unlike": unlike,
        "styles": (style,),
        "first_picture": 0,
        "variants": 1,
        "beside": False,
        **vars(params),
    }
    command = () if item.spec is None else ("emoterm", "restyle", item.spec, "--style", style, "--seed", str(seed))
    return engine.item(
        tokens, f"{item.label} as {style}", made=("restyle", asked), command=command, inputs=(replace(item, image=None).as_input,)
    )
