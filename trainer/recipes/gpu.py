"""The recipe ``default`` for one data-centre GPU: the same networks, larger batches, many more epochs.

    emoterm train all --recipe gpu --data emoji-styles-64.parquet --out runs/gpu
    emoterm export --run runs/gpu -o gpu.emoterm

Sized for 25 minutes on one GPU of the H100 class by arithmetic, and not run yet. A step costs some 11 GFLOP a picture for the VQ-VAE and 8
for the prior, and the pictures stay on the GPU as uint8. 400 epochs of 8,700 pictures in each stage are 66 PFLOP: eleven minutes at
100 TFLOP/s, a tenth of what bf16 promises, and as much again for what is not arithmetic.
"""

from dataclasses import replace

from trainer.recipes.default import RECIPE as DEFAULT

RECIPE = replace(
    DEFAULT,
    name="gpu",
    vqvae_optim=replace(DEFAULT.vqvae_optim, epochs=400, batch_size=256, lr=1.6e-3, warmup_steps=500, eval_every_epochs=20),
    prior=replace(DEFAULT.prior, dropout=0.1),
    prior_optim=replace(DEFAULT.prior_optim, epochs=400, batch_size=256, lr=2e-3, warmup_steps=500, eval_every_epochs=20),
    mixed_precision="bf16",
    compile=True,
)
