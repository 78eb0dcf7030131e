"""``python -m export.search_dataset --data DATA --out DIR``: the tokens of a whole data set, searched for with a model's own decoder.

A decoder that goes on learning from them (``vqvae.searched_share``) paints better what a search finds, and the next search finds more.
The gallery of a bundle that is exported of the run shows them. Interrupt it at any time; the same command goes on where it stood.

The model is that of a bundle, as it ships, or of a training run (``--run``), in full precision and on a GPU where there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.multiprocessing import get_context

from emoterm.bundle import open_bundle
from emoterm.codec import Codec
from emoterm.errors import EmotermError, UsageError
from emoterm.files import write_atomic
from emoterm.token_search import Painter, search_tokens
from export.progress import Progress, as_in_training, untold
from export.torch_codec import TorchCodec
from trainer.data import EmojiSet, load_emojis, picture_digest
from trainer.errors import TrainerError
from trainer.run import load_run, load_vqvae
from trainer.searched import ABOUT, CODES, DIGEST, codebook_digest, part_count, part_file, part_rows

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Model:
    """Whose tokens are searched for."""

    digests: dict[str, str]
    """SHA-256 of what it is made of."""
    codebook: str
    """What :func:`trainer.searched.codebook_digest` says of its codes."""
    open: Callable[[], Painter]
    """Can be sent to another process."""


def bundle_model(bundle: str | None) -> Model:
    """The model of a bundle; None: of the one that ships.

    Raises:
        EmotermError: it cannot be read.
    """
    with open_bundle(bundle) as opened:
        digests = {name: opened.manifest.graphs[name].sha256 for name in ("encoder", "decoder")}
        return Model(digests, codebook_digest(torch.from_numpy(opened.codebook())), partial(_open_bundle, bundle))


def run_model(run: Path) -> Model:
    """The VQ-VAE of a training run.

    Raises:
        TrainerError: it is not finished.
    """
    codes = load_vqvae(run, load_run(run)).codebook.codes
    digest = hashlib.sha256((run / "vqvae" / "weights.safetensors").read_bytes()).hexdigest()
    return Model({"vqvae": digest}, codebook_digest(codes), partial(_open_run, run))


def _open_bundle(bundle: str | None) -> Painter:
    return Codec(open_bundle(bundle))


def _open_run(run: Path) -> Painter:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return TorchCodec(load_vqvae(run, load_run(run), device))


def search_dataset(
    model: Model, emojis: EmojiSet, out: Path, *, split: str, effort: int, processes: int = 1, progress: Progress = untold
) -> None:
    """Write what is not there yet of one split of ``out``, which :func:`trainer.searched.load_searched` reads.

    Args:
        model: whose tokens.
        emojis: the pictures of the split.
        out: folder of all splits.
        split: name of the folder in it.
        effort: as of ``emoterm encode``.
        processes: that search side by side; the tokens do not depend on it.
        progress: shows how many files of tokens there are.

    Raises:
        UsageError: the folder holds tokens that were searched for in another way.
    """
    facts: dict[str, Any] = {"models": model.digests, "effort": effort, "pictures": len(emojis)}
    facts |= {DIGEST: picture_digest(emojis.images), CODES: model.codebook}
    out /= split
    about = out / ABOUT
    if about.exists():
        found = json.loads(about.read_text())
        # A search that began before there were these digests goes on without them: nothing says what its first parts were.
        if found != {key: value for key, value in facts.items() if key in found or key not in (DIGEST, CODES)}:
            raise UsageError(f"{out} holds tokens of other data, or of another search.", fix="Choose another folder with --out.")
        facts = found
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(about, json.dumps(facts, indent=1).encode(), force=True)
    parts = part_count(len(emojis))
    missing = [part for part in range(parts) if not part_file(out, part).exists()]
    setting = (model, emojis.images, out, effort)
    with progress(f"searching {split}") as report:
        report(parts - len(missing), parts)
        if processes == 1:
            searcher = _Searcher(*setting)
            for done, part in enumerate(missing, start=1):
                searcher(part)
                report(parts - len(missing) + done, parts)
            return
        # A process that has used CUDA must not be forked.
        with get_context("spawn").Pool(processes, _begin, setting) as pool:
            for done, _ in enumerate(pool.imap_unordered(_search_part, missing), start=1):
                report(parts - len(missing) + done, parts)


def write_part(folder: Path, part: int, tokens: NDArray[np.int16]) -> None:
    """The tokens (M, 256) of the pictures of :func:`trainer.searched.part_rows`."""
    packed = io.BytesIO()
    np.save(packed, tokens, allow_pickle=False)
    write_atomic(part_file(folder, part), packed.getvalue(), force=True)


class _Searcher:
    """Searches for the tokens of a part, and writes them."""

    def __init__(self, model: Model, images: Tensor, out: Path, effort: int) -> None:
        self._codec, self._images, self._out, self._effort = model.open(), images, out, effort

    def __call__(self, part: int) -> None:
        images = (self._images[part_rows(part, len(self._images))].float() / 255).numpy()
        tokens = search_tokens(images, codec=self._codec, effort=self._effort).astype(np.int16)
        write_part(self._out, part, tokens.reshape(len(tokens), -1))  # (N, 16, 16) → (N, 256)


_searcher: _Searcher | None = None
"""Of a process of the pool."""


def _begin(*setting: Any) -> None:
    global _searcher
    torch.set_num_threads(1)
    _searcher = _Searcher(*setting)


def _search_part(part: int) -> None:
    assert _searcher is not None
    _searcher(part)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.search_dataset", description="Search for the tokens of a data set.")
    parser.add_argument("--data", required=True, help="any data source")
    parser.add_argument("--split", choices=SPLITS, help="default: one after the other")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tokens")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--bundle", help="default: the one that ships")
    source.add_argument("--run", type=Path, help="a training run instead of a bundle")
    parser.add_argument("--effort", type=int, default=1, help="as of emoterm encode")
    parser.add_argument("--processes", type=int, default=1, help="that search side by side")
    args = parser.parse_args()
    try:
        emojis = load_emojis(args.data)
        model = run_model(args.run) if args.run else bundle_model(args.bundle)
        for split in (args.split,) if args.split else SPLITS:
            search_dataset(
                model,
                emojis.split(split),
                args.out,
                split=split,
                effort=args.effort,
                processes=max(1, args.processes),
                progress=as_in_training,
            )
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
