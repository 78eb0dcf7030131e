"""Write the corpus again: ``python -m tests.hostile.make_corpus``. What the fuzzer finds is added here, so that it stays found."""

from __future__ import annotations

import io
import json
import shutil
import struct
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from PIL import Image

from emoterm.imaging.metadata import embed_recipe
from emoterm.recipe import Recipe, RecipeInput
from emoterm.request import Request
from emoterm.sampling import SamplingParams
from emoterm.shards.plan import Plan
from emoterm.tokenfile import pack
from tests.hostile.targets import CORPUS, TARGETS, tiny_files, zip_of

DEEP = b"[" * 30000
RECIPE = Recipe(
    "sample",
    {"seed": 7, "prompt": "cat", "words": ("cat",), "temperature": 1.0, "top_k": None, "n": 1},
    "tiny",
    "1",
    "0" * 64,
    tokens=pack(np.arange(256)[None] % 64, 6),
    token_bits=6,
    inputs=(RecipeInput("cat.png", picture=b"\x89PNG"),),
)


def main() -> None:
    """Replace the corpus."""
    shutil.rmtree(CORPUS, ignore_errors=True)
    for name in TARGETS:
        (CORPUS / name).mkdir(parents=True)
        for label, data in globals()[f"{name}_seeds"]().items():
            (CORPUS / name / label).write_bytes(data)


def tokens_seeds() -> dict[str, bytes]:
    rows = np.random.default_rng(0).integers(0, 512, (2, 256))
    return {"one.emo": b"\x08" + pack(rows[:1]), "two.emo": b"\x08" + pack(rows), "empty.emo": b"", "short.emo": b"\x08" + bytes(287)}


def manifest_seeds() -> dict[str, bytes]:
    data = json.loads(tiny_files()["manifest.json"])

    def changed(path: str, value: Any) -> bytes:
        copy = json.loads(json.dumps(data))
        *parents, last = path.split(".")
        holder = copy
        for key in parents:
            holder = holder[key]
        holder[last] = value
        return json.dumps(copy, separators=(",", ":")).encode()

    return {
        "whole.json": json.dumps(data, separators=(",", ":")).encode(),
        "huge-number.json": changed("prior.sampling.temperature", 10**400),
        "not-finite.json": changed("prior.sampling.temperature", float("inf")),
        "escape.json": changed("name", "\x1b[2Jtiny"),
        "outside.json": changed("codebook.file", "../codebook.npy"),
        "huge-cache.json": changed("prior.block_size", 2**40),
        "other-grid.json": changed("grid", [8, 8]),
        "deep.json": DEEP,
    }


def bundle_zip_seeds() -> dict[str, bytes]:
    small = {name: b"" for name in tiny_files()} | {"manifest.json": tiny_files()["manifest.json"]}
    whole = zip_of(small)
    end = whole.rindex(b"PK\x05\x06")
    entry = whole.index(b"PK\x01\x02")
    return {
        "empty-files.emoterm": whole,
        "outside.emoterm": zip_of({"../manifest.json": b"{}"}),
        "no-manifest.emoterm": zip_of({"x": b""}),
        "many-entries.emoterm": whole[: end + 10] + b"\xff\xff" + whole[end + 12 :],
        "bzip2.emoterm": whole[: entry + 10] + struct.pack("<H", 12) + whole[entry + 12 :],
        "encrypted.emoterm": whole[: entry + 8] + struct.pack("<H", 1) + whole[entry + 10 :],
        "version.emoterm": whole[: entry + 6] + struct.pack("<H", 255) + whole[entry + 8 :],
        "cut.emoterm": whole[:-10],
    }


def codebook_seeds() -> dict[str, bytes]:
    def npy(array: Any) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=True)
        return buffer.getvalue()

    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"

    def claims(shape: bytes) -> bytes:
        text = (header % shape).ljust(117) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(64)

    codes = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float16)
    return {
        "whole.npy": npy(codes),
        "column-major.npy": npy(np.asfortranarray(codes)),
        "nan.npy": npy(np.full((64, 8), np.nan, np.float16)),
        "objects.npy": npy(np.full((2, 2), None, object)),
        "huge-shape.npy": claims(b"(1099511627776, 1099511627776)"),
        "negative-shape.npy": claims(b"(-64, -8)"),
        "deep-header.npy": claims(b"(" * 90),
    }


def vocabulary_seeds() -> dict[str, bytes]:
    whole = tiny_files()["vocabulary.json"]
    content = json.loads(whole)
    content["styles"] = ["\x1b]0;x\x07", *content["styles"][1:]]
    return {"whole.json": whole, "escape.json": json.dumps(content).encode(), "deep.json": DEEP, "list.json": b"[]"}


def gallery_seeds() -> dict[str, bytes]:
    def entry(**more: Any) -> dict[str, Any]:
        plain = {"emoji": "😀", "name": "grinning face", "group": "Smileys", "subgroup": "face-smiling", "keywords": ["face"]}
        return {**plain, "skin_tone": "", "split": "train", "styles": {"noto": 0}, **more}

    def index(*entries: Any) -> bytes:
        return json.dumps({"styles": ["noto"], "emojis": entries, "attribution": {"noto": "Noto"}}).encode()

    return {
        "one.json": index(entry()),
        "two.json": index(entry(), entry(emoji="❤", name="red heart", styles={"noto": 1})),
        "no-style.json": index(entry(styles={})),
        "unknown-style.json": index(entry(styles={"blob": 0})),
        "no-name.json": index(entry(name="!?")),
        "number-as-emoji.json": index(entry(emoji=128512)),
        "number-as-keyword.json": index(entry(keywords=[1])),
        "far-row.json": index(entry(styles={"noto": 10**30})),
        "negative-row.json": index(entry(styles={"noto": -1})),
        "escape.json": index(entry(name="\x1b[31mface")),
        "c1.json": index(entry(name="\x9b31mface")).replace(b"\\u009b", "\x9b".encode()),
        "right-to-left.json": index(entry(keywords=["\u202eface"])),
        "deep.json": DEEP,
    }


def config_seeds() -> dict[str, bytes]:
    return {
        "whole.toml": b'device = "cpu"\nfps = 12.5\ntop_k = 5\nquiet = true\n[keymap]\n"mark.a" = "a"\n',
        "huge-number.toml": b"fps = 1" + b"0" * 400 + b"\n",
        "too-many-digits.toml": b"columns = " + b"9" * 5000 + b"\n",
        "not-a-number.toml": b"temperature = nan\n",
        "infinite.toml": b"temperature = inf\n",
        "deep.toml": b"columns = " + DEEP,
        "latin1.toml": b'theme = "\xe9"\n',
    }


def recipe_seeds() -> dict[str, bytes]:
    whole = RECIPE.to_json().encode()
    return {
        "whole.json": whole,
        "infinite.json": whole.replace(b'"temperature":1.0', b'"temperature":1e999'),
        "huge-number.json": whole.replace(b'"seed":7', b'"seed":1' + b"0" * 5000),
        "deep.json": DEEP,
    }


def metadata_seeds() -> dict[str, bytes]:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (4, 4, 4), np.uint8))
    plain = {"PNG": _saved(picture, "PNG"), "GIF": _saved(picture.convert("P"), "GIF"), "WEBP": _saved(picture, "WEBP", lossless=True)}
    found = {f"recipe.{kind.lower()}": embed_recipe(data, RECIPE) for kind, data in plain.items()}
    xmp = b"<emoterm:recipe>&#" + b"9" * 5000 + b";</emoterm:recipe>"
    found["endless-number.webp"] = _riff((b"VP8X", bytes(10)), (b"XMP ", xmp))
    found["empty-header.webp"] = _riff((b"VP8X", b""), (b"XMP ", b""))
    found["no-width.webp"] = _riff((b"VP8 ", bytes(10)), (b"XMP ", found["recipe.webp"].split(b"XMP ")[1][4:]))
    return found


def image_seeds() -> dict[str, bytes]:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (5, 7, 4), np.uint8))
    return {
        "rgba.png": _saved(picture, "PNG"),
        "palette.png": _saved(picture.convert("P"), "PNG"),
        "grey16.png": _saved(Image.fromarray(np.arange(36, dtype=np.uint16).reshape(6, 6)), "PNG"),
        "progressive.jpg": _saved(picture.convert("RGB"), "JPEG", progressive=True),
        "palette.gif": _saved(picture.convert("P"), "GIF"),
        "rgb.bmp": _saved(picture.convert("RGB"), "BMP"),
        "lossless.webp": _saved(picture, "WEBP", lossless=True),
        "lossy.webp": _saved(picture, "WEBP"),
    }


def frames_seeds() -> dict[str, bytes]:
    first, *rest = (Image.new("RGBA", (6, 6), (60 * i, 200, 10, 255)) for i in range(4))
    more: dict[str, Any] = {"save_all": True, "append_images": rest, "duration": 40}
    found = {f"four.{kind.lower()}": _saved(first, kind, **more) for kind in ("PNG", "GIF", "WEBP")}
    webp = found["four.webp"]
    assert webp[12:16] == b"VP8X"
    # One byte of the width of the canvas: eight million columns, on which Pillow spent half a minute.
    return {**found, "wide.webp": webp[:26] + b"\x7f" + webp[27:]}


def plan_seeds() -> dict[str, bytes]:
    plan = Plan(7, 7, SamplingParams(), "cpu", "tiny", "1", "0" * 64, prompt="cat", request=Request(words=("cat",)), per_file=3)
    whole = plan.to_json().encode()
    return {
        "whole.json": whole,
        "text-as-seed.json": whole.replace(b'"seed": 7', b'"seed": "7"'),
        "negative-seed.json": whole.replace(b'"seed": 7', b'"seed": -7'),
        "half-a-picture.json": whole.replace(b'"n": 7', b'"n": 4.5'),
        "true-pictures.json": whole.replace(b'"n": 7', b'"n": true'),
        "huge-number.json": whole.replace(b'"temperature": 1.0', b'"temperature": 1' + b"0" * 400),
        "not-a-number.json": whole.replace(b'"temperature": 1.0', b'"temperature": NaN'),
        "text-as-words.json": whole.replace(b'[\n  "cat"\n ]', b'"cat"'),
        "one-key-more.json": whole.replace(b'"n": 7', b'"n": 7, "m": 7'),
        "deep.json": DEEP * 7,
        "list.json": b"[]",
    }


def graph_seeds() -> dict[str, bytes]:
    weights = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in {"location": "prior.safetensors", "offset": "16", "length": "16"}.items():
        weights.external_data.add(key=key, value=value)
    nodes = [helper.make_node("Add", ["x", "w"], ["y"]), helper.make_node("Transpose", ["y"], ["z"], perm=[0])]
    x, z = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "xz")
    model = helper.make_model(helper.make_graph(nodes, "tiny", [x], [z], [weights]))
    whole: bytes = model.SerializeToString()
    return {
        "whole.onnx": whole,
        "address.onnx": whole.replace(b"prior.safetensors", b"*/_ORT_MEM_ADDR_/"),
        "loop.onnx": whole.replace(b"Transpose", b"Loop\x3a\x03abc"),
        "ort-format.onnx": b"\0\0\0\0ORTM" + whole,
    }


def _saved(image: Image.Image, kind: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


if __name__ == "__main__":
    main()
