"""The prior's graph, opened for the device at hand."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emoterm.bundle import Bundle
from emoterm.errors import BundleError, DeviceError, RefusedError
from emoterm.manifest import GUIDED_GRAPH, PLAIN_GRAPH, PriorSpec
from emoterm.pace import FINAL, Pace
from emoterm.session import CUDA, active_provider, has_nvidia_driver, open_session, warn_once

if TYPE_CHECKING:
    import onnxruntime

CUDA_GRAPH_VARIABLE = "EMOTERM_CUDA_GRAPH"
"""Set to 1 to replay a step as one recorded CUDA graph. Off by default: while a step is recorded nothing else may use the GPU, which a
decoder that loads in the background does."""

PAST, PRESENT, MASK, GUIDE = "past_key_values.", "present.", "mask", "guide"
LOCAL_MASK, LOCAL_PLACES = "local_mask", "local_places"
DRAWN_AFTER = "drawn_after"
MOST_AHEAD = max(FINAL)
"""Tokens of a picture that one step reads at most where all but the first are forecasts, see :mod:`emoterm.token_writing`."""
KEY = ".key"
"""How the names of caches of keys end."""
_MOST_HEADS = 256
_CACHES: dict[str, type[np.generic]] = {"uint8": np.uint8, "float16": np.float16}
"""Types of caches that are not float32, by how ONNX Runtime calls them."""

_log = logging.getLogger(__name__)


Needs = Literal["plain", "guided", "all"]
"""What a step has to be able to do: nothing in particular; guidance, and reading a guide; or top-k and top-p as well."""
_SHORTER: dict[Needs, str] = {"plain": PLAIN_GRAPH, "guided": GUIDED_GRAPH}


def graph_for(bundle: Bundle, needs: Needs) -> str:
    """The fastest graph of the bundle that will do on a CPU, by its name."""
    shorter = _SHORTER.get(needs, "")
    return shorter if shorter in bundle.manifest.graphs else "prior"


def open_prior(bundle: Bundle, device: str, *, name: str = "prior") -> PriorModel:
    """Open the variant of the prior's graph that suits the device and this build of ONNX Runtime.

    Args:
        bundle: an open bundle.
        device: ``auto``, ``cpu`` or ``cuda``.
        name: of :func:`graph_for`; on CUDA there is one graph for everything.

    Raises:
        ModelError: see :func:`emoterm.session.open_session`.
        RefusedError: the graph is no step with a cache, or does not listen to a guide although the manifest says so.
    """
    spec, codebook_size = bundle.manifest.prior, bundle.manifest.codebook.size
    weights = {spec.weights.file: bundle.read(spec.weights)}
    if device == "cuda" or (device == "auto" and has_nvidia_driver()):
        cuda_graph = os.environ.get(CUDA_GRAPH_VARIABLE) == "1"
        try:
            session = open_session(bundle.graph("prior_cuda"), device="cuda", weights=weights, cuda_graph=cuda_graph)
            return _listening(PriorModel(session, spec, codebook_size, cuda_graph=cuda_graph))
        except DeviceError as error:
            if device == "cuda":
                raise
            warn_once(error.what, str(error.fix))
    device = "cpu" if device == "auto" else device  # any other name is refused by open_session
    graph = bundle.graph(name)  # a damaged file is an error, not a reason to look for another one
    try:
        session = open_session(graph, device=device, weights=weights, keeps_memory=False, as_written=True)
        model = PriorModel(session, spec, codebook_size)
        return model if name == PLAIN_GRAPH else _listening(model)
    except RefusedError:
        raise
    except BundleError as error:
        # A build of ONNX Runtime without its own operators: it has those of the ONNX standard.
        try:
            graph = bundle.graph("prior_standard")
            session = open_session(graph, device=device, weights=weights, keeps_memory=False, as_written=True)
        except BundleError:
            raise error from None
        _log.warning("This build of ONNX Runtime lacks its own operators; sampling is slower. (%s)", error.what)
        return _listening(PriorModel(session, spec, codebook_size))


def _listening(model: PriorModel) -> PriorModel:
    """The same model, which takes in what is told of each cell if the manifest says that anything is."""
    if model.spec.guide_width and GUIDE not in model.inputs:
        raise RefusedError(
            "The graph of the prior is refused: the manifest says that it reads a guide, and it does not.",
            fix="Use a bundle that emoterm export has written.",
        )
    return model


class PriorModel:
    """The prior's graph and weights in one session. Safe to run from several threads.

    Args:
        session: of any variant of the graph.
        spec: the shape of the prior.
        codebook_size: K.
        cuda_graph: the session may record its steps.

    Raises:
        RefusedError: the graph has no cache.
    """

    def __init__(self, session: onnxruntime.InferenceSession, spec: PriorSpec, codebook_size: int, *, cuda_graph: bool = False) -> None:
        self.session = session
        self.spec = spec
        self.codebook_size = codebook_size
        self.cuda_graph = cuda_graph
        self.on_cuda = active_provider(session) == CUDA
        inputs = {value.name: value for value in session.get_inputs()}
        self.inputs = frozenset(inputs)
        caches = [name for name in inputs if name.startswith(PAST)]
        local = tuple(f"{PAST}{layer}." for layer in spec.local_layers) if LOCAL_MASK in inputs else ()
        self.caches = [name for name in caches if not name.startswith(local)]
        """Inputs with the keys or values of a layer, all alike."""
        self.local_caches = [name for name in caches if name.startswith(local)]
        """Those of the layers that see a window only, which the graphs for a GPU do not tell apart."""
        mask = inputs[MASK].shape if MASK in inputs else ["T", 0, "L"]
        is_whole = (LOCAL_MASK in inputs) == (LOCAL_PLACES in inputs)
        is_step = is_whole and self.caches and len(inputs[self.caches[0]].shape) in (3, 4) and len(mask) == 3
        if not is_step or not (isinstance(mask[1], int) and 0 <= mask[1] <= _MOST_HEADS):
            raise RefusedError(
                "The graph of the prior is refused: it is no step with a cache.", fix="Use a bundle that emoterm export has written."
            )
        self.group: int = mask[1]
        """Query heads that share a key, where the graph wants to be told what each may see; else 0."""
        cache = inputs[self.caches[0]]
        self.grouped = "positions" in inputs
        """Whether attention is GroupQueryAttention, which wants to know positions in a way of its own."""
        self.position_input = "positions" if self.grouped else "position_ids"
        """(T,), or (B, T)."""
        self.cache_dtype: type[np.generic] = next((dtype for name, dtype in _CACHES.items() if name in cache.type), np.float32)
        """Of keys and values."""
        self.dtype: type[np.floating[Any]] = np.float16 if self.cache_dtype is np.float16 else np.float32
        """Of what is said of each cell."""
        self.keys_lie_across = isinstance(cache.shape[-1], str)
        """Whether a cache of keys, the first of which is the first of all caches, is (…, head_dim, L) and not (…, L, head_dim)."""
        self.cache_grows = self.keys_lie_across or isinstance(cache.shape[-2], str)
        """Whether the number of positions of a cache is free."""
        # With a single query head for each key, attention of one token multiplies a single row, for which ONNX Runtime may have another
        # kernel, with other last bits. Of the linear layers, batches of one row and of several have always had to agree. And what is
        # recorded has to have one shape.
        self.draws_ahead = DRAWN_AFTER in inputs and self.group > 1 and not cuda_graph
        """Whether a step may read several tokens of a picture and draw one after each, which are what they would be one by one."""
        self.paces: dict[int, Pace] = {}
        """How many tokens such a step should read, by the rows of its batch."""
        self.heads_apart = len(cache.shape) == 4
        """Whether a cache has an axis for the heads: (B, n_kv_head, L, head_dim) and not (B, L, head_dim)."""
