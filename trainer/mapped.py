"""Pictures that stay on disk: those of parquet files, decoded once into one file that is mapped into memory.

    CACHE/pictures-DIGEST.u8   (N, 4, S, S) uint8, the pictures of one split after those of another, each split in the order of the source
    CACHE/shards.json          digest of every parquet file that was read, by path, size and time of change

The operating system holds in memory what is used of it and room is for, and all processes of a host share that. DIGEST is of what the file
is made from, so a changed source gets another file. It is written under another name and then renamed, so a file that is there is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trainer.checkpoint import write_text_atomic
from trainer.data import EmojiSet, decode_records
from trainer.errors import TrainerError
from trainer.progress import TrainingProgress
from trainer.sources import ALTERNATIVES, Columns, parquet_shards
from trainer.sources.parquet import count_rows, stream_parquet
from trainer.sources.row import row_of

IN_MEMORY_BYTES = 2 << 30
"""Largest set of decoded pictures that is held in memory: 131,072 of 64×64."""
_FORMAT = b"1"
"""Part of the digest; to be changed with the way pictures are decoded."""
_GIB = 1 << 30


def decoded_bytes(source: str, *, size_px: int) -> int:
    """What the pictures of a parquet source take when they are decoded; 0 for a source of another kind.

    Raises:
        TrainerError: a file is not parquet.
    """
    return count_rows(parquet_shards(source)) * _picture_bytes(size_px)


def load_mapped(source: str, cache: Path, *, size_px: int = 64) -> EmojiSet:
    """Read a parquet source as :func:`trainer.data.load_emojis` does, with the pictures on disk, in ``cache``.

    The rows are those of the source, one split after another. In memory are the rows, and some hundred pictures while they are decoded.

    Args:
        source: a parquet file, or a folder of them.
        cache: folder of the decoded pictures; made if it does not exist.
        size_px: width and height of the pictures.

    Raises:
        TrainerError: the source is not parquet or cannot be read, a picture cannot be decoded, or the disk is full.
    """
    shards, columns = parquet_shards(source), Columns()
    if not shards:
        raise TrainerError(f"{source} is no parquet: only its pictures can be kept on disk.", fix=f"Leave --cache away. {ALTERNATIVES}")
    rows = [row_of(record) for batch in stream_parquet(shards, columns=columns, pictures=False) for record in batch]
    if not rows:
        raise TrainerError(f"{source} holds no emojis.", fix=ALTERNATIVES)
    order = sorted(range(len(rows)), key=lambda i: rows[i].split)  # sorted() keeps the order of equal ones
    try:
        cache.mkdir(parents=True, exist_ok=True)
        path = cache / f"pictures-{_digest(shards, cache, [row.split for row in rows], size_px)}.u8"
        if not path.exists():
            _write(path, shards, columns, order, size_px)
    except OSError as error:
        raise TrainerError(
            f"{cache}: decoded pictures cannot be kept there ({error}).", fix="Choose another folder with --cache."
        ) from None
    return EmojiSet(_mapped(path, len(rows), size_px), [rows[i] for i in order])


def settle(images: Tensor, device: torch.device) -> Tensor:
    """Pictures that a stage draws batches from, (N, 4, S, S) uint8: on the device if they leave half of its memory free, else where they
    are."""
    if device.type == "cuda" and images.nbytes > torch.cuda.mem_get_info(device)[0] // 2:
        return images
    return images.to(device)


def take(images: Tensor, rows: Tensor) -> Tensor:
    """Some pictures of a settled set, on the device of ``rows``: (N, 4, S, S), (B,) → (B, 4, S, S)."""
    return images[rows.to(images.device)].to(rows.device)


def _write(path: Path, shards: list[Path], columns: Columns, order: Sequence[int], size_px: int) -> None:
    """Decode all pictures into ``path``.

    A second process that does the same at the same time writes the same bytes at the same places of the same file; a third that comes
    after a kill writes over what it finds.
    """
    size, n = _picture_bytes(size_px), len(order)
    free = shutil.disk_usage(path.parent).free
    if free < n * size:
        raise TrainerError(
            f"{n:,} decoded pictures need {n * size / _GIB:.1f} GiB in {path.parent}; {free / _GIB:.1f} GiB are free.",
            fix="Make room, or choose another folder with --cache.",
        )
    place = np.empty(n, dtype=np.int64)
    place[np.asarray(order)] = np.arange(n)  # row of the source → row of the file
    temporary = path.with_name(f".{path.name}.partial")
    done = 0
    file = os.open(temporary, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        os.ftruncate(file, n * size)
        with TrainingProgress("pictures", total=n) as progress:
            for records in stream_parquet(shards, columns=columns):
                for row, picture in enumerate(decode_records(records, size_px=size_px), start=done):
                    os.pwrite(file, picture.data, int(place[row]) * size)
                done += len(records)
                progress.update(done)
        os.fsync(file)
    finally:
        os.close(file)
    if temporary.exists() or not path.exists():  # else the other process has renamed it already
        os.replace(temporary, path)


def _mapped(path: Path, n: int, size_px: int) -> Tensor:
    """The pictures of a finished file, (n, 4, S, S) uint8; to be read only."""
    pictures = np.memmap(path, dtype=np.uint8, mode="r", shape=(n, 4, size_px, size_px))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable")  # and nothing here writes to it
        return torch.from_numpy(pictures)


def _picture_bytes(size_px: int) -> int:
    return 4 * size_px * size_px


def _digest(shards: list[Path], cache: Path, splits: list[str], size_px: int) -> str:
    digest = hashlib.sha256(_FORMAT + str(size_px).encode())
    for part in (*_shard_digests(shards, cache), *splits):
        digest.update(part.encode() + b"\n")
    return digest.hexdigest()[:16]


def _shard_digests(shards: list[Path], cache: Path) -> list[str]:
    """SHA-256 of every file; one that has the size and the time of change of the last time is not read again."""
    index = cache / "shards.json"
    try:
        known = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    found = {}
    for shard in shards:
        stat = shard.stat()
        entry = {"bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}
        before = known.get(str(shard.resolve()), {})
        if not entry.items() <= before.items():
            with shard.open("rb") as file:
                before = {**entry, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
        found[str(shard.resolve())] = before
    if not found.items() <= known.items():
        write_text_atomic(index, json.dumps({**known, **found}, indent=1))
    return [found[str(shard.resolve())]["sha256"] for shard in shards]
