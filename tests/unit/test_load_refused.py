"""Reading pictures: what is refused is refused early and in one sentence."""

from __future__ import annotations

import io
import resource
import struct
import sys
import threading
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from emoterm.errors import InputError
from emoterm.imaging import load
from emoterm.imaging.load import load_image, open_image


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def refused(source: Path | str | bytes, **settings: str) -> InputError:
    with pytest.raises(InputError) as caught:
        load_image(source, **settings)
    error = caught.value
    assert error.fix
    assert "\n" not in error.what
    assert "Traceback" not in str(error)
    return error


def bomb(kind: str, width: int, height: int) -> bytes:
    """A file of some bytes whose header claims a size."""
    if kind == "PNG":
        data = bytearray(saved(Image.new("RGBA", (1, 1)), "PNG"))
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))  # of the kind and the data of IHDR
    elif kind == "GIF":
        data = bytearray(saved(Image.new("L", (1, 1)), "GIF"))
        data[6:10] = struct.pack("<HH", width, height)
    elif kind == "BMP":
        data = bytearray(saved(Image.new("RGB", (1, 1)), "BMP"))
        data[18:26] = struct.pack("<ii", width, height)
    elif kind == "JPEG":
        data = bytearray(saved(Image.new("L", (8, 8)), "JPEG"))
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    else:  # an extended WebP, sizes less one in 24 bits
        payload = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"WEBPVP8X" + struct.pack("<I", 10) + payload
        data = b"RIFF" + struct.pack("<I", len(body)) + body
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "JPEG", "WEBP"])
@pytest.mark.parametrize("side", [30_000, 10_000, 8_193])  # Pillow refuses the first, warns of the second, is silent about the third
def test_a_bomb_is_refused_from_its_header(kind: str, side: int) -> None:
    data = bomb(kind, side, side)
    assert len(data) < 2000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        error = refused(data, name="bomb")
    assert "million pixels" in error.what
    assert not leaked
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 32 << 20


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "JPEG", "WEBP"])
def test_a_file_cut_anywhere_is_refused_or_still_whole(kind: str) -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
    data = saved(image, kind, **({"lossless": True} if kind == "WEBP" else {}))
    whole = load_image(data)
    n_refused = 0
    for n_bytes in range(len(data)):
        try:
            picture = load_image(data[:n_bytes])
        except InputError:
            n_refused += 1
        else:  # only trailers are missing
            np.testing.assert_array_equal(picture, whole)
    assert n_refused > 0.9 * len(data)


def test_a_truncated_png_is_named_and_explained(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    data = saved(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)), "PNG")
    path.write_bytes(data[: len(data) // 2])
    error = refused(path)
    assert str(path) in error.what
    assert "cut short" in error.what


def test_flipped_bytes_never_escape_as_another_error() -> None:
    rng = np.random.default_rng(0)
    image = Image.radial_gradient("L").resize((16, 16)).convert("P")
    for kind in ["PNG", "GIF", "BMP", "JPEG", "WEBP"]:
        data = saved(image.convert("RGB") if kind in ("JPEG", "WEBP") else image, kind)
        for _ in range(150):
            damaged = bytearray(data)
            for at in rng.integers(0, len(data), 3):
                damaged[at] = rng.integers(256)
            try:
                picture = load_image(bytes(damaged))
            except InputError:
                continue
            assert picture.shape == (4, 64, 64)


@pytest.mark.parametrize("data", [b"hello, this is text\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PN", b"\0" * 4096])
def test_what_is_not_a_picture_is_refused(data: bytes) -> None:
    error = refused(data, name="notes.txt")
    assert error.what.startswith("notes.txt is not a PNG, JPEG, GIF, WebP or BMP picture")


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO", "TGA"])
def test_formats_off_the_list_are_refused_though_pillow_reads_them(kind: str) -> None:
    assert "is not a" in refused(saved(Image.new("RGB", (64, 64)), kind)).what


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    assert "empty (0 bytes)" in refused(path).what


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path).what


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.png"
    assert refused(path).what == f"{path} does not exist."


@pytest.mark.parametrize("path", ["a\0b.png", "x" * 300 + ".png"])
def test_an_impossible_path_is_refused(path: str) -> None:
    assert "cannot be read" in refused(path).what


def test_an_endless_stream_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_FILE_BYTES", 3 << 20)
    with open("/dev/zero", "rb") as endless, pytest.raises(InputError, match="larger than 3 MiB"):
        load_image(endless, name="standard input")


def test_text_bombs_in_a_png_are_refused() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * (PngImagePlugin.MAX_TEXT_CHUNK + 1), zip=True)
    assert "damaged" in refused(saved(Image.new("L", (8, 8)), "PNG", pnginfo=info)).what


@pytest.mark.parametrize("mistake", [ValueError("ours"), MemoryError()])
def test_only_what_pillow_does_not_like_is_damage(mistake: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(Image.new("RGBA", (4, 4)), "PNG")
    with pytest.raises(type(mistake)), open_image(data, "cat.png"):
        raise mistake
    monkeypatch.setattr(load, "fit_square", lambda *_: (_ for _ in ()).throw(mistake))
    with pytest.raises(type(mistake)):
        load_image(data)


def test_too_little_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(load, "decode", full)
    with pytest.raises(MemoryError):
        load_image(saved(Image.new("RGBA", (4, 4)), "PNG"))


def test_pictures_are_read_side_by_side_and_warnings_are_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    data, decode = saved(Image.new("RGBA", (4, 4)), "PNG"), load.decode
    both = threading.Barrier(2, timeout=20)  # passed when two are in the middle of it at once

    def remarking(*image: Any, **more: Any) -> object:
        both.wait()
        warnings.warn("a remark", stacklevel=1)
        return decode(*image, **more)

    monkeypatch.setattr(load, "decode", remarking)
    before = list(warnings.filters)
    read: list[tuple[int, ...]] = []
    threads = [threading.Thread(target=lambda: read.append(load_image(data).shape)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [(4, 64, 64)] * 2
    assert warnings.filters == before
