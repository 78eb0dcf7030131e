"""A file, ``-``, an emoji or a name → one picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.errors import InputError, UsageError
from emoterm.gallery import Gallery, token_bits
from emoterm.imaging.compose import to_uint8
from emoterm.imaging.metadata import embed_recipe
from emoterm.imaging.png import encode_png
from emoterm.inputs import Picture, read_stdin, resolve, split_style, token_file_bytes
from emoterm.recipe import make_recipe
from emoterm.tokenfile import pack
from tests.gallery_bundle import make_gallery_bundle

EMPTY = io.BytesIO()


class Sources:
    """The bundle that specs are resolved against."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.codec = Codec(bundle, device="cpu")
        self.gallery = Gallery.from_bundle(bundle)

    def resolve(self, spec: str, stdin: bytes = b"") -> Picture:
        return resolve(spec, codec=self.codec, gallery=self.gallery, stdin=io.BytesIO(stdin))


@pytest.fixture(scope="module")
def sources(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    path = make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("inputs") / "bundle")
    with open_bundle(path) as bundle:
        yield Sources(bundle)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (64, 64), (200, 30, 60, 255)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_file_enters_with_what_the_encoder_says(sources: Sources, folder: Path) -> None:
    (folder / "red.png").write_bytes(png())
    picture = sources.resolve("red.png")
    assert picture.image is not None
    z_e, indices = sources.codec.encode(picture.image[None])
    np.testing.assert_array_equal(picture.z, z_e[0])
    np.testing.assert_array_equal(picture.tokens, indices.reshape(256))
    assert picture.entry is None


def test_a_file_that_tells_its_tokens_enters_with_them(sources: Sources, folder: Path) -> None:
    known = sources.resolve("octopus")
    pixels = to_uint8(known.drawn(sources.codec))
    recipe = make_recipe(sources.bundle, "show", {}, tokens=known.tokens[None])
    Path("octopus.png").write_bytes(embed_recipe(encode_png(pixels), recipe))
    picture = sources.resolve("octopus.png")
    np.testing.assert_array_equal(picture.tokens, known.tokens)
    np.testing.assert_array_equal(picture.z, known.z)
    assert (picture.image, picture.label) == (None, "octopus.png")


@pytest.mark.parametrize("why", ["edited", "of another bundle", "of several", "damaged"])
def test_tokens_that_do_not_make_the_picture_are_passed_over(sources: Sources, folder: Path, why: str) -> None:
    known = sources.resolve("octopus")
    pixels = to_uint8(known.drawn(sources.codec))
    recipe = make_recipe(sources.bundle, "show", {}, tokens=known.tokens[None])
    if why == "edited":
        pixels[20:24, 20:24] = 0, 0, 255, 255
    elif why == "of another bundle":
        recipe = replace(recipe, bundle_sha256="0" * 64)
    elif why == "of several":
        recipe = replace(recipe, tokens=2 * recipe.tokens)
    Path("octopus.png").write_bytes(embed_recipe(encode_png(pixels), recipe))
    if why == "damaged":
        damaged = PngInfo()
        damaged.add_text("emoterm", recipe.to_json()[:-1])
        Image.fromarray(pixels).save("octopus.png", pnginfo=damaged)
    picture = sources.resolve("octopus.png")
    assert picture.image is not None
    np.testing.assert_array_equal(picture.tokens, sources.codec.encode(picture.image[None])[1].reshape(-1))


def test_a_name_enters_with_its_codes(sources: Sources) -> None:
    picture = sources.resolve("heart eyes@twemoji")
    assert picture.image is None
    assert picture.entry is not None
    assert (picture.entry.emoji, picture.entry.style) == ("😍", "twemoji")
    np.testing.assert_array_equal(picture.tokens, sources.gallery.tokens(picture.entry))
    np.testing.assert_array_equal(picture.z, sources.codec.lookup(picture.tokens.reshape(1, 16, 16))[0])
    assert picture.label == "😍 smiling face with heart-eyes (twemoji)"


def test_a_file_wins_over_an_emoji_of_the_same_name(sources: Sources, folder: Path) -> None:
    assert sources.resolve("cat").entry is not None
    (folder / "cat").write_bytes(png())
    assert sources.resolve("cat").image is not None


def test_a_folder_does_not_hide_the_emoji_of_its_name(sources: Sources, folder: Path) -> None:
    (folder / "cat").mkdir()
    assert sources.resolve("cat").entry is not None


def test_a_file_may_have_an_at_sign_in_its_name(sources: Sources, folder: Path) -> None:
    (folder / "cat@noto").write_bytes(png())
    assert sources.resolve("cat@noto").image is not None


def test_a_token_file_enters_with_its_codes(sources: Sources, folder: Path) -> None:
    tokens = sources.resolve("octopus").tokens
    (folder / "octopus.emo").write_bytes(pack(tokens, token_bits(len(sources.codec.codebook))))
    picture = sources.resolve("octopus.emo")
    np.testing.assert_array_equal(picture.tokens, tokens)
    assert picture.image is None


def test_stdin_takes_an_image_or_tokens(sources: Sources) -> None:
    assert sources.resolve("-", png()).image is not None
    tokens = sources.resolve("octopus").tokens
    picture = sources.resolve("-", pack(tokens, token_bits(len(sources.codec.codebook))))
    np.testing.assert_array_equal(picture.tokens, tokens)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut"])
def test_stdin_that_is_no_picture_is_an_input_error(sources: Sources, data: bytes) -> None:
    with pytest.raises(InputError, match="stdin"):
        sources.resolve("-", data)


def test_standard_input_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoterm.inputs.MAX_FILE_BYTES", 1 << 20)
    assert len(read_stdin(io.BytesIO(bytes(1 << 20)))) == 1 << 20
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_stdin(io.BytesIO(bytes((1 << 20) + 1)))


def test_a_terminal_as_stdin_is_a_usage_error(sources: Sources) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(UsageError, match="terminal"):
        resolve("-", codec=sources.codec, gallery=sources.gallery, stdin=Terminal())


@pytest.mark.parametrize("spec", ["missing.png", "./cat", "no/such/cat", "missing.emo", "cats\\cat.png"])
def test_a_path_that_is_missing_is_called_a_file_not_a_name(sources: Sources, folder: Path, spec: str) -> None:
    with pytest.raises(InputError, match="does not exist"):
        sources.resolve(spec)


def test_a_folder_is_called_a_folder(sources: Sources, folder: Path) -> None:
    assert sources.resolve("octo").entry is not None  # which begins so
    for name in ("pictures", "octo"):
        (folder / name).mkdir()
    for spec in ("pictures", "./pictures", "octo", str(folder)):
        with pytest.raises(InputError, match="is a folder"):
            sources.resolve(spec)


def test_a_style_on_a_file_is_a_usage_error(sources: Sources, folder: Path) -> None:
    (folder / "red.png").write_bytes(png())
    with pytest.raises(UsageError, match="a style goes with an emoji"):
        sources.resolve("red.png@noto")


@pytest.mark.parametrize("spec", ["", " ", "@noto", "zzzz", "a\0b", "x" * 5000])
def test_nonsense_is_a_usage_error(sources: Sources, spec: str) -> None:
    with pytest.raises(UsageError):
        sources.resolve(spec)


@pytest.mark.parametrize("size", [0, 1, 10_000])
def test_a_token_file_of_the_wrong_size_is_an_input_error(sources: Sources, folder: Path, size: int) -> None:
    (folder / "bad.emo").write_bytes(bytes(size))
    with pytest.raises(InputError, match=f"{token_file_bytes(sources.codec)} bytes"):
        sources.resolve("bad.emo")


def test_the_style_is_what_follows_the_last_at_sign() -> None:
    assert split_style("heart eyes@twemoji") == ("heart eyes", "twemoji")
    assert split_style("heart eyes") == ("heart eyes", None)
    assert split_style("a@b@noto") == ("a@b", "noto")


@pytest.mark.parametrize(("size", "said"), [(4096, "holds 4096 bytes,"), (10_000, "holds more than 4096 bytes,")])
def test_of_a_large_file_only_what_was_read_is_said(sources: Sources, folder: Path, size: int, said: str) -> None:
    (folder / "bad.emo").write_bytes(bytes(size))
    with pytest.raises(InputError, match=said):
        sources.resolve("bad.emo")
