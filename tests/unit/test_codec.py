"""Pictures ↔ latents ↔ tokens."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.errors import BundleError, InputError
from emoterm.session import CPU

SIZES = (1, 2, 3, 7)


@pytest.fixture(scope="module")
def codec(tiny_bundle: Bundle) -> Codec:
    return Codec(tiny_bundle, device="cpu")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Soft blobs of colour on transparency: (7, 4, 64, 64), associated alpha."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:64, 0:64] / 63
    out = np.empty((7, 4, 64, 64), np.float32)
    for picture in out:
        centre, radius, colour = rng.uniform(0.3, 0.7, 2), rng.uniform(0.15, 0.4), rng.uniform(0, 1, 3)
        alpha = np.clip(20 * (radius - np.hypot(y - centre[0], x - centre[1])), 0, 1)
        picture[:] = [*(colour[:, None, None] * alpha), alpha]
    return out


def test_encoding_gives_latents_and_indices_of_the_grid(codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray) -> None:
    z_e, indices = codec.encode(pictures)
    manifest = tiny_bundle.manifest
    assert (z_e.shape, z_e.dtype) == ((7, manifest.codebook.dim, *manifest.grid), np.float32)
    assert (indices.shape, indices.dtype) == ((7, *manifest.grid), np.int64)
    assert indices.min() >= 0
    assert indices.max() < manifest.codebook.size


def test_looked_up_codes_are_the_rows_of_the_codebook(codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray) -> None:
    _, indices = codec.encode(pictures)
    z_q = codec.lookup(indices)
    codes = tiny_bundle.codebook()
    for n, row, column in [(0, 0, 0), (3, 5, 11), (6, 15, 2)]:
        assert np.array_equal(z_q[n, :, row, column], codes[indices[n, row, column]])


def test_the_encoders_indices_are_the_nearest_codes(codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray) -> None:
    z_e, indices = codec.encode(pictures)
    vectors = z_e.transpose(0, 2, 3, 1)[..., None, :].astype(np.float64)  # (N, R, C, 1, D)
    distances = np.square(vectors - tiny_bundle.codebook()).sum(axis=-1)  # (N, R, C, K)
    nearest = distances.min(axis=-1)
    for found in (indices, codec.quantize(z_e)):
        assert np.allclose(np.take_along_axis(distances, found[..., None], -1)[..., 0], nearest, atol=1e-4)
    assert np.mean(codec.quantize(z_e) == indices) > 0.999  # they may differ where two codes are equally near


def test_quantizing_a_code_finds_that_code(codec: Codec, pictures: np.ndarray) -> None:
    z_q = codec.lookup(codec.encode(pictures)[1])
    assert np.array_equal(codec.lookup(codec.quantize(z_q)), z_q)


def test_decoded_pictures_have_associated_alpha(codec: Codec, pictures: np.ndarray) -> None:
    z_e, _ = codec.encode(pictures)
    for scale in (1, 30):  # far outside what the decoder was trained on, too
        images = codec.decode(scale * z_e)
        assert (images.shape, images.dtype) == ((7, 4, 64, 64), np.float32)
        assert images.min() >= 0
        assert images.max() <= 1
        assert (images[:, :3] <= images[:, 3:]).all()


def test_different_latents_decode_to_different_pictures(codec: Codec, pictures: np.ndarray) -> None:
    images = codec.decode(codec.encode(pictures)[0])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


def test_decoding_tokens_is_lookup_and_decode(codec: Codec, pictures: np.ndarray) -> None:
    _, indices = codec.encode(pictures)
    assert np.array_equal(codec.decode_tokens(indices.reshape(7, -1)), codec.decode(codec.lookup(indices)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_picture_does_not_depend_on_its_batch_or_the_threads(
    codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray, size: int, threads: int
) -> None:
    z_e, indices = codec.encode(pictures)
    images = codec.decode(z_e)
    other = Codec(tiny_bundle, device="cpu", threads=threads)
    other_z, other_indices = other.encode(pictures[:size])
    assert np.array_equal(other_z, z_e[:size])
    assert np.array_equal(other_indices, indices[:size])
    assert np.array_equal(other.decode(z_e[:size]), images[:size])
    assert np.array_equal(other.quantize(z_e[2:3]), codec.quantize(z_e)[2:3])


def test_no_pictures_give_nothing(codec: Codec, tiny_bundle: Bundle) -> None:
    z_e, indices = codec.encode(np.empty((0, 4, 64, 64), np.float32))
    assert len(z_e) == len(indices) == 0
    assert codec.decode_tokens(np.empty((0, tiny_bundle.manifest.n_tokens), np.int64)).shape == (0, 4, 64, 64)


@pytest.mark.parametrize("index", [-1, 10**6])
def test_an_index_outside_the_codebook_is_refused(codec: Codec, tiny_bundle: Bundle, index: int) -> None:
    tokens = np.zeros((2, tiny_bundle.manifest.n_tokens), np.int64)
    tokens[1, 7] = index
    with pytest.raises(InputError, match=f"found .*{index}"):
        codec.decode_tokens(tokens)


def test_wrong_shapes_are_refused_before_the_graph_sees_them(codec: Codec) -> None:
    with pytest.raises(ValueError, match=r"expected shape \(N, 4, 64, 64\)"):
        codec.encode(np.zeros((1, 3, 64, 64), np.float32))
    with pytest.raises(ValueError, match="expected shape"):
        codec.decode(np.zeros((1, 1, 1, 1), np.float32))


def test_only_the_graph_that_is_needed_is_read(tiny_bundle_path: Path, tmp_path: Path, pictures: np.ndarray) -> None:
    folder = shutil.copytree(tiny_bundle_path, tmp_path / "copy")
    with open_bundle(folder) as bundle:
        (folder / bundle.manifest.graphs["encoder"].file).write_bytes(b"damaged")
        codec = Codec(bundle, device="cpu")
        tokens = np.zeros((1, bundle.manifest.n_tokens), np.int64)
        assert codec.decode_tokens(tokens).shape == (1, 4, 64, 64)
        assert codec.provider == CPU
        with pytest.raises(BundleError, match="encoder"):
            codec.encode(pictures)


# --- graphs made by hand


def plain_bundle(tiny_bundle_path: Path, folder: Path, channels: int) -> Path:
    """The tiny bundle with an encoder that averages 4×4 blocks, a decoder that repeats them, and one code for each pure channel."""
    from onnx import TensorProto, helper

    def graph(name: str, nodes: list[Any], source: Any, *targets: Any) -> bytes:
        opset = helper.make_opsetid("", 18)
        made = helper.make_graph(nodes, name, [source], list(targets))
        return helper.make_model(made, opset_imports=[opset], ir_version=8).SerializeToString()

    def floats(name: str, size: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", channels, size, size])

    average = helper.make_node("AveragePool", ["image"], ["z_e"], kernel_shape=[4, 4], strides=[4, 4])
    strongest = helper.make_node("ArgMax", ["z_e"], ["indices"], axis=1, keepdims=0)
    scales = helper.make_node("Constant", [], ["scales"], value_floats=[1.0, 1.0, 4.0, 4.0])
    repeat = helper.make_node("Resize", ["z_q", "", "scales"], ["image"], mode="nearest")
    indices = helper.make_tensor_value_info("indices", TensorProto.INT64, ["N", 16, 16])
    codebook = io.BytesIO()
    np.save(codebook, np.eye(channels, dtype=np.float32))
    files = {
        "encoder": graph("encoder", [average, strongest], floats("image", 64), floats("z_e", 16), indices),
        "decoder": graph("decoder", [scales, repeat], floats("z_q", 16), floats("image", 64)),
        "codebook": codebook.getvalue(),
    }
    shutil.copytree(tiny_bundle_path, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["image"]["channels"] = channels
    manifest["codebook"] |= {"size": channels, "dim": channels}
    for name, spec in [*manifest["graphs"].items(), ("codebook", manifest["codebook"])]:
        if name in files:
            (folder / spec["file"]).write_bytes(files[name])
            spec["sha256"] = hashlib.sha256(files[name]).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_an_rgb_bundle_sees_pictures_over_white_and_gives_them_back_opaque(tiny_bundle_path: Path, tmp_path: Path) -> None:
    with open_bundle(plain_bundle(tiny_bundle_path, tmp_path / "rgb", 3)) as bundle:
        codec = Codec(bundle, device="cpu")
        half_red = np.zeros((1, 4, 64, 64), np.float32)
        half_red[:, [0, 3], :32] = 0.5  # the upper half at half opacity, the lower one clear
        z_e, indices = codec.encode(half_red)
        images = codec.decode(z_e)
        assert (indices[0, :8] == 0).all()
        assert np.allclose(images[0, :, 0, 0], [1, 0.5, 0.5, 1])
        assert np.allclose(images[0, :, -1, -1], [1, 1, 1, 1])
        assert np.allclose(codec.decode_tokens(np.full((1, 256), 2))[0, :, 9, 9], [0, 0, 1, 1])


def test_what_a_decoder_gets_wrong_is_put_right(tiny_bundle_path: Path, tmp_path: Path) -> None:
    with open_bundle(plain_bundle(tiny_bundle_path, tmp_path / "rgba", 4)) as bundle:
        z = np.zeros((1, 4, 16, 16), np.float32)
        z[0, :, 0, 0] = [0.9, 0.2, -3, 0.5]  # red above alpha, blue below zero
        z[0, :, 0, 1] = [7, 0.2, 0, 3]
        images = Codec(bundle, device="cpu").decode(z)
        assert np.allclose(images[0, :, 0, 0], [0.5, 0.2, 0, 0.5])
        assert np.allclose(images[0, :, 0, 4], [1, 0.2, 0, 1])


def test_a_graph_that_was_released_is_there_again_when_it_is_used(tiny_bundle: Bundle) -> None:
    codec = Codec(tiny_bundle, device="cpu")
    tokens = np.arange(256)[None] % len(codec.codebook)
    before = codec.decode_tokens(tokens)
    codec.release("decoder")
    codec.release("encoder")  # was never there
    np.testing.assert_array_equal(codec.decode_tokens(tokens), before)
