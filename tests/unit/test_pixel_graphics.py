"""kitty's protocol and sixel: what is sent is read back into pixels by a decoder written from the specifications."""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np
import pytest

from emoterm.imaging.compose import U8
from emoterm.terminal.detect import Graphics, GraphicsChoice
from emoterm.terminal.kitty import kitty_image
from emoterm.terminal.show import picture_lines
from emoterm.terminal.sixel import sixel_image


def read_kitty(text: str) -> tuple[dict[str, str], U8]:
    """Control data and pixels of one picture."""
    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert "".join(f"\x1b_G{control};{data}\x1b\\" for control, data in parts) == text  # nothing else was sent
    assert all(len(data) <= 4096 for _, data in parts)
    controls = [dict(pair.split("=") for pair in control.split(",")) for control, _ in parts]
    assert [control["m"] for control in controls] == ["1"] * (len(parts) - 1) + ["0"]
    first = controls[0]
    raw = zlib.decompress(base64.b64decode("".join(data for _, data in parts), validate=True))
    return first, np.frombuffer(raw, np.uint8).reshape(int(first["v"]), int(first["s"]), 4)


def read_sixel(text: str) -> U8:
    """Pixels of a sixel picture: (H, W, 4), alpha 0 where nothing is painted; colours in steps of a percent."""
    found = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', text, re.DOTALL)
    assert found is not None
    width, height = int(found[1]), int(found[2])
    pixels = np.zeros((-(-height // 6) * 6, width, 4), np.uint8)
    palette: dict[int, tuple[int, int, int]] = {}
    color, x, top = 0, 0, 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([?-~])|(\$)|(-)", found[3]):
        number, red, green, blue, times, repeated, one, back, down = token.groups()
        if red is not None:
            palette[int(number)] = (round(int(red) * 2.55), round(int(green) * 2.55), round(int(blue) * 2.55))
        elif number is not None:
            color = int(number)
        elif back or down:
            x, top = 0, top + 6 * bool(down)
        else:
            for _ in range(int(times or 1)):
                for bit in range(6):
                    if ord(repeated or one) - 63 >> bit & 1:
                        pixels[top + bit, x] = (*palette[color], 255)
                x += 1  # noqa: SIM113 (a carriage return sets it back)
    assert re.sub(r"#\d+(;2;\d+;\d+;\d+)?|!\d+.|[?-~]|\$|-", "", found[3]) == ""
    assert not pixels[height:].any()
    return pixels[:height]


def picture(height: int, width: int, n_colors: int, seed: int = 0) -> U8:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n_colors, 4), dtype=np.uint8)[rng.integers(0, n_colors, (height, width))]
    pixels[..., 3] = 255
    pixels[: height // 3, width // 2 :] = 0
    return pixels


@pytest.mark.parametrize("size", [(1, 1), (6, 9), (64, 64), (100, 30)])
def test_kitty_gets_every_pixel_with_its_alpha(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 4), dtype=np.uint8)
    control, seen = read_kitty(kitty_image(pixels, columns=5, lines=3))
    np.testing.assert_array_equal(seen, pixels)
    assert (control["a"], control["f"], control["o"], control["c"], control["r"]) == ("T", "32", "z", "5", "3")
    assert (control["q"], control["C"]) == ("2", "1")  # it must not answer, nor move the cursor


@pytest.mark.parametrize("size", [(1, 1), (6, 9), (64, 64), (13, 30)])
@pytest.mark.parametrize("n_colors", [1, 2, 60])
def test_sixel_gets_every_pixel_as_well_as_it_can_say_it(size: tuple[int, int], n_colors: int) -> None:
    pixels = picture(*size, n_colors)
    seen = read_sixel(sixel_image(pixels))
    np.testing.assert_array_equal(seen[..., 3], pixels[..., 3])
    assert np.abs(seen.astype(int) - pixels).max() <= 2  # a percent of 255


def test_sixel_of_many_colours_stays_close() -> None:
    ramp = np.zeros((64, 64, 4), np.uint8)
    ramp[..., 0], ramp[..., 1], ramp[..., 3] = np.arange(64) * 4, np.arange(64)[:, None] * 4, 255
    error = read_sixel(sixel_image(ramp)).astype(int) - ramp
    assert np.sqrt((error**2).mean()) < 8
    assert np.abs(error).max() < 32


@pytest.mark.parametrize("graphics", [Graphics.KITTY, Graphics.SIXEL])
@pytest.mark.parametrize("cell_px", [None, (10, 21)])
def test_a_row_of_pictures_is_one_picture_in_lines_that_were_made_for_it(graphics: Graphics, cell_px: tuple[int, int] | None) -> None:
    pictures = np.stack([picture(64, 64, 9, seed) for seed in range(5)])
    choice = GraphicsChoice(graphics, "test", cell_px=cell_px, background=(0, 0, 0))
    lines = list(picture_lines(pictures, choice=choice, width=80, height=24))
    drawn = [line for line in lines if line]
    for line in drawn:
        found = re.fullmatch(r"\x1b7\x1b\[(\d+)A(.*)\x1b8", line, re.DOTALL)  # save the cursor, go up, draw, come back
        assert found is not None
        at = lines.index(line)
        assert lines[at - int(found[1]) : at] == [""] * int(found[1])
        width, height = cell_px or (8, 16)
        if graphics is Graphics.KITTY:
            control, pixels = read_kitty(found[2])
            assert pixels.shape[:2] == (int(control["r"]) * height, int(control["c"]) * width)
            assert int(control["c"]) <= 80
        else:
            pixels = read_sixel(found[2])
            assert pixels.shape[1] <= 80 * width
        assert pixels.shape[0] == int(found[1]) * height
    assert len(lines) <= 24
    assert len(drawn) > 1


def test_a_background_is_painted_behind_pixels() -> None:
    pictures = np.zeros((1, 64, 64, 4), np.uint8)
    for graphics, read in ((Graphics.KITTY, lambda text: read_kitty(text)[1]), (Graphics.SIXEL, read_sixel)):
        *_, line = picture_lines(pictures, choice=GraphicsChoice(graphics, "test"), width=80, height=40, background=(255, 0, 0))
        seen = read(re.fullmatch(r"\x1b7\x1b\[\d+A(.*)\x1b8", line, re.DOTALL)[1])
        assert seen[..., :3].reshape(-1, 3).tolist() == [[255, 0, 0]] * seen[..., 0].size
        assert (seen[..., 3] == 255).all()
