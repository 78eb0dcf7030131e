"""The smallest run that goes through every stage: for tests and for trying the path from data to bundle.

    emoterm train all --recipe tiny --data font:/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf --out runs/tiny

Under a minute for 64 pictures on two CPU cores; the result is a bundle that works, not one that is worth looking at.
"""

from trainer.config import CodebookConfig, DataConfig, LossConfig, OptimConfig, PriorConfig, Recipe, SamplingConfig, VQVAEConfig

RECIPE = Recipe(
    name="tiny",
    data=DataConfig(augment=0.3),
    vqvae=VQVAEConfig(
        network="residual",
        width_32=32,
        width_16=64,
        bottleneck=32,
        encoder_blocks=1,
        decoder_blocks=1,
        codebook=CodebookConfig(size=64, dim=8, kmeans_start_steps=4, l2_normalize=True, reset_every_epochs=5),
    ),
    loss=LossConfig(mse=1.0, l1=0.02),
    vqvae_optim=OptimConfig(
        epochs=10, batch_size=16, lr=2e-3, warmup_steps=4, ema_weights=0.9, eval_every_epochs=5, checkpoint_every_steps=20
    ),
    prior=PriorConfig(
        d_model=64,
        n_layer=2,
        n_head=2,
        n_kv_head=1,
        head_dim=32,
        d_ff=128,
        dropout=0.1,
        axial_positions=True,
        conditional=True,
        min_word_count=1,
        max_words=64,
        token_variants=2,
        source_share=0.5,
        word_reader=True,
    ),
    prior_optim=OptimConfig(
        epochs=6, batch_size=16, lr=2e-3, warmup_steps=4, weight_decay=0.1, eval_every_epochs=3, checkpoint_every_steps=20
    ),
    mixed_precision="no",
    sampling=SamplingConfig(temperature=1.0, top_k=32, top_p=0.95, guidance=1.0),
)
