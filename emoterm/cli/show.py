"""``emoterm show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emoterm.cli import options
from emoterm.cli.report import show, show_json
from emoterm.cli.typed import setting_of

if TYPE_CHECKING:
    from emoterm.gallery import Gallery
    from emoterm.inputs import Picture


def show_picture(
    picture: options.Picture,
    background: options.Background = "transparent",
    graphics: options.Graphics = "auto",
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Draw one emoji or picture and tell what is known about it.

    An image file is shown as the model sees it: as 256 tokens, decoded again.

    \b
    Examples:
      emoterm show 😊
      emoterm show "heart eyes@twemoji"
      emoterm show cat.png --json
    """
    from emoterm.bundle import open_bundle
    from emoterm.codec import Codec

    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        if not json:
            codec.preload("decoder")
        # It loads while the rest is imported.
        from emoterm.cli.draw import draw
        from emoterm.cli.given import given_picture
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import parse_color, to_uint8
        from emoterm.inputs import token_file_bytes
        from emoterm.terminal.detect import choose_graphics

        choice = choose_graphics("none" if json else graphics, setting=setting_of("graphics"))
        color = parse_color(background)
        gallery = Gallery.from_bundle(opened)
        source = given_picture(picture, codec=codec, gallery=gallery)
        facts = {**describe(source, gallery), "bytes": token_file_bytes(codec)}
        if json:
            show_json("show", {**facts, "tokens": source.tokens.tolist()})
            return
        pixels = to_uint8(codec.decode_tokens(source.tokens[None]))  # (256,) → (1, H, W, 4)
    draw(pixels, choice, background=color)
    for name, value in facts.items():
        text = ", ".join(value) if isinstance(value, list) else value
        if text not in ("", None):
            show(f"{name + ':':<14}{text}")


def describe(picture: Picture, gallery: Gallery) -> dict[str, Any]:
    """What is known about a picture, for a table or for ``--json``."""
    n_codes = len(set(picture.tokens.tolist()))
    if (entry := picture.entry) is None:
        return {"picture": picture.label, "codes": n_codes}
    return {
        "emoji": entry.emoji,
        "name": entry.name,
        "codepoints": entry.codepoints,
        "style": entry.style,
        "styles": gallery.styles_of(entry),
        "group": entry.group,
        "subgroup": entry.subgroup,
        "keywords": list(entry.keywords),
        "skin_tone": entry.skin_tone,
        "split": entry.split,
        "licence": gallery.attribution(entry.style),
        "codes": n_codes,
    }
