"""The weights of the prior: one safetensors file that every one of its graphs points into.

A graph of the prior is some kilobytes of structure; the same weights serve the CPU graph, the CUDA graph and the standard-operator graph.
ONNX calls this external data: a tensor is a file name, an offset and a length.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

_DTYPES: dict[str, type[np.generic]] = {"F32": np.float32, "F16": np.float16, "I8": np.int8, "U8": np.uint8}


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    """Bytes from the start of the file."""
    length: int
    """Bytes."""


class WeightsFile:
    """Tensors, serialized, with their places.

    Args:
        file: the name it will have in the bundle.
        tensors: float32, float16, int8 or uint8 arrays.
        metadata: text that travels in the header.
    """

    def __init__(self, file: str, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> None:
        self._read(file, save({name: np.ascontiguousarray(array) for name, array in tensors.items()}, dict(metadata or {})))

    @classmethod
    def stored(cls, file: str, data: bytes) -> WeightsFile:
        """One that was written before."""
        found = cls.__new__(cls)
        found._read(file, data)
        return found

    def _read(self, file: str, data: bytes) -> None:
        self.file, self.data = file, data
        # A safetensors file is the length of its header (8 bytes, little endian), the header in JSON, then the tensors.
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        self._places = {}
        for name, entry in header.items():
            if name != "__metadata__":
                start, stop = entry["data_offsets"]
                self._places[name] = Place(np.dtype(_DTYPES[entry["dtype"]]), tuple(entry["shape"]), 8 + length + start, stop - start)

    def place(self, name: str) -> Place:
        """Where a tensor lies.

        Raises:
            KeyError: there is none of this name.
        """
        return self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __contains__(self, name: str) -> bool:
        return name in self._places
