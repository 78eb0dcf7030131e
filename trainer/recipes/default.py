"""RGBA with associated alpha, five styles, a conditional multi-query prior that can draw after a picture; for two CPU cores.

    emoterm train all --recipe default --data emoji-styles-64.parquet --out runs/default --set compile=true
    emoterm export --run runs/default -o emoterm/bundles/default

On two cores of an AMD EPYC (Zen 4, bf16): the VQ-VAE sees 34 pictures a second, which is 105 minutes; the prior makes a step of 32 pictures
in 1.9 seconds when it is compiled, which is 140 minutes. With Intel's AMX the first takes about half of that. The shipped bundle was
trained on one data-centre GPU, with the recipe ``gpu``: MODELS.md.
"""

from trainer.config import CodebookConfig, DataConfig, LossConfig, OptimConfig, PriorConfig, Recipe, SamplingConfig, VQVAEConfig

RECIPE = Recipe(
    name="default",
    data=DataConfig(channels=4, variant_weight=True, augment=0.25, flip=0.25),
    vqvae=VQVAEConfig(
        network="residual",
        # The decoder runs for every sample. Without norms it stays in 8 bits from end to end, in half the time.
        decoder_width_32=64,
        decoder_norm=False,
        decoder_heads=1,
        # 400 steps without quantizing: after k-means on the latents of an untrained encoder most codes stay unused.
        codebook=CodebookConfig(size=512, dim=32, kmeans_start_steps=400, l2_normalize=True, reset_every_epochs=1, stop_reset_fraction=0.8),
    ),
    # L1 is worth as much as MSE at an error of 0.01, which is where flat colours are won.
    loss=LossConfig(mse=1.0, l1=0.02),
    vqvae_optim=OptimConfig(
        epochs=24,
        batch_size=32,
        lr=8e-4,
        min_lr=1e-5,
        warmup_steps=200,
        beta2=0.99,
        weight_decay=0.01,
        ema_weights=0.998,
        eval_every_epochs=2,
    ),
    prior=PriorConfig(
        d_model=256,
        n_layer=6,
        n_head=4,
        n_kv_head=1,
        head_dim=64,
        d_ff=1024,
        # None: the run is short, and words, tokens and the spelling of each emoji change from epoch to epoch.
        dropout=0.0,
        axial_positions=True,
        conditional=True,
        token_dropout=0.02,
        min_word_count=3,
        max_words=3072,
        token_variants=1,
        fresh_tokens=True,
        source_share=0.5,
        word_reader=True,
    ),
    prior_optim=OptimConfig(
        epochs=16,
        batch_size=32,
        lr=1e-3,
        min_lr=1e-5,
        warmup_steps=300,
        beta2=0.95,
        weight_decay=0.1,
        ema_weights=0.998,
        eval_every_epochs=2,
        early_stopping=True,
    ),
    # As much of what the prior expects is cut off as by top-k 100, which would sort all codes at every step. A nucleus of 0.95 cuts
    # the details away and leaves plain blobs, by eye. Guidance 4 makes samples follow style and words better, and does nothing where
    # neither is asked for; measured in docs/evaluation.md.
    sampling=SamplingConfig(temperature=1.0, guidance=4.0, min_p=0.0005),
)
