"""Models of strangers: what is refused before ONNX Runtime sees it, and that nothing anywhere unpickles."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.errors import BundleError, RefusedError
from emoterm.graph_check import check_graph
from emoterm.manifest import GRAPH_NAMES
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.session import open_session
from emoterm.vocabulary import Condition
from tests.hostile.targets import tiny_with
from trainer import checkpoint
from trainer.errors import TrainerError


def model(*nodes: onnx.NodeProto, initializers: tuple[TensorProto, ...] = (), outputs: str = "y") -> onnx.ModelProto:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", outputs))
    graph = helper.make_graph(list(nodes), "g", [x], [y], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def external(**place: str) -> TensorProto:
    tensor = TensorProto(name="w", dims=[2], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in place.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


ADD = helper.make_node("Add", ["x", "w"], ["y"])
RELU = helper.make_node("Relu", ["x"], ["y"])


@pytest.mark.parametrize("name", GRAPH_NAMES)
def test_the_graphs_of_the_bundles_are_let_through(name: str, tiny_bundle: Bundle, default_bundle: Bundle) -> None:
    for bundle in (tiny_bundle, default_bundle):
        weights = bundle.manifest.prior.weights
        check_graph(bundle.graph(name), {weights.file: bundle.read(weights)})


@pytest.mark.parametrize("name", ["prior", "prior_standard"])
def test_weights_that_are_not_given_are_not_looked_for(name: str, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_bundle.path)  # where ONNX Runtime would find the file by itself
    with pytest.raises(RefusedError, match="not the weights file of the manifest"):
        open_session(tiny_bundle.graph(name), device="cpu")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ({"location": "/etc/passwd"}, "not the weights file"),
        ({"location": "../w.bin"}, "not the weights file"),
        ({"location": "*/_ORT_MEM_ADDR_/*", "offset": "140000000000000", "length": "8"}, "not the weights file"),
        ({"offset": "0"}, "not the weights file"),
        ({"location": "w.bin", "offset": "4", "length": "8"}, "reaches beyond"),
        ({"location": "w.bin", "offset": "-4", "length": "8"}, "no clear place"),
        ({"location": "w.bin", "offset": "9" * 30}, "no clear place"),
        ({"location": "w.bin", "surprise": "1"}, "no clear place"),
    ],
)
def test_external_data_anywhere_else_is_refused(place: dict[str, str], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        open_session(model(ADD, initializers=(external(**place),)).SerializeToString(), device="cpu", weights={"w.bin": bytes(8)})


def test_external_data_in_the_weights_file_is_read() -> None:
    data = np.array([3, 4], np.float32).tobytes()
    whole = model(ADD, initializers=(external(location="w.bin", offset="0", length="8"),)).SerializeToString()
    session = open_session(whole, device="cpu", weights={"w.bin": data})
    assert session.run(None, {"x": np.zeros(2, np.float32)})[0].tolist() == [3, 4]


def test_a_place_that_is_given_twice_is_refused() -> None:
    tensor = external(location="w.bin", length="8")
    tensor.external_data.add(key="location", value="/etc/passwd")
    with pytest.raises(RefusedError, match="no clear place"):
        check_graph(model(ADD, initializers=(tensor,)).SerializeToString(), {"w.bin": bytes(8)})


def body() -> onnx.GraphProto:
    return model(RELU).graph


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("If", ["x"], ["y"], then_branch=body(), else_branch=body()),
        helper.make_node("Loop", ["x"], ["y"], body=body()),
        helper.make_node("Relu", ["x"], ["y"], hidden=body()),
        helper.make_node("Relu", ["x"], ["y"], hidden=[body()]),
        helper.make_node("RandomNormal", [], ["y"], shape=[2]),
        helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft"),
        helper.make_node("PyOp", ["x"], ["y"], domain="ai.onnx.contrib"),
        helper.make_node("Relu", ["x"], ["y"], domain="com.microsoft"),
        helper.make_node("Constant", [], ["y"], value=external(location="/etc/passwd")),
    ],
    ids=lambda node: f"{node.domain}{node.op_type}-{len(node.attribute)}",
)
def test_operators_off_the_list_and_graphs_inside_are_refused(node: onnx.NodeProto) -> None:
    with pytest.raises(RefusedError):
        open_session(model(node).SerializeToString(), device="cpu")


def test_functions_and_training_steps_are_refused() -> None:
    whole = model(RELU)
    whole.functions.append(helper.make_function("mine", "f", ["x"], ["y"], [RELU], [helper.make_opsetid("", 20)]))
    with pytest.raises(RefusedError, match="functions"):
        check_graph(whole.SerializeToString())
    whole = model(RELU)
    whole.training_info.add()
    with pytest.raises(RefusedError, match="training"):
        check_graph(whole.SerializeToString())


def test_what_two_readers_could_read_differently_is_refused() -> None:
    whole = model(RELU).SerializeToString()
    with pytest.raises(RefusedError, match="2 graphs"):
        check_graph(whole + whole)
    node = RELU.SerializeToString()
    twice = whole.replace(bytes([len(node)]) + node, bytes([len(node) + 6]) + node + b"\x22\x04Loop")
    assert twice != whole
    with pytest.raises(RefusedError):
        check_graph(twice)


@pytest.mark.parametrize("data", [b"", b"no model", b"\x08" + b"\xff" * 11, b"\x3a\xff\xff\xff\x7f", b"\x0b", b"\x38\x01"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError):
        check_graph(data)


def test_a_refused_prior_is_not_replaced_by_its_other_variant(tiny_bundle: Bundle) -> None:
    with pytest.raises(RefusedError, match="PyOp"):
        _ = Prior(tiny_with(prior=model(helper.make_node("PyOp", ["x"], ["y"])).SerializeToString())).model


# --- models that do other things than they promise


@pytest.mark.parametrize("dims", [[2], [1, 4, 64, 65]])
def test_a_decoder_that_gives_something_else_is_a_bundle_error(dims: list[int]) -> None:
    z = helper.make_tensor_value_info("z_q", TensorProto.FLOAT, ["n", 8, 16, 16])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, dims)
    constant = helper.make_node(
        "Constant", [], ["image"], value=helper.make_tensor("c", TensorProto.FLOAT, dims, [0.0] * int(np.prod(dims)))
    )
    graph = helper.make_model(helper.make_graph([constant], "g", [z], [image]), opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    codec = Codec(tiny_with(decoder=graph.SerializeToString()), threads=1)
    with pytest.raises(BundleError, match="decoder of this bundle failed"):
        codec.decode_tokens(np.zeros((1, 256), np.int64))


def test_a_prior_without_a_cache_is_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(RefusedError, match="no step with a cache"):
        _ = Prior(tiny_with(prior=model(RELU).SerializeToString())).model


@pytest.mark.parametrize(("cache", "mask"), [(["n"], None), (["n", "L", 8], ["T", "L"])], ids=["cache", "mask"])
def test_an_input_of_another_rank_is_refused(tiny_bundle: Bundle, cache: list[str | int], mask: list[str | int] | None) -> None:
    inputs = [helper.make_tensor_value_info("past_key_values.0.key", TensorProto.FLOAT, cache)]
    inputs += [] if mask is None else [helper.make_tensor_value_info("mask", TensorProto.FLOAT, mask)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, cache)]
    graph = helper.make_graph([helper.make_node("Relu", ["past_key_values.0.key"], ["y"])], "g", inputs, outputs)
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()
    with pytest.raises(RefusedError, match="no step with a cache"):
        _ = Prior(tiny_with(prior=data)).model


@pytest.mark.parametrize("group", ["free", 10**6])
def test_a_mask_of_any_size_is_refused(tiny_bundle: Bundle, group: str | int) -> None:
    whole = onnx.load_from_string(tiny_bundle.graph("prior"))
    size = next(value for value in whole.graph.input if value.name == "mask").type.tensor_type.shape.dim[1]
    if isinstance(group, str):
        size.dim_param = group
    else:
        size.dim_value = group
    with pytest.raises(RefusedError, match="no step with a cache"):
        _ = Prior(tiny_with(prior=whole.SerializeToString())).model


def test_a_prior_that_does_not_listen_to_what_the_manifest_promises_is_refused(tiny_bundle: Bundle) -> None:
    """The plain graph, which takes no guide, in the place of the one that can do everything."""
    prior = Prior(tiny_with(prior_guided=tiny_bundle.graph("prior_plain")), device="cpu", threads=1)
    assert prior.words.exists
    with pytest.raises(RefusedError, match="reads a guide"):
        prior.generate([Condition(words=prior.vocabulary.words[:1])], seed=0, params=SamplingParams())


def test_a_prior_of_another_shape_is_a_bundle_error(default_bundle: Bundle, tiny_bundle: Bundle) -> None:
    with open_bundle(tiny_bundle.path) as bundle:
        prior = Prior(bundle, threads=1)
        object.__setattr__(prior.model.spec, "head_dim", 16)  # as a manifest could say that does not fit its graph
        with pytest.raises(BundleError, match="prior of this bundle failed"):
            prior.generate([Condition()], seed=0, params=SamplingParams())


# --- bundles


def test_a_pipe_is_no_bundle_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.emoterm")
    with pytest.raises(BundleError, match="neither a folder nor a zip"):
        open_bundle(tmp_path / "pipe.emoterm")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(compression: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.emoterm", "w", compression) as archive:
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(BundleError, match="unusual"):
        open_bundle(tmp_path / "x.emoterm")


def test_files_are_checked_before_they_are_parsed(tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with another sha256 reaches no parser."""
    import emoterm.bundle
    import emoterm.prior
    import emoterm.session

    for file in tiny_bundle.path.iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content if file.name == "manifest.json" else content + b"!")

    def parse(*_: object, **__: object) -> None:
        raise AssertionError("parsed before it was checked")

    monkeypatch.setattr(emoterm.bundle, "_read_array", parse)
    monkeypatch.setattr(emoterm.session, "check_graph", parse)
    monkeypatch.setattr(emoterm.session, "_create", parse)
    monkeypatch.setattr("emoterm.vocabulary.parse_json", parse)
    monkeypatch.setattr("emoterm.gallery_index.members", parse)
    with open_bundle(tmp_path) as bundle:
        from emoterm.gallery import Gallery

        codec = Codec(bundle, device="cpu")
        steps: list[Callable[[], Any]] = [
            bundle.codebook,
            lambda: Prior(bundle),
            lambda: Gallery.from_bundle(bundle).styles(),
            lambda: codec.decode(np.zeros((1, 8, 16, 16), np.float32)),
            lambda: codec.encode(np.zeros((1, 4, 64, 64), np.float32)),
        ]
        for step in steps:
            with pytest.raises(BundleError, match="is damaged"):
                step()


# --- pickles


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.path),))


def test_the_trap_works(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


def test_a_codebook_with_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    array = np.empty((64, 8), object)
    array[:] = Trap(tmp_path / "sprung")
    path = tmp_path / "codebook.npy"
    np.save(path, array, allow_pickle=True)
    with pytest.raises(BundleError, match="should be a NumPy array of finite floats"):
        tiny_with(codebook=path.read_bytes()).codebook()
    assert not (tmp_path / "sprung").exists()


def test_a_graph_that_is_a_pickle_is_refused(tmp_path: Path) -> None:
    torch.save({"weights": Trap(tmp_path / "sprung")}, tmp_path / "model.pt")
    for data in ((tmp_path / "model.pt").read_bytes(), pickle.dumps(Trap(tmp_path / "sprung"))):
        with pytest.raises(RefusedError):
            open_session(data, device="cpu")
    assert not (tmp_path / "sprung").exists()


def test_a_torch_checkpoint_with_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    torch.save({"weight": Trap(tmp_path / "sprung")}, path)
    with pytest.raises(TrainerError, match="cannot be read"):
        checkpoint.load_weights(path, "Train again.")
    folder = tmp_path / "checkpoint" / "step-00000001"
    folder.mkdir(parents=True)
    for name in ("model", "optimizer"):
        torch.save({"weight": Trap(tmp_path / "sprung")}, folder / f"{name}.safetensors")
    (folder / "state.json").write_text('{"step": 1}')
    (folder.parent / "latest").write_text(folder.name)
    with pytest.raises(TrainerError, match="cannot be read"):
        checkpoint.load(folder.parent)
    assert not (tmp_path / "sprung").exists()


def safetensors(header: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        safetensors(b"{}", length=2**63),
        safetensors(b"[" * 5000),
        safetensors(b"not json"),
        safetensors(json.dumps({"w": {"dtype": "F32", "shape": [2**62], "data_offsets": [0, 4]}}).encode(), bytes(4)),
        safetensors(json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}}).encode(), bytes(4)),
        safetensors(json.dumps({"w": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}).encode(), bytes(4)),
    ],
    ids=["empty", "endless-header", "deep", "no-json", "huge-shape", "beyond-the-end", "objects"],
)
def test_safetensors_with_a_bad_header_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(data)
    with pytest.raises(TrainerError, match="cannot be read"):
        checkpoint.load_weights(path, "Train again.")
