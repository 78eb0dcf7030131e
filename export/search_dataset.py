"""``python -m export.search_dataset --data DATA --out DIR``: the tokens of a whole data set, searched for with a bundle's own decoder.

A decoder that goes on learning from them (``vqvae.searched_share``) paints better what a search finds, and the next search finds more.
The gallery of a bundle that is exported of the run shows them. Interrupt it at any time; the same command goes on where it stood.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np

from emoterm.bundle import Bundle, open_bundle
from emoterm.cli.progress import progress
from emoterm.codec import Codec
from emoterm.errors import EmotermError, UsageError
from emoterm.imaging.save import write_atomic
from emoterm.token_search import search_tokens
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.searched import ABOUT, part_count, part_file, part_rows

SPLITS = ("train", "test")


def search_dataset(bundle: Bundle, emojis: EmojiSet, out: Path, *, split: str, effort: int) -> None:
    """Write what is not there yet of one split of ``out``, which :func:`trainer.searched.load_searched` reads.

    Raises:
        UsageError: the folder holds tokens that were searched for in another way.
    """
    models = {name: bundle.manifest.graphs[name].sha256 for name in ("encoder", "decoder")}
    facts = {"models": models, "effort": effort, "pictures": len(emojis)}
    out /= split
    about = out / ABOUT
    if about.exists() and json.loads(about.read_text()) != facts:
        raise UsageError(f"{out} holds tokens of other data, or of another search.", fix="Choose another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(about, json.dumps(facts, indent=1).encode(), force=True)
    codec = Codec(bundle)
    parts = part_count(len(emojis))
    with progress(f"searching {split}", things="parts") as report:
        for part in range(parts):
            if not part_file(out, part).exists():
                images = (emojis.images[part_rows(part, len(emojis))].float() / 255).numpy()
                tokens = search_tokens(images, codec=codec, effort=effort).astype(np.int16)
                packed = io.BytesIO()
                np.save(packed, tokens.reshape(len(tokens), -1))  # (N, 16, 16) → (N, 256)
                write_atomic(part_file(out, part), packed.getvalue(), force=True)
            report(part + 1, parts)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.search_dataset", description="Search for the tokens of a data set.")
    parser.add_argument("--data", required=True, help="any data source")
    parser.add_argument("--split", choices=SPLITS, help="default: one after the other")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tokens")
    parser.add_argument("--bundle", help="default: the one that ships")
    parser.add_argument("--effort", type=int, default=1, help="as of emoterm encode")
    args = parser.parse_args()
    try:
        emojis = load_emojis(args.data)
        with open_bundle(args.bundle) as bundle:
            for split in (args.split,) if args.split else SPLITS:
                search_dataset(bundle, emojis.split(split), args.out, split=split, effort=args.effort)
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
