"""emoterm as a program would use it: from conditions to pictures in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.prior import Prior
from emoterm.prior_graphs import PriorGraphs
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition

if TYPE_CHECKING:
    from emoterm.gallery import Gallery

SEED = 0


class App:
    """The models of a bundle on the CPU.

    Args:
        bundle: an open bundle.
        threads: as in :class:`emoterm.prior.Prior`, like what follows.
        graphs: those of the prior, where they are being opened already.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None, graphs: PriorGraphs | None = None) -> None:
        defaults = bundle.manifest.prior.sampling
        self.prior = Prior(bundle, device="cpu", threads=threads, graphs=graphs)
        self.codec = Codec(bundle, device="cpu", threads=threads)
        self._bundle = bundle
        self._gallery: Gallery | None = None
        self.params = SamplingParams(**vars(defaults) | {"guidance": 1.0})
        self.condition = Condition(style=next(iter(self.prior.vocabulary.styles), None))
        """Of guided pictures, which need something to be guided towards."""

    def tokens(self, n: int, *, guidance: float = 1.0) -> np.ndarray:
        """Tokens (n, 256) of new pictures: of anything, as ``emoterm sample --free`` makes them, or guided towards a style."""
        params = replace(self.params, guidance=guidance)
        condition = Condition() if guidance == 1 else self.condition
        return self.prior.generate([condition] * n, seed=SEED, params=params)

    def by_chance(self, n: int) -> np.ndarray:
        """Tokens (n, 256) of pictures after emojis that chance picks, as ``emoterm sample`` makes them where nothing is asked."""
        # Imported here, as the first emoji from a cold start does without.
        from emoterm.brief import sampling_for
        from emoterm.chance import brief_by_chance
        from emoterm.gallery import Gallery

        if self._gallery is None:
            self._gallery = Gallery.from_bundle(self._bundle)
        brief = brief_by_chance(None, gallery=self._gallery, prior=self.prior, seed=SEED, pictures=range(n))
        return self.prior.generate(brief.conditions, seed=SEED, params=sampling_for(self.params), sources=brief.sources)

    def pictures(self, n: int, *, guidance: float = 1.0) -> np.ndarray:
        """New pictures, decoded in parts as the command line does. Each part is let go of; returns the last, at most (64, 4, 64, 64)."""
        tokens = self.tokens(n, guidance=guidance)
        for start in range(0, n, 64):
            pictures = self.codec.decode_tokens(tokens[start : start + 64])
        return pictures

    def multiply_adds(self, bundle: Bundle, decoder_multiply_adds: int) -> int:
        """Multiply-adds of one picture: every weight of the prior once a token, attention over what was read, and the decoder."""
        recipe = bundle.manifest.provenance["recipe"]["prior"]
        d, inner, heads = recipe["d_model"], recipe["d_ff"], recipe["n_head"] * recipe["head_dim"]
        shared = 2 * recipe["n_kv_head"] * recipe["head_dim"]
        layer = d * (heads + shared) + heads * d + 2 * d * inner
        length = bundle.manifest.prior.block_size
        weights = recipe["n_layer"] * layer + d * bundle.manifest.codebook.size
        spec = bundle.manifest.prior
        near = length - max(0, length - spec.window - spec.style_slots - spec.word_slots - 1)  # what a local layer sees in the end
        seen = {False: length * (length + 1) // 2, True: near * (near + 1) // 2 + (length - near) * near}
        attention = sum(2 * heads * seen[layer in spec.local_layers] for layer in range(recipe["n_layer"]))
        return int(length * weights + attention + decoder_multiply_adds)
