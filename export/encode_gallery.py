"""Every picture of the data as tokens, by the exported encoder: the gallery holds what ``emoterm encode`` would write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import open_bundle
from emoterm.codec import Codec
from trainer.data import EmojiSet

CHUNK = 512
"""Pictures turned into floats at a time (32 MiB)."""


def encode_gallery(bundle: Path, emojis: EmojiSet) -> NDArray[np.int64]:
    """Tokens of N pictures, (N, 256).

    Args:
        bundle: folder with the encoder, the codebook and a manifest.
        emojis: N pictures.
    """
    with open_bundle(bundle) as opened:
        codec = Codec(opened, device="cpu")
        parts = [codec.encode(part.float().numpy() / 255)[1] for part in emojis.images.split(CHUNK)]
    indices = np.concatenate(parts)  # (N, 16, 16)
    return indices.reshape(len(indices), -1)
