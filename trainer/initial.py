"""Beginning with the weights of another run, ``--init``: what fits, what is copied, what is loaded."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

from torch import nn

from trainer import checkpoint, tokenizer
from trainer.config import PriorConfig, Recipe, VQVAEConfig
from trainer.errors import TrainerError
from trainer.networks.residual import AttentionBlock
from trainer.prior import is_extra
from trainer.run import load_run, load_vqvae
from trainer.vqvae import VQVAE

_TAUGHT = (
    *("dropout", "condition_dropout", "unconditional", "token_dropout", "token_variants", "fresh_tokens", "told_changes"),
    *("max_words", "min_word_count"),
)
_READERS = ("source_share", "word_reader", "word_loss", "words_alone")


def network_of(config: VQVAEConfig | PriorConfig) -> dict[str, Any]:
    """What the shapes of the weights follow from, and what they mean; two runs that agree in it can hand weights to each other.

    A prior that reads no source, or no words, can become one that does. How a codebook was trained, and which words are worth a token, was
    decided when the first of them began.
    """
    described = dataclasses.asdict(config)
    if isinstance(config, VQVAEConfig):
        described["codebook"] = {name: described["codebook"][name] for name in ("size", "dim", "l2_normalize")}
    return {name: value for name, value in described.items() if name not in (*_TAUGHT, *_READERS, "decoder_alone", "searched_share")}


def encoder_of(config: VQVAEConfig) -> dict[str, Any]:
    """The same for encoder and codebook: two runs that agree in it and share these weights write the same tokens."""
    return {name: value for name, value in network_of(config).items() if not name.startswith("decoder_")}


def check_init(init: Path, run_dir: Path, stage: str, config: Recipe) -> None:
    """Check that a run can begin with the weights of another one; nothing is written.

    Args:
        init: a finished run.
        run_dir: this one.
        stage: ``vqvae``, ``prior`` or ``all``.
        config: the recipe of this run.

    Raises:
        TrainerError: their networks, tokens or words are others.
    """
    theirs = load_run(init)
    keeps_prior = _keeps_prior(init, stage, config)
    described = {"vqvae": encoder_of if _keeps_tokens(stage, config) else network_of, "prior": network_of}
    for part in ("vqvae",) if stage == "vqvae" and not keeps_prior else ("vqvae", "prior"):
        if described[part](getattr(theirs, part)) != described[part](getattr(config, part)):
            raise TrainerError(
                f"{init} holds a run with another configuration of {part}.", fix="--init wants the weights of the same networks."
            )
    if keeps_prior:
        _check_readers(init, theirs.prior, config.prior)
    if stage != "vqvae" and not (run_dir / "prior" / "checkpoint").exists():  # else it goes on with weights of its own
        _check_understood(init, run_dir, stage)


def take_over(init: Path, run_dir: Path, stage: str, config: Recipe) -> None:
    """Copy from ``init`` what this run builds on but does not train; what is already there stays. The arguments are those of
    :func:`check_init`, which comes first."""
    copied: tuple[str, ...] = {"vqvae": (), "prior": ("vocabulary.json", "vqvae/weights.safetensors"), "all": ("vocabulary.json",)}[stage]
    if _keeps_prior(init, stage, config):
        copied = ("vocabulary.json", "prior/weights.safetensors", str(tokenizer.NOTE))
    for name in copied:
        if (init / name).exists() and not (run_dir / name).exists():  # what it lacks is told of where it is read
            (run_dir / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(init / name, run_dir / name)


def _keeps_tokens(stage: str, config: Recipe) -> bool:
    return stage == "vqvae" and config.vqvae.decoder_alone


def _keeps_prior(init: Path, stage: str, config: Recipe) -> bool:
    return _keeps_tokens(stage, config) and (init / "prior" / "weights.safetensors").exists()


def _check_readers(init: Path, theirs: PriorConfig, ours: PriorConfig) -> None:
    """That a prior which is taken over, and not trained here, is the network that this run's own recipe tells of."""
    fields = {"word_reader": str(theirs.word_reader).lower(), "source_share": str(theirs.source_share)}
    differs = {"word_reader": theirs.word_reader != ours.word_reader, "source_share": theirs.reads_source != ours.reads_source}
    if changes := " ".join(f"--set prior.{name}={value}" for name, value in fields.items() if differs[name]):
        raise TrainerError(f"The prior of {init} reads other things than that of this run, which keeps it.", fix=f"Add {changes}")


def _check_understood(init: Path, run_dir: Path, stage: str) -> None:
    """That the prior of ``init`` can go on with the tokens and the words that are already in ``run_dir``."""
    fix = f"Choose another --out, which takes over the VQ-VAE and the words of {init}, or leave out --init."
    has_own = stage == "prior" and (run_dir / "vqvae" / "weights.safetensors").exists()
    if has_own and not tokenizer.is_same(tokenizer.load_tokenizer(init), tokenizer.load_tokenizer(run_dir)):
        raise TrainerError(f"The tokens of {init} and {run_dir} mean different things.", fix=fix)
    names = [folder / "vocabulary.json" for folder in (init, run_dir)]
    if all(name.exists() for name in names) and len({json.dumps(json.loads(name.read_text(encoding="utf-8"))) for name in names}) > 1:
        raise TrainerError(f"{init} and {run_dir} know different words.", fix=fix)


def load_initial(model: nn.Module, init: Path | None, stage: str) -> None:
    """Give a model the weights of ``init``, if there is one.

    Raises:
        TrainerError: it has not finished this stage.
    """
    if init is not None:
        fix = f"--init wants a finished run: emoterm train {stage} --out {init}"
        weights = checkpoint.load_weights(init / stage / "weights.safetensors", fix)
        # What reads words or sources, or tells changes, may be new, and says nothing at first; or a run that has none leaves it behind.
        wanted = model.state_dict()
        extras = {name: value for name, value in wanted.items() if is_extra(name)}
        kept = {name: value for name, value in weights.items() if name in wanted or not is_extra(name)}
        model.load_state_dict({**extras, **kept})


def load_tokenizer(model: VQVAE, init: Path | None) -> None:
    """Encoder and codebook of ``init``; its decoder too, if it is the same network or differs by an attention layer, which begins anew.

    Raises:
        TrainerError: there is no such run, or its VQ-VAE is not finished.
    """
    if init is None:
        raise TrainerError("vqvae.decoder_alone needs an encoder and a codebook.", fix="Name a finished run: --init RUN")
    theirs = load_vqvae(init, load_run(init))
    model.encoder.load_state_dict(theirs.encoder.state_dict())
    model.codebook.load_state_dict(theirs.codebook.state_dict())
    ours, others = model.decoder.state_dict(), theirs.decoder.state_dict()
    fitting = {name: value for name, value in others.items() if name in ours and value.shape == ours[name].shape}
    attention = _attention_weights(model.decoder) | _attention_weights(theirs.decoder)
    if (ours.keys() | others.keys()) - fitting.keys() <= attention:
        model.decoder.load_state_dict({**ours, **fitting})


def _attention_weights(decoder: nn.Module) -> set[str]:
    parts = {place: part for place, part in decoder.named_children() if isinstance(part, AttentionBlock)}
    return {f"{place}.{name}" for place, part in parts.items() for name in part.state_dict()}
