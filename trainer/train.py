"""A whole training run: ``emoterm train`` calls :func:`run_training`, ``python -m trainer.train`` does the same without the app.

RUN/recipe.json          the recipe with its overrides, the data and the commit (trainer/claim.py)
RUN/vocabulary.json      styles and words of the prior
RUN/vqvae/, RUN/prior/   metrics.jsonl, checkpoint/, weights.safetensors; of the prior also whose tokens it learns (trainer/tokenizer.py)
RUN/searched/            tokens that were searched for: a decoder trained alone learns from them, and the gallery of a bundle shows them
RUN/pictures/            decoded pictures, where they are too many to be held in memory
RUN/figures/             reconstructions, curves, codebook usage
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs

from trainer import checkpoint, processes, tokenizer
from trainer.claim import check_same_run, claim, data_digest
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet, load_emojis
from trainer.encode_dataset import encode_dataset
from trainer.errors import TrainerError
from trainer.initial import check_init, load_initial, load_tokenizer, take_over
from trainer.loop import fit, pick_precision, share_of
from trainer.mapped import IN_MEMORY_BYTES, decoded_bytes, load_mapped
from trainer.overrides import override, parse_changes
from trainer.recipes import load_recipe, names
from trainer.run import chosen, load_vqvae
from trainer.run_figures import draw_prior_figures, draw_vqvae_figures
from trainer.searched import SEARCHED, load_searched
from trainer.siblings import check_share, have_siblings
from trainer.spelling import FreshSpeller, Speller, SpellingTable
from trainer.train_prior import PriorStage, probe_rows
from trainer.train_vqvae import VQVAEStage

STAGES = ("vqvae", "prior", "all")
PATIENCE = timedelta(hours=3)
"""How long processes wait for the first one, which may have millions of pictures to decode."""
_LONE = (
    "note: no emoji comes in two styles, so what is drawn after another picture is drawn after itself. To teach nothing of that: "
    "--set prior.source_share=0"
)


def run_training(
    stage: str,
    recipe: str,
    data: str,
    run_dir: Path,
    overrides: dict[str, str] | None = None,
    *,
    init: Path | None = None,
    resume: bool = True,
    stop_after_steps: int | None = None,
    cache: Path | None = None,
) -> None:
    """Train one stage or both; a run that was interrupted goes on where it stood.

    Started by ``torchrun`` or ``accelerate launch``, it is one of several processes that share every batch; the first of them writes.

    Args:
        stage: ``vqvae``, ``prior`` or ``all``.
        recipe: name of a module in ``trainer/recipes``.
        data: any source of :mod:`trainer.data`.
        run_dir: made if it does not exist.
        overrides: ``{"vqvae_optim.epochs": "20"}``.
        init: a finished run of the same networks, whose weights are where this one begins; training the prior alone takes over its VQ-VAE,
            and training the decoder alone its prior.
        resume: use the checkpoints in ``run_dir``; else delete what the stage left there.
        stop_after_steps: leave each stage after so many steps, with a checkpoint.
        cache: folder in which the pictures of parquet files are kept decoded, for this run and others; without it they are held in memory,
            or, where they are many, kept in ``run_dir``.

    Raises:
        TrainerError: unknown stage, recipe or field; unreadable data; a run directory that belongs to another recipe or other data.
    """
    if stage not in STAGES:
        raise TrainerError(f"There is no stage {stage!r}.", fix=f"Stages: {', '.join(STAGES)}.")
    config = override(load_recipe(recipe), overrides or {})
    accelerator = Accelerator(
        mixed_precision=pick_precision(config.mixed_precision),
        cpu=not torch.cuda.is_available(),
        kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)],
    )
    if stage != "vqvae" and not config.prior.words_alone:  # before a VQ-VAE is trained for nothing
        check_share(config.prior.source_share, share_of(config.prior_optim.batch_size, processes.count(), "prior"))
    torch.backends.cudnn.benchmark = True  # batches have one size, so the fastest way to convolve is worth looking for
    emojis = processes.one_after_first(partial(_load_pictures, data, config, cache or run_dir / "pictures", keep=cache is not None))
    train, validation = chosen(emojis, config.data)
    processes.on_first(partial(_prepare_folder, run_dir, stage, config, data, (train, validation), init, resume=resume))
    if stage != "vqvae" and config.prior.reads_source and processes.index() == 0 and not have_siblings(train.rows):
        print(_LONE, file=sys.stderr, flush=True)
    finished = False
    if stage in ("vqvae", "all"):
        finished = _train_vqvae(
            config, train, validation, run_dir, accelerator, init=init, resume=resume, stop_after_steps=stop_after_steps
        )
    if stage == "prior" or (stage == "all" and finished):
        _train_prior(config, train, validation, run_dir, accelerator, init=init, resume=resume, stop_after_steps=stop_after_steps)


def _train_vqvae(
    config: Recipe, train: EmojiSet, validation: EmojiSet, run_dir: Path, accelerator: Accelerator, *, init: Path | None, **options: Any
) -> bool:
    torch.manual_seed(config.seed)
    stage = VQVAEStage(config, train, validation, accelerator.device)
    if config.vqvae.decoder_alone:
        load_tokenizer(stage.model, init)
    else:
        load_initial(stage.model, init, "vqvae")
    if config.vqvae.searched_share:
        if not config.vqvae.decoder_alone:
            raise TrainerError(
                "vqvae.searched_share is for a decoder that is trained alone.", fix="Add --set vqvae.decoder_alone=true and --init RUN."
            )
        stage.paint_searched(*load_searched(run_dir / SEARCHED, "train", train.images, stage.model.codebook.codes))
    if not config.vqvae.decoder_alone:
        stage.check_quantizes()
    if config.compile:
        stage.compile()
    finished = fit(stage, config.vqvae_optim, folder=run_dir / "vqvae", seed=config.seed, accelerator=accelerator, **options)
    if finished:
        processes.on_first(partial(draw_vqvae_figures, run_dir, stage.model, validation, config.data))
    return finished


def _train_prior(
    config: Recipe, train: EmojiSet, validation: EmojiSet, run_dir: Path, accelerator: Accelerator, *, init: Path | None, **options: Any
) -> None:
    device = accelerator.device
    has_begun = options["resume"] and (run_dir / "prior" / "checkpoint").exists()
    if has_begun:
        processes.on_first(partial(tokenizer.check, run_dir))
    vqvae = load_vqvae(run_dir, config, device)
    space = processes.one_after_first(partial(_token_space, config, train, run_dir))
    encode = partial(encode_dataset, vqvae, config=config.data, seed=config.seed, device=device)
    if config.prior.fresh_tokens:
        remade_share = config.data.augment if config.prior.told_changes else 0.0
        speller: Speller = FreshSpeller(vqvae, train, config.data, device, remade_share=remade_share)
    else:
        with accelerator.autocast():
            speller = SpellingTable(encode(train, variants=config.prior.token_variants).to(device))
    # In full precision, as the app encodes: rounding to bf16 changes about one token in a hundred, harmless in training only.
    measured = [encode(part, variants=1)[0] for part in (train.subset(probe_rows(config, train, validation)), validation)]
    torch.manual_seed(config.seed)
    stage = PriorStage(config, space, train, speller, measured[0], validation, measured[1], device)
    if config.prior.reads_source:
        stage.model.source.begin_with(vqvae.codebook.codes)
    load_initial(stage.model, init, "prior")
    if config.prior.words_alone:
        stage.model.learn_words_alone_()
    if config.compile:
        stage.model.compile()
        if config.prior.fresh_tokens:
            vqvae.encoder.compile(dynamic=False)
    if not has_begun:
        processes.on_first(partial(tokenizer.note, run_dir))
    finished = fit(stage, config.prior_optim, folder=run_dir / "prior", seed=config.seed, accelerator=accelerator, **options)
    if finished:
        processes.on_first(partial(draw_prior_figures, run_dir, stage.model, vqvae, space))


def _load_pictures(data: str, config: Recipe, cache: Path, *, keep: bool) -> EmojiSet:
    """In memory, or in ``cache`` if they are many, or if ``keep`` asks for it."""
    size_px = config.data.size_px
    if keep or decoded_bytes(data, size_px=size_px) > IN_MEMORY_BYTES:
        return load_mapped(data, cache, size_px=size_px)
    return load_emojis(data, size_px=size_px)


def _prepare_folder(
    run_dir: Path, stage: str, config: Recipe, data: str, sets: tuple[EmojiSet, ...], init: Path | None, *, resume: bool
) -> None:
    digest = data_digest(*sets)
    if not resume:
        if stage == "prior":  # before it is deleted: the VQ-VAE stays
            check_same_run(run_dir, stage, config, data, digest, parts=("vqvae",))
        _clear(run_dir, stage)
    if init is not None:  # before anything is written: a run that is refused has not begun with it
        check_init(init, run_dir, stage, config)
    claim(run_dir, stage, config, data, digest, init)
    if init is not None:
        take_over(init, run_dir, stage, config)


def _token_space(config: Recipe, train: EmojiSet, run_dir: Path) -> TokenSpace:
    """Made from the training rows once, then read back, so that a resumed run keeps its numbering."""
    path = run_dir / "vocabulary.json"
    if not path.exists():
        space = TokenSpace(config.vqvae.codebook.size)
        if config.prior.conditional:
            space = TokenSpace.from_rows(
                train.rows, config.vqvae.codebook.size, min_count=config.prior.min_word_count, max_words=config.prior.max_words
            )
        checkpoint.write_text_atomic(path, json.dumps(space.to_json(), ensure_ascii=False, indent=1))
    return TokenSpace.load(path, config.vqvae.codebook.size)


def _clear(run_dir: Path, stage: str) -> None:
    """Remove what a stage left, and all that was made from it: a new VQ-VAE writes other tokens, which the old prior cannot read."""
    for name in ("prior",) if stage == "prior" else ("vqvae", "prior", "figures"):
        shutil.rmtree(run_dir / name, ignore_errors=True)
    (run_dir / "vocabulary.json").unlink(missing_ok=True)


def make_parser() -> argparse.ArgumentParser:
    """What ``python -m trainer.train`` takes."""
    parser = argparse.ArgumentParser(prog="python -m trainer.train", description="Train the VQ-VAE, the prior or both.")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--recipe", default="default", help=f"one of: {', '.join(names())}")
    parser.add_argument("--data", default="valhalla/emoji-dataset", help="Hugging Face id, parquet, folder, saved dataset or font:PATH")
    parser.add_argument("--out", type=Path, required=True, help="run directory")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change one field of the recipe")
    parser.add_argument("--init", type=Path, metavar="RUN", help="begin with the weights of a finished run")
    parser.add_argument("--fresh", action="store_true", help="ignore checkpoints")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the decoded pictures of parquet files there, not in memory")
    parser.add_argument("--stop-after-steps", type=int, help="leave early, with a checkpoint")
    return parser


def main() -> None:
    """Command line without the app, for machines that only train, and for launchers."""
    parser = make_parser()
    args = parser.parse_args()
    try:
        run_training(
            args.stage,
            args.recipe,
            args.data,
            args.out,
            parse_changes(args.set),
            init=args.init,
            resume=not args.fresh,
            stop_after_steps=args.stop_after_steps,
            cache=args.cache,
        )
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n" if processes.index() == 0 else None)
    finally:
        processes.leave()


if __name__ == "__main__":
    main()
