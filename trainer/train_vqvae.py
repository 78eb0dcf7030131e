"""Stage 1: the VQ-VAE as a :class:`~trainer.loop.Stage`."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from trainer import augment, draws, mapped, metrics, processes
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.errors import TrainerError
from trainer.losses import reconstruction_loss
from trainer.schedule import Schedule, steps_per_epoch
from trainer.vqvae import GRID, VQVAE

EVAL_BATCH = 128


class VQVAEStage:
    """Model, data and loss of the VQ-VAE."""

    name = "vqvae"

    def __init__(self, recipe: Recipe, train: EmojiSet, validation: EmojiSet, device: torch.device) -> None:
        self.recipe = recipe
        self.model = VQVAE(recipe.vqvae, recipe.data.channels).to(device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
        self.weights = train.weights() if recipe.data.variant_weight else torch.ones(len(train))
        # The whole set stays on the device as uint8 (16 KiB a picture), where it fits: no data loader stands in the way.
        self.images = mapped.settle(train.images, device)
        self.mirrorable = train.mirrorable().to(device)
        self.validation = validation.images
        self.device = device
        self._reconstruction_loss = reconstruction_loss
        self.recent_rows: Tensor | None = None
        self.searched: Tensor | None = None

    def check_quantizes(self) -> None:
        """Check that the run is longer than the time in which it does not quantize; one that ends by the clock does not know.

        Raises:
            TrainerError: its codes would stay random, and its decoder would never be given any.
        """
        optim, start = self.recipe.vqvae_optim, int(self.model.codebook.warmup_left)
        steps = steps_per_epoch(self.weights, optim.batch_size)
        total = Schedule(optim, steps).total_steps
        if not optim.minutes and start >= total:
            sooner, epochs = min(total - 1, max(1, total // 8)), math.ceil(8 * start / steps)
            raise TrainerError(
                f"With so few pictures the run has {total} steps, and vqvae.codebook.kmeans_start_steps={start}: it would never quantize.",
                fix=f"Add --set vqvae.codebook.kmeans_start_steps={sooner}, or train for longer, as with --set vqvae_optim.epochs={epochs}",
            )

    def compile(self) -> None:
        """``torch.compile`` what a training step runs through."""
        if not self.recipe.vqvae.decoder_alone:  # the encoder is then asked for another number of pictures at every step
            self.model.encoder.compile()
        self.model.decoder.compile()
        self._reconstruction_loss = torch.compile(reconstruction_loss)

    def paint_searched(self, rows: Tensor, tokens: Tensor) -> None:
        """Let the decoder paint these training rows (M,) from these tokens (M, 256) as often as ``vqvae.searched_share`` says."""
        self.searched = torch.full((len(self.images), GRID * GRID), -1, dtype=torch.int16, device=self.device)
        self.searched[rows.to(self.device)] = tokens.to(self.device)

    def pictures(self, rows: Tensor) -> Tensor:
        """The training rows with these numbers, augmented: (B, C, 64, 64) in [0, 1]."""
        data = self.recipe.data
        x = self._plain(rows)
        if data.flip:
            x = augment.flip(x, draws.chance(data.flip, len(rows), device=x.device) & self.mirrorable[rows])
        if data.augment:
            x = augment.augment(x, draws.chance(data.augment, len(rows), device=x.device))
        return as_channels(x, data.channels)

    def _plain(self, rows: Tensor) -> Tensor:
        return mapped.take(self.images, rows).float() / 255

    def _given(self, rows: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Some of the pictures (B, C, 64, 64) as they are, with the tokens that were searched for them, (B, 16, 16) or below 0."""
        if self.searched is None:
            return x, None
        tokens = self.searched[rows].long()
        drawn_B = (tokens[:, 0] >= 0) & (draws.rand(len(rows), device=rows.device) < self.recipe.vqvae.searched_share)
        plain = as_channels(self._plain(rows), self.recipe.data.channels)
        given = torch.where(drawn_B[:, None], tokens, -1).view(-1, GRID, GRID)  # (B, 256) → (B, 16, 16)
        return torch.where(drawn_B[:, None, None, None], plain, x), given

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Reconstruction + β · commitment, and what the recipe asks for beside these."""
        self.recent_rows = rows
        weights = self.recipe.loss
        x, given = self._given(rows, self.pictures(rows))
        out = model(x, given, with_unevenness=weights.evenness > 0)
        reconstruction = self._reconstruction_loss(out.x_hat, x, weights)
        total = reconstruction + self.recipe.vqvae.codebook.commitment_weight * out.commitment_loss
        K = self.recipe.vqvae.codebook.size
        used = (processes.add_up_(metrics.code_counts(out.indices, K)) > 0).sum() / K
        told = {}
        if weights.evenness:
            total = total + weights.evenness * out.unevenness
            told["unevenness"] = out.unevenness
        return total, {
            "loss": total,
            "reconstruction_loss": reconstruction,
            "commitment_loss": out.commitment_loss,
            "codebook_usage": used,
            **told,
        }

    @torch.no_grad()
    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Reset unused codes every few epochs; the record says how many were used before and after."""
        codebook = self.model.codebook
        config = codebook.config
        if codebook.warmup_left >= 0 or self.recipe.vqvae.decoder_alone:  # not quantizing yet, or no longer to be changed
            return None
        # Not after the last epoch either: a code that is new then would never be trained.
        if epoch % config.reset_every_epochs or epoch > epochs * config.stop_reset_fraction or epoch == epochs:
            return None
        assert self.recent_rows is not None
        self.model.eval()
        z_e, _ = self.model.encode(self.pictures(self.recent_rows))
        self.model.train()
        D = z_e.shape[1]
        reset = codebook.reset_unused_(z_e.permute(0, 2, 3, 1).reshape(-1, D))  # (B, D, H, W) → (M, D)
        return {"event": "codebook_reset", **reset._asdict()}

    def evaluate(self) -> dict[str, float]:
        """Over white, on the validation pictures; the objective is the negative mean PSNR."""
        N, K = len(self.validation), self.recipe.vqvae.codebook.size
        mse, psnr = torch.zeros(2, N, device=self.device)
        counts = torch.zeros(K, dtype=torch.int64, device=self.device)
        for start in processes.own(range(0, N, EVAL_BATCH)):
            x = as_channels(self.validation[start : start + EVAL_BATCH].to(self.device).float() / 255, self.recipe.data.channels)
            _, indices = self.model.encode(x)
            x_hat = self.model.decode(self.model.codebook.lookup(indices))
            white, white_hat = (metrics.over_white(v) if v.shape[1] == 4 else v for v in (x, x_hat))
            mse[start : start + EVAL_BATCH] = metrics.mse(white_hat, white)
            psnr[start : start + EVAL_BATCH] = metrics.psnr(white_hat, white)
            counts += metrics.code_counts(indices, K)
        for part in (mse, psnr, counts):  # each picture is in one process's part only, and 0 in the others'
            processes.add_up_(part)
        mean_psnr = float(psnr.mean())
        return {
            "objective": -mean_psnr,
            "psnr": mean_psnr,
            "mse": float(mse.mean()),
            "codebook_usage": float((counts > 0).float().mean()),
            "codebook_entropy_share": metrics.codebook_entropy_share(counts),
        }


def as_channels(x: Tensor, channels: int) -> Tensor:
    """RGBA with associated alpha as it is (4), or RGB over white (3)."""
    return x.contiguous(memory_format=torch.channels_last) if channels == 4 else metrics.over_white(x)
