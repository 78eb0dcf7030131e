"""A recipe goes into a file and comes out again; what strangers put there is refused."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emoterm.errors import InputError
from emoterm.imaging.metadata import Recipe, RecipeInput, embed_recipe, read_recipe
from emoterm.imaging.png import encode_png
from emoterm.recipe import MAX_RECIPE_BYTES
from emoterm.tokenfile import pack
from tests.animations import animated

SHA256 = "0123456789abcdef" * 4
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 9, 7, 4), dtype=np.uint8)


def a_recipe(**changes: object) -> Recipe:
    fields: dict[str, object] = {
        "command": "sample",
        "parameters": {"seed": 2**64 - 1, "words": ("cat", "<&>\"'"), "top_k": None, "temperature": 0.1, "ping_pong": True},
        "bundle_name": "default",
        "bundle_version": "2",
        "bundle_sha256": SHA256,
        "tokens": pack(np.arange(512).reshape(2, 256)),
        "inputs": (RecipeInput("😊 smiling", pack(np.arange(256))), RecipeInput("a.png", picture=b"\x89PNG")),
    }
    return Recipe(**{**fields, **changes})  # type: ignore[arg-type]


def still_webp(mode: str = "RGBA", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS[0]).convert(mode).save(buffer, "WEBP", **options)
    return buffer.getvalue()


FILES = {
    "png": encode_png(PIXELS[0]),
    "apng": animated(PIXELS, format="apng"),
    "gif": animated(PIXELS, format="gif"),
    "gif of one frame": animated(PIXELS[:1], format="gif"),
    "webp": animated(PIXELS, format="webp"),
    "lossless still webp": still_webp(lossless=True),
    "lossy still webp": still_webp("RGB"),
    "still webp with exif": still_webp(lossless=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
}


def frames_of(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            frames.append(image.convert("RGBA").tobytes() + str(image.info.get("duration")).encode())
        return frames


@pytest.mark.parametrize("kind", FILES)
def test_a_recipe_comes_back_and_no_pixel_changes(kind: str) -> None:
    data, recipe = FILES[kind], a_recipe(source=a_recipe(command="morph"))
    assert read_recipe(data) is None
    with_it = embed_recipe(data, recipe)
    assert read_recipe(with_it) == recipe
    assert frames_of(with_it) == frames_of(data)


@pytest.mark.parametrize(("mode", "has_alpha"), [("RGBA", True), ("RGB", False)])
def test_a_webp_that_gets_a_longer_header_says_there_whether_it_has_alpha(mode: str, has_alpha: bool) -> None:
    data = still_webp(mode, lossless=True)
    assert data[12:16] == b"VP8L"
    extended = embed_recipe(data, a_recipe())
    assert extended[12:16] == b"VP8X"
    assert bool(extended[20] & 0x10) == has_alpha  # readers that trust it would otherwise show it opaque


@pytest.mark.parametrize("kind", FILES)
def test_a_new_recipe_takes_the_place_of_the_old_one(kind: str) -> None:
    old, new = a_recipe(), a_recipe(command="morph", parameters={"steps": 300})
    assert embed_recipe(embed_recipe(FILES[kind], old), new) == embed_recipe(FILES[kind], new)


def test_others_read_it_where_the_formats_keep_such_things() -> None:
    text = a_recipe().to_json()
    with Image.open(io.BytesIO(embed_recipe(FILES["png"], a_recipe()))) as image:
        assert image.text == {"emoterm": text}
    with Image.open(io.BytesIO(embed_recipe(FILES["gif of one frame"], a_recipe()))) as image:
        image.seek(0)
    assert f"emoterm {text}"[:255].encode() in embed_recipe(FILES["gif"], a_recipe())
    with Image.open(io.BytesIO(embed_recipe(FILES["webp"], a_recipe()))) as image:
        assert b"emoterm:recipe" in image.info["xmp"]


def test_a_gif_still_loops_and_the_looping_extension_follows_the_palette() -> None:
    data = embed_recipe(FILES["gif"], a_recipe())
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == 0
    assert data[13 + 3 * 2 ** ((data[10] & 7) + 1) :].startswith(b"!\xff\x0bNETSCAPE2.0")


def outcome(data: bytes) -> Recipe | str | None:
    try:
        return read_recipe(data)
    except InputError as error:
        return error.what


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_anywhere_is_refused_or_has_no_recipe(kind: str) -> None:
    recipe = a_recipe()
    data = embed_recipe(FILES[kind], recipe)
    for end in range(0, len(data), 7):
        found = outcome(data[:end])
        assert found in (None, recipe) or "damaged" in str(found)


@given(st.binary(max_size=300), st.sampled_from([b"", *(data[:40] for data in FILES.values())]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(tail: bytes, head: bytes) -> None:
    assert "\n" not in str(outcome(head + tail))


def test_only_pictures_that_can_carry_a_recipe_get_one() -> None:
    with pytest.raises(InputError, match="Only PNG"):
        embed_recipe(b"\xff\xd8\xff jpeg", a_recipe())
    assert read_recipe(b"\xff\xd8\xff jpeg") is None


# --- the text ---


def test_the_text_is_one_line_of_ascii_and_gives_the_recipe_back() -> None:
    text = a_recipe().to_json()
    assert text.isascii()
    assert "\n" not in text
    assert Recipe.from_json(text) == a_recipe()
    np.testing.assert_array_equal(Recipe.from_json(text).token_grid(), np.arange(512).reshape(2, 256))


def changed(**changes: object) -> str:
    return json.dumps({**json.loads(a_recipe().to_json()), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        "{" + " " * MAX_RECIPE_BYTES + "}",
        changed(schema_version="1"),
        changed(schema_version=2),
        changed(extra=1),
        changed(command=5),
        changed(command="rm -rf /"),
        changed(command="sample\x1b[2J"),
        changed(emoterm=None),
        changed(emoterm="1" * 2001),
        changed(parameters=[]),
        changed(parameters={"Seed": 1}),
        changed(parameters={"seed": 2**64}),
        changed(parameters={"seed": {"a": 1}}),
        changed(parameters={"words": ["a"] * 65}),
        changed(parameters={"words": [["a"]]}),
        changed(parameters={f"a{i}": 1 for i in range(65)}),
        changed(parameters={"seed": float("nan")}),
        changed(parameters={"seed": 1e300}).replace("1e+300", "1e400"),
        changed(bundle={"name": "x"}),
        changed(bundle={"name": "x", "version": "1", "sha256": "../../etc"}),
        changed(token_bits=0),
        changed(token_bits=True),
        changed(token_bits=64),
        changed(tokens="é"),
        changed(tokens="AAAA"),
        changed(tokens=5),
        changed(inputs={}),
        changed(inputs=[{"label": "a"}]),
        changed(inputs=[{"label": 1, "tokens": "", "picture": ""}]),
        changed(inputs=[{"label": "a", "tokens": "AAAA", "picture": ""}]),
        changed(inputs=[{"label": "a", "tokens": "", "picture": "A" * (1 << 20)}]),
        changed(inputs=[{"label": "a", "tokens": "", "picture": ""}] * 17),
        changed(source=[]),
        changed(source=json.loads(changed(source=json.loads(changed(source=json.loads(changed())))))),
    ],
)
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"damaged|schema_version"):
        Recipe.from_json(text)
