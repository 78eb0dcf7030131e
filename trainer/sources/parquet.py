"""Parquet files, as the Hugging Face hub stores them. Needs pyarrow only, not `datasets`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Columns, Record, records_from_table

BATCH = 256
"""Rows that are in memory at one time, while they are encoded."""
_BUFFER_BYTES = 1 << 20
"""A column is read in pieces of this size. By itself, pyarrow reads all that a row group has of it: in some files, everything."""
_SHARD_OF_SPLIT = re.compile(r"(train|validation|valid|test)(?:-\d+.*)?", re.IGNORECASE)


def read_parquet(paths: list[Path], *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Read shards one after the other; without a ``split`` column, ``test-00000-of-00001.parquet`` says ``test``.

    Raises:
        TrainerError: pyarrow is not installed, a file is not parquet, or it lacks a column.
    """
    records: list[Record] = []
    for batch in stream_parquet(paths, columns=columns):
        if limit is not None and len(records) >= limit:
            break
        records += batch
    return records[:limit]


def stream_parquet(paths: list[Path], *, columns: Columns, pictures: bool = True) -> Iterator[list[Record]]:
    """The records of :func:`read_parquet`, a few at a time and never more than those in memory.

    Args:
        paths: the shards.
        columns: names of the image and the text column.
        pictures: read the image column; else ``Record.picture`` is empty, and reading takes a small part of the time.

    Raises:
        TrainerError: as :func:`read_parquet`.
    """
    names = {match[1].lower() for path in paths if (match := _SHARD_OF_SPLIT.fullmatch(path.stem))}
    for path in paths:
        match = _SHARD_OF_SPLIT.fullmatch(path.stem)
        # A lone "train" is no split at all: it is what every unsplit data set on the hub is called.
        split = match[1].lower() if match and len(names) > 1 else ""
        first = 0
        for table in _tables(path, columns, pictures=pictures):
            yield records_from_table(
                table, columns=columns, where=path.name, folder=path.parent, split=split, first=first, pictures=pictures
            )
            first += len(table)


def count_rows(paths: list[Path]) -> int:
    """Rows of all shards, from their footers.

    Raises:
        TrainerError: pyarrow is not installed, or a file is not parquet.
    """
    return sum(_open(path).metadata.num_rows for path in paths)


def _tables(path: Path, columns: Columns, *, pictures: bool) -> Iterator[Any]:
    import pyarrow as pa

    file = _open(path)
    columns.check(file.schema_arrow.names, where=str(path))
    wanted = None if pictures else [name for name in file.schema_arrow.names if name != columns.image]
    batches = file.iter_batches(BATCH, columns=wanted)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(path, error) from None
        if batch is None:
            return
        yield pa.Table.from_batches([batch])


def _open(path: Path) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise TrainerError("Reading parquet needs pyarrow.", fix="pip install 'emoterm[train]'") from None
    try:
        return pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> TrainerError:
    return TrainerError(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}", fix=ALTERNATIVES)
