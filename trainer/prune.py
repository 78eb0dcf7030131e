"""``python -m trainer.prune RUN --keep 80,112,112 --data DATA --out PRUNED``: a decoder with fewer channels inside its residual blocks.

The decoder runs for every picture that is shown, and its time goes by its multiply-adds. Some of the channels between the two
convolutions of a block write next to nothing; a few are dead. Those that write least are taken out (after Molchanov et al., "Pruning
convolutional neural networks for resource efficient inference", ICLR 2017; here a channel counts by the energy of what it adds to the
residual stream). What that costs is won back by training on: ``emoterm train vqvae --init PRUNED --set vqvae.decoder_alone=true --set
vqvae.decoder_bottlenecks=80,112,112``. Encoder and codebook stay as they are, and so does the meaning of every token.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from trainer import checkpoint
from trainer.claim import begun_with, current_commit, this_machine
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.networks.residual import ResidualBlock, ResidualDecoder
from trainer.run import load_run, load_vqvae, read_facts
from trainer.train_vqvae import as_channels
from trainer.vqvae import VQVAE

PICTURES = 512
"""Training pictures on which channels are weighed."""
_BATCH = 64
_NOT_COPIED = ("checkpoint", "best", "metrics.jsonl", "searched", "pictures")
WEIGHTS = Path("vqvae", "weights.safetensors")


def prune(run: Path, out: Path, *, keep: Sequence[int], data: str) -> None:
    """Write a run whose decoder keeps so many inner channels in each residual block at 16×16. All else is copied.

    Args:
        run: a finished run with the network ``residual``, without norms in its decoder.
        out: a run that does not exist yet.
        keep: for each block, from the tokens on.
        data: any source of :mod:`trainer.data`; its training split is used.

    Raises:
        TrainerError: not such a run, or more channels than there are, or ``out`` exists.
    """
    if out.exists():
        raise TrainerError(f"{out} already exists.", fix="Choose another name with --out.")
    recipe = load_run(run)
    model = load_vqvae(run, recipe)
    blocks = inner_blocks(model)
    widths = [block.conv1.out_channels for _, block in blocks]
    if len(keep) != len(widths) or any(not 0 < wanted <= width for wanted, width in zip(keep, widths, strict=False)):
        raise TrainerError(
            f"--keep {','.join(map(str, keep))} does not fit blocks of {', '.join(map(str, widths))} channels.",
            fix="Give a number for each, from 1 to what it has.",
        )
    train = load_emojis(data).split("train")
    some = torch.linspace(0, len(train) - 1, min(PICTURES, len(train))).round().long()
    energies = channel_energies(model, train.images[some])
    weights = model.state_dict()
    for (name, _), wanted, energy in zip(blocks, keep, energies, strict=True):
        kept = energy.argsort(descending=True, stable=True)[:wanted].sort().values
        for part in ("conv1.weight", "conv1.bias"):
            weights[f"{name}.{part}"] = weights[f"{name}.{part}"][kept].clone()
        weights[f"{name}.conv2.weight"] = weights[f"{name}.conv2.weight"][:, kept].clone()

    # Under another name until it is whole: the copy alone looks like a run that nobody has pruned.
    unfinished = out.with_name(f".{out.name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(run, unfinished, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    checkpoint.save_weights(unfinished / WEIGHTS, weights)
    pruned = dataclasses.replace(recipe, vqvae=dataclasses.replace(recipe.vqvae, decoder_bottlenecks=tuple(keep)))
    now = {"recipe": pruned.to_dict(), "commit": current_commit(), "torch": torch.__version__, "machine": this_machine()}
    facts = {"data": read_facts(run)["data"], **now, **begun_with(run)}
    checkpoint.write_text_atomic(unfinished / "recipe.json", json.dumps(facts, indent=1))
    unfinished.rename(out)


def inner_blocks(model: VQVAE) -> list[tuple[str, ResidualBlock]]:
    """The residual blocks of the decoder at 16×16, and what their weights are called.

    Raises:
        TrainerError: a network without such blocks, or with norms, which mix channels.
    """
    if not isinstance(model.decoder, ResidualDecoder) or (model.config.norm and model.config.decoder_norm):
        raise TrainerError("This decoder cannot be pruned.", fix="It has to be of the network 'residual', with decoder_norm=false.")
    blocks = [(f"decoder.{name}", layer) for name, layer in model.decoder.named_children() if isinstance(layer, ResidualBlock)]
    return blocks[: model.config.decoder_blocks]  # what comes after them is at 32×32


@torch.no_grad()
def channel_energies(model: VQVAE, images: Tensor) -> list[Tensor]:
    """What each inner channel of each block adds to the stream, on average: its mean square times the square of the weights that spread it.

    Args:
        model: with blocks that :func:`inner_blocks` finds.
        images: (N, 4, 64, 64) uint8, associated alpha.

    Returns:
        (channels,) of each block.
    """
    blocks = [block for _, block in inner_blocks(model)]
    squares = [torch.zeros(block.conv2.in_channels) for block in blocks]

    def watch(total: Tensor, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        total += inputs[0].square().mean((2, 3)).sum(0)  # (B, channels, 16, 16) → (channels,)

    watchers = [functools.partial(watch, total) for total in squares]
    handles = [block.conv2.register_forward_pre_hook(watcher) for block, watcher in zip(blocks, watchers, strict=True)]
    try:
        for batch in images.split(_BATCH):
            _, indices = model.encode(as_channels(batch.float() / 255, model.channels))
            model.decode(model.codebook.lookup(indices))
    finally:
        for handle in handles:
            handle.remove()
    return [total / len(images) * block.conv2.weight.square().sum((0, 2, 3)) for block, total in zip(blocks, squares, strict=True)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m trainer.prune", description="A decoder with fewer channels.")
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("--keep", required=True, help="inner channels of each residual block at 16×16, as in 80,112,112")
    parser.add_argument("--data", required=True, help="the data it was trained on")
    parser.add_argument("--out", type=Path, required=True, help="run directory")
    args = parser.parse_args()
    try:
        keep = [int(width) for width in args.keep.split(",")]
    except ValueError:
        parser.error(f"--keep {args.keep}: give whole numbers, as in 80,112,112")
    try:
        prune(args.run, args.out, keep=keep, data=args.data)
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
