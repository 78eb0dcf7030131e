"""``python -m benchmarks.terminal``: how many 64×64 pictures a second the block renderers draw."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from benchmarks.machine import describe
from benchmarks.timing import say
from emoterm.bundle import open_bundle
from emoterm.codec import Codec
from emoterm.gallery import Gallery
from emoterm.imaging.compose import U8, to_uint8
from emoterm.terminal.blocks import half_block
from emoterm.terminal.octants import octant

N_PICTURES, ROUNDS = 128, 10
WANTED_PER_SECOND = 2000


def main() -> None:
    """Print a line a figure."""
    say(str(describe()))
    with open_bundle() as bundle:
        codec, gallery = Codec(bundle, device="cpu"), Gallery.from_bundle(bundle)
        entries = gallery.entries[:: len(gallery.entries) // N_PICTURES][:N_PICTURES]
        pictures = [to_uint8(codec.decode_tokens(gallery.tokens(entry)[None]))[0] for entry in entries]  # (H, W, 4) each
    for name, draw in (("half", half_block), ("octant", octant)):
        for where, settings in (("on the terminal's own background", {}), ("over a known one", {"matte": (30, 30, 46)})):
            rate = pictures_per_second(pictures, lambda picture, draw=draw, settings=settings: draw(picture, **settings))
            print(f"{name} {where}: {rate:,.0f} pictures a second (wanted: {WANTED_PER_SECOND:,})")


def pictures_per_second(pictures: list[U8], draw: Callable[[U8], object]) -> float:
    """The best of several rounds, in processor time: other work on the machine then counts for little."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.thread_time()
        for picture in pictures:
            draw(picture)
        best = min(best, time.thread_time() - started)
    return len(pictures) / best


if __name__ == "__main__":
    sys.exit(main())
