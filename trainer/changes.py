"""What a training picture has been through before it was spelled, as a label that the prior can be told.

A prior that learns from changed pictures without being told draws changed pictures. Told, it learns from all of them and draws as if none
had been changed: distribution augmentation (Jun et al., ICML 2020, https://proceedings.mlr.press/v119/jun20a.html).
"""

PLAIN, JITTERED, REMADE = range(3)
"""Nothing, :func:`trainer.augment.jitter`, and :func:`trainer.augment.augment` as well."""
MIRRORED = 3
"""Added to one of these where left and right have been exchanged."""
KINDS = 2 * MIRRORED
"""Labels in all: 0 … KINDS − 1."""
