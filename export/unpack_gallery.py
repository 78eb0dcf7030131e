"""The tokens of a bundle's gallery → searched tokens of a run, so that the next bundle of that run needs no search."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from emoterm.bundle import Bundle
from emoterm.errors import UsageError
from emoterm.files import write_atomic
from emoterm.gallery import Gallery
from export.gallery import gallery_index
from export.search_dataset import write_part
from trainer.data import EmojiSet, picture_digest
from trainer.searched import ABOUT, CODES, DIGEST, codebook_digest, part_count, part_rows


def unpack_gallery(bundle: Bundle, emojis: EmojiSet, out: Path) -> None:
    """Write what :func:`trainer.searched.load_searched` reads of each split.

    Args:
        bundle: with a gallery.
        emojis: the N pictures that it is of.
        out: folder of all splits.

    Raises:
        UsageError: the gallery is of other data, or there is none.
        BundleError: it is damaged.
    """
    check_same_data(bundle, emojis)
    spec = bundle.manifest
    tokens = Gallery(bundle).token_rows(0, len(emojis)).astype(np.int16)  # (N, 256)
    for split in sorted({row.split for row in emojis.rows}):
        of_split = np.flatnonzero([row.split == split for row in emojis.rows])
        folder = out / split
        folder.mkdir(parents=True)
        about = {"bundle": f"{spec.name} {spec.version}", "pictures": len(of_split), DIGEST: picture_digest(emojis.split(split).images)}
        about[CODES] = codebook_digest(torch.from_numpy(bundle.codebook()))
        write_atomic(folder / ABOUT, json.dumps(about, indent=1).encode(), force=False)
        for part in range(part_count(len(of_split))):
            write_part(folder, part, tokens[of_split[part_rows(part, len(of_split)).numpy()]])


def check_same_data(bundle: Bundle, emojis: EmojiSet) -> None:
    """Whether the gallery of a bundle is of these pictures.

    Raises:
        UsageError: it is of others, or there is none.
    """
    files = bundle.manifest.gallery
    # The names of the gallery tell the row of each picture: where all are alike, so is the order.
    if not files or json.loads(gallery_index(emojis)) != json.loads(bundle.read(files["index"])):
        raise UsageError(f"The gallery of {bundle.path} is not of this data.", fix="Name the data that the bundle was trained on, or none.")
