"""Encoder, decoder and the readers of words and of a source: torch modules → ONNX, with weights stored in half precision.

Weights are rounded to float16 before anything is compared, so parity is measured against what ships. In the file a float16 initializer is
followed by a Cast to float32, which ONNX Runtime folds when it loads the graph: half the bytes, the same arithmetic.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.export import Dim

from export.contract import DECODER, ENCODER, OPSET, SOURCE, WORDS, GraphContract
from export.wrappers import DecoderGraph, EncoderGraph, SourceGraph, WordsGraph
from trainer.conditions import STYLE_SLOTS, WORD_SLOTS
from trainer.networks.source import SourceReader
from trainer.networks.words import WordReader
from trainer.vqvae import GRID, VQVAE

# Smaller tensors (biases, norms, tables) stay in float32: they weigh nothing and rounding them buys nothing.
HALF_FROM_ELEMENTS = 1024


@torch.no_grad()
def round_to_half_(model: nn.Module) -> None:
    """Round, in place, the weights that will be stored in float16; the codes of a codebook always, whatever their size."""
    for name, tensor in model.state_dict().items():  # without the tables that are computed, such as rotary angles
        if tensor.dtype == torch.float32 and (tensor.numel() >= HALF_FROM_ELEMENTS or name == "codebook.codes"):
            tensor.copy_(tensor.half().float())


def export_encoder(vqvae: VQVAE) -> onnx.ModelProto:
    """The encoder graph: image (N, C, 64, 64) → z_e, indices."""
    image = torch.rand(2, vqvae.channels, 4 * GRID, 4 * GRID)
    return _export(EncoderGraph(vqvae), (image,), ({0: Dim("N")},), ENCODER)


def export_decoder(vqvae: VQVAE) -> onnx.ModelProto:
    """The decoder graph: z_q (N, D, 16, 16) → image."""
    z_q = torch.randn(2, vqvae.codebook.config.dim, GRID, GRID)
    return _export(DecoderGraph(vqvae), (z_q,), ({0: Dim("N")},), DECODER)


def export_source(source: SourceReader) -> onnx.ModelProto:
    """The reader of a source: tokens (N, 256) → guide (N, 256, 2·d_model)."""
    tokens = torch.zeros(2, GRID * GRID, dtype=torch.int64)
    return _export(SourceGraph(source), (tokens,), ({0: Dim("N")},), SOURCE)


def export_words(words: WordReader) -> onnx.ModelProto:
    """The reader of words: conditions (N, style and word slots) → guide (N, 256, 2·d_model)."""
    conditions = torch.full((2, STYLE_SLOTS + WORD_SLOTS), words.null)
    return _export(WordsGraph(words), (conditions,), ({0: Dim("N")},), WORDS)


def _export(module: nn.Module, arguments: tuple[Tensor, ...], dynamic_shapes: tuple[Any, ...], contract: GraphContract) -> onnx.ModelProto:
    # The exporter warns of its own deprecations, and that torchvision is not there to have its operators registered.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            arguments,
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=dynamic_shapes,
            input_names=list(contract.inputs),
            output_names=list(contract.outputs),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    # Where a node came from in our source is worth more bytes than it helps a user.
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    return model


def stored_half(model: onnx.ModelProto) -> bytes:
    """The file of a model in which each large float32 initializer, but for scales of bytes, is float16 followed by a Cast."""
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    model = copied
    casts = []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        is_scale = tensor.name.endswith("_scale")  # of bytes, which would all be off by as much
        if tensor.data_type != TensorProto.FLOAT or array.size < HALF_FROM_ELEMENTS or is_scale:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype("float16"), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], name=f"cast.{name}", to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString()
