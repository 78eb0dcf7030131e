"""``encode``, ``decode`` and ``reconstruct``: pictures in, pictures out."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emoterm import quality
from emoterm.imaging.compose import over
from emoterm.imaging.load import load_image
from emoterm.tokenfile import token_bits
from tests.cli.conftest import Run, draw_emoji, pixels_of


def test_encoding_a_decoded_file_gives_the_picture_of_the_reconstruction(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    facts = run("encode", "a.png", "a.emo", "--json").json
    assert (facts["schema"], len(facts["tokens"]), facts["files"]) == ("emoterm/encode/1", 256, ["a.emo"])
    assert (folder / "a.emo").stat().st_size == facts["bytes"]
    decoded = run("decode", "a.emo", "back.png", "--json").json
    assert decoded["tokens"] == facts["tokens"]
    run("reconstruct", "a.png", "-o", "r.png")
    np.testing.assert_array_equal(pixels_of(folder / "back.png"), pixels_of(folder / "r.png")[:, 66:])


def test_an_emoji_takes_256_tokens_of_as_many_bits_as_the_codebook_needs(run: Run, folder: Path, tiny_bundle: object) -> None:
    facts = run("encode", "😊", "a.emo", "--json").json
    assert facts["bytes"] == 256 * token_bits(tiny_bundle.manifest.codebook.size) // 8  # type: ignore[attr-defined]


def test_more_effort_makes_a_better_picture_of_the_same_bytes(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    errors, sizes = [], []
    for effort in (0, 2):
        errors.append(run("reconstruct", "a.png", "--effort", effort, "-o", f"r{effort}.png", "--json").json["pictures"][0]["mse"])
        sizes.append(run("encode", "a.png", f"{effort}.emo", "--effort", effort, "--json").json["bytes"])
    assert errors[1] < errors[0]
    assert sizes[0] == sizes[1]
    assert (folder / "0.emo").read_bytes() != (folder / "2.emo").read_bytes()
    run("encode", "a.png", "3.emo", "--effort", 9).assert_fails(2, "--effort")
    # An emoji of the gallery is the tokens that it is kept in.
    assert run("encode", "😊", "-", "--effort", 0).stdout == run("encode", "😊", "-", "--effort", 3).stdout


def test_encode_and_decode_work_in_a_pipe(run: Run, folder: Path) -> None:
    data = draw_emoji(folder / "a.png").read_bytes()
    encoded = run("encode", "-", "-", stdin=data)
    assert encoded.code == 0
    decoded = run("decode", "-", "-", stdin=encoded.stdout)
    assert pixels_of(decoded.stdout).shape == (64, 64, 4)
    assert run("encode", "a.png", "-").stdout == encoded.stdout


def test_decode_scales_and_composes(run: Run, folder: Path) -> None:
    run("encode", "😊", "a.emo")
    run("decode", "a.emo", "a.png", "--scale", 3, "--background", "white")
    pixels = pixels_of(folder / "a.png")
    assert pixels.shape == (192, 192, 4)
    assert (pixels[..., 3] == 255).all()


def test_reconstruct_puts_each_original_beside_its_reconstruction_and_measures_over_white(run: Run, folder: Path) -> None:
    names = [draw_emoji(folder / "a.png").name, draw_emoji(folder / "b.png", (10, 120, 60)).name]
    facts = run("reconstruct", *names, "-o", "r.png", "--json").json
    grid = pixels_of(folder / "r.png")
    assert grid.shape == (130, 130, 4)
    np.testing.assert_array_equal(grid[:64, :64], pixels_of(folder / "a.png"))
    np.testing.assert_array_equal(grid[66:, :64], pixels_of(folder / "b.png"))
    run("encode", "b.png", "b.emo")
    run("decode", "b.emo", "b2.png")
    original, result = (over(load_image(folder / name)) for name in ("b.png", "b2.png"))
    figures = facts["pictures"][1]
    assert figures["file"] == "b.png"
    assert figures["mse"] == pytest.approx(float(quality.mse(original, result)), rel=0.02)  # the file has 8 bits
    assert figures["psnr"] == pytest.approx(-10 * np.log10(figures["mse"]))
    assert figures["ssim"] == pytest.approx(float(quality.ssim(original, result)), abs=0.01)


def test_reconstruct_prints_a_line_a_file(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a\x1b[31m.png")
    result = run("reconstruct", "a\x1b[31m.png")
    assert result.out.startswith("a\\x1b[31m.png  MSE ")
    assert " dB  SSIM " in result.out
    assert result.out.endswith("emoterm-reconstruct.png\n")


def test_unusual_pictures_are_accepted(run: Run, folder: Path) -> None:
    disc = Image.open(draw_emoji(folder / "disc.png"))
    disc.convert("P").save(folder / "palette.png")
    Image.fromarray(np.full((64, 64), 40_000, np.uint16)).save(folder / "deep.png")
    disc.save(folder / "moving.png", save_all=True, append_images=[disc.rotate(90)], duration=100)
    facts = run("reconstruct", "palette.png", "deep.png", "moving.png", "--json").json
    assert len(facts["pictures"]) == 3


def with_size(png: bytes, size_px: int) -> bytes:
    """The file with a header that claims another size."""
    header = b"IHDR" + size_px.to_bytes(4, "big") * 2 + png[24:29]
    return png[:12] + header + zlib.crc32(header).to_bytes(4, "big") + png[33:]


@pytest.mark.parametrize("command", [["reconstruct"], ["encode"], ["show"]])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.png", ["text.png"]),
        ("cut.png", ["cut.png"]),
        ("empty.png", ["0 bytes"]),
        ("bomb.png", ["million pixels"]),
        ("folder", ["folder"]),
        ("missing.png", ["does not exist"]),
    ],
)
def test_what_is_no_picture_is_exit_1_without_a_file(command: list[str], name: str, words: list[str], run: Run, folder: Path) -> None:
    whole = draw_emoji(folder / "whole.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("hello")
    (folder / "empty.png").touch()
    (folder / "bomb.png").write_bytes(with_size(whole, 30_000))
    (folder / "folder").mkdir()
    before = sorted(folder.iterdir())
    output = {"reconstruct": ["-o", "new.png"], "encode": ["new.emo"], "show": []}[command[0]]
    run(*command, name, *output).assert_fails(1, *words)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("data", "words"), [(b"", ["holds nothing"]), (b"x" * 77, ["77 bytes"]), (b"x" * 5000, ["bytes"]), (None, ["cannot be read"])]
)
def test_what_is_no_token_file_is_exit_1_without_a_file(data: bytes | None, words: list[str], run: Run, folder: Path) -> None:
    if data is not None:
        (folder / "bad.emo").write_bytes(data)
    run("decode", "bad.emo", "new.png").assert_fails(1, "bad.emo", *words)
    assert not (folder / "new.png").exists()


def test_a_taken_name_is_exit_1_and_force_replaces(run: Run, folder: Path) -> None:
    (folder / "a.emo").write_bytes(b"mine")
    run("encode", "😊", "a.emo").assert_fails(1, "a.emo", "--force")
    assert (folder / "a.emo").read_bytes() == b"mine"
    assert run("encode", "😊", "a.emo", "--force").code == 0
    run("encode", "😊", "missing/a.emo").assert_fails(1, "missing", "mkdir")
    run("reconstruct", "-", "-", "-o", "a.png").assert_fails(2, "one picture")


@pytest.mark.parametrize("name", ["x.png", "x.JPG", "a/x.gif", "x.webp"])
def test_tokens_are_not_written_under_the_name_of_a_picture(name: str, run: Run, folder: Path) -> None:
    run("encode", "😊", name).assert_fails(2, name, f"{name[: -len(Path(name).suffix)]}.emo", "emoterm decode")
    assert list(folder.iterdir()) == []


def test_json_of_decode_and_fit_has_the_same_keys_in_the_same_order(run: Run, folder: Path) -> None:
    assert run("encode", "😊", "a.emo").code == 0
    assert list(run("decode", "a.emo", "a.png", "--json").json) == ["schema", "tokens", "files", "device", "seconds"]
    sticker = ["file", "name", "bytes", "size_px", "frames", "colors", "given_up"]
    assert list(run("fit", "a.png", "--for", "slack", "-o", "b.png", "--json").json) == ["schema", "for", *sticker, "files", "seconds"]


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_of_an_animation_it_is_told_that_one_picture_is_used(run: Run, folder: Path, kind: str) -> None:
    first, second = (Image.new("RGB", (16, 16), color) for color in ("red", "blue"))
    first.save(folder / f"moving.{kind}", save_all=True, append_images=[second], duration=100)
    first.save(folder / f"still.{kind}")
    for line in (("encode", "{}", "-"), ("reconstruct", "{}"), ("blend", "{}", "😊"), ("restyle", "{}", "--style", "noto")):
        for name, told in (("moving", True), ("still", False)):
            result = run(*(part.format(f"{name}.{kind}") for part in line))
            assert result.code == 0, result.stderr
            assert (f"{name}.{kind} is an animation: only its first picture is used" in result.stderr) == told
