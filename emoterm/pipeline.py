"""From a request to pictures: what each is drawn after, what the prior writes, how that is finished, and what the decoder makes of it.

The command line, the terminal interface, folders of emojis by the million and ``recreate`` all go this way, so that the same seed means
the same pictures everywhere.

N pictures · P tokens of a picture · S size of a picture in pixels
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emoterm.brief import Brief, sampling_for
from emoterm.bundle import Bundle
from emoterm.chance import brief_by_chance
from emoterm.codec import Codec
from emoterm.gallery import Gallery
from emoterm.imaging.compose import U8, to_uint8
from emoterm.manifest import SamplingDefaults
from emoterm.prior import Prior, Progress
from emoterm.prompt import ParsedPrompt, parse_prompt
from emoterm.prompt_words import FILLER_WORDS
from emoterm.request import Request
from emoterm.retrieval import brief_by_words
from emoterm.sampling import SamplingParams
from emoterm.shortcodes import with_emojis

I64 = NDArray[np.int64]

DECODED_AT_ONCE = 64
"""Pictures; as floats, four times as large as in the end, they are not held all together."""


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The prior, the codec and the gallery of a bundle, which all have to be of the same one. Safe to call from several threads."""

    bundle: Bundle
    """Has to stay open while the pipeline is used."""
    prior: Prior
    codec: Codec
    gallery: Gallery

    @classmethod
    def of(cls, bundle: Bundle, *, device: str = "auto", threads: int | None = None) -> Pipeline:
        """That of an open bundle; each part is loaded when it is first used.

        Args:
            bundle: an open bundle.
            device: ``auto``, ``cpu`` or ``cuda``.
            threads: as in :class:`emoterm.prior.Prior` and :class:`emoterm.codec.Codec`.

        Raises:
            UsageError: fewer than one thread.
            BundleError: a vocabulary that does not fit the manifest.
        """
        prior, codec = Prior(bundle, device=device, threads=threads), Codec(bundle, device=device, threads=threads)
        return cls(bundle, prior, codec, Gallery.from_bundle(bundle))

    def parse(self, prompt: str, *, style: str | None = None, words_alone: bool = False) -> ParsedPrompt:
        """As :func:`emoterm.prompt.parse_prompt`, with the words of this bundle and the names of its gallery, in whatever language.

        Raises:
            UsageError: the style is unknown.
        """
        names = self.gallery if prompt and self.gallery.exists else None  # where nothing is said its index is not read
        read = functools.partial(parse_prompt, vocabulary=self.prior.vocabulary, style=style, names=names, words_alone=words_alone)
        parsed = read(prompt)
        unfamiliar, only_named = {*parsed.unknown, *parsed.guessed}, set(parsed.only_named)
        if names is not None:  # "gato no chapéu": of a hat in Portuguese, which English reads as no hat
            denied = {word for phrase in parsed.left_out for word in phrase.split()}
            unfamiliar |= {word for word in denied - FILLER_WORDS if not names.has_words(word)}
        if names is None or not unfamiliar:
            return parsed
        translation = self.gallery.translator.translate(with_emojis(prompt), unfamiliar - only_named, only_named)
        if translation is None:
            return parsed
        return replace(read(translation.text), translation=translation)

    def brief(self, request: Request, *, seed: int, pictures: range) -> Brief:
        """What each picture of a request should be.

        Args:
            request: for all of them.
            seed: of the pictures.
            pictures: their indices among all of this seed.

        Raises:
            BundleError: the gallery is damaged.
            UsageError: no emoji of the group that is asked for comes near to the words.
        """
        if request.by_chance:
            brief = brief_by_chance(
                request.style, gallery=self.gallery, prior=self.prior, seed=seed, pictures=pictures, group=request.group
            )
            # Without a gallery a group is still something that the prior can be told.
            return brief if brief.after else Brief([request.condition] * len(pictures))
        return brief_by_words(request, gallery=self.gallery, prior=self.prior, seed=seed, pictures=pictures)

    def usual(self, brief: Brief | None = None) -> SamplingDefaults:
        """The sampling law of the bundle for such pictures; ``None``: for those that are drawn after nothing."""
        usual = self.bundle.manifest.prior.sampling
        return sampling_for(usual) if brief is not None and brief.after else usual

    def sample(
        self,
        brief: Brief,
        *,
        seed: int,
        params: SamplingParams,
        first_picture: int = 0,
        batch_size: int | None = None,
        given: I64 | None = None,
        on_progress: Progress | None = None,
    ) -> I64:
        """Write the tokens of the pictures of a brief, and finish them.

        Args:
            brief: of N pictures.
            seed: as in :meth:`emoterm.prior.Prior.generate`, like the others.
            params: the sampling law.
            first_picture: index of the first picture among all of this seed.
            batch_size: changes speed and memory, no picture.
            given: (N, P) tokens that are already known; −1 where the prior writes.
            on_progress: called with the tokens done and the tokens in all.

        Returns:
            (N, P), raster order.

        Raises:
            ModelError: a model cannot be loaded.
        """
        tokens = self.prior.generate(
            brief.conditions,
            seed=seed,
            params=params,
            first_picture=first_picture,
            batch_size=batch_size,
            given=given,
            sources=brief.sources,
            on_progress=on_progress,
        )
        return self.finish(tokens, brief)

    def finish(self, tokens: I64, brief: Brief) -> I64:
        """The tokens (N, P) of pictures that the prior has written, painted and with the faces that the brief wants: (N, P)."""
        if not brief.finishes:
            return tokens
        from emoterm.finish import finish_tokens  # with Pillow and all that faces and hats need

        return finish_tokens(tokens, brief.finishes, codec=self.codec, gallery=self.gallery)

    def pixels(self, tokens: I64) -> U8:
        """Tokens (N, P) → pictures (N, S, S, 4), straight alpha."""
        size = self.codec.size_px
        pixels = np.empty((len(tokens), size, size, 4), np.uint8)
        for start in range(0, len(tokens), DECODED_AT_ONCE):
            part = slice(start, start + DECODED_AT_ONCE)
            pixels[part] = to_uint8(self.codec.decode_tokens(tokens[part]))
        return pixels
