"""Where emojis come from: one reader for each kind of ``--data``.

Every reader returns :class:`Record` objects, so that :mod:`trainer.data` decodes pictures and fills in absent columns in one place.

    hub.py     Hugging Face ids and datasets saved by ``save_to_disk``   (needs `datasets`)
    parquet.py a parquet file, or a folder of shards                     (needs `pyarrow`)
    folder.py  a folder of images with optional metadata
    font.py    the glyphs of a colour emoji font
    line_art.py line art drawn by a formula, to measure on
"""

from __future__ import annotations

import re
from pathlib import Path

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Columns, Record

__all__ = ["ALTERNATIVES", "Columns", "Record", "parquet_shards", "read_source"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_FILE_SUFFIXES = (".parquet", ".csv", ".jsonl", ".json", ".zip", ".ttf", ".otf")


def read_source(source: str, *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Read a source of any kind.

    Args:
        source: what was given as ``--data``.
        columns: names of the two columns that every table must have.
        limit: read no more than the first so many emojis.

    Raises:
        TrainerError: nothing is there, it cannot be reached, or it lacks a column.
    """
    # The readers are imported late: a machine without `datasets` can train from parquet, one without pyarrow from a font.
    if source.startswith("font:"):
        from trainer.sources.font import read_font

        return read_font(Path(source.removeprefix("font:")).expanduser(), limit=limit)
    if source.startswith("lineart:"):
        from trainer.sources.line_art import read_line_art

        return read_line_art(source.removeprefix("lineart:"))[:limit]
    if not source:  # to pathlib that is the folder one stands in
        raise TrainerError("The data source is empty.", fix=ALTERNATIVES)
    path = Path(source).expanduser()
    if path.is_file():
        return _read_file(path, columns=columns, limit=limit)
    if path.is_dir():
        return _read_folder(path, columns=columns, limit=limit)
    if _HUB_ID.fullmatch(source) and not source.lower().endswith(_FILE_SUFFIXES):
        from trainer.sources.hub import read_hub

        return read_hub(source, columns=columns, limit=limit)
    raise TrainerError(f"Data source {source!r} is no file, no folder and no Hugging Face id.", fix=ALTERNATIVES)


def parquet_shards(source: str) -> list[Path]:
    """The files of a source that is parquet, in the order they are read; empty for every other kind, or if nothing is there."""
    path = Path(source).expanduser()
    if path.is_file():
        return [path] if path.suffix.lower() == ".parquet" else []
    if not source or not path.is_dir() or _is_saved_dataset(path):
        return []
    return sorted(path.rglob("*.parquet"))


def _read_file(path: Path, *, columns: Columns, limit: int | None) -> list[Record]:
    if path.suffix.lower() == ".parquet":
        from trainer.sources.parquet import read_parquet

        return read_parquet([path], columns=columns, limit=limit)
    if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
        raise TrainerError(f"{path} is a font.", fix=f"Type font:{path}")
    raise TrainerError(f"{path} is a file of a kind that cannot be read as data.", fix=ALTERNATIVES)


def _read_folder(path: Path, *, columns: Columns, limit: int | None) -> list[Record]:
    if _is_saved_dataset(path):
        from trainer.sources.hub import read_saved

        return read_saved(path, columns=columns, limit=limit)
    if shards := parquet_shards(str(path)):
        from trainer.sources.parquet import read_parquet

        return read_parquet(shards, columns=columns, limit=limit)
    from trainer.sources.folder import read_folder

    return read_folder(path, columns=columns, limit=limit)


def _is_saved_dataset(path: Path) -> bool:
    return (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()
