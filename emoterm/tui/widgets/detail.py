"""All about one emoji: the picture, its tokens, what is known of it, what is near it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from emoterm.tui.engine import fit
from emoterm.tui.messages import Detail
from emoterm.tui.widgets.picture import PictureView
from emoterm.tui.widgets.strips import GROUNDS, background_of, is_dark, picture_strips

if TYPE_CHECKING:
    from emoterm.codec import I64
    from emoterm.imaging.compose import U8

_SIDE = 16


class TokenView(Widget):
    """The 16×16 tokens as numbers, one shade for each run; as many columns as there is room for."""

    def __init__(self) -> None:
        super().__init__(id="tokens")
        self._tokens: list[int] = []

    def show(self, tokens: I64) -> None:
        """Tokens (256,)."""
        self._tokens = tokens.tolist()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the grid."""
        width = self.size.width
        row = self._tokens[y * _SIDE : (y + 1) * _SIDE]
        wide = width >= 4 * _SIDE
        digits = 3 if width >= 3 * _SIDE else 2
        segments = []
        for column, token in enumerate(row):
            text = f"{token:>3}" if digits == 3 else _base32(token)
            style = self.rich_style + Style(dim=not wide and column % 2 == 1)
            segments.append(Segment(text + " " * wide, style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)


class LikeStrip(Widget):
    """A row of pictures: what is near."""

    def __init__(self) -> None:
        super().__init__(id="like")
        self._pixels: U8 | None = None
        self._drawn: tuple[object, list[list[Strip]]] = (None, [])

    def show(self, pixels: U8 | None) -> None:
        """(N, 64, 64, 4), or nothing."""
        self._pixels = pixels
        self._drawn = (None, [])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of all of them."""
        width, height = self.size
        size = height * 2
        if self._pixels is None or width < size or size < 4:
            return Strip.blank(width, self.rich_style)
        key = (width, height, background_of(self), self.app.theme)
        if self._drawn[0] != key:
            shown = self._pixels[: (width + 1) // (size + 1)]
            grey = getattr(self.app, "grey", False)
            drawn = [picture_strips(fit(pixels, size), background_of(self), grey=grey, dark=is_dark(self)) for pixels in shown]
            self._drawn = (key, drawn)
        gap = Strip.blank(1, self.rich_style)
        parts = [part for strips in self._drawn[1] for part in (strips[y], gap)]
        return Strip.join(parts).apply_style(self.rich_style.background_style).adjust_cell_length(width, self.rich_style)


class DetailPane(VerticalScroll):
    """The pane beside a grid; scrolls where it is too low for all."""

    def compose(self) -> ComposeResult:
        """From the picture down to its neighbours."""
        yield PictureView(id="picture")
        yield TokenView()
        yield Static(id="facts", markup=False)
        yield Static("more like this", id="like-title", markup=False)
        yield LikeStrip()

    def show(self, detail: Detail) -> None:
        """Another emoji."""
        self.query_one(PictureView).pixels = detail.item.pixels
        self.query_one(TokenView).show(detail.item.tokens)
        head = Content.styled(detail.item.label, "bold")
        lines = [Content.assemble((f"{name} ", "dim"), value) for name, value in detail.facts if value]
        self.query_one("#facts", Static).update(Content("\n").join([head, *lines]))
        self.query_one(LikeStrip).show(detail.like_pixels)
        self.query_one("#like-title").visible = bool(detail.like)

    def toggle_tokens(self) -> None:
        """The picture, or its tokens."""
        self.toggle_class("-tokens")

    def next_ground(self) -> None:
        """What the picture is shown on."""
        picture = self.query_one(PictureView)
        picture.ground = GROUNDS[(GROUNDS.index(picture.ground) + 1) % len(GROUNDS)]


def _base32(token: int) -> str:
    """Two characters for up to 1024 codes, as in Crockford's base 32."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return digits[token // 32 % 32] + digits[token % 32]
