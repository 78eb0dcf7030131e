"""Find a model bundle, check it, and hand out its bytes.

A bundle is a folder, or the same files zipped as ``.emoterm``. Nothing is unpacked to disk and nothing is pickled: a file is read once,
its sha256 is compared with the manifest, and those very bytes are returned.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle_store import SEE_DOCTOR, Folder, Store
from emoterm.errors import REINSTALL, BundleError
from emoterm.manifest import FileSpec, Manifest
from emoterm.safe_text import quoted

MANIFEST = "manifest.json"
PACKAGED_BUNDLES = Path(__file__).parent / "bundles"
DEFAULT_BUNDLE = PACKAGED_BUNDLES / "default"
SUFFIX = ".emoterm"
ENVIRONMENT_VARIABLE = "EMOTERM_BUNDLE"

MAX_CACHE_BYTES = 64 * 2**20
"""Of the KV cache of one picture; the default bundle has 0.2 MB, or 0.8 MB as floats."""
GRID, SIZE_PX = (16, 16), 64
"""The token grid and the side of a picture, the same in every bundle."""

_PATH_CHARS = 4096
"""Of a path that a message shows whole."""


def available_bundles() -> dict[str, Path]:
    """Bundles that can be named without a path: those of the package, then those of the user's data folder."""
    import platformdirs  # here, as the bundle that ships is found without

    packaged, others = _bundles_in(PACKAGED_BUNDLES), _bundles_in(platformdirs.user_data_path("emoterm", appauthor=False) / "bundles")
    return packaged | {name: path for name, path in others.items() if name not in packaged}


def _bundles_in(folder: Path) -> dict[str, Path]:
    """By their names; of two with one name the first, a folder."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:  # no such folder, or not readable: nothing to offer from there
        return {}
    found: dict[str, Path] = {}
    for entry in entries:
        if entry.suffix == SUFFIX or (entry / MANIFEST).is_file():
            found.setdefault(entry.name.removesuffix(SUFFIX), entry)
    return found


def find_bundle(name: str | Path | None = None) -> Path:
    """Where the wanted bundle is.

    Args:
        name: a path, or the bare name of a packaged or installed bundle. ``None``: ``$EMOTERM_BUNDLE`` if set, else the default bundle.

    Raises:
        BundleError: there is none; the message lists those that exist.
    """
    source = ""
    if name is None and (from_environment := os.environ.get(ENVIRONMENT_VARIABLE)):
        name, source = from_environment, f" (from {ENVIRONMENT_VARIABLE})"
    if name is None:
        name = "default"
    if str(name) in (packaged := _bundles_in(PACKAGED_BUNDLES)):
        return packaged[str(name)]
    known = available_bundles()
    if str(name) in known:
        return known[str(name)]
    try:
        path = Path(name).expanduser()
        if path.exists():
            return path
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, an unknown ~user: not a place where a bundle is
        pass
    listing = "".join(f"\n  {key}  {where}" for key, where in known.items())
    raise BundleError(
        f"There is no bundle {quoted(str(name), _PATH_CHARS)}{source}.",
        fix=f"{SEE_DOCTOR}\nBundles that exist:{listing}" if known else SEE_DOCTOR,
    )


def open_bundle(path: str | Path | None = None) -> Bundle:
    """Open a bundle and read its manifest. Other files are read and checked when they are asked for.

    Args:
        path: as in :func:`find_bundle`.

    Raises:
        BundleError: no bundle there, files missing, or a manifest that makes no sense.
    """
    where = find_bundle(path)
    store = _open_store(where)
    try:
        return Bundle(where, store)
    except BundleError:
        store.close()
        raise


def _open_store(where: Path) -> Store:
    if where.is_dir():
        return Folder(where)
    from emoterm.bundle_archive import Archive  # here, as the bundle that ships is a folder and needs nothing for zip files

    return Archive(where)


class Bundle:
    """An open bundle; a context manager. Made by :func:`open_bundle`, safe to read from several threads.

    Attributes:
        path: the folder or the ``.emoterm`` file.
        manifest: the parsed ``manifest.json``.
        sha256: hex digest of the bytes of ``manifest.json``; it covers every other file through the digests listed there.
    """

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._store = store
        names = store.names()
        if MANIFEST not in names:
            raise BundleError(f"{path} is not a bundle: it has no {MANIFEST}.", fix=SEE_DOCTOR)
        text = store.read(MANIFEST)
        self.sha256 = hashlib.sha256(text).hexdigest()
        self.manifest = Manifest.from_json(text, where=str(path))
        _check_sizes(self.manifest, str(path))
        missing = [spec.file for spec in self.manifest.files() if spec.file not in names]
        if missing:
            raise BundleError(f"{path}: missing {', '.join(missing)}.", fix=REINSTALL)

    def read(self, spec: FileSpec) -> bytes:
        """The bytes of one file, after their sha256 was found right.

        Raises:
            BundleError: the file cannot be read, or is not the one the manifest was written for.
        """
        data = self._store.read(spec.file)
        if hashlib.sha256(data).hexdigest() != spec.sha256.lower():
            raise BundleError(f"{self.path}: {spec.file} is damaged (its sha256 is not the one in {MANIFEST}).", fix=REINSTALL)
        return data

    def graph(self, name: str) -> bytes:
        """An ONNX model by its name in :data:`emoterm.manifest.GRAPH_NAMES`, checked as in :meth:`read`."""
        return self.read(self.manifest.graphs[name])

    def codebook(self) -> NDArray[np.float32]:
        """The code vectors, float32 (K, D).

        Raises:
            BundleError: damaged, or not an array of that shape.
        """
        spec = self.manifest.codebook
        data = self.read(spec)
        codes = _read_array(data, (spec.size, spec.dim))
        if codes is None or not np.isfinite(codes).all():
            what = f"should be a NumPy array of finite floats, of shape {(spec.size, spec.dim)}"
            raise BundleError(f"{self.path}: {spec.file} {what}.", fix=REINSTALL)
        return np.ascontiguousarray(codes, dtype=np.float32)

    def verify(self) -> None:
        """Read and check every file.

        Raises:
            BundleError: for the first one that is damaged.
        """
        for spec in self.manifest.files():
            self.read(spec)

    def close(self) -> None:
        """Let go of the files. Reading afterwards is an error; closing twice is not."""
        self._store.close()

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _read_array(data: bytes, shape: tuple[int, int]) -> NDArray[np.floating[Any]] | None:
    """A ``.npy`` file of float16 or float32 values of this shape, or None. numpy would make room for any shape that the header claims.

    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        found, column_major, dtype = read_header(file)
    except Exception:  # numpy promises no set of exceptions for a hostile header: it is parsed as Python
        return None
    body = data[file.tell() :]
    if found != shape or dtype not in (np.float16, np.float32) or len(body) != dtype.itemsize * math.prod(shape):
        return None
    return np.frombuffer(body, dtype).reshape(shape, order="F" if column_major else "C")


def _check_sizes(manifest: Manifest, where: str) -> None:
    """Refuse numbers that would only fail later and less clearly. The manifest itself has no checksum."""
    prior, image = manifest.prior, manifest.image
    slots = prior.style_slots + prior.word_slots + 1  # and BOS
    sizes = (prior.n_layer, prior.n_kv_head, prior.head_dim)
    cache_bytes = 2 * 4 * prior.block_size * math.prod(sizes)
    checks = {
        f"grid should be {GRID[0]} rows of {GRID[1]} tokens": manifest.grid == list(GRID),
        "codebook size and dim should be positive, and at most 65536 and 4096": 0 < manifest.codebook.size <= 1 << 16
        and 0 < manifest.codebook.dim <= 1 << 12,
        f"image should have 3 or 4 channels and a size of {SIZE_PX}": image.channels in (3, 4) and image.size_px == SIZE_PX,
        "prior should have positive n_layer, n_kv_head and head_dim": min(sizes) > 0,
        "prior should have at most one style slot": prior.style_slots in (0, 1),
        "prior should have up to 64 word slots, or none": 0 <= prior.word_slots <= 64,
        "window should be between 0 and block_size": 0 <= prior.window <= prior.block_size,
        "local_layers should be some of the prior's layers, not all, and have a window": len(set(prior.local_layers)) < prior.n_layer
        and all(0 <= layer < prior.n_layer for layer in prior.local_layers)
        and (prior.window > 0 or not prior.local_layers),
        "guide_width should be between 0 and 65536": 0 <= prior.guide_width <= 1 << 16,
        f"keys and values of one picture should fit into {MAX_CACHE_BYTES >> 20} MiB": 0 < cache_bytes <= MAX_CACHE_BYTES,
    }
    wrong = [rule for rule, holds in checks.items() if not holds]
    if not wrong and prior.block_size != slots + manifest.n_tokens - 1:  # the last token is written and never read
        wrong.append(f"block_size should be {slots + manifest.n_tokens - 1}")
    if wrong:
        raise BundleError(f"{where}: {MANIFEST} makes no sense: {wrong[0]}.", fix=REINSTALL)
