"""Encoders and decoders that fit around the codebook: 64×64 pictures, 16×16 latents."""
