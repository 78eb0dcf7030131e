"""The one seam between the screens and what computes: gallery, codec, prior, latents, pictures.

Everything here may take a while and is called from thread workers only. The bundle is opened by whoever asks first.
"""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.bundle import Bundle
    from emoterm.codec import F32, I64, Codec
    from emoterm.gallery import Gallery, GalleryEntry
    from emoterm.imaging.compose import U8
    from emoterm.morphing import MorphPath
    from emoterm.neighbours import Neighbours
    from emoterm.pipeline import Pipeline
    from emoterm.prior import Prior
    from emoterm.recipe import Parameter, Recipe, RecipeInput

EVERY_STYLE = "every style"
T = TypeVar("T")


class Engine:
    """What the screens ask for pictures. Safe to call from several threads.

    Args:
        bundle: as in :func:`emoterm.bundle.find_bundle`.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    def __init__(self, bundle: str | None = None, device: str = "auto") -> None:
        self._name = bundle
        self._device = device
        self._lock = threading.RLock()
        self._kept: dict[str, object] = {}

    def close(self) -> None:
        """Close the bundle, if it was opened."""
        with self._lock:
            if "bundle" in self._kept:
                self.bundle.close()
                self._kept.clear()

    @property
    def bundle(self) -> Bundle:
        """The open bundle.

        Raises:
            BundleError: see :func:`emoterm.bundle.open_bundle`.
        """
        from emoterm.bundle import open_bundle

        return self._once("bundle", lambda: open_bundle(self._name))

    @property
    def gallery(self) -> Gallery:
        """The gallery of the bundle."""
        from emoterm.gallery import Gallery

        return self._once("gallery", lambda: Gallery.from_bundle(self.bundle))

    @property
    def codec(self) -> Codec:
        """Encoder and decoder."""
        from emoterm.codec import Codec

        return self._once("codec", lambda: Codec(self.bundle, device=self._device, threads=self._threads))

    @property
    def prior(self) -> Prior:
        """What writes new emojis."""
        from emoterm.prior import Prior

        return self._once("prior", lambda: Prior(self.bundle, device=self._device, threads=self._threads))

    @property
    def pipeline(self) -> Pipeline:
        """What turns requests into pictures."""
        from emoterm.pipeline import Pipeline  # who only looks at the gallery does not wait for its modules

        return self._once("pipeline", lambda: Pipeline(self.bundle, self.prior, self.codec, self.gallery))

    @property
    def _threads(self) -> int:
        """One core is left to the event loop, which draws."""
        from emoterm.parallel import thread_count

        return max(1, thread_count(None) - 1)

    @property
    def neighbours(self) -> Neighbours:
        """Distances in latent space."""
        from emoterm.neighbours import Neighbours

        return self._once("neighbours", lambda: Neighbours(self.gallery, self.codec.codebook))

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            return cast("T", self._kept[name])

    def search(self, query: str, *, style: str | None, group: str | None) -> list[GalleryEntry]:
        """As :meth:`emoterm.gallery.Gallery.search`, all of them; style :data:`EVERY_STYLE` gives each emoji in all its styles.

        Raises:
            UsageError: unknown style or group.
        """
        if style != EVERY_STYLE:
            return self.gallery.search(query, style=style, group=group, limit=None)
        if not query.strip() and group is None:
            return self.gallery.entries
        found = self.gallery.search(query, group=group, limit=None)
        return [entry for emoji in found for entry in self.gallery.in_every_style(emoji)]

    def pixels(self, tokens: I64) -> U8:
        """Tokens (N, 256) → (N, 64, 64, 4), straight alpha: as :meth:`emoterm.pipeline.Pipeline.pixels`, without a wait for its modules."""
        from emoterm.imaging.compose import to_uint8

        return to_uint8(self.codec.decode_tokens(tokens))

    def decode(self, z: F32) -> U8:
        """Latents (N, D, 16, 16) → (N, 64, 64, 4), straight alpha."""
        from emoterm.imaging.compose import to_uint8

        return to_uint8(self.codec.decode(z))

    def entry_pixels(self, entries: Sequence[GalleryEntry]) -> U8:
        """Pictures of gallery entries: (N, 64, 64, 4)."""
        import numpy as np

        return self.pixels(np.stack([self.gallery.tokens(entry) for entry in entries]))

    def item_of(self, entry: GalleryEntry) -> Item:
        """A gallery entry as an item."""
        spec = entry.spec
        label = f"{entry.emoji} {entry.name}".strip()
        made = {"picture": spec}
        return self.item(self.gallery.tokens(entry), label, made=("show", made), spec=spec, command=("emoterm", "show", spec), entry=entry)

    def item_from(self, spec: str) -> Item:
        """What a person typed as an item: a file, an emoji or a name.

        Raises:
            InputError: the file cannot be read.
            UsageError: neither a file nor a known emoji.
        """
        from emoterm.errors import UsageError
        from emoterm.inputs import STDIN, resolve
        from emoterm.session import CPU

        if spec.strip() == STDIN:
            raise UsageError("Standard input is the keyboard here.", fix="Type the name of a file or of an emoji.")
        picture = resolve(spec.strip(), codec=self.codec, gallery=self.gallery, stdin=io.BytesIO())
        if picture.image is not None and self.codec.provider == CPU:  # was encoded, as few are; a GPU has room, and is slow to load
            self.codec.release("encoder")
        if picture.entry is not None:
            return self.item_of(picture.entry)
        name = Path(picture.label).name
        recipe = self.recipe("show", {"picture": name}, tokens=picture.tokens[None])
        image = picture.for_recipe(recipe.token_bits) if picture.image is not None else None
        pixels = self.pixels(picture.tokens[None])[0]  # as its codes have it, and as `emoterm show` draws it
        return Item(name, picture.tokens, picture.z, pixels, spec, ("emoterm", "show", spec), recipe, recipe.tokens, image=image)

    def item(
        self,
        tokens: I64,
        label: str,
        *,
        made: tuple[str, Mapping[str, Parameter]],
        command: tuple[str, ...],
        spec: str | None = None,
        entry: GalleryEntry | None = None,
        pixels: U8 | None = None,
        z: F32 | None = None,
        inputs: tuple[RecipeInput, ...] = (),
    ) -> Item:
        """Tokens (256,) as an item.

        Args:
            tokens: raster order.
            label: for people.
            made: command and parameters for the recipe.
            command: the command line that makes it.
            spec: what names it on a command line.
            entry: its gallery entry.
            pixels: its picture, if that is already there.
            z: its latent (D, 16, 16) where that is not just its codes.
            inputs: the pictures it was made from.
        """
        if z is None:
            z = self.codec.lookup(tokens.reshape(1, *self.bundle.manifest.grid))[0]  # (256,) → (1, 16, 16)
        seen = self.decode(z[None])[0] if pixels is None else pixels
        recipe = self.recipe(*made, tokens=tokens[None], inputs=inputs)
        return Item(label, tokens, z, seen, spec, command, recipe, recipe.tokens, entry)

    def recipe(
        self, command: str, parameters: Mapping[str, Parameter], *, tokens: I64 | None = None, inputs: tuple[RecipeInput, ...] = ()
    ) -> Recipe:
        """As :func:`emoterm.recipe.make_recipe`, with the device; the decoder draws all pictures, and stands for the other models too."""
        from emoterm.recipe import make_recipe
        from emoterm.session import short_name

        made = {**parameters, "device": short_name(self.codec.provider)}
        return make_recipe(self.bundle, command, made, tokens=tokens, inputs=inputs)

    def facts(self, entry: GalleryEntry) -> list[tuple[str, str]]:
        """What is known of a gallery entry, for people."""
        from emoterm.inputs import token_file_bytes

        styles = self.gallery.styles_of(entry)
        seen = {"train": "seen in training", "test": "never seen in training"}.get(entry.split, entry.split)
        return [
            ("style", f"{entry.style} ({styles.index(entry.style) + 1} of {len(styles)})" if entry.style in styles else entry.style),
            ("group", f"{entry.group}, {entry.subgroup}".strip(", ")),
            ("keywords", ", ".join(entry.keywords)),
            ("skin tone", entry.skin_tone),
            ("bytes", f"{token_file_bytes(self.codec)}, {len(set(self.gallery.tokens(entry).tolist()))} different codes"),
            ("model", seen),
            ("licence", self.gallery.attribution(entry.style)),
        ]

    def more_like(self, tokens: I64, n: int, *, without: str = "") -> list[GalleryEntry]:
        """The n gallery emojis nearest to tokens (256,) in latent space, one picture an emoji, ``without`` that emoji."""
        return self.neighbours.nearest(tokens, n, without=without)

    def morph(self, a: Item, b: Item, shares: Sequence[float], path: MorphPath) -> U8:
        """Pictures at some shares of the way from one item to another: (N, 64, 64, 4)."""
        from emoterm.morphing import walk_to

        return self.decode(walk_to(a.z, b.z, shares, path, codec=self.codec))

    def between_item(self, a: Item, b: Item, share: float, path: MorphPath) -> Item:
        """One point of a morph as an item."""
        from emoterm.morphing import walk_to

        z = walk_to(a.z, b.z, [share], path, codec=self.codec)
        tokens = self.codec.quantize(z).reshape(-1)  # (1, 16, 16) → (256,)
        made: dict[str, Parameter] = {"a": a.label, "b": b.label, "path": path, "share": share}
        return self.item(tokens, f"{a.label} to {b.label} {share:.2f}", made=("between", made), command=(), z=z[0])

    def blend(self, items: Sequence[Item], weights: Sequence[float]) -> Item:
        """The weighted mean in latent space.

        Raises:
            UsageError: all weights are 0.
        """
        from emoterm.blending import mix

        mixed = mix([item.z for item in items], weights, codec=self.codec)
        made: dict[str, Parameter] = {"weights": tuple(weights), "repaint": 0}
        label = " ".join(item.label for item in items)
        inputs = tuple(item.as_input for item in items)
        return self.item(mixed.tokens[0], f"blend of {label}", made=("blend", made), command=(), z=mixed.z[0], inputs=inputs)

    @functools.cached_property
    def blank_code(self) -> int:
        """The code that stands where nothing is: the commonest in the top left corner of the gallery."""
        import numpy as np

        corners = [int(self.gallery.tokens(entry)[0]) for entry in self.gallery.entries[:256]] or [0]
        return int(np.bincount(corners).argmax())

    def unfinished(self, tokens: I64) -> U8:
        """Pictures of which only the first rows of tokens are written: (n, columns · rows) → (n, 64, 64, 4), blank below."""
        import numpy as np

        rows, columns = self.bundle.manifest.grid
        n, written = tokens.shape
        whole = np.full((n, rows * columns), self.blank_code, np.int64)
        whole[:, :written] = tokens
        pixels = self.pixels(whole)
        pixels[:, pixels.shape[1] * (written // columns) // rows :] = 0
        return pixels


def fit(pixels: U8, size_px: int) -> U8:
    """A picture (H, W, 4) shrunk to a square of ``size_px``, or enlarged by a whole factor as far as that goes."""
    from emoterm.imaging.compose import from_uint8, to_uint8
    from emoterm.imaging.resize import resize

    factor = size_px // len(pixels)
    if factor >= 1:
        return pixels.repeat(factor, axis=0).repeat(factor, axis=1)  # (H, W, 4) → (H · factor, W · factor, 4)
    return to_uint8(resize(from_uint8(pixels), size_px, size_px))
