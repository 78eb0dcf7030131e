"""What a person is told of stickers: what they are, and what they had to give up."""

from __future__ import annotations

from collections.abc import Sequence

from emoterm.stickers.fit import Sticker


def summarize(stickers: Sequence[Sticker]) -> str:
    """One line for one sticker or for many, all for the same place."""
    if len(stickers) == 1:
        return _summary(stickers[0])
    place = stickers[0].place
    sizes = [len(sticker.data) / 1000 for sticker in stickers]
    poorer = sum(1 for sticker in stickers if sticker.given_up)
    kept = f"{poorer} gave something up" if poorer else "nothing given up"
    return f"{place.title}: {len(stickers)} files, {min(sizes):.1f} to {max(sizes):.1f} of {_limit(stickers[0])}; {kept}"


def _summary(sticker: Sticker) -> str:
    size, frames = sticker.version.size_px, sticker.version.n_frames
    shape = f"{size}×{size} {sticker.kind.upper()}" + (f", {frames} frames" if frames > 1 else "")
    kept = "nothing given up" if not sticker.given_up else f"given up: {', '.join(sticker.given_up)}"
    return f"{sticker.place.title}: {shape}, {len(sticker.data) / 1000:.1f} of {_limit(sticker)}; {kept}"


def _limit(sticker: Sticker) -> str:
    return f"{round(sticker.place.under_bytes / 1000, 1):g} kB"
