"""Make a file again from the recipe inside it, and say what differs."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np

from emoterm import __version__
from emoterm.blending import mix, repaint
from emoterm.briefing import make_brief
from emoterm.bundle import Bundle
from emoterm.codec import F32, I64, Codec
from emoterm.colors import COLORS
from emoterm.errors import EmotermError, InputError
from emoterm.faces import with_faces
from emoterm.feelings import FACES, is_face
from emoterm.finish import finish_tokens
from emoterm.gallery import Gallery
from emoterm.imaging.compose import U8, to_uint8
from emoterm.imaging.frames import load_frames
from emoterm.imaging.load import load_image
from emoterm.inputs import split_style
from emoterm.morphing import MorphPath, walk
from emoterm.prior import Prior, Progress
from emoterm.recipe import MAX_PICTURES, Recipe, RecipeInput
from emoterm.rendering import Rendering, refit, render
from emoterm.restyling import put_beside, restyle
from emoterm.sampling import SamplingParams
from emoterm.steering import keep_rows, keep_share
from emoterm.token_search import EFFORTS, search_tokens
from emoterm.tokenfile import unpack
from emoterm.vocabulary import Condition


@dataclass(frozen=True, eq=False)
class Recreation:
    """A file made again."""

    data: bytes
    identical: bool
    """Whether these are the bytes that were there."""
    differences: tuple[str, ...]
    """What differs, for people: first what may be why, then what it did; empty when identical."""


class Kitchen:
    """Makes pictures again with one bundle.

    Args:
        bundle: an open bundle.
        device: ``auto``, ``cpu`` or ``cuda``. Only the CPU promises the same bytes.
        on_progress: called with the tokens written and those in all.
    """

    def __init__(self, bundle: Bundle, *, device: str = "cpu", on_progress: Progress | None = None) -> None:
        self._bundle = bundle
        self._device = device
        self._on_progress = on_progress
        self._codec = Codec(bundle, device=device)
        self._prior = Prior(bundle, device=device)
        self._gallery = Gallery.from_bundle(bundle)

    def recreate(self, data: bytes, recipe: Recipe) -> Recreation:
        """Make the file again and compare.

        Args:
            data: the file.
            recipe: the one inside it.

        Raises:
            InputError: the recipe does not tell how, or cannot be followed with this bundle.
            CannotSatisfyError: what fitted then does not fit now.
        """
        notes = self._notes(recipe)
        made = self._file(recipe, notes)
        if made == data:
            return Recreation(made, True, ())
        return Recreation(made, False, (*notes, *_compare(data, made)))

    def _notes(self, recipe: Recipe) -> list[str]:
        """What is not as it was then."""
        manifest, notes = self._bundle.manifest, []
        if recipe.bundle_sha256 != self._bundle.sha256:
            then = f"{recipe.bundle_name} {recipe.bundle_version} ({recipe.bundle_sha256[:12]})"
            notes.append(f"bundle: made with {then}, this is {manifest.name} {manifest.version} ({self._bundle.sha256[:12]})")
        if recipe.version != __version__:
            notes.append(f"version: made by emoterm {recipe.version}, this is {__version__}")
        if recipe.parameters.get("device", "cpu") != "cpu":
            notes.append(f"device: made on {recipe.parameters['device']}, and only a CPU gives the same bytes every time")
        return notes

    def _file(self, recipe: Recipe, notes: list[str]) -> bytes:
        try:
            how = Rendering.from_parameters(recipe.parameters)
            if recipe.command == "fit":
                if recipe.source is None:
                    raise InputError(
                        "The picture that was fitted did not come from emoterm.", fix="Fit it again: emoterm fit FILE --for PLACE"
                    )
                return refit(self._file(recipe.source, notes), how, recipe)[0]
            return render(self._pictures(recipe, notes), how, recipe)[0]
        except InputError:
            raise
        except EmotermError as error:
            if error.exit_code != 2:
                raise
            raise InputError(f"The recipe cannot be followed: {error.what}", fix=error.fix) from None

    def _pictures(self, recipe: Recipe, notes: list[str]) -> U8:
        """The pictures ``(N, H, W, 4)`` that the file was made of."""
        if recipe.command == "sample":
            return self._decode(self._sample(recipe, notes))
        if recipe.command == "morph":
            a, b = (self._latent(each, recipe) for each in _inputs(recipe, 2))
            path = recipe.parameters.get("path")
            if path not in get_args(MorphPath):
                raise _damaged("path", path)
            return to_uint8(self._codec.decode(walk(a, b, _integer(recipe, "steps", 1000), cast("MorphPath", path), codec=self._codec)))
        if recipe.command == "blend":
            return to_uint8(self._codec.decode(self._blend(recipe)))
        if recipe.command == "restyle":
            return self._restyle(recipe, notes)
        if recipe.command == "face":
            return to_uint8(self._with_faces(recipe))
        if recipe.command == "reconstruct":
            pictures = np.stack([_image(each) for each in _inputs(recipe)])
            # Recipes from before there was a search do not name an effort.
            effort = _integer(recipe, "effort", len(EFFORTS) - 1) if "effort" in recipe.parameters else 0
            return beside(pictures, reconstruction(pictures, self._codec, effort=effort, on_progress=self._on_progress))
        if recipe.tokens:
            return self._decode(self._tokens(recipe))
        raise InputError(f"The file was made by emoterm {recipe.command}, which recreate cannot repeat.")

    def _sample(self, recipe: Recipe, notes: list[str]) -> I64:
        style = _style(recipe, "style")
        n, seed = _integer(recipe, "n", MAX_PICTURES), _integer(recipe, "seed")
        first = _integer(recipe, "first_picture", MAX_PICTURES) if "first_picture" in recipe.parameters else 0
        asked = Condition(style=style, words=_texts(recipe, "words"))
        brief = make_brief(
            asked,
            _texts(recipe, "sought"),
            color=_one_of(recipe, "color", COLORS),
            feeling=_one_of(recipe, "feeling", FACES),
            by_chance=recipe.parameters.get("by_chance") is True,
            gallery=self._gallery,
            prior=self._prior,
            seed=seed,
            pictures=range(first, first + n),
        )
        tokens = self._prior.generate(
            brief.conditions,
            seed=seed,
            first_picture=first,
            params=_sampling(recipe),
            given=self._given(recipe, first, n, seed),
            sources=brief.sources,
            on_progress=self._on_progress,
        )
        tokens = finish_tokens(tokens, brief.finishes, codec=self._codec, gallery=self._gallery)
        _note_changes(recipe, tokens, notes)
        return tokens

    def _restyle(self, recipe: Recipe, notes: list[str]) -> U8:
        (given,) = _inputs(recipe, 1)
        source = self._source_tokens(given, recipe)
        tokens = restyle(
            source,
            _texts(recipe, "styles"),
            prior=self._prior,
            words=_texts(recipe, "words"),
            unlike=_style(recipe, "unlike"),
            seed=_integer(recipe, "seed"),
            params=_sampling(recipe),
            first_picture=_integer(recipe, "first_picture", MAX_PICTURES),
            on_progress=self._on_progress,
        )
        _note_changes(recipe, tokens, notes)
        if not recipe.parameters.get("beside"):
            return self._decode(tokens)
        original = to_uint8(_image(given)[None]) if given.picture else self._decode(source[None])
        return put_beside(original, self._decode(tokens), max(1, _integer(recipe, "variants", MAX_PICTURES)))

    def _source_tokens(self, given: RecipeInput, recipe: Recipe) -> I64:
        """The tokens ``(256,)`` of a picture that went in."""
        if given.picture:
            _, indices = self._codec.encode(_image(given)[None])
            return indices.reshape(-1)  # (1, 16, 16) → (256,)
        size = self._bundle.manifest.codebook.size
        return unpack(given.tokens, bits=recipe.token_bits, codebook_size=size).reshape(-1)  # (1, 256) → (256,)

    def _given(self, recipe: Recipe, first: int, n: int, seed: int) -> I64 | None:
        """The tokens that were kept of another picture, ``(n, 256)``; None where there was none."""
        names = {"keep", "rows"} & recipe.parameters.keys()
        if not names:
            return None
        tokens = self._source_tokens(_inputs(recipe, 1)[0], recipe)
        columns = self._bundle.manifest.grid[1]
        if "rows" in names:
            return keep_rows(tokens, _integer(recipe, "rows", 256), n, columns=columns)
        keep = recipe.parameters["keep"]
        if not _is_number(keep):
            raise _damaged("keep", keep)
        return keep_share(tokens, cast("float", keep), first + n, columns=columns, seed=seed)[first:]

    def _blend(self, recipe: Recipe) -> F32:
        """The latents ``(1, D, 16, 16)`` of a blend."""
        weights, share, style = (recipe.parameters.get(name) for name in ("weights", "repaint", "style"))
        if not isinstance(weights, tuple) or not all(_is_number(weight) for weight in weights):
            raise _damaged("weights", weights)
        if not _is_number(share):
            raise _damaged("repaint", share)
        if not (style is None or isinstance(style, str)):
            raise _damaged("style", style)
        latents = [self._latent(each, recipe) for each in _inputs(recipe, len(weights))]
        mixed = mix(latents, cast("tuple[float, ...]", weights), codec=self._codec)
        if cast("float", share) > 0:
            mixed = repaint(
                mixed,
                cast("float", share),
                codec=self._codec,
                prior=self._prior,
                condition=Condition(style=style),
                seed=_integer(recipe, "seed"),
                params=_sampling(recipe),
            )
        return mixed.z

    def _with_faces(self, recipe: Recipe) -> F32:
        """The picture with each face, ``(N, 4, 64, 64)``."""
        (given,) = _inputs(recipe, 1)
        thing = _image(given) if given.picture else self._codec.decode_tokens(self._source_tokens(given, recipe)[None])[0]
        specs = _texts(recipe, "faces")
        if not 0 < len(specs) <= MAX_PICTURES:
            raise _damaged("faces", specs)
        entries = [self._gallery.find(*split_style(spec)) for spec in specs]
        if not all(is_face(entry, self._gallery) for entry in entries):
            raise _damaged("faces", specs)
        return with_faces(thing, entries, codec=self._codec, gallery=self._gallery)

    def _latent(self, given: RecipeInput, recipe: Recipe) -> F32:
        if given.picture:
            z_e, _ = self._codec.encode(_image(given)[None])
            return np.asarray(z_e[0])  # (1, D, 16, 16) → (D, 16, 16)
        tokens = unpack(given.tokens, bits=recipe.token_bits)
        return np.asarray(self._codec.lookup(tokens.reshape(1, 16, 16))[0])  # (1, 256) → (1, 16, 16)

    def _tokens(self, recipe: Recipe) -> I64:
        return recipe.token_grid(self._bundle.manifest.codebook.size)

    def _decode(self, tokens: I64) -> U8:
        parts = [to_uint8(self._codec.decode_tokens(tokens[i : i + 64])) for i in range(0, len(tokens), 64)]
        return np.concatenate(parts)


def reconstruction(pictures: F32, codec: Codec, *, effort: int, on_progress: Progress | None = None) -> F32:
    """What the model makes of pictures ``(N, 4, H, W)``: the same shape. ``effort``: see :func:`emoterm.token_search.search_tokens`."""
    return codec.decode(codec.lookup(search_tokens(pictures, codec=codec, effort=effort, on_progress=on_progress)))


def beside(originals: F32, results: F32) -> U8:
    """Each picture ``(N, 4, H, W)`` and what became of it, in turns: ``(2 N, H, W, 4)``."""
    return to_uint8(np.stack([originals, results], axis=1).reshape(-1, *originals.shape[1:]))  # (N, 2, 4, H, W) → (2 N, H, W, 4)


def _compare(before: bytes, after: bytes) -> list[str]:
    try:
        a, b = (load_frames(data, size_px=None) for data in (before, after))
    except InputError:
        return ["bytes: the files are too large to compare their pixels"]
    if (a.size, len(a.pixels)) != (b.size, len(b.pixels)):
        shapes = (f"{len(each.pixels)} × {each.size[0]}×{each.size[1]}" for each in (a, b))
        return ["size: the file has {}, made again it has {} pixels".format(*shapes)]
    if not np.array_equal(a.pixels, b.pixels):
        off = np.abs(a.pixels.astype(np.int16) - b.pixels)
        share = (off > 0).any(axis=-1).mean()
        return [f"pixels: {share:.2%} of them differ, by {off.max()} of 255 at most"]
    if a.durations_ms != b.durations_ms or a.loop != b.loop:
        return ["timing: the frames are the same, and shown for other times"]
    return ["bytes: every pixel is the same; the file was written in another way, or by other libraries"]


def _inputs(recipe: Recipe, n: int | None = None) -> tuple[RecipeInput, ...]:
    if not recipe.inputs or (n is not None and len(recipe.inputs) != n):
        raise _damaged("inputs", len(recipe.inputs))
    if recipe.command == "reconstruct" and not all(each.picture for each in recipe.inputs):
        raise _damaged("inputs", "without pictures")
    return recipe.inputs


def _image(given: RecipeInput) -> F32:
    return load_image(io.BytesIO(given.picture), name="The picture in the recipe")


def _style(recipe: Recipe, name: str) -> str | None:
    found = recipe.parameters.get(name)
    if not (found is None or isinstance(found, str)):
        raise _damaged(name, found)
    return found


def _one_of(recipe: Recipe, name: str, known: Collection[str]) -> str | None:
    """What pictures were finished with; recipes from before there was such a thing have none."""
    value = recipe.parameters.get(name)
    if not (value is None or (isinstance(value, str) and value in known)):
        raise _damaged(name, value)
    return value


def _texts(recipe: Recipe, name: str) -> tuple[str, ...]:
    value = recipe.parameters.get(name, ())
    if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
        raise _damaged(name, value)
    return cast("tuple[str, ...]", value)


def _note_changes(recipe: Recipe, tokens: I64, notes: list[str]) -> None:
    """Tell which of the tokens ``(N, 256)`` are not those that the file was made of."""
    then = recipe.token_grid()
    changed = int((then != tokens).any(axis=1).sum()) if then.shape == tokens.shape else len(tokens)
    if changed:
        notes.append(f"tokens: {changed} of {len(tokens)} pictures get other tokens from this seed")


def _integer(recipe: Recipe, name: str, most: int = 2**64 - 1) -> int:
    value = recipe.parameters.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise _damaged(name, value)
    return value


def _sampling(recipe: Recipe) -> SamplingParams:
    values = {name: recipe.parameters.get(name) for name in ("temperature", "top_k", "top_p", "guidance")}
    for name, value in values.items():
        if not (type(value) is int or value is None if name == "top_k" else _is_number(value)):
            raise _damaged(name, value)
    return SamplingParams(**values)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _damaged(name: str, value: object) -> InputError:
    return InputError(f"The recipe in the file is damaged: {name} cannot be {value!r:.40}.")
