"""Pictures that are small as files and large as work."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emoterm.errors import InputError
from emoterm.imaging import frames, load
from emoterm.imaging.frames import load_frames
from emoterm.imaging.load import load_image
from emoterm.library import Kept, Library
from tests.hostile.targets import CORPUS, TARGETS, try_input


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes) -> bytes:
    """A sound PNG with chunks behind its header."""
    whole = saved(Image.new("RGBA", (8, 8), (1, 2, 3, 255)), "PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def progressive(size: int, more_scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    whole = saved(Image.new("RGB", (size, size), (9, 9, 9)), "JPEG", progressive=True, quality=5)
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + scan * more_scans + b"\xff\xd9"


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    data = progressive(1024, 3000)
    assert len(data) < 200_000
    with pytest.raises(InputError, match="more scans than a picture needs"):
        load_image(data)


def test_a_progressive_jpeg_as_cameras_write_it_is_read() -> None:
    assert load_image(progressive(1024, 0)).shape == (4, 64, 64)


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_compressed_text_and_profiles_do_not_unpack_to_anything(kind: bytes) -> None:
    bomb = chunk(kind, b"a\0\0" + zlib.compress(bytes(100_000_000), 9))
    assert len(bomb) < 200_000
    data = png_with(bomb)
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged"):
        load_image(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_many_large_texts_are_refused() -> None:
    with pytest.raises(InputError, match="damaged"):
        load_image(png_with(*[chunk(b"tEXt", b"a\0" + bytes(1_000_000))] * 70))


@pytest.mark.parametrize("kind", [b"iCCP", b"eXIf", b"gAMA", b"cHRM", b"pHYs", b"tIME", b"iTXt", b"acTL", b"fcTL"])
@pytest.mark.parametrize("body", [b"", b"\0", b"\xff" * 40])
def test_broken_metadata_is_a_refusal_or_no_matter(kind: bytes, body: bytes) -> None:
    assert try_input(TARGETS["image"], png_with(chunk(kind, body))) in (True, False)


def gif(n: int, *, junk: bytes = b"") -> bytes:
    """An animation of ``n`` frames of one pixel, twenty bytes each, written by hand; ``junk`` lies between the frames."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    header = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return header + (frame + junk) * n + b";"


@pytest.mark.parametrize("junk", [b"", b"?"])
def test_a_gif_of_endless_frames_is_read_only_as_far_as_it_may_go(junk: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 30)
    monkeypatch.setattr("PIL.GifImagePlugin.GifImageFile.n_frames", property(lambda _: pytest.fail("counted all frames")))
    assert len(load_frames(gif(30, junk=junk), size_px=64).pixels) == 30
    with pytest.raises(InputError, match="31 or more frames of 1×1: too many"):
        load_frames(gif(5000, junk=junk), size_px=64)
    assert load_image(gif(5000, junk=junk)).shape == (4, 64, 64)


def test_an_apng_that_claims_millions_of_frames_is_refused() -> None:
    with pytest.raises(InputError, match=r"too many|damaged"):
        load_frames(png_with(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))), size_px=64)


def test_a_row_of_millions_is_refused_before_it_is_decoded() -> None:
    webp = (CORPUS / "frames" / "wide.webp").read_bytes()
    assert load.webp_size(webp) == (0x7F0005 + 1, 6)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", load.MAX_SIDE_PX + 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"")
    for data in (webp, png):
        with pytest.raises(InputError, match="in a row or column"):
            load_frames(data, size_px=64)


def test_a_file_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load.MAX_FILE_BYTES <= 64 << 20
    monkeypatch.setattr(load, "MAX_FILE_BYTES", 1000)
    with pytest.raises(InputError, match="larger than"):
        load_image(io.BytesIO(bytes(2000)))


def test_a_bomb_in_the_library_is_refused_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_PIXELS", 64)
    path = tmp_path / "bomb.png"
    path.write_bytes(saved(Image.fromarray(np.zeros((9, 9, 4), np.uint8)), "PNG"))
    with pytest.raises(InputError, match="million pixels"):
        Library(tmp_path).pixels(Kept(path, None, favourite=False, modified=0.0))
