"""The published recipe, to the letter: RGB over white, BatchNorm, MSE + commitment, an unconditional prior.

    emoterm train all --recipe paper --data valhalla/emoji-dataset --out runs/paper

Its figures beside ours, and the budget they were measured with, stand in MODELS.md.
"""

from trainer.config import CodebookConfig, DataConfig, LossConfig, OptimConfig, PriorConfig, Recipe, VQVAEConfig

RECIPE = Recipe(
    name="paper",
    data=DataConfig(channels=3, variant_weight=False),
    vqvae=VQVAEConfig(
        network="paper", codebook=CodebookConfig(size=512, dim=256, ema_decay=0.99, commitment_weight=0.25, reset_every_epochs=5)
    ),
    loss=LossConfig(mse=1.0),
    vqvae_optim=OptimConfig(epochs=200, batch_size=128, lr=2e-4, min_lr=1e-6, grad_clip=1.0),
    prior=PriorConfig(d_model=128, n_layer=4, n_head=4, n_kv_head=4, head_dim=32, d_ff=512, dropout=0.2),
    prior_optim=OptimConfig(epochs=200, batch_size=128, lr=2e-4, min_lr=1e-6, beta1=0.9, beta2=0.95, weight_decay=0.2, grad_clip=1.0),
)
