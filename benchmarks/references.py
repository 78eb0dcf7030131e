"""What emoterm is compared with: the same weights in torch, once the way of a notebook and once as well as torch does it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from safetensors.numpy import load
from torch import Tensor

from emoterm.bundle import Bundle
from export.graphs.prior_weights import load_packed_
from trainer.conditions import CONTEXT
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.positions import BLOCK_SIZE, rotate
from trainer.prior import Prior
from trainer.vqvae import GRID, VQVAE

N_TOKENS = GRID * GRID
MIN_P = 0.0005
TEMPERATURE = 1.0


class TorchModels:
    """The prior of a bundle with the weights that ship, and a decoder of the same shape.

    The decoder's weights are random: they do not matter to how long it takes, and 8-bit ones cannot be turned back.
    """

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        recipe = from_dict(Recipe, manifest.provenance["recipe"])
        assert isinstance(recipe, Recipe)
        torch.manual_seed(0)
        self.prior = Prior(recipe.prior, codebook_size=manifest.codebook.size, vocab_size=manifest.prior.vocab_size)
        load_packed_(self.prior, load(bundle.read(manifest.prior.weights)))
        self.prior.eval().requires_grad_(False)
        self.vqvae = VQVAE(recipe.vqvae, recipe.data.channels).eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.context = torch.full((1, CONTEXT), manifest.prior.null_token)
        self.context[:, -1] = manifest.prior.bos_token

    def decode(self, tokens: Tensor) -> Tensor:
        """(N, 256) → (N, C, 64, 64), eager, channels last."""
        indices = tokens.view(-1, GRID, GRID)  # (N, 256) → (N, 16, 16)
        return self.vqvae.decode(self.vqvae.codebook.lookup(indices).to(memory_format=torch.channels_last))

    @torch.inference_mode()
    def as_a_notebook(self, n: int, n_tokens: int = N_TOKENS) -> Tensor:
        """Reference A: the whole prefix again for every token, one picture at a time."""
        pictures = []
        for _ in range(n):
            read = self.context
            for _ in range(n_tokens):
                logits, _ = self.prior.extend(read, torch.arange(read.shape[1]))
                read = torch.cat([read, draw(logits[:, -1])[:, None]], 1)
            pictures.append(read[:, CONTEXT:])
        tokens = torch.cat(pictures)
        return self.decode(tokens) if n_tokens == N_TOKENS else tokens

    @torch.inference_mode()
    def with_cache(self, n: int, n_tokens: int = N_TOKENS) -> Tensor:
        """Reference B: all pictures at once, keys and values in buffers of a fixed size that are written in place."""
        config = self.prior.config
        shape = (n, config.n_kv_head, BLOCK_SIZE, config.head_dim)
        cache = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(config.n_layer)]
        read = self.context.expand(n, -1)
        tokens = torch.empty(n, n_tokens, dtype=torch.int64)
        first = 0
        for place in range(n_tokens):
            logits = self._step(read, first, cache)
            first += read.shape[1]
            tokens[:, place] = draw(logits)
            read = tokens[:, place : place + 1]
        return self.decode(tokens) if n_tokens == N_TOKENS else tokens

    def _step(self, tokens: Tensor, first: int, cache: list[tuple[Tensor, Tensor]]) -> Tensor:
        """Logits (n, K) after ``tokens`` (n, T), which stand at positions from ``first`` on."""
        prior, (n, length) = self.prior, tokens.shape
        positions = torch.arange(first, first + length)
        x = prior.embed(tokens) + prior.embed_places(positions)
        cos, sin = prior.cos[positions], prior.sin[positions]
        visible = torch.arange(BLOCK_SIZE) <= positions[:, None]  # (T, BLOCK_SIZE)
        for block, (keys, values) in zip(prior.blocks, cache, strict=True):
            attention = block.attention
            sizes = [attention.nh * attention.hd, attention.n_kv * attention.hd, attention.n_kv * attention.hd]
            q, k, v = (
                part.view(n, length, -1, attention.hd).transpose(1, 2)  # (n, T, heads · hd) → (n, heads, T, hd)
                for part in attention.qkv(block.norm1(x)).split(sizes, dim=-1)
            )
            if attention.rotary:
                q, k = rotate(q, cos, sin), rotate(k, cos, sin)
            keys.index_copy_(2, positions, k)
            values.index_copy_(2, positions, v)
            y = F.scaled_dot_product_attention(q, keys, values, attn_mask=visible, enable_gqa=True)  # (n, nh, T, hd)
            x = x + attention.proj(y.transpose(1, 2).reshape(n, length, -1))  # (n, nh, T, hd) → (n, T, nh · hd)
            x = x + block.out(F.gelu(block.fc(block.norm2(x)), approximate="tanh"))
        logits: Tensor = prior.head(prior.norm(x[:, -1]))
        return logits


def draw(logits: Tensor) -> Tensor:
    """Temperature, softmax, min-p, draw: (n, K) → (n,)."""
    probabilities = (logits / TEMPERATURE).softmax(-1)
    kept = probabilities * (probabilities >= MIN_P * probabilities.amax(-1, keepdim=True))
    return torch.multinomial(kept, 1)[:, 0]
