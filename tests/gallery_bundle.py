"""The tiny bundle with a gallery whose emojis the tests know."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from emoterm.tokenfile import pack, token_bits

ALL = ("blob", "fluent3d", "fluentflat", "noto", "twemoji")
SMILEYS, ANIMALS, PEOPLE = "Smileys & Emotion", "Animals & Nature", "People & Body"
EMOJIS = [
    ("😀", "grinning face", SMILEYS, "face-smiling", ["face", "grin"], "", ALL),
    ("😊", "smiling face with smiling eyes", SMILEYS, "face-smiling", ["blush", "eye", "smile"], "", ALL),
    ("😍", "smiling face with heart-eyes", SMILEYS, "face-affection", ["eye", "love", "smile"], "", ALL),
    ("😻", "smiling cat with heart-eyes", SMILEYS, "cat-face", ["cat", "eye", "heart", "love"], "", ALL),
    ("❤️", "red heart", SMILEYS, "heart", ["heart"], "", ("noto", "twemoji")),
    ("👋", "waving hand", PEOPLE, "hand-fingers-open", ["hand", "wave"], "", ALL),
    ("👋🏽", "waving hand: medium skin tone", PEOPLE, "hand-fingers-open", ["hand", "wave"], "medium", ALL),
    ("👩‍💻", "woman technologist", PEOPLE, "person-role", ["coder", "woman"], "", ("blob",)),
    ("🐱", "cat face", ANIMALS, "animal-mammal", ["cat", "face", "pet"], "", ALL),
    ("🐈", "cat", ANIMALS, "animal-mammal", ["cat", "pet"], "", ALL),
    ("🐙", "octopus", ANIMALS, "animal-marine", ["octopus"], "", ALL),
]
ROWS = [(emoji, style) for emoji, *_, styles in EMOJIS for style in styles]
"""Which picture each row of the token file holds."""


def grids(codebook_size: int) -> np.ndarray:
    """The token grids of :data:`ROWS`: (n, 256) int64."""
    return np.random.default_rng(7).integers(0, codebook_size, (len(ROWS), 256))


def make_gallery_bundle(tiny_bundle: Path, folder: Path) -> Path:
    """Copy a bundle to ``folder`` and put the gallery of this module in it."""
    shutil.copytree(tiny_bundle, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    size = manifest["codebook"]["size"]
    records = [
        {
            "emoji": emoji,
            "name": name,
            "group": group,
            "subgroup": subgroup,
            "keywords": keywords,
            "skin_tone": skin_tone,
            "split": "train",
            "styles": {style: ROWS.index((emoji, style)) for style in styles},
        }
        for emoji, name, group, subgroup, keywords, skin_tone, styles in EMOJIS
    ]
    index = {"styles": list(ALL), "emojis": records, "attribution": {"noto": "Noto Emoji, Google (Apache-2.0)"}}
    files = {"index": json.dumps(index).encode(), "tokens": pack(grids(size), token_bits(size))}
    manifest["gallery"] = {}
    for key, data in files.items():
        (folder / f"gallery_{key}.test").write_bytes(data)
        manifest["gallery"][key] = {"file": f"gallery_{key}.test", "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
