"""What a command takes as a picture: a file, ``-``, an emoji or a name, with an optional ``@style``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import GRID
from emoterm.codec import Codec
from emoterm.errors import InputError, UsageError
from emoterm.gallery import Gallery, GalleryEntry
from emoterm.imaging.compose import from_uint8, to_uint8
from emoterm.imaging.load import MAX_FILE_BYTES, load_image, read_file, read_header
from emoterm.imaging.png import encode_png
from emoterm.recipe import RecipeInput
from emoterm.tokenfile import pack, picture_bytes, token_bits, unpack
from emoterm.told_tokens import told_tokens

STDIN = "-"
TOKEN_SUFFIX = ".emo"
SIDE_PX = 64
"""Edge of the square that every picture is fitted into."""
ROWS, COLUMNS = GRID
"""What makes a picture 288 bytes."""
_ENCODE = "Write one with: emoterm encode IN.png OUT.emo"
_LOOKS_LIKE_PATH = re.compile(r"[/\\]|\.\w{1,5}$")  # "cats/cat", "cat.png"; not "St. Kitts"
_STDIN_LABEL = "stdin"
_ENOUGH_BYTES = 4096
"""No encoded emoji has as many."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture as the latent space sees it.

    A picture from an image enters with what the encoder says (``z_e``); one that is known by its tokens (a gallery emoji, an ``.emo`` file,
    an image file of 64×64 pixels that this program has written) enters with the codes themselves (``z_q``).
    """

    label: str
    """For people: ``cat.png``, ``😊 smiling face with smiling eyes (noto)``."""
    image: NDArray[np.float32] | None
    """``(4, 64, 64)``, associated alpha; None when only the tokens are known."""
    tokens: NDArray[np.int64]
    """``(256,)``, raster order."""
    z: NDArray[np.float32]
    """``(D, 16, 16)``."""
    entry: GalleryEntry | None = None
    """The gallery entry, when the picture was given by name."""
    size: tuple[int, int] = (SIDE_PX, SIDE_PX)
    """Width and height in pixels, in the file."""
    animated: bool = False
    """Whether the file has further pictures, which are left out."""

    @property
    def name(self) -> str:
        """What something made of it may be called."""
        if self.entry is not None:
            return self.entry.name
        return "emoji" if self.label == _STDIN_LABEL else Path(self.label).stem

    def drawn(self, codec: Codec) -> NDArray[np.float32]:
        """The image, or what its tokens decode to: ``(4, 64, 64)``, associated alpha."""
        return self.image if self.image is not None else np.asarray(codec.decode_tokens(self.tokens[None])[0])  # (256,) → (1, 4, 64, 64)

    def for_recipe(self, bits: int) -> RecipeInput:
        """What a recipe keeps of it: the tokens of ``bits`` each, or the image as the encoder saw it. No folder names."""
        label = os.path.basename(self.label) if self.entry is None else self.label
        if self.image is None:
            return RecipeInput(label, tokens=pack(self.tokens, bits))
        return RecipeInput(label, picture=encode_png(to_uint8(self.image)))


def resolve(spec: str, *, codec: Codec, gallery: Gallery, stdin: BinaryIO) -> Picture:
    """Turn what the user typed into a picture.

    A spec that is the path of an existing file is that file, and that of a folder an error unless it is the whole name of an emoji;
    everything else is looked up in the gallery. Files that end in ``.emo`` hold tokens, all others are images; from ``-`` either is taken.

    Args:
        spec: a path, ``-``, an emoji, codepoints or a name; the last three with an optional ``@style``.
        codec: encodes images and looks up codes.
        gallery: where emojis and names are found; not read for files.
        stdin: read to its end when spec is ``-``.

    Raises:
        InputError: the file cannot be read as a picture or as tokens.
        UsageError: neither a file nor a known emoji, or an unknown style.
    """
    if spec == STDIN:
        return _from_stdin(read_stdin(stdin), codec)
    if os.path.isfile(spec):
        if spec.lower().endswith(TOKEN_SUFFIX):
            return _from_tokens(parse_tokens(read_token_file(spec), spec, codec=codec), spec, codec)
        return _from_image(*read_file(spec), codec)
    name, style = split_style(spec)
    if style is not None and os.path.isfile(name):
        raise UsageError(f"{spec}: a style goes with an emoji, not with a file.", fix=f"Leave out @{style}")
    if _LOOKS_LIKE_PATH.search(spec):
        # A pipe such as /dev/fd/63, or not there at all: then the loader says what is wrong.
        return _from_image(*read_file(spec), codec)
    if not name.strip():
        raise UsageError("A picture without a name.", fix="Give an image file, an emoji or a name, such as 😊 or 'red heart'.")
    if os.path.isdir(spec) and not gallery.is_exact(spec):
        load_image(spec)  # raises: it is a folder, and no emoji of which that is but a keyword or a beginning
    entry = gallery.find(name, style)
    picture = _from_tokens(gallery.tokens(entry), f"{entry.emoji} {entry.name} ({entry.style})".strip(), codec)
    return replace(picture, entry=entry)


def is_image_file(spec: str) -> bool:
    """Whether :func:`resolve` reads a spec as an image file, be it there or not; such a file may be an animation too."""
    if os.path.isfile(spec):
        return not spec.lower().endswith(TOKEN_SUFFIX)
    name, style = split_style(spec)
    return _LOOKS_LIKE_PATH.search(spec) is not None and not (style is not None and os.path.isfile(name))


def split_style(spec: str) -> tuple[str, str | None]:
    """``"heart eyes@twemoji"`` → ``("heart eyes", "twemoji")``; without ``@`` the style is None."""
    name, at, style = spec.rpartition("@")
    return (name, style) if at else (spec, None)


def read_stdin(stdin: BinaryIO) -> bytes:
    """Everything on standard input.

    Raises:
        UsageError: it is a terminal, where nobody will type a picture.
        InputError: more than any picture has.
    """
    if stdin.isatty():
        raise UsageError("Standard input is a terminal, not a picture.", fix="Pipe one in: cat cat.png | emoterm show -")
    data = bytearray()
    while piece := stdin.read(1 << 20):
        data += piece
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"Standard input is larger than {MAX_FILE_BYTES >> 20} MiB.", fix="Make a smaller copy first.")
    return bytes(data)


def read_token_file(path: str) -> bytes:
    """A token file, or as much of it as shows that it is none.

    Raises:
        InputError: it is missing or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(_ENOUGH_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).", fix=_ENCODE) from None


def parse_tokens(data: bytes, label: str, *, codec: Codec) -> NDArray[np.int64]:
    """The tokens ``(256,)`` of one picture.

    Raises:
        InputError: of the wrong size (288 bytes for 512 codes), or a token that the bundle does not have.
    """
    if len(data) != token_file_bytes(codec):
        size = f"{len(data)} bytes" if data else "nothing"
        size = size if len(data) <= _ENOUGH_BYTES else f"more than {_ENOUGH_BYTES} bytes"
        raise InputError(f"{label} holds {size}, and an encoded emoji {token_file_bytes(codec)} bytes.", fix=_ENCODE)
    codebook_size = len(codec.codebook)
    try:
        return unpack(data, bits=token_bits(codebook_size), codebook_size=codebook_size).reshape(-1)  # (1, 256) → (256,)
    except InputError as error:
        raise InputError(f"{label}: {error.what}", fix=error.fix) from None


def token_file_bytes(codec: Codec) -> int:
    """Size of an ``.emo`` file: 288 bytes for the 512 codes of the default bundle."""
    return picture_bytes(ROWS * COLUMNS, token_bits(len(codec.codebook)))


def _from_stdin(data: bytes, codec: Codec) -> Picture:
    try:
        return _from_image(data, _STDIN_LABEL, codec)
    except InputError:
        if len(data) != token_file_bytes(codec):
            raise
        return _from_tokens(parse_tokens(data, _STDIN_LABEL, codec=codec), _STDIN_LABEL, codec)


def _from_image(data: bytes, label: str, codec: Codec) -> Picture:
    image = from_uint8(to_uint8(load_image(data, size_px=SIDE_PX, name=label)))  # as a recipe keeps it
    header = read_header(data, label)
    if header.size == (SIDE_PX, SIDE_PX) and (tokens := told_tokens(data, image, codec=codec)) is not None:
        return replace(_from_tokens(tokens, label, codec), size=header.size, animated=header.animated)
    z_e, indices = codec.encode(image[None])
    return Picture(label, image, indices.reshape(-1), z_e[0], size=header.size, animated=header.animated)  # (1, 16, 16) → (256,)


def _from_tokens(tokens: NDArray[np.int64], label: str, codec: Codec) -> Picture:
    z_q = codec.lookup(tokens.reshape(1, ROWS, COLUMNS))  # (256,) → (1, 16, 16)
    return Picture(label, None, tokens, z_q[0])
