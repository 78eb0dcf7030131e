"""The recipe inside a picture file: a text chunk in PNG and APNG, a comment in GIF, XMP in WebP.

Files are taken apart and put together here as bytes, without decoding a pixel, so that the recipe of a file can be read and replaced
while everything else in it stays as it is.

https://www.w3.org/TR/png-3/ · CompuServe, "Graphics Interchange Format, Version 89a", 1990 ·
https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

import html
import re
import struct
import zlib
from collections.abc import Iterator

from emoterm.errors import InputError
from emoterm.imaging.load import webp_size
from emoterm.imaging.webp import VP8X_ALPHA, VP8X_XMP
from emoterm.recipe import MAX_RECIPE_BYTES, Recipe, RecipeInput

__all__ = ["Recipe", "RecipeInput", "embed_recipe", "read_recipe"]

_KEYWORD = b"emoterm"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GIF_PREFIX = b"emoterm "
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:emoterm="https://pypi.org/project/emoterm/">'
    b"<emoterm:recipe>%s</emoterm:recipe></rdf:Description></rdf:RDF></x:xmpmeta>"
)
_XMP_RECIPE = re.compile(rb"<emoterm:recipe>([^<]*)</emoterm:recipe>")


def embed_recipe(data: bytes, recipe: Recipe) -> bytes:
    """Put a recipe into a file, in place of one that it may have. No pixel changes.

    Args:
        data: a PNG, APNG, GIF or WebP file.
        recipe: what to put into it.

    Raises:
        InputError: not such a file, or a damaged one.
    """
    text = recipe.to_json().encode("ascii")
    if data.startswith(_PNG_SIGNATURE):
        header, *rest = _png_without(data)
        chunk = _png_chunk(b"tEXt", _KEYWORD + b"\0" + text)
        return b"".join([_PNG_SIGNATURE, header, chunk, *rest])
    if data.startswith(b"GIF8"):
        whole = _GIF_PREFIX + text
        blocks = (whole[i : i + 255] for i in range(0, len(whole), 255))
        comment = b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
        # At the end: the looping extension has to follow the palette at once.
        return b"".join([*_gif_without(data), comment, b";"])
    return _webp_file([*_webp_extended(data), (b"XMP ", _XMP % html.escape(text.decode("ascii"), quote=False).encode("ascii"))])


def read_recipe(data: bytes) -> Recipe | None:
    """The recipe in a file; None where there is none, or where the format holds none.

    Args:
        data: a file that anybody may have made.

    Raises:
        InputError: the file or its recipe is damaged.
    """
    text = _find(data)
    return None if text is None else Recipe.from_json(text)


def _find(data: bytes) -> bytes | None:
    if data.startswith(_PNG_SIGNATURE):
        return next((body[len(_KEYWORD) + 1 :] for name, body, _ in _png_chunks(data) if _is_recipe(name, body)), None)
    if data.startswith(b"GIF8"):
        return next((text[len(_GIF_PREFIX) :] for text, _ in _gif_parts(data) if text.startswith(_GIF_PREFIX)), None)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        for name, body in _webp_chunks(data):
            if name == b"XMP " and len(body) <= 2 * MAX_RECIPE_BYTES and (found := _XMP_RECIPE.search(body)):
                return _unescaped(found[1])
    return None


def _unescaped(text: bytes) -> bytes:
    try:
        return html.unescape(text.decode("utf-8", errors="replace")).encode("utf-8")
    except ValueError:  # a character with a number of thousands of digits
        raise InputError("The recipe in the file is damaged: it is not text.", fix="Use the file as it was written.") from None


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, body and all bytes of each chunk."""
    at = len(_PNG_SIGNATURE)
    while at < len(data):
        if at + 12 > len(data) or at + 12 + (size := int.from_bytes(data[at : at + 4], "big")) > len(data):
            raise _damaged("PNG")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size], data[at : at + 12 + size]
        at += 12 + size


def _png_without(data: bytes) -> list[bytes]:
    kept = [whole for name, body, whole in _png_chunks(data) if not _is_recipe(name, body)]
    if not kept or kept[0][4:8] != b"IHDR":
        raise _damaged("PNG")
    return kept


def _is_recipe(name: bytes, body: bytes) -> bool:
    return name == b"tEXt" and body.startswith(_KEYWORD + b"\0")


def _gif_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The file up to its trailer in pieces; the text of those that are comments, and all bytes of each."""
    try:
        at = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
        yield b"", data[:at]
        while data[at] != 0x3B:
            start = at
            if data[at] == 0x2C:  # an image: descriptor, its own palette, LZW code size, sub-blocks
                at += 11 + (3 * 2 ** ((data[at + 9] & 7) + 1) if data[at + 9] & 0x80 else 0)
            elif data[at] == 0x21:  # an extension: label, sub-blocks
                at += 2
            else:
                raise _damaged("GIF")
            is_comment = data[start : start + 2] == b"!\xfe"
            body = bytearray()
            while size := data[at]:
                if is_comment and len(body) <= len(_GIF_PREFIX) + MAX_RECIPE_BYTES:  # one byte too many is enough to be refused
                    body += data[at + 1 : at + 1 + size]
                at += 1 + size
            at += 1
            yield bytes(body), data[start:at]
    except IndexError:
        raise _damaged("GIF") from None


def _gif_without(data: bytes) -> list[bytes]:
    return [whole for text, whole in _gif_parts(data) if not text.startswith(_GIF_PREFIX)]


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(b"RIFF") or data[8:12] != b"WEBP":
        raise InputError("Only PNG, APNG, GIF and WebP files carry a recipe.")
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise _damaged("WebP")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _webp_extended(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks behind a VP8X header that announces XMP, without an XMP chunk."""
    chunks = [chunk for chunk in _webp_chunks(data) if chunk[0] != b"XMP "]
    if not chunks or chunks[0][0] not in (b"VP8X", b"VP8L", b"VP8 ") or len(chunks[0][1]) < 10:
        raise _damaged("WebP")
    first, body = chunks[0]
    if first == b"VP8X":
        return [(first, bytes([body[0] | VP8X_XMP]) + body[1:]), *chunks[1:]]
    has_alpha = first == b"VP8L" and body[4] & 0x10
    width, height = webp_size(data)
    if not width * height:
        raise _damaged("WebP")
    header = struct.pack("<I", VP8X_XMP | (VP8X_ALPHA if has_alpha else 0))
    return [(b"VP8X", header + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")), *chunks]


def _webp_file(chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _damaged(kind: str) -> InputError:
    return InputError(f"The {kind} file is damaged or cut short.", fix="Save or download it again.")
