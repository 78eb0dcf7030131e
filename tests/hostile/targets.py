"""Everything in the app that decodes bytes of strangers, each as one function of bytes that may raise nothing but EmotermError.

A target goes as far as the app would: a gallery that was read is searched, a manifest opens a bundle.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from emoterm.bundle import Bundle, open_bundle
from emoterm.config import read_file, read_keymap
from emoterm.errors import EmotermError
from emoterm.gallery import Gallery
from emoterm.graph_check import check_graph
from emoterm.imaging.frames import load_frames
from emoterm.imaging.load import load_image
from emoterm.imaging.metadata import embed_recipe, read_recipe
from emoterm.recipe import Recipe
from emoterm.safe_text import is_safe
from emoterm.shards.plan import PLAN_FILE, Plan, Shard, read_plan
from emoterm.tokenfile import pack, picture_bytes, unpack
from emoterm.vocabulary import Condition, Vocabulary

CORPUS = Path(__file__).parent / "corpus"
TINY = Path(__file__).parents[1] / "fixtures" / "tiny_bundle"
Target = Callable[[bytes], None]


class MemoryStore:
    """A bundle that lies in memory, for :class:`emoterm.bundle.Bundle`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> set[str]:
        return set(self._files)

    def read(self, name: str) -> bytes:
        return self._files[name]

    def close(self) -> None:
        pass


@functools.cache
def tiny_files() -> dict[str, bytes]:
    """The files of the tiny bundle."""
    return {path.name: path.read_bytes() for path in TINY.iterdir()}


def tiny_with(**replaced: bytes) -> Bundle:
    """The tiny bundle with other files, and a manifest that agrees with them.

    Args:
        replaced: ``codebook``, ``vocabulary``, ``index`` or ``encoder`` → the new content.
    """
    files = dict(tiny_files())
    manifest = json.loads(files["manifest.json"])
    specs = {"codebook": manifest["codebook"], "vocabulary": manifest["vocabulary"], **manifest["gallery"], **manifest["graphs"]}
    for key, data in replaced.items():
        files[specs[key]["file"]] = data
        specs[key]["sha256"] = hashlib.sha256(data).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()
    return Bundle(Path("memory"), MemoryStore(files))


def tokens(data: bytes) -> None:
    """``.emo``: the first byte chooses the bits of a token."""
    bits = 1 + (data[0] if data else 8) % 16
    rows = unpack(data[1:], bits=bits, codebook_size=min(2**bits, 512))
    assert rows.shape[1] == 256
    assert pack(rows, bits) == data[1:]
    assert len(data) - 1 == len(rows) * picture_bytes(bits=bits)


def manifest(data: bytes) -> None:
    """``manifest.json`` of a bundle whose files are all there."""
    with Bundle(Path("memory"), MemoryStore({**tiny_files(), "manifest.json": data})) as bundle:
        for text in (bundle.manifest.name, bundle.manifest.version, bundle.manifest.recipe):
            assert is_safe(text)
        bundle.codebook()


def bundle_zip(data: bytes) -> None:
    """A whole ``.emoterm`` file."""
    with _as_file(data, ".emoterm") as path, open_bundle(path) as bundle:
        bundle.verify()


def codebook(data: bytes) -> None:
    """``codebook.npy``."""
    codes = tiny_with(codebook=data).codebook()
    assert codes.dtype == np.float32
    assert np.isfinite(codes).all()


def vocabulary(data: bytes) -> None:
    """``vocabulary.json``."""
    bundle = tiny_with(vocabulary=data)
    words = Vocabulary.from_json(bundle.read(bundle.manifest.vocabulary), bundle.manifest)
    assert all(map(is_safe, [*words.styles, *words.words, *words.groups]))
    words.context([Condition(words.styles[0] if words.styles else None, tuple(words.words[:1]))])


def gallery(data: bytes) -> None:
    """``gallery_index.json``, searched and looked up as the commands do."""
    opened = Gallery.from_bundle(tiny_with(index=data))
    for query in ("", "face", "red heart", "1f600", "😀"):
        for entry in opened.search(query):
            assert is_safe(f"{entry.emoji}{entry.name}{entry.group}{entry.keywords}")
            opened.styles_of(entry)
            assert entry.codepoints.isascii()
    for query in ("face", "1f600", "\U0001f600"):
        opened.describe(query)
        opened.tokens(opened.find(query))


def config(data: bytes) -> None:
    """The settings file."""
    with _as_file(data, ".toml") as path:
        read_file(path)
        read_keymap(path)


def recipe(data: bytes) -> None:
    """The JSON of a recipe; what was read must come back the same from what is written."""
    found = Recipe.from_json(data)
    assert Recipe.from_json(found.to_json()) == found
    if found.tokens:
        found.token_grid()


def metadata(data: bytes) -> None:
    """A picture file with a recipe inside, read without decoding a pixel."""
    found: Recipe | None = None
    with suppress(EmotermError):
        found = read_recipe(data)
    new = found or Recipe("sample", {"seed": 7}, "tiny", "1", "0" * 64)
    assert read_recipe(embed_recipe(data, new)) == new


def image(data: bytes) -> None:
    """A picture."""
    assert load_image(data).shape == (4, 64, 64)


def frames(data: bytes) -> None:
    """An animation."""
    found = load_frames(data, size_px=32)
    assert len(found.pixels) == len(found.durations_ms)


def plan(data: bytes) -> None:
    """``_emoterm.json`` of a folder of emojis; what was read must come back the same from what is written."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / PLAN_FILE).write_bytes(data)
        found = read_plan(Path(name))
    assert found is not None
    assert Plan.from_json(found.to_json(), where="memory") == found
    for file in found.files(Shard())[:2]:
        assert found.name(file)
        assert np.random.Philox(key=np.array([found.seed, found.pictures(file)[0]], np.uint64))
    assert found.differences(found) == []
    assert hash(found.request) == hash(found.request)


def graph(data: bytes) -> None:
    """An ONNX model, as far as it is read before ONNX Runtime sees it."""
    check_graph(data, {"prior.safetensors": bytes(64)})


TARGETS: dict[str, Target] = {
    each.__name__: each
    for each in (tokens, manifest, bundle_zip, codebook, vocabulary, gallery, config, recipe, metadata, image, frames, plan, graph)
}


def try_input(target: Target, data: bytes) -> bool:
    """Whether the input was accepted; False where it was refused as it should be.

    Raises:
        Exception: whatever else comes out of the target is a bug.
    """
    try:
        target(data)
    except EmotermError:
        return False
    return True


def seeds(name: str) -> list[Path]:
    """The corpus of a target."""
    return sorted((CORPUS / name).iterdir())


@contextmanager
def _as_file(data: bytes, suffix: str) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield Path(name)
    finally:
        os.unlink(name)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip file with fixed times, so that the same files give the same bytes."""
    with _as_file(b"", ".zip") as path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return path.read_bytes()
