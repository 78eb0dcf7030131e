"""The two texts that travel with a bundle: what the model is, and whom it owes."""

from __future__ import annotations

from emoterm.manifest import Manifest
from emoterm.tokenfile import token_bits
from export.prior_parity import ROUNDED


def model_card(manifest: Manifest) -> str:
    """``MODEL_CARD.md``, made from the manifest alone so that the two cannot disagree."""
    m = manifest.metrics
    image, codebook, prior = manifest.image, manifest.codebook, manifest.prior
    kind = "RGBA with associated alpha" if image.channels == 4 else "RGB over white"
    bits = token_bits(codebook.size)
    lines = [
        f"# {manifest.name} {manifest.version}",
        "",
        f"A VQ-VAE and a GPT prior for emojis of {image.size_px}×{image.size_px} pixels ({kind}).",
        f"Trained with the recipe `{manifest.recipe}`.",
        "",
        f"- tokens: {manifest.grid[0]}×{manifest.grid[1]} of {codebook.size} codes, {manifest.n_tokens * bits // 8} bytes an emoji",
        f"- prior: {prior.n_layer} layers, {prior.n_kv_head} key/value head(s) of {prior.head_dim}, vocabulary of {prior.vocab_size}",
        f"- sampling defaults: temperature {prior.sampling.temperature}, top-k {prior.sampling.top_k or 'off'}, "
        f"top-p {prior.sampling.top_p}, min-p {prior.sampling.min_p}, guidance {prior.sampling.guidance}",
        "",
        f"## Measured on the {m.get('split', '?')} split ({m.get('n', '?')} pictures)",
        "",
        f"Reconstruction is taken over white, from tokens searched for with `--effort {m.get('effort', 0)}`; bits are of the prior, "
        "per emoji, without and with its conditions.",
        "",
        "| figure | value |",
        "|---|---|",
        *(f"| {name} | {value:.6g} |" for name, value in m.items() if isinstance(value, float)),
        "",
        "| style | n | PSNR (dB) | SSIM | MSE |",
        "|---|---|---|---|---|",
        *(f"| {style} | {v['n']} | {v['psnr']:.2f} | {v['ssim']:.4f} | {v['mse']:.6f} |" for style, v in m.get("styles", {}).items()),
        *_gallery(manifest),
        "",
        "## Intended use and limits",
        "",
        "Making, mixing and morphing small emoji pictures. It knows the emoji styles it was trained on; photographs and fine line art come",
        "back blurred, writing comes back illegible. Samples can resemble emojis of the training set: keep to the licences below when you",
        "publish them.",
        "",
        "## Parity",
        "",
        "Largest absolute difference between ONNX Runtime and PyTorch "
        f"(tolerance {manifest.parity.atol}; where a graph of the prior rounds on the way, "
        f"{ROUNDED:g} standard deviation of the log-probabilities): "
        + ", ".join(f"{name} {value:.2g}" for name, value in manifest.parity.max_abs_diff.items())
        + ".",
        "",
        "## Training data",
        "",
        *(f"- {a.name}: {', '.join(a.styles)} ({a.license})" for a in manifest.attributions),
        "",
    ]
    return "\n".join(lines)


def _gallery(manifest: Manifest) -> list[str]:
    found = manifest.metrics.get("gallery")
    if not found:
        return []
    return [
        "",
        f"The pictures of its gallery, most of them of the training split, come to {found['psnr']:.2f} dB. The tokens of "
        f"{found['searched']:,} were searched for; with the nearest codes alone it would be {found['psnr_nearest']:.2f} dB.",
    ]


def notice(manifest: Manifest) -> str:
    """``NOTICE``: attribution of the pictures that the model was trained on and that its gallery encodes."""
    lines = [
        f"{manifest.name} {manifest.version}",
        "",
        "This model was trained on, and its gallery holds compressed versions of, pictures from:",
        "",
        *(f"  {a.name}. Styles: {', '.join(a.styles)}. Licence: {a.license}." for a in manifest.attributions),
        "",
        "CC-BY-4.0: https://creativecommons.org/licenses/by/4.0/ . Changes made: scaled to 64x64 pixels and encoded as model tokens.",
        "Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0 . MIT: https://opensource.org/license/mit .",
        "",
    ]
    return "\n".join(lines)
