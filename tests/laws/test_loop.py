"""Laws of the training loop: learning rate, order of an epoch, optimizer step, averaged weights, what is kept at the end."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import Tensor, nn

from trainer import checkpoint
from trainer.config import OptimConfig
from trainer.ema import Averaged
from trainer.loop import fit, pick_precision
from trainer.progress import read_log
from trainer.schedule import FREE_STEPS, Schedule
from trainer.seeds import epoch_order

torch.set_num_threads(1)

OPTIM = OptimConfig(epochs=4, batch_size=4, lr=0.1, min_lr=0.01, eval_every_epochs=1)


class Line:
    """The smallest stage: a line through noisy points. ``objectives`` replaces the validation figures of the epochs."""

    name = "line"

    def __init__(self, n: int = 10, objectives: list[float] | None = None) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(2, 1)
        self.weights = torch.ones(n)
        self.x = torch.randn(n, 2)
        self.y = self.x @ torch.tensor([[3.0], [-2.0]]) + torch.randn(n, 1) / 10
        self.objectives = objectives
        self.evaluated: list[dict[str, Tensor]] = []
        self.seen: list[list[int]] = []
        self.noise: list[float] = []

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        self.seen.append(rows.tolist())
        self.noise.append(float(torch.rand(())))
        loss = (model(self.x[rows]) - self.y[rows]).square().mean()
        return loss, {"loss": loss}

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        return {"event": "epoch_end", "of": epochs}

    def evaluate(self) -> dict[str, float]:
        assert not self.model.training
        self.evaluated.append({name: value.clone() for name, value in self.model.state_dict().items()})
        if self.objectives is not None:
            return {"objective": self.objectives[len(self.evaluated) - 1]}
        return {"objective": float((self.model(self.x) - self.y).square().mean())}


def run(stage: Line, folder: Path, optim: OptimConfig = OPTIM, *, seed: int = 0, **options: Any) -> dict[str, Tensor]:
    """Train, and give the final weights."""
    fit(stage, optim, folder=folder, seed=seed, accelerator=Accelerator(cpu=True), **options)
    path = folder / "weights.safetensors"
    return load_file(path) if path.exists() else {}


def rate_at(step: int, steps: int) -> float:
    """The learning rate before a step of a run of so many."""
    schedule = Schedule(replace(OPTIM, epochs=1), steps)
    schedule.at(step)
    return schedule.learning_rate


# --- order of an epoch ---


def test_an_epoch_has_no_repeats_while_there_are_enough_rows() -> None:
    weights = torch.rand(50, generator=torch.Generator().manual_seed(0)) + 0.1
    for epoch in range(20):
        order = epoch_order(weights, 50, seed=3, epoch=epoch)
        assert sorted(order.tolist()) == list(range(50))


def test_an_epoch_longer_than_the_data_repeats_rows() -> None:
    order = epoch_order(torch.tensor([1.0, 1.0, 0.0]), 20, seed=0, epoch=0)
    assert len(order) == 20
    assert set(order.tolist()) == {0, 1}


def test_rows_are_drawn_by_weight_and_never_with_weight_zero() -> None:
    weights = torch.tensor([1.0, 0.25, 0.0])
    drawn = torch.cat([epoch_order(weights, 1, seed=0, epoch=epoch) for epoch in range(2000)])
    counts = torch.bincount(drawn, minlength=3)
    assert counts[2] == 0
    assert float(counts[0] / 2000) == pytest.approx(0.8, abs=0.04)  # more than four standard deviations


def test_the_order_is_the_same_for_the_same_seed_and_epoch_and_no_other() -> None:
    weights = torch.ones(100)
    orders = {(seed, epoch): epoch_order(weights, 100, seed=seed, epoch=epoch).tolist() for seed in range(3) for epoch in range(3)}
    torch.manual_seed(99)  # nothing outside counts
    assert epoch_order(weights, 100, seed=1, epoch=2).tolist() == orders[1, 2]
    assert len({tuple(order) for order in orders.values()}) == 9


# --- fit ---


def test_an_epoch_is_as_many_steps_as_whole_batches_fit_into_the_weights(tmp_path: Path) -> None:
    stage = Line(n=16)
    stage.weights[:5] = 0.0  # eleven pictures' worth: two batches of four
    run(stage, tmp_path)
    assert len(stage.seen) == 4 * 2
    for first, second in zip(stage.seen[::2], stage.seen[1::2], strict=True):
        assert len({*first, *second}) == 8
        assert min(first + second) >= 5


def test_every_step_has_its_own_random_numbers_and_every_seed_others(tmp_path: Path) -> None:
    stages = [Line(), Line(), Line()]
    for stage, seed, folder in zip(stages, (0, 0, 1), "abc", strict=True):
        run(stage, tmp_path / folder, seed=seed)
    assert len(set(stages[0].noise)) == len(stages[0].noise)
    assert stages[0].noise == stages[1].noise
    assert not set(stages[0].noise) & set(stages[2].noise)
    assert stages[0].seen != stages[2].seen


def test_a_step_is_adamw_on_clipped_gradients_at_the_scheduled_rate(tmp_path: Path) -> None:
    optim = replace(OPTIM, beta1=0.8, beta2=0.9, weight_decay=0.3, grad_clip=0.5, warmup_steps=2)
    stage = Line()
    start = {name: value.detach().clone() for name, value in stage.model.named_parameters()}
    run(stage, tmp_path, optim, stop_after_steps=1)
    rows = stage.seen[0]
    x, y = stage.x[rows], stage.y[rows]
    error = x @ start["weight"].T + start["bias"] - y
    gradient = {"weight": 2 * (error * x).mean(0, keepdim=True), "bias": 2 * error.mean(0)}
    norm = math.sqrt(sum(float(g.square().sum()) for g in gradient.values()))
    assert norm > optim.grad_clip
    lr = optim.lr / 2  # the first of two warm-up steps
    for name, value in stage.model.named_parameters():
        # m = (1−β1) g and v = (1−β2) g², both unbiased: the first step is g / (|g| + ε), beside the decay.
        clipped = gradient[name] * optim.grad_clip / norm
        by_hand = start[name] * (1 - lr * optim.weight_decay) - lr * clipped / (clipped.abs() + 1e-8)
        torch.testing.assert_close(value.detach(), by_hand)
    saved = checkpoint.load(tmp_path / "checkpoint")
    assert saved is not None
    torch.testing.assert_close(saved.optimizer["0.exp_avg"], 0.2 * gradient["weight"] * optim.grad_clip / norm)
    torch.testing.assert_close(saved.optimizer["0.exp_avg_sq"], 0.1 * (gradient["weight"] * optim.grad_clip / norm) ** 2)


def test_training_lowers_the_loss_and_writes_what_happened(tmp_path: Path) -> None:
    stage = Line()
    run(stage, tmp_path, replace(OPTIM, epochs=40))
    records = read_log(tmp_path / "metrics.jsonl")
    start, *others = records
    assert start == {"event": "start", "step": 0, "steps": 80, "parameters": 3}
    by_event = {name: [r for r in others if r["event"] == name] for name in ("train", "eval", "epoch_end")}
    assert [r["step"] for r in by_event["train"]] == list(range(10, 81, 10))
    assert [r["epoch"] for r in by_event["eval"]] == list(range(1, 41))
    assert [r["epoch"] for r in by_event["epoch_end"]] == list(range(1, 41))
    assert by_event["train"][-1]["lr"] == pytest.approx(rate_at(79, 80))
    assert by_event["eval"][-1]["objective"] < 0.1 * by_event["eval"][0]["objective"]


def test_without_early_stopping_the_last_weights_are_kept(tmp_path: Path) -> None:
    stage = Line(objectives=[1.0, 3.0, 4.0, 5.0])
    final = run(stage, tmp_path)
    assert torch.equal(final["weight"], stage.evaluated[3]["weight"])


def test_with_early_stopping_the_weights_of_the_best_figure_are_kept(tmp_path: Path) -> None:
    stage = Line(objectives=[4.0, 1.0, 3.0, 2.0])
    final = run(stage, tmp_path, replace(OPTIM, early_stopping=True))
    assert torch.equal(final["weight"], stage.evaluated[1]["weight"])
    assert not torch.equal(stage.evaluated[1]["weight"], stage.evaluated[3]["weight"])
    assert torch.equal(stage.model.weight, final["weight"])


@pytest.mark.parametrize("best", [-2.0, 0.0, 2.0])
def test_a_resumed_run_remembers_the_best_figure(best: float, tmp_path: Path) -> None:
    optim = replace(OPTIM, early_stopping=True)
    first, second = Line(objectives=[best, best + 1]), Line(objectives=[best + 1, best + 1])
    run(first, tmp_path, optim, stop_after_steps=4)
    final = run(second, tmp_path, optim)
    assert torch.equal(final["weight"], first.evaluated[0]["weight"])


def test_stopping_early_leaves_a_checkpoint_and_no_weights(tmp_path: Path) -> None:
    stage = Line()
    assert run(stage, tmp_path, stop_after_steps=3) == {}
    assert len(stage.seen) == 3
    saved = checkpoint.load(tmp_path / "checkpoint")
    assert saved is not None
    assert saved.step == 3
    assert torch.equal(saved.model["weight"], stage.model.weight)


# --- averaged weights ---


def test_with_averaging_the_averages_are_evaluated_and_kept_while_training_goes_on_from_the_others(tmp_path: Path) -> None:
    plain, averaged = Line(), Line()
    run(plain, tmp_path / "plain")
    final = run(averaged, tmp_path / "averaged", replace(OPTIM, ema_weights=0.9))
    assert torch.equal(final["weight"], averaged.evaluated[-1]["weight"])
    saved = [checkpoint.load(tmp_path / name / "checkpoint") for name in ("plain", "averaged")]
    assert saved[0] is not None
    assert saved[1] is not None
    assert torch.equal(saved[1].model["weight"], saved[0].model["weight"])
    assert torch.equal(saved[1].ema["weight"], final["weight"])
    assert not torch.equal(saved[1].ema["weight"], saved[1].model["weight"])


def test_the_average_is_a_moving_average_by_hand() -> None:
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    averaged = Averaged(model, 0.75)
    by_hand = 0.0
    for step, value in enumerate([4.0, 8.0, -2.0] * 20):
        nn.init.constant_(model.weight, value)
        averaged.update(step)
        decay = min(0.75, (1 + step) / (10 + step))  # from 0.1 up to 0.75 at step 26
        by_hand = decay * by_hand + (1 - decay) * value
        assert float(averaged.shadow["weight"]) == pytest.approx(by_hand, abs=1e-5)


def test_the_average_is_swapped_in_for_a_block_and_out_again_even_after_an_error() -> None:
    model = nn.Linear(2, 2)
    averaged = Averaged(model, 0.9)
    before = averaged.shadow["weight"].clone()
    nn.init.ones_(model.weight)

    def fail_inside() -> None:
        with averaged.swapped_in():
            assert torch.equal(model.weight, before)
            assert not model.training
            assert not torch.is_grad_enabled()
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        fail_inside()
    assert torch.equal(model.weight, torch.ones(2, 2))
    assert model.training


def test_a_decay_of_zero_averages_nothing() -> None:
    model = nn.Linear(2, 2)
    averaged = Averaged(model, 0.0)
    averaged.update(0)
    assert averaged.shadow == {}
    weight = model.weight.detach().clone()
    with averaged.swapped_in():
        assert torch.equal(model.weight, weight)
        assert not model.training
    assert torch.equal(model.weight, weight)


# --- precision ---


def test_the_precision_asked_for_is_the_one_taken() -> None:
    assert [pick_precision(wanted) for wanted in ("no", "bf16", "fp16")] == ["no", "bf16", "fp16"]
    assert pick_precision("auto") in ("no", "bf16")


def test_the_scale_that_fp16_has_found_is_kept(tmp_path: Path) -> None:
    def scaler_after(steps: int) -> dict[str, Any]:
        accelerator = Accelerator(cpu=True)
        accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=3)  # as fp16 on a GPU has one
        fit(Line(), OPTIM, folder=tmp_path, seed=0, accelerator=accelerator, stop_after_steps=steps)
        return dict(accelerator.scaler.state_dict())

    found = [(state["scale"], state["_growth_tracker"]) for state in map(scaler_after, (2, 2, 2))]
    assert found == [(4.0, 2), (8.0, 1), (16.0, 0)]  # doubled every third step, whoever took it


def test_the_state_of_the_loop_is_plain_json(tmp_path: Path) -> None:
    run(Line(), tmp_path)
    (state,) = (tmp_path / "checkpoint").glob("*/state.json")
    assert json.loads(state.read_text(encoding="utf-8"))["step"] == 8


def test_by_the_clock_a_run_ends_with_an_evaluation_and_does_not_begin_again(tmp_path: Path) -> None:
    optim = replace(OPTIM, minutes=0.005, eval_every_epochs=10**6)
    assert run(Line(), tmp_path, optim)
    last = read_log(tmp_path / "metrics.jsonl")[-1]
    assert last["event"] == "eval"
    assert last["step"] > FREE_STEPS
    again = run(Line(), tmp_path, optim)
    assert read_log(tmp_path / "metrics.jsonl")[-1]["step"] == last["step"]
    assert again
