"""From decoded pictures to the bytes of a file: one description that commands fill from their flags and recipes carry along.

Because ``sample`` and ``morph`` write through it and ``recreate`` reads it back, the same pictures with the same description are the same
bytes. What few pictures need, to move, to be cut or to fit a place, is imported where it is needed: each command waits for this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from emoterm.errors import UsageError
from emoterm.imaging.compose import U8, Color, over_uint8, parse_color
from emoterm.imaging.formats import ANIMATION_FORMATS, AnimationFormat
from emoterm.imaging.grid import make_grid
from emoterm.imaging.load import MAX_PIXELS
from emoterm.imaging.metadata import embed_recipe
from emoterm.imaging.png import encode_png
from emoterm.imaging.upscale import SIZES, scale_to
from emoterm.recipe import Parameter, Recipe, damaged

if TYPE_CHECKING:
    from emoterm.stickers.fit import Sticker
    from emoterm.stickers.places import Place

Format = Literal["png", "gif", "webp", "apng"]
FORMATS: tuple[Format, ...] = ("png", *ANIMATION_FORMATS)
_MOST_FOR_THE_RECIPE = 0.25
"""Of what a sticker may weigh."""


@dataclass(frozen=True)
class Rendering:
    """How pictures become a file.

    Raises:
        UsageError: values that exclude each other, a background that is no colour, or a crop that is none.
    """

    format: Format = "png"
    """``png`` lays the pictures out in a grid; the others play them."""
    columns: int | None = None
    """Pictures in a row of the grid; None: the nearest to a square."""
    scale: int = 1
    """Each pixel a sharp block of so many."""
    size: int | None = None
    """Side of a picture in pixels, enlarged as flat art."""
    background: str = "transparent"
    """A colour as typed."""
    fps: float = 12
    loop: int = 0
    """How often to play it; 0 for ever."""
    hold: int = 0
    """How much longer to show the first and the last picture, in ms."""
    ping_pong: bool = False
    """Play it back to the start too."""
    place: str | None = None
    """Fit it for this place (:mod:`emoterm.stickers`); format, scale and size then follow from the place."""
    max_bytes: int | None = None
    """Fewer than the place allows."""
    keep_frames: bool = False
    """Whether an animation gives up colours before more than half of its frames; not so in recipes from before there was this."""
    crop: str | None = None
    """What :func:`refit` leaves of a picture, of :meth:`emoterm.imaging.crop.Crop.parse`; None: all of it."""
    trim: bool = False
    """Whether it cuts transparent margins."""

    def __post_init__(self) -> None:
        if self.size is not None and self.size not in SIZES:
            raise UsageError(f"--size {self.size} is unknown.", fix=f"Use one of: {', '.join(map(str, SIZES))}")
        if self.size is not None and self.scale != 1:
            raise UsageError("--size and --scale both say how large it should be.", fix="Leave one of them out.")
        if self.place is not None and (self.size is not None or self.scale != 1):
            raise UsageError("--for chooses the size itself.", fix="Leave out --size and --scale.")
        # Now, and not when the pictures are there.
        parse_color(self.background)
        if self.crop is not None or self.trim:
            from emoterm.imaging.crop import Crop

            Crop.parse(self.crop, trim=self.trim)

    @property
    def color(self) -> Color | None:
        """The background; None for transparent."""
        return parse_color(self.background)

    def parameters(self) -> dict[str, Parameter]:
        """For a recipe: what differs from the defaults, by the names of the flags."""
        default = Rendering()
        changed = {name: value for name, value in vars(self).items() if value != getattr(default, name)}
        return {"for" if name == "place" else name: value for name, value in changed.items()}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Parameter]) -> Rendering:
        """Read :meth:`parameters` back, out of a file that anybody may have made; other names are left alone.

        Raises:
            InputError: a value that no command would have written.
        """
        checks: dict[str, Callable[[object], bool]] = {
            "format": lambda value: value in FORMATS,
            "columns": lambda value: value is None or _between(value, 1, 4096),
            "scale": lambda value: _between(value, 1, 64),
            "size": lambda value: value is None or value in SIZES,
            "background": lambda value: isinstance(value, str),
            "fps": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
            "loop": lambda value: _between(value, 0, 65535),
            "hold": lambda value: _between(value, 0, 60_000),
            "ping_pong": lambda value: isinstance(value, bool),
            "for": lambda value: value is None or isinstance(value, str),
            "keep_frames": lambda value: isinstance(value, bool),
            "crop": lambda value: value is None or isinstance(value, str),
            "trim": lambda value: isinstance(value, bool),
            "max_bytes": lambda value: value is None or _between(value, 1, 1 << 30),
        }
        found = {name: parameters[name] for name in checks if name in parameters}
        for name, value in found.items():
            if not checks[name](value):
                raise damaged(name, value)
        return cls(**{"place" if name == "for" else name: value for name, value in found.items()})  # type: ignore[arg-type]


def render(pictures: U8, how: Rendering, recipe: Recipe | None = None) -> tuple[bytes, Sticker | None]:
    """Write pictures as the bytes of a file.

    Args:
        pictures: ``(N, H, W, 4)``, straight alpha.
        how: the description.
        recipe: what to put into the file.

    Returns:
        The bytes, and the sticker where a place was named.

    Raises:
        UsageError: a result that is too large, or values out of range.
        CannotSatisfyError: no sticker passes.
    """
    color = how.color
    if how.place is not None:
        pictures = pictures if color is None else over_uint8(pictures, color)
        return _sticker(*_timeline(pictures, how, "gif"), how, recipe)
    check_size(len(pictures), how)
    large = pictures if how.size is None else scale_to(pictures, how.size)
    if how.format == "png":
        gap_px = 2 * large.shape[1] // pictures.shape[1]  # as wide to the eye as without --size
        data = encode_png(make_grid(large, columns=how.columns, scale=how.scale, gap_px=gap_px, background=color))
    else:
        from emoterm.imaging.animation import encode_frames

        large = large if color is None else over_uint8(large, color)
        large = large.repeat(how.scale, axis=1).repeat(how.scale, axis=2)  # (N, H, W, 4) → (N, H · scale, W · scale, 4)
        frames, durations_ms = _timeline(large, how, how.format)
        data = encode_frames(frames, durations_ms, format=how.format, loop=how.loop)
    return data if recipe is None else embed_recipe(data, recipe), None


def refit(data: bytes, how: Rendering, recipe: Recipe | None = None, *, name: str = "The picture") -> tuple[bytes, Sticker]:
    """Fit a picture or an animation for a place; how long its frames are shown stays as it is.

    Args:
        data: the bytes of a file that anybody may have made.
        how: names the place.
        recipe: what to put into the file.
        name: what messages call the file.

    Raises:
        InputError: the file cannot be read.
        UsageError: an unknown place, or a box to cut to that does not lie within the picture.
        CannotSatisfyError: no sticker passes.
    """
    from emoterm.imaging.crop import Crop
    from emoterm.imaging.frames import in_square, load_frames

    size_px, crop = _place(how).size_px, Crop.parse(how.crop, trim=how.trim)
    frames = load_frames(data, size_px=size_px if crop == Crop() else None, name=name)
    pixels = frames.pixels
    if crop != Crop():
        pixels = crop.cut(pixels)
        side_px = min(max(pixels.shape[1:3]), size_px)
        pixels = np.stack([in_square(each, side_px) for each in pixels])
    color = how.color
    pixels = pixels if color is None else over_uint8(pixels, color)
    return _sticker(pixels, frames.durations_ms, replace(how, loop=frames.loop), recipe)


def check_size(n: int, how: Rendering) -> None:
    """Refuse a picture that is too large before the work is done, not after.

    Raises:
        UsageError: ``n`` emojis alone, without the space between them, have more pixels than a grid may have.
    """
    if n * (how.size or 64 * how.scale) ** 2 > MAX_PIXELS:
        flag = f"--scale {how.scale}" if how.size is None else f"--size {how.size}"
        raise UsageError(f"{n} emojis at {flag} are too large for one picture.", fix=f"Use a smaller {flag.split()[0]}, or fewer emojis.")


def _sticker(frames: U8, durations_ms: Sequence[int], how: Rendering, recipe: Recipe | None) -> tuple[bytes, Sticker]:
    from emoterm.stickers.fit import fit_sticker

    place = _place(how)
    too_large = recipe is not None and len(recipe.to_json()) > place.under_bytes * _MOST_FOR_THE_RECIPE
    carried = None if too_large else recipe
    sticker = fit_sticker(
        frames,
        durations_ms,
        place,
        loop=how.loop,
        keep_frames=how.keep_frames,
        finish=lambda data: data if carried is None else embed_recipe(data, carried),
    )
    if too_large:
        sticker = replace(sticker, given_up=(*sticker.given_up, "the recipe, which is too large"))
    return sticker.data, sticker


def _place(how: Rendering) -> Place:
    from emoterm.stickers.places import place_named

    place = place_named(str(how.place))
    return place if how.max_bytes is None else replace(place, under_bytes=min(place.under_bytes, how.max_bytes + 1))


def _timeline(frames: U8, how: Rendering, format: AnimationFormat) -> tuple[U8, list[int]]:
    from emoterm.imaging.animation import tick_ms, timeline

    order, durations_ms = timeline(
        len(frames), fps=how.fps, loop=how.loop, pingpong=how.ping_pong, hold_ms=how.hold, tick_ms=tick_ms(format)
    )
    return frames[np.asarray(order)], durations_ms


def _between(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
