"""Damage that finds more than noise would: bytes flipped, cut, doubled and spliced; values of JSON swapped for surprising ones."""

from __future__ import annotations

import json
import random
from typing import Any

INTERESTING = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x1b[2J", b"\xc2\x9b", b"{", b"[[[[", b'"')
SURPRISING: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    2**31,
    2**64,
    10**400,
    -0.0,
    1e308,
    "",
    "\x1b[31m",
    "\u202e",
    "\ud800",
    "a" * 3000,
    "../../etc/passwd",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"file": "x"},
)


def mutate(data: bytes, others: list[bytes], rng: random.Random, *, most_bytes: int = 1 << 16) -> bytes:
    """One damaged copy of ``data``; ``others`` are spliced in now and then. At most ``most_bytes`` long."""
    if rng.random() < 0.5 and (changed := _mutate_json(data, rng)) is not None:
        return changed[:most_bytes]
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        at = rng.randrange(len(damaged) + 1)
        match rng.randrange(7):
            case 0 if damaged:
                damaged[at % len(damaged)] ^= 1 << rng.randrange(8)
            case 1 if damaged:
                damaged[at % len(damaged)] = rng.randrange(256)
            case 2:
                damaged[at:at] = rng.choice(INTERESTING)
            case 3:
                piece = rng.choice(INTERESTING)
                damaged[at : at + len(piece)] = piece
            case 4:
                del damaged[at : at + rng.choice((1, 2, 4, 16, 256))]
            case 5:
                damaged[at:at] = damaged[at : at + rng.choice((1, 8, 64))] * rng.choice((1, 2, 64))
            case _:
                other = rng.choice(others)
                cut = rng.randrange(len(other) + 1)
                damaged[at:] = other[cut:]
    return bytes(damaged[:most_bytes])


def _mutate_json(data: bytes, rng: random.Random) -> bytes | None:
    """Swap one value of a JSON document for a surprising one, drop it, or nest it deeply; None where it is no JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    holders: list[Any] = []
    _collect(value, holders)
    if not holders:
        return json.dumps(rng.choice(SURPRISING)).encode()
    holder = rng.choice(holders)
    key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
    match rng.randrange(4):
        case 0:
            del holder[key]
        case 1:
            return json.dumps(value).replace(json.dumps(holder[key]), "[" * 20000, 1).encode()
        case _:
            holder[key] = rng.choice(SURPRISING)
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _collect(value: Any, holders: list[Any]) -> None:
    if isinstance(value, dict | list) and value:
        holders.append(value)
        for item in value.values() if isinstance(value, dict) else value:
            _collect(item, holders)
