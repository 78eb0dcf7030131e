"""A gallery of any size, made from that of a bundle: names put together in pairs, token grids with a tenth of their tokens exchanged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from emoterm.bundle import Bundle
from emoterm.gallery import Gallery
from emoterm.tokenfile import pack, token_bits

EXCHANGED = 0.1
_AT_ONCE = 8192


def make_large_gallery(bundle: Bundle, folder: Path, n: int, *, seed: int = 0) -> Path:
    """A copy of a bundle folder with ``n`` emojis, each of one picture; the same arguments give the same files.

    Args:
        bundle: one with a gallery, open; a folder, not an archive.
        folder: the copy, which must not exist.
        n: how many. The first are those of the bundle, in their first style.
        seed: of the chance that mixes them.
    """
    shutil.copytree(bundle.path, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    source, rng = Gallery.from_bundle(bundle), np.random.default_rng(seed)
    for key, write in (("index", _write_index), ("tokens", _write_tokens)):
        path = folder / manifest["gallery"][key]["file"]
        with path.open("wb") as file:
            write(file, source, n, rng)
        with path.open("rb") as file:
            manifest["gallery"][key]["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _write_index(file: BinaryIO, gallery: Gallery, n: int, rng: np.random.Generator) -> None:
    file.write(json.dumps({"styles": gallery.styles()}).encode()[:-1] + b', "emojis": [')
    for i, record in enumerate(_records(gallery, n, rng)):
        file.write((",\n" if i else "\n").encode() + json.dumps(record, ensure_ascii=False).encode())
    file.write(b"]}")


def _records(gallery: Gallery, n: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    known = gallery.search("", limit=None)
    partners = rng.integers(0, len(known), n).tolist()
    for i in range(n):
        base, other = known[i % len(known)], known[partners[i]]
        copy = i >= len(known)
        yield {
            "emoji": "" if copy else base.emoji,
            "name": f"{base.name} {other.name} {i}" if copy else base.name,
            "group": base.group,
            "subgroup": base.subgroup,
            "keywords": [*base.keywords, *other.keywords[:2]] if copy else list(base.keywords),
            "skin_tone": base.skin_tone,
            "split": base.split,
            "styles": {base.style: i},
        }


def _write_tokens(file: BinaryIO, gallery: Gallery, n: int, rng: np.random.Generator) -> None:
    known = np.stack([gallery.tokens(entry) for entry in gallery.search("", limit=None)])  # (M, 256)
    bits = token_bits(gallery.codebook_size)
    for start in range(0, n, _AT_ONCE):
        rows = np.arange(start, min(n, start + _AT_ONCE))
        grids, others = known[rows % len(known)], known[rng.integers(0, len(known), len(rows))]
        exchanged = rng.random(grids.shape, np.float32) < EXCHANGED
        exchanged[rows < len(known)] = False
        file.write(pack(np.where(exchanged, others, grids), bits))
