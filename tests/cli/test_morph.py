"""``emoterm morph``."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emoterm.imaging.frames import load_frames
from tests.cli.conftest import Run, draw_emoji, pixels_of


def frames_of(strip: np.ndarray, n: int) -> list[np.ndarray]:
    assert strip.shape == (64, n * 66 - 2, 4)
    return [strip[:, i * 66 : i * 66 + 64] for i in range(n)]


def test_two_files_give_a_strip_of_ten(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    draw_emoji(folder / "b.png", (40, 90, 220))
    facts = run("morph", "a.png", "b.png", "--steps", 10, "-o", "m.png", "--json").json
    assert (facts["schema"], facts["steps"], facts["files"]) == ("emoterm/morph/1", 10, ["m.png"])
    frames = frames_of(pixels_of(folder / "m.png"), 10)
    assert not np.array_equal(frames[0], frames[-1])


def test_two_emojis_start_and_end_as_they_are_in_the_gallery(run: Run, folder: Path) -> None:
    assert run("morph", "😊", "heart eyes@twemoji", "--steps", 5, "-o", "m.png").code == 0
    frames = frames_of(pixels_of(folder / "m.png"), 5)
    for frame, name in ((frames[0], "😊"), (frames[-1], "😍@twemoji")):
        run("encode", name, "end.emo", "--force")
        run("decode", "end.emo", "end.png", "--force")
        np.testing.assert_array_equal(frame, pixels_of(folder / "end.png"))


def test_the_way_back_is_the_same_way(run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 5, "-o", "there.png")
    run("morph", "🐙", "😊", "--steps", 5, "-o", "back.png")
    there, back = (frames_of(pixels_of(folder / name), 5) for name in ("there.png", "back.png"))
    for a, b in zip(there, reversed(back), strict=True):
        assert np.abs(a.astype(int) - b).max() <= 1


@pytest.mark.parametrize("path", ["lerp", "slerp", "codes"])
def test_every_path_has_the_same_ends(path: str, run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 3, "--path", path, "-o", "m.png")
    run("morph", "😊", "🐙", "--steps", 2, "-o", "ends.png")
    frames, ends = frames_of(pixels_of(folder / "m.png"), 3), frames_of(pixels_of(folder / "ends.png"), 2)
    np.testing.assert_array_equal(frames[0], ends[0])
    np.testing.assert_array_equal(frames[-1], ends[1])


@pytest.mark.parametrize("suffix", ["gif", "webp", "apng"])
def test_an_animation_has_a_frame_for_every_step(suffix: str, run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 4, "--fps", 10, "--scale", 2, "-o", f"m.{suffix}")
    with Image.open(folder / f"m.{suffix}") as image:
        assert image.size == (128, 128)
        assert image.n_frames == 4
        image.seek(1)
        image.load()
        assert image.info["duration"] == 100


@pytest.mark.parametrize("suffix", ["gif", "webp", "apng"])
def test_an_animation_holds_its_ends_plays_back_and_stops(suffix: str, run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 3, "--fps", 10, "--hold", 300, "--ping-pong", "--loop", 2, "-o", f"m.{suffix}")
    frames = load_frames((folder / f"m.{suffix}").read_bytes(), size_px=64)
    assert (frames.durations_ms, frames.loop) == ((400, 100, 400, 100), 2)
    np.testing.assert_array_equal(frames.pixels[1], frames.pixels[3])


def test_settings_that_a_kind_of_file_has_no_use_for_are_no_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_FPS", "20")
    monkeypatch.setenv("EMOTERM_COLUMNS", "3")
    assert run("morph", "😊", "🐙", "--steps", 3, "-o", "m.png").code == 0
    assert run("morph", "😊", "🐙", "--steps", 3, "-o", "m.gif").code == 0


@pytest.mark.parametrize("size_px", [128, 256])
def test_size_enlarges_without_blocks(size_px: int, run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 2, "--size", size_px, "-o", "large.png")
    pixels = pixels_of(folder / "large.png")
    assert pixels.shape == (size_px, 2 * size_px + size_px // 32, 4)
    blocks = pixels[:, :size_px].reshape(64, size_px // 64, 64, size_px // 64, 4)
    assert (blocks.max(axis=(1, 3)) != blocks.min(axis=(1, 3))).any(axis=-1).mean() > 0.5


def test_without_o_a_free_name_is_taken(run: Run, folder: Path) -> None:
    names = [run("morph", "😊", "🐙", "--steps", 2).out.strip() for _ in range(2)]
    assert names == ["emoterm-morph.png", "emoterm-morph-2.png"]
    assert all((folder / name).is_file() for name in names)


def test_one_end_may_come_from_stdin_and_the_result_go_to_stdout(run: Run, folder: Path) -> None:
    data = draw_emoji(folder / "a.png").read_bytes()
    result = run("morph", "-", "🐙", "--steps", 2, "-o", "-", stdin=data)
    assert result.code == 0
    with Image.open(io.BytesIO(result.stdout)) as image:
        assert image.size == (130, 64)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["😊", "🐙", "--steps", "1"], 2, ["--steps"]),
        (["😊", "🐙", "--fps", "0"], 2, ["--fps"]),
        (["😊", "🐙", "-o", "m.png", "--ping-pong"], 2, ["--ping-pong goes with an animation", "m.png", ".gif"]),
        (["😊", "🐙", "--fps", "12", "--hold", "5"], 2, ["--fps and --hold go with an animation", "emoterm-morph.png"]),
        (["😊", "🐙", "-o", "m.png", "--loop", "2"], 2, ["--loop"]),
        (["😊", "🐙", "-o", "m.gif", "--columns", "2"], 2, ["--columns", "m.gif is an animation"]),
        (["😊", "🐙", "--for", "slack", "--columns", "2"], 2, ["--columns"]),
        (["😊", "🐙", "-o", "m.mp4"], 2, [".mp4", ".gif"]),
        (["😊", "🐙", "--steps", "1000", "--scale", "64"], 2, ["--scale"]),
        (["-", "-"], 2, ["standard input"]),
        (["😊", "zzzz"], 2, ["zzzz"]),
        (["love\x1b[1m", "🐙"], 2, ["\\x1b"]),
        (["😊@comic", "🐙"], 2, ["comic", "noto"]),
        (["😊", "missing.png"], 1, ["missing.png", "does not exist"]),
        (["😊", "."], 1, ["folder"]),
        (["😊", "empty.png"], 1, ["empty.png", "0 bytes"]),
        (["😊", "text.png"], 1, ["text.png"]),
        (["😊", "🐙", "-o", "text.png"], 1, ["text.png", "--force"]),
    ],
)
def test_bad_input_is_refused(argv: list[str], code: int, words: list[str], run: Run, folder: Path) -> None:
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("no picture")
    run("morph", *argv).assert_fails(code, *words)
    assert {file.name for file in folder.iterdir()} == {"empty.png", "text.png"}


def test_a_sticker_goes_to_stdout_and_the_name_of_its_preview_does_not(run: Run, folder: Path) -> None:
    result = run("morph", "😊", "🐙", "--steps", 2, "--for", "slack", "-o", "-", "--preview", "small.png")
    assert result.code == 0
    assert result.stdout.startswith(b"GIF89a")
    assert result.stdout.endswith(b";")  # the trailer of a GIF
    assert (folder / "small.png").exists()
