"""Make a file again from the recipe inside it, and say what differs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np

from emoterm import __version__
from emoterm.accessories import accessory_of
from emoterm.blending import mix, repaint
from emoterm.bundle import Bundle
from emoterm.codec import F32, I64
from emoterm.errors import EmotermError, InputError
from emoterm.faces import with_faces
from emoterm.feelings import is_face
from emoterm.file_differences import differences
from emoterm.gallery_index import GalleryEntry
from emoterm.imaging.compose import U8, to_uint8
from emoterm.imaging.grid import beside
from emoterm.imaging.load import load_image
from emoterm.inputs import split_style
from emoterm.morphing import MorphPath, walk
from emoterm.pipeline import Pipeline
from emoterm.prior import Progress
from emoterm.recipe import MAX_PICTURES, Recipe, RecipeInput, damaged
from emoterm.recipe_values import face_box, inputs_of, integer, number, numbers, optional_text, request_of, sampling_params, texts, truth
from emoterm.rendering import Rendering, refit, render
from emoterm.restyling import restyle
from emoterm.steering import keep_rows, keep_share
from emoterm.token_search import EFFORTS, reconstruct
from emoterm.tokenfile import unpack
from emoterm.vocabulary import Condition
from emoterm.wearing import dressed


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
        self._on_progress = on_progress
        self._pipeline = Pipeline.of(bundle, device=device)
        self._codec, self._prior, self._gallery = self._pipeline.codec, self._pipeline.prior, self._pipeline.gallery

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
        return Recreation(made, False, (*notes, *differences(data, made)))

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
            return self._pipeline.pixels(self._sample(recipe, notes))
        if recipe.command == "morph":
            a, b = (self._latent(each, recipe) for each in inputs_of(recipe, 2))
            path = recipe.parameters.get("path")
            if path not in get_args(MorphPath):
                raise damaged("path", path)
            return to_uint8(self._codec.decode(walk(a, b, integer(recipe, "steps", 1000), cast("MorphPath", path), codec=self._codec)))
        if recipe.command == "blend":
            return to_uint8(self._codec.decode(self._blend(recipe)))
        if recipe.command == "restyle":
            return self._restyle(recipe, notes)
        if recipe.command == "face":
            return to_uint8(self._with_faces(recipe))
        if recipe.command == "wear":
            return to_uint8(self._dressed(recipe)[None])
        if recipe.command == "reconstruct":
            pictures = np.stack([_image(each) for each in inputs_of(recipe)])
            # Recipes from before there was a search do not name an effort.
            effort = integer(recipe, "effort", len(EFFORTS) - 1) if "effort" in recipe.parameters else 0
            made = reconstruct(pictures, codec=self._codec, effort=effort, on_progress=self._on_progress)
            return beside(to_uint8(pictures), to_uint8(made))
        if recipe.tokens:
            return self._pipeline.pixels(self._tokens(recipe))
        raise InputError(f"The file was made by emoterm {recipe.command}, which recreate cannot repeat.")

    def _sample(self, recipe: Recipe, notes: list[str]) -> I64:
        n, seed = integer(recipe, "n", MAX_PICTURES), integer(recipe, "seed")
        first = integer(recipe, "first_picture", MAX_PICTURES) if "first_picture" in recipe.parameters else 0
        tokens = self._pipeline.sample(
            self._pipeline.brief(request_of(recipe), seed=seed, pictures=range(first, first + n)),
            seed=seed,
            first_picture=first,
            params=sampling_params(recipe),
            given=self._given(recipe, first, n, seed),
            on_progress=self._on_progress,
        )
        _note_changes(recipe, tokens, notes)
        return tokens

    def _restyle(self, recipe: Recipe, notes: list[str]) -> U8:
        (given,) = inputs_of(recipe, 1)
        source = self._source_tokens(given, recipe)
        tokens = restyle(
            source,
            texts(recipe, "styles"),
            prior=self._prior,
            words=texts(recipe, "words"),
            unlike=optional_text(recipe, "unlike"),
            seed=integer(recipe, "seed"),
            params=sampling_params(recipe),
            first_picture=integer(recipe, "first_picture", MAX_PICTURES),
            on_progress=self._on_progress,
        )
        _note_changes(recipe, tokens, notes)
        if not recipe.parameters.get("beside"):
            return self._pipeline.pixels(tokens)
        original = to_uint8(_image(given)[None]) if given.picture else self._pipeline.pixels(source[None])
        rows, left = divmod(len(tokens), max(1, integer(recipe, "variants", MAX_PICTURES)))
        if left:
            raise damaged("variants", recipe.parameters["variants"])
        return beside(original.repeat(rows, axis=0), self._pipeline.pixels(tokens))

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
        tokens = self._source_tokens(inputs_of(recipe, 1)[0], recipe)
        columns = self._bundle.manifest.grid[1]
        if "rows" in names:
            return keep_rows(tokens, integer(recipe, "rows", 256), n, columns=columns)
        return keep_share(tokens, number(recipe, "keep"), first + n, columns=columns, seed=seed)[first:]

    def _blend(self, recipe: Recipe) -> F32:
        """The latents ``(1, D, 16, 16)`` of a blend."""
        weights, share, style = numbers(recipe, "weights"), number(recipe, "repaint"), optional_text(recipe, "style")
        latents = [self._latent(each, recipe) for each in inputs_of(recipe, len(weights))]
        mixed = mix(latents, weights, codec=self._codec)
        if share > 0:
            mixed = repaint(
                mixed,
                share,
                codec=self._codec,
                prior=self._prior,
                condition=Condition(style=style),
                seed=integer(recipe, "seed"),
                params=sampling_params(recipe),
            )
        return mixed.z

    def _with_faces(self, recipe: Recipe) -> F32:
        """The picture with each face, ``(N, 4, 64, 64)``."""
        thing, faces = self._decoded_input(recipe), self._entries(recipe, "faces")
        if not all(is_face(entry, self._gallery) for entry in faces):
            raise damaged("faces", texts(recipe, "faces"))
        return with_faces(thing, faces, codec=self._codec, gallery=self._gallery, box=face_box(recipe))

    def _dressed(self, recipe: Recipe) -> F32:
        """The picture with what it wears, ``(4, 64, 64)``."""
        wearer, worn = self._decoded_input(recipe), self._entries(recipe, "worn")
        if not all(map(accessory_of, worn)):
            raise damaged("worn", texts(recipe, "worn"))
        in_front = truth(recipe, "glasses_in_front")  # recipes from before had a hat over them
        return dressed(wearer, worn, codec=self._codec, gallery=self._gallery, glasses_in_front=in_front, face=face_box(recipe))

    def _decoded_input(self, recipe: Recipe) -> F32:
        """The one picture that went in, ``(4, 64, 64)``."""
        (given,) = inputs_of(recipe, 1)
        return _image(given) if given.picture else np.asarray(self._codec.decode_tokens(self._source_tokens(given, recipe)[None])[0])

    def _entries(self, recipe: Recipe, name: str) -> list[GalleryEntry]:
        """The emojis of the gallery that a parameter lists."""
        specs = texts(recipe, name)
        if not 0 < len(specs) <= MAX_PICTURES:
            raise damaged(name, specs)
        return [self._gallery.find(*split_style(spec)) for spec in specs]

    def _latent(self, given: RecipeInput, recipe: Recipe) -> F32:
        if given.picture:
            z_e, _ = self._codec.encode(_image(given)[None])
            return np.asarray(z_e[0])  # (1, D, 16, 16) → (D, 16, 16)
        tokens = unpack(given.tokens, bits=recipe.token_bits)
        return np.asarray(self._codec.lookup(tokens.reshape(1, 16, 16))[0])  # (1, 256) → (1, 16, 16)

    def _tokens(self, recipe: Recipe) -> I64:
        return recipe.token_grid(self._bundle.manifest.codebook.size)


def _image(given: RecipeInput) -> F32:
    return load_image(io.BytesIO(given.picture), name="The picture in the recipe")


def _note_changes(recipe: Recipe, tokens: I64, notes: list[str]) -> None:
    """Tell which of the tokens ``(N, 256)`` are not those that the file was made of."""
    then = recipe.token_grid()
    changed = int((then != tokens).any(axis=1).sum()) if then.shape == tokens.shape else len(tokens)
    if changed:
        notes.append(f"tokens: {changed} of {len(tokens)} pictures get other tokens from this seed")
