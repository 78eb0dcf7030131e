"""What every source hands on: a picture that is still encoded, and the columns beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.errors import TrainerError

if TYPE_CHECKING:
    import pyarrow as pa
    from PIL.Image import Image

ALTERNATIVES = (
    "Data can be: a Hugging Face id (valhalla/emoji-dataset), a .parquet file or a folder of them, a folder of images "
    "(with metadata.csv or metadata.jsonl if there is one), a dataset saved by save_to_disk, or font:PATH (a colour emoji font)."
)


@dataclass(frozen=True)
class Columns:
    """The two columns that a table must have; all others are optional and have fixed names."""

    image: str = "image"
    text: str = "text"

    def check(self, present: Iterable[str], *, where: str) -> None:
        """Raise :class:`TrainerError` unless both columns are among those ``present``."""
        present = list(present)
        missing = [name for name in (self.image, self.text) if name not in present]
        if missing:
            raise TrainerError(
                f"{where} has no column {' and no column '.join(map(repr, missing))}; it has {', '.join(present) or 'none'}.",
                fix=ALTERNATIVES,
            )


@dataclass(frozen=True)
class Record:
    """One emoji as its source has it."""

    picture: bytes | Path | Image
    """An encoded file, the path of one, or a picture that the source has drawn itself."""
    text: str
    name: str
    """Where it comes from, for messages."""
    values: dict[str, Any] = field(default_factory=dict)
    """The optional columns, as found."""


def records_from_table(
    table: pa.Table, *, columns: Columns, where: str, folder: Path | None = None, split: str = "", first: int = 0, pictures: bool = True
) -> list[Record]:
    """Records of an Arrow table whose image column is Hugging Face's ``struct<bytes, path>``, or plain bytes.

    Args:
        table: rows with the two columns of ``columns`` and any optional ones.
        columns: names of the image and the text column.
        where: name of the table, for messages.
        folder: where relative paths of pictures without bytes start.
        split: value of ``split`` for rows of a table without that column.
        first: number of the first row, for messages.
        pictures: whether the table has its image column; else the records have no picture.

    Raises:
        TrainerError: a column is missing, or the image column holds something else.
    """
    if pictures:
        columns.check(table.column_names, where=where)
    images = table.column(columns.image).to_pylist() if pictures else [b""] * len(table)
    rest = (table.drop_columns([columns.image]) if pictures else table).to_pylist()
    records = []
    for index, (image, values) in enumerate(zip(images, rest, strict=True), start=first):
        name = f"row {index} of {where}"
        values.setdefault("split", split)
        records.append(Record(_picture(image, folder, name), str(values.pop(columns.text) or ""), name, values))
    return records


def _picture(cell: Any, folder: Path | None, name: str) -> bytes | Path:
    if isinstance(cell, dict):
        data, path = cell.get("bytes"), cell.get("path")
        if data is None and path:
            return (folder or Path()) / path
        cell = data
    if isinstance(cell, bytes):
        return cell
    raise TrainerError(
        f"{name} has no picture in its image column.", fix="The column must hold encoded files: struct<bytes, path> or binary."
    )
