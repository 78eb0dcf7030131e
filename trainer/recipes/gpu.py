"""The recipe ``default`` for one data-centre GPU: larger batches, many more of them, and a leaner decoder.

    emoterm train all --recipe gpu --data emoji-styles-64.parquet --out runs/gpu
    emoterm export --run runs/gpu -o emoterm/bundles/default

Each stage ends by the clock, so that it takes as long on a slower GPU and learns less there.
"""

from dataclasses import replace

from trainer.recipes.default import RECIPE as DEFAULT

RECIPE = replace(
    DEFAULT,
    name="gpu",
    vqvae=replace(DEFAULT.vqvae, decoder_width_32=48, decoder_bottlenecks=(64, 80, 80)),
    loss=replace(DEFAULT.loss, evenness=0.002),
    vqvae_optim=replace(
        DEFAULT.vqvae_optim,
        minutes=10.0,
        batch_size=256,
        lr=1e-3,
        warmup_steps=500,
        ema_weights=0.999,
        eval_every_epochs=20,
        checkpoint_every_steps=2000,
    ),
    prior=replace(DEFAULT.prior, dropout=0.1),
    prior_optim=replace(
        DEFAULT.prior_optim,
        minutes=10.0,
        batch_size=256,
        lr=1e-3,
        warmup_steps=500,
        ema_weights=0.999,
        eval_every_epochs=20,
        checkpoint_every_steps=2000,
    ),
    mixed_precision="bf16",
    compile=True,
)
