"""The judge as a :class:`~trainer.loop.Stage`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer import augment, draws
from trainer.data import EmojiSet
from trainer.judge.labels import UNKNOWN, Labels, held_out
from trainer.judge.network import JudgeNetwork, Verdict

EVAL_BATCH = 256
HEADS = ("base", "subgroup", "style")
_LABEL_SMOOTHING = 0.1
_MOVED = 0.25
"""Share of the pictures that are shifted, scaled and tilted; all are jittered. Colours stay: they tell styles and emojis apart."""


class JudgeStage:
    """Model, pictures and loss of the judge."""

    name = "judge"

    def __init__(self, labels: Labels, train: EmojiSet, test: EmojiSet, device: torch.device) -> None:
        """``train`` is the whole training split; the rows that :func:`~trainer.judge.labels.held_out` names test the head for emojis."""
        hidden = held_out(train.rows)
        shown = train.subset(~hidden)
        self.model = JudgeNetwork(max(1, len(labels.bases)), max(1, len(labels.subgroups)), max(1, len(labels.styles))).to(device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
        self.weights = shown.weights()
        self.images = shown.images.to(device)
        self.targets = labels.targets(shown.rows).to(device)
        # An emoji of the test split is no class of the judge, so it is tested on known emojis in a style it has not seen them in.
        self.known = train.subset(hidden)
        self.known_targets = labels.targets(self.known.rows)[:, 0]
        self.test = test
        self.test_targets = labels.targets(test.rows)
        self.device = device

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Sum of the cross entropies of the three heads."""
        x = augment.jitter(self.images[rows].float() / 255)
        moved_B = draws.rand(len(x), device=x.device) < _MOVED
        x = torch.where(moved_B[:, None, None, None], augment.transform(x), x)
        verdict: Verdict = model(x.contiguous(memory_format=torch.channels_last))
        losses = {
            f"{head}_loss": cross_entropy(getattr(verdict, head), self.targets[rows, i], _LABEL_SMOOTHING) for i, head in enumerate(HEADS)
        }
        total = torch.stack(list(losses.values())).sum()
        return total, {"loss": total, **losses}

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Nothing to do between epochs."""
        return None

    def evaluate(self) -> dict[str, float]:
        """Accuracies; the objective is the share of wrong answers, averaged over the heads."""
        known, test = judge_pictures(self.model, self.known.images, self.device), judge_pictures(self.model, self.test.images, self.device)
        accuracies = {
            "base": accuracy(known.base, self.known_targets),
            "subgroup": accuracy(test.subgroup, self.test_targets[:, 1]),
            "style": accuracy(test.style, self.test_targets[:, 2]),
        }
        told = [value for value in accuracies.values() if value is not None]
        figures = {f"{head}_accuracy": value for head, value in accuracies.items() if value is not None}
        return {"objective": 1 - sum(told) / max(1, len(told)), **figures}


def cross_entropy(logits: Tensor, classes: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Mean over the rows that have a class, 0 where none has: (B, C), (B,) → scalar."""
    total = F.cross_entropy(logits, classes, ignore_index=UNKNOWN, label_smoothing=label_smoothing, reduction="sum")
    return total / (classes != UNKNOWN).sum().clamp(min=1)


def accuracy(logits: Tensor, classes: Tensor) -> float | None:
    """Share of the rows with a class that get it: (N, C), (N,) → number; None where no row has one."""
    told = classes != UNKNOWN
    return float((logits.argmax(1) == classes)[told].double().mean()) if bool(told.any()) else None


@torch.no_grad()
def judge_pictures(model: nn.Module, images: Tensor, device: torch.device) -> Verdict:
    """Verdicts on (N, 4, 64, 64) pictures, uint8 or float in [0, 1]; on the CPU."""
    if not len(images):  # PixelUnshuffle leaves an empty batch in its old shape
        one = judge_pictures(model, images.new_zeros(1, *images.shape[1:]), device)
        return Verdict(*(part[:0] for part in one))
    parts = []
    for batch in images.split(EVAL_BATCH):
        x = batch.float() / 255 if batch.dtype == torch.uint8 else batch.float()
        parts.append(model(x.to(device).contiguous(memory_format=torch.channels_last)))
    return Verdict(*(torch.cat([getattr(part, name) for part in parts]).cpu() for name in Verdict._fields))
