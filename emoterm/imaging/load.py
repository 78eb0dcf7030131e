"""Read a picture from a file, from bytes or from a stream that anybody may have made.

What is refused is refused early: the format is told from the first bytes (five are allowed), the size from the header, before any pixel
is decoded. Everything that goes wrong is an :class:`~emoterm.errors.InputError`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from emoterm.errors import InputError
from emoterm.imaging.compose import F32, from_uint8
from emoterm.imaging.decode import decode, upright_size
from emoterm.imaging.remarks import without_remarks
from emoterm.imaging.resize import fit_square

# Under the 89 million at which Pillow itself begins to warn. 4 bytes a pixel: at most 256 MiB decoded.
MAX_PIXELS = 8192 * 8192
MAX_SIDE_PX = 1 << 16
"""Decoders that hold whole rows copy one of eight million pixels again for every 64 KiB of it: minutes, for a file of 360 bytes."""
# Larger than any emoji; and what takes longest for its size, a file of nothing but empty chunks, then takes seconds and not minutes.
MAX_FILE_BYTES = 64 << 20
# Every scan of a progressive JPEG goes over all pixels. A camera writes ten; a hostile file of one megabyte holds thirty thousand.
MAX_PIXELS_SCANNED = 1 << 31

# Importing a plugin registers it; naming them here keeps Pillow from importing all of its seventy to find one.
_PLUGINS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
# No AVIF: its decoder makes pictures of the size that the coded frame has, whatever the header says. Of a file of four kilobytes whose
# header said 64×64 it took 540 MiB (Pillow 13.0, libavif 1.4.2), and Pillow passes no limit on.
_FORMATS_TEXT = "PNG, JPEG, GIF, WebP or BMP"


def load_image(source: Path | str | bytes | BinaryIO, *, size_px: int = 64, name: str | None = None) -> F32:
    """Read the first frame of a picture and fit it into a square.

    PNG, JPEG, GIF, WebP and BMP of any depth and colour mode. EXIF orientation is applied; what is not square is padded with
    transparency; the resize is done with associated alpha.

    Args:
        source: a path, the bytes of a file, or a binary stream (read to its end).
        size_px: side of the result.
        name: what messages call the picture; by default its path.

    Returns:
        ``(4, size_px, size_px)`` float32 in [0, 1], associated alpha.

    Raises:
        InputError: missing, a folder, empty, not one of the five formats, too large, or damaged.
    """
    data, label = read_file(source, name)
    with open_image(data, label) as image, reading(label):
        # At four times the size the final filter still has what it needs.
        pixels = decode(image, png_depth=png_depth(data), enough_px=4 * size_px)
    return fit_square(from_uint8(pixels), size_px)


@contextmanager
def open_image(data: bytes, label: str) -> Iterator[Image.Image]:
    """Open the bytes of a picture. What is done with it in the block and may fail for damaged bytes goes into :func:`reading`.

    Args:
        data: the bytes of a file.
        label: what messages call it.

    Yields:
        The picture, opened and not yet decoded, of at most :data:`MAX_PIXELS`, and no side above :data:`MAX_SIDE_PX`.

    Raises:
        InputError: empty, not one of the five formats, too large, or damaged.
    """
    if not data:
        raise InputError(f"{label} is empty (0 bytes).", fix="Save or download it again.")
    kind = _sniff(data)
    if kind is None:
        raise InputError(f"{label} is not a {_FORMATS_TEXT} picture.", fix=f"Convert it first; emoterm reads {_FORMATS_TEXT}.")
    if kind == "WEBP" and _is_too_large(webp_size(data)):  # its decoder allocates the whole canvas on opening
        raise _too_large(label)
    with reading(label):
        opened = Image.open(io.BytesIO(data), formats=[kind])
    with opened as image:
        if _is_too_large(image.size):
            raise _too_large(label)
        if kind == "JPEG" and _n_pixels(image.size) * data.count(b"\xff\xda") > MAX_PIXELS_SCANNED:
            raise InputError(f"{label} has far more scans than a picture needs.", fix="Save it again as PNG first.")
        yield image


@contextmanager
def reading(label: str) -> Iterator[None]:
    """Let Pillow read bytes that anybody may have made: what it does not like is an :class:`InputError`, what it remarks is not shown.

    Args:
        label: what messages call the picture.

    Raises:
        InputError: too large, or damaged.
        MemoryError: there is too little, which is no fault of the picture.
    """
    try:
        with without_remarks():
            yield
    except (InputError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_large(label) from None
    # Pillow promises no set of exceptions for hostile bytes: SyntaxError, struct.error, EOFError, OverflowError … all occur.
    except Exception as error:
        raise InputError(f"{label} is damaged or cut short ({_one_line(error)}).", fix="Save or download it again.") from None


@dataclass(frozen=True)
class Header:
    """What a file says of the picture that :func:`load_image` reads from it."""

    size: tuple[int, int]
    """Width and height in pixels, upright."""
    animated: bool
    """Whether there are further pictures behind it, as far as can be told."""


def read_header(data: bytes, label: str) -> Header:
    """The header of a picture.

    Args:
        data: the bytes of a file.
        label: what messages call it.

    Raises:
        InputError: as of :func:`open_image`.
    """
    with open_image(data, label) as image:
        animated = False
        if image.format not in ("JPEG", "MPO"):  # a camera's second view of the same is no animation
            with suppress(InputError), reading(label):  # the first picture may be sound where what comes behind it is not
                animated = bool(getattr(image, "is_animated", False))
        with reading(label):
            return Header(upright_size(image), animated)


def png_depth(data: bytes) -> int | None:
    """Bits of a sample, if the file is a PNG."""
    return data[24] if data.startswith(b"\x89PNG") else None


def read_file(source: Path | str | bytes | BinaryIO, name: str | None = None) -> tuple[bytes, str]:
    """The bytes of a picture, and what to call it.

    Args:
        source: a path, the bytes themselves, or a binary stream (read to its end).
        name: what messages call it; by default its path.

    Raises:
        InputError: missing, a folder, not readable, or more than :data:`MAX_FILE_BYTES`.
    """
    if isinstance(source, bytes):
        return source, name or "The picture"
    if not isinstance(source, (str, os.PathLike)):
        label = name or "The stream"
        try:
            return _read_up_to_limit(source, label), label
        except OSError as error:
            raise InputError(f"{label} cannot be read ({_one_line(error)}).", fix="Save the picture to a file and name that.") from None
    label = name or str(source)
    if os.path.isdir(source):
        raise InputError(f"{label} is a folder, not a picture.", fix="Name one picture in it.")
    try:
        with open(source, "rb") as file:
            return _read_up_to_limit(file, label), label
    except FileNotFoundError:
        raise InputError(f"{label} does not exist.", fix="Check the path; a relative one starts from the current folder.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise InputError(f"{label} cannot be read ({_one_line(error)}).", fix="Check the path and its permissions.") from None


def _read_up_to_limit(file: BinaryIO, label: str) -> bytes:
    """In pieces, because ``read(n)`` allocates n bytes before it knows how many there are."""
    pieces: list[bytes] = []
    n_bytes = 0
    while piece := file.read(1 << 20):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > MAX_FILE_BYTES:
            raise InputError(f"{label} is larger than {MAX_FILE_BYTES >> 20} MiB.", fix="Make a smaller copy first.")
    return b"".join(pieces)


def _sniff(data: bytes) -> str | None:
    """Pillow's name of the format, from the first bytes; None if it is not on the list."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"BM"):
        return "BMP"
    return None


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the header of a WebP file; (0, 0) if there is none to read, which the decoder will refuse.

    https://developers.google.com/speed/webp/docs/riff_container
    """
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        return 0, 0
    if chunk == b"VP8X":  # 24 bits each, less one
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":  # 14 bits each, less one
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _too_large(label: str) -> InputError:
    return InputError(
        f"{label} has more than {MAX_PIXELS // 10**6} million pixels, or more than {MAX_SIDE_PX} in a row or column.",
        fix="Make a smaller copy first, for example 1024 pixels wide.",
    )


def _is_too_large(size: tuple[int, int]) -> bool:
    return _n_pixels(size) > MAX_PIXELS or max(size) > MAX_SIDE_PX


def _n_pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _one_line(error: Exception) -> str:
    """The reason, without the errno and path that OSError adds."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return reason.splitlines()[0]
