"""Data sets through Hugging Face's `datasets`: by id from the hub, or from a folder that ``save_to_disk`` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Columns, Record, records_from_table


def read_hub(source: str, *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Download a data set, or take it from the local cache.

    Raises:
        TrainerError: `datasets` is not installed, the hub cannot be reached, there is no such id, or a column is missing.
    """
    datasets = _import_datasets()
    try:
        loaded = datasets.load_dataset(source)
    except Exception as error:  # the hub client raises OSError, ValueError, HTTP and its own errors, depending on what is in the way
        raise TrainerError(f"Hugging Face data set {source!r} cannot be loaded: {_first_line(error)}", fix=ALTERNATIVES) from None
    return _records(loaded, where=source, columns=columns, limit=limit)


def read_saved(path: Path, *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Read a folder written by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``.

    Raises:
        TrainerError: `datasets` is not installed, the folder is damaged, or a column is missing.
    """
    datasets = _import_datasets()
    try:
        loaded = datasets.load_from_disk(str(path))
    except Exception as error:  # a damaged folder fails in Arrow, in JSON or in `datasets`
        raise TrainerError(f"{path} cannot be loaded as a saved data set: {_first_line(error)}", fix=ALTERNATIVES) from None
    return _records(loaded, where=str(path), columns=columns, limit=limit)


def _records(loaded: Any, *, where: str, columns: Columns, limit: int | None) -> list[Record]:
    """Records of a Dataset, or of all splits of a DatasetDict."""
    from datasets import Image

    # A lone "train" is no split at all: it is what every unsplit data set is called.
    parts = (
        loaded
        if isinstance(loaded, dict) and len(loaded) > 1
        else {"": next(iter(loaded.values())) if isinstance(loaded, dict) else loaded}
    )
    records: list[Record] = []
    for split, part in parts.items():
        columns.check(part.column_names, where=where)
        rest = len(part) if limit is None else min(len(part), limit - len(records))
        if isinstance(part.features[columns.image], Image):
            part = part.cast_column(columns.image, Image(decode=False))  # encoded bytes; they are decoded in one place, in threads
        table = part.select(range(rest)).with_format("arrow")[:]
        records += records_from_table(table, columns=columns, where=f"{where} {split}".strip(), split=str(split))
    return records


def _import_datasets() -> Any:
    try:
        import datasets
    except ImportError:
        raise TrainerError("Reading this kind of data needs the package datasets.", fix="pip install 'emoterm[train]'") from None
    return datasets


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
