"""The header of an extended WebP file, as far as it is written here.

https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

VP8X_XMP, VP8X_ALPHA = 0x04, 0x10
"""What its flags announce."""
_FLAGS_AT = 20  # behind the names and sizes of the file and of its first chunk


def announce_alpha(data: bytes) -> bytes:
    """A WebP file whose header, where it is an extended one, says that there is transparency. No pixel changes.

    An encoder that stores of each frame only what is not transparent may forget to: where that is opaque, no frame of the file has alpha,
    and readers then take what is around it for black.
    """
    if data[12:16] != b"VP8X":
        return data
    return data[:_FLAGS_AT] + bytes([data[_FLAGS_AT] | VP8X_ALPHA]) + data[_FLAGS_AT + 1 :]
