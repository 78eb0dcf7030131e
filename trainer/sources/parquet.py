"""Parquet files, as the Hugging Face hub stores them. Needs pyarrow only, not `datasets`."""

from __future__ import annotations

import re
from pathlib import Path

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Columns, Record, records_from_table

_SHARD_OF_SPLIT = re.compile(r"(train|validation|valid|test)(?:-\d+.*)?", re.IGNORECASE)


def read_parquet(paths: list[Path], *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Read shards one after the other; without a ``split`` column, ``test-00000-of-00001.parquet`` says ``test``.

    Raises:
        TrainerError: pyarrow is not installed, a file is not parquet, or it lacks a column.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise TrainerError("Reading parquet needs pyarrow.", fix="pip install 'emoterm[train]'") from None
    names = {match[1].lower() for path in paths if (match := _SHARD_OF_SPLIT.fullmatch(path.stem))}
    records: list[Record] = []
    for path in paths:
        rest = None if limit is None else limit - len(records)
        if rest is not None and rest <= 0:
            break
        try:
            columns.check(pq.read_schema(path).names, where=str(path))
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise TrainerError(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}", fix=ALTERNATIVES) from None
        match = _SHARD_OF_SPLIT.fullmatch(path.stem)
        # A lone "train" is no split at all: it is what every unsplit data set on the hub is called.
        split = match[1].lower() if match and len(names) > 1 else ""
        records += records_from_table(table.slice(0, rest), columns=columns, where=path.name, folder=path.parent, split=split)
    return records
