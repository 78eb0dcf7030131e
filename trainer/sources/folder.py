"""A folder of images, laid out like the `imagefolder` of Hugging Face."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Columns, Record

SUFFIXES = frozenset((".png", ".webp", ".jpg", ".jpeg", ".gif", ".bmp"))
_SPLITS = frozenset(("train", "validation", "test"))
_FILE_NAME = "file_name"


def read_folder(path: Path, *, columns: Columns, limit: int | None = None) -> list[Record]:
    """Read the images of a folder and of its subfolders, in the order of their names.

    Where there is a ``metadata.csv`` or ``metadata.jsonl``, its rows say which files to take (column ``file_name``, relative to the
    metadata file) and what they show. Without one the file's name is the text: ``cat_face.png`` is "cat face". A top folder called
    ``train``, ``validation`` or ``test`` is the split.

    Raises:
        TrainerError: no images, metadata that cannot be parsed or lacks a column, or a listed file that is missing.
    """
    listings = sorted(file for file in path.rglob("metadata.*") if file.suffix in (".csv", ".jsonl"))
    if listings:
        records = [record for listing in listings for record in _listed(path, listing, columns)]
    else:
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        records = [
            Record(file, file.stem.replace("_", " ").replace("-", " "), str(file), {"order": order, "split": _split(path, file)})
            for order, file in enumerate(files)
        ]
    if not records:
        raise TrainerError(f"Folder {path} holds no images.", fix=ALTERNATIVES)
    return records[:limit]


def _listed(root: Path, listing: Path, columns: Columns) -> list[Record]:
    """Records of one metadata file."""
    wanted = Columns(image=_FILE_NAME, text=columns.text)
    records = []
    for number, values in enumerate(_rows(listing)):
        wanted.check(values, where=str(listing))
        file = listing.parent / str(values.pop(_FILE_NAME))
        if not file.is_file():
            raise TrainerError(f"{listing} lists {file.name}, which is not there.", fix="Remove the row, or add the file.")
        text = str(values.pop(columns.text) or "")
        records.append(Record(file, text, str(file), {"order": number, "split": _split(root, file), **values}))
    return records


def _rows(listing: Path) -> list[dict[str, Any]]:
    try:
        content = listing.read_text(encoding="utf-8-sig")
        if listing.suffix == ".csv":
            return list(csv.DictReader(content.splitlines(keepends=True)))
        rows = [json.loads(line) for line in content.split("\n") if line.strip()]
    except (ValueError, csv.Error) as error:
        raise TrainerError(f"{listing} cannot be parsed: {error}", fix="It must be UTF-8, one picture a line.") from None
    if not all(isinstance(row, dict) for row in rows):
        raise TrainerError(f"{listing} has a line that is no JSON object.", fix='Write lines like {"file_name": "cat.png", "text": "cat"}')
    return rows


def _split(root: Path, file: Path) -> str:
    top = file.relative_to(root).parts[0] if file.is_relative_to(root) else ""
    return top if top in _SPLITS else ""
