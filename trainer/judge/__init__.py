"""The judge: a small network that looks at emojis and says what they are. Samples are measured in the space of its features.

It is trained on real pictures of the training split alone, by ``python -m trainer.judge``, and knows nothing of codes, priors or bundles.
"""
