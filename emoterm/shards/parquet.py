"""Emojis as the rows of a parquet file, the way ``datasets`` and ``pyarrow`` read them.

Columns: ``index`` (of the picture among all of its seed), ``tokens`` (fixed-size list of uint16, raster order), ``seed``, ``prompt``,
``style`` (that of the picture), ``drawn_after`` (an emoji of the gallery, as in ``🐙@noto``) and, if asked for, ``image`` (a PNG as
``datasets`` keeps images: bytes and path). The plan is in the metadata of every file.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.brief import Brief
from emoterm.errors import EmotermError
from emoterm.shards.plan import Plan

PLAN_KEY = b"emoterm"
"""Of the metadata."""
INSTALL = 'pip install "emoterm[shards]"'


def check_pyarrow() -> None:
    """Say early that pyarrow is missing.

    Raises:
        EmotermError: it is.
    """
    _load("pyarrow.parquet")


def encode(plan: Plan, file: int, brief: Brief, tokens: NDArray[np.int64], images: Sequence[bytes] | None) -> bytes:
    """One file.

    Args:
        plan: what it belongs to.
        file: its number.
        brief: what each of its n pictures was to be.
        tokens: (n, n_tokens) of its pictures.
        images: their PNGs; None without.

    Returns:
        The bytes of a parquet file: the same for the same arguments and version of pyarrow.

    Raises:
        EmotermError: pyarrow is not installed.
    """
    pa, pq = _load("pyarrow"), _load("pyarrow.parquet")
    pictures, n = plan.pictures(file), len(tokens)
    drawn_after: list[str | None] = [entry.spec for entry in brief.after]
    columns = {
        "index": pa.array(np.arange(pictures.start, pictures.stop)),
        "tokens": pa.FixedSizeListArray.from_arrays(pa.array(tokens.astype(np.uint16).ravel()), tokens.shape[1]),
        "seed": pa.array(np.full(n, plan.seed, np.uint64)),
        "prompt": pa.array([plan.prompt] * n, pa.string()),
        "style": pa.array([condition.style for condition in brief.conditions], pa.string()),
        "drawn_after": pa.array(drawn_after or [None] * n, pa.string()),
    }
    if images is not None:
        fields = [pa.field("bytes", pa.binary()), pa.field("path", pa.string())]
        columns["image"] = pa.StructArray.from_arrays([pa.array(images, pa.binary()), pa.array([None] * n, pa.string())], fields=fields)
    metadata = {PLAN_KEY: plan.to_json(), b"huggingface": json.dumps({"info": {"features": _features(plan, tokens.shape[1])}})}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), sink, compression="zstd")
    return sink.getvalue()


def is_whole(path: Path, plan: Plan, file: int) -> bool:
    """Whether a file is there, can be read, is of this plan and has all its rows; only its footer is looked at.

    Raises:
        EmotermError: pyarrow is not installed.
    """
    pa, pq = _load("pyarrow"), _load("pyarrow.parquet")
    try:
        found = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return bool(found.num_rows == len(plan.pictures(file)) and (found.metadata or {}).get(PLAN_KEY) == plan.to_json().encode())


def _features(plan: Plan, n_tokens: int) -> dict[str, Any]:
    """The columns in the words of ``datasets``, which otherwise would take an image for a pair of values."""
    kinds = {"index": "int64", "seed": "uint64", "prompt": "string", "style": "string", "drawn_after": "string"}
    features: dict[str, Any] = {name: {"dtype": kind, "_type": "Value"} for name, kind in kinds.items()}
    features["tokens"] = {"feature": {"dtype": "uint16", "_type": "Value"}, "length": n_tokens, "_type": "List"}
    if plan.images:
        features["image"] = {"_type": "Image"}
    return features


def _load(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "pyarrow":
            raise
        raise EmotermError("Parquet files need pyarrow, which is not installed.", fix=INSTALL) from None
