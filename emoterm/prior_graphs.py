"""The graphs of a bundle's prior: that of a step, the shortest that will do, and those that read what the prior is told beforehand.

Each is opened when it is first used, or soon. To open one takes as long as to import what draws with it, so this file imports little, and
a program that asks for its graphs first has both at once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from emoterm.bundle import Bundle
from emoterm.guide import GuideReader
from emoterm.loading import open_soon
from emoterm.manifest import SOURCE_GRAPH, WORDS_GRAPH, SamplingDefaults
from emoterm.prior_model import Needs, PriorModel, graph_for, open_prior
from emoterm.session import active_provider

if TYPE_CHECKING:
    from emoterm.sampling import SamplingParams


def needs_of(params: SamplingParams | SamplingDefaults, *, told: bool) -> Needs:
    """What a step has to be able to do for this law; ``told``: it is guided, or is told anything of its cells."""
    if params.top_k is not None or params.top_p < 1:
        return "all"
    return "guided" if told else "plain"


class PriorGraphs:
    """Safe to call from several threads.

    Args:
        bundle: an open bundle; has to stay open until the graphs are loaded.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    def __init__(self, bundle: Bundle, *, device: str = "auto") -> None:
        self._bundle = bundle
        self._device = device
        self._lock = threading.Lock()
        self._loaded: dict[str, PriorModel] = {}
        """By the names of their graphs."""
        self._expects: Needs = "all"
        self.source = GuideReader(bundle, SOURCE_GRAPH, reads="tokens")
        """Reads pictures to draw after."""
        self.words = GuideReader(bundle, WORDS_GRAPH, reads="conditions")
        """Reads style and words."""

    def step(self, needs: Needs) -> PriorModel:
        """The fastest graph of a step that will do. All compute the same, to the bit.

        Raises:
            ModelError: see :func:`emoterm.session.open_session`.
        """
        with self._lock:
            loaded = next((model for model in self._loaded.values() if model.on_cuda), None)  # which can do everything
            if loaded is None:
                name = graph_for(self._bundle, needs)
                if name not in self._loaded:
                    self._loaded[name] = open_prior(self._bundle, self._device, name=name)
                loaded = self._loaded[name]
            return loaded

    def preload(self, needs: Needs | None = None, *, draws_after: bool = True) -> None:
        """Begin to load graphs, in the background: that of the step, and, but for a plain one, what reads words, and, for pictures that are
        drawn after others, what reads those. ONNX Runtime itself is imported first, and here.

        Args:
            needs: of the pictures, see :func:`needs_of`; None: of those that the law of the bundle draws where something is asked for.
            draws_after: whether any is drawn after another picture.
        """
        usual = self._bundle.manifest.prior.sampling
        self._expects = expected = needs_of(usual, told=True) if needs is None else needs
        open_soon(lambda: self.step(expected))
        if expected != "plain":
            for reader in (self.words, self.source) if draws_after else (self.words,):
                if reader.exists:
                    open_soon(reader.open)

    @property
    def provider(self) -> str:
        """The execution provider in use, as told by the session of the graph that :meth:`preload` loads."""
        return active_provider(self.step(self._expects).session)
