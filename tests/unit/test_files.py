"""Writing: the whole file or none of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from emoterm.errors import OutputError
from emoterm.files import check_writable, distinct, safe_stem, write_atomic


def test_a_file_is_written_whole_and_alone(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.png", b"content", force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"content"


def test_the_mode_of_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a.png", b"content", force=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640


def test_an_existing_file_stays_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    for attempt in (lambda: check_writable(path, force=False), lambda: write_atomic(path, b"new", force=False)):
        with pytest.raises(OutputError, match="already exists") as caught:
            attempt()
        assert "--force" in str(caught.value.fix)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_force_replaces_an_existing_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old, and longer than the new one")
    write_atomic(path, b"new", force=True)
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("existing", [None, b"old"])
def test_whatever_interrupts_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, function: str, existing: bytes | None
) -> None:
    path = tmp_path / "a.png"
    if existing is not None:
        path.write_bytes(existing)

    def interrupt(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, function, interrupt)
    with pytest.raises(OutputError if isinstance(error, OSError) else type(error)):
        write_atomic(path, b"new", force=True)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == ([] if existing is None else [("a.png", b"old")])


def test_a_file_that_appears_in_the_meantime_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(b"from another program"))
    with pytest.raises(OutputError, match="already exists"):
        write_atomic(path, b"new", force=False)
    assert path.read_bytes() == b"from another program"
    assert len(list(tmp_path.iterdir())) == 1


def test_readers_see_the_old_file_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_atomic(path, b"new", force=True)
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomic(link, b"new", force=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        check_writable(tmp_path, force=True)


def test_a_missing_folder_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist") as caught:
        write_atomic(tmp_path / "no" / "a.png", b"new", force=False)
    assert caught.value.fix == f"Create it first: mkdir -p {tmp_path / 'no'}"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_writable(tmp_path / "file" / "a.png", force=False)


def test_a_read_only_folder_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # permission bits do not stop root, who may be running this
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "a.png", force=False)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that not even root may write to")
def test_what_not_even_root_can_write_is_an_output_error() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_atomic("/proc/emoterm.png", b"new", force=False)


def test_a_name_too_long_for_the_disk_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / ("x" * 300), force=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the devices of Linux")
def test_devices_are_written_to_and_stay_devices() -> None:
    write_atomic("/dev/null", b"new", force=True)
    write_atomic("/dev/null", b"new", force=False)
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match="/dev/full cannot be written") as caught:
        write_atomic("/dev/full", b"new", force=False)
    assert "space" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("text", "stem"),
    [("Smiling Face!", "smiling-face"), ("piñata", "pinata"), ("🐱", "emoji"), ("a/b\\c", "a-b-c"), ("--", "emoji"), ("x" * 60, "x" * 48)],
)
def test_a_stem_is_a_name_everywhere(text: str, stem: str) -> None:
    assert safe_stem(text) == stem


def test_names_are_told_apart() -> None:
    assert distinct(["cat", "cat", "dog", "cat-2", "cat"]) == ["cat", "cat-2", "dog", "cat-2-2", "cat-3"]
    assert distinct(["abcd"] * 3, joint="_", max_chars=4) == ["abcd", "ab_2", "ab_3"]
