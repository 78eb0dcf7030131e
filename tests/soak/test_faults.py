"""The short form of the soak: a few kills of everything that writes, two writers, and disks that are full, read-only or gone."""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emoterm.cli.main import app
from emoterm.errors import InputError, OutputError
from emoterm.files import remove_leftovers, write_atomic
from emoterm.library import Library
from tests.hostile.targets import TINY
from tests.soak.jobs import RECIPE, InstallBundle, LibraryWrites, SampleFolder, Training
from tests.soak.kills import Told, in_child, torture
from tests.soak.parts import Row, fuzzing, two_writers

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="forks and kills processes"),
    # Children only exec or end, and what they use of the parent holds no lock.
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]
PIXELS = np.full((64, 64, 4), 200, np.uint8)


@pytest.mark.parametrize("job", [LibraryWrites, SampleFolder, InstallBundle, Training], ids=lambda job: job.__name__)
def test_killed_at_random_moments_nothing_half_written_is_read_and_a_rerun_completes(job: type, tmp_path: Path) -> None:
    kills = 2 if job is Training else 4
    tally = torture(job(tmp_path), kills=kills, seconds=120, rng=random.Random(3), between_reruns=2)
    assert tally.records_lost == 0
    assert tally.survived == tally.injected
    assert tally.reruns >= 1


def test_a_bundle_that_is_a_folder_is_never_half_of_two(tmp_path: Path) -> None:
    tally = torture(InstallBundle(tmp_path, suffix=""), kills=2, seconds=60, rng=random.Random(5))
    assert tally.survived == tally.injected


def test_a_job_that_leaves_half_a_file_is_found_out(tmp_path: Path) -> None:
    """The tests above can fail."""

    class Careless(LibraryWrites):
        def work(self) -> None:
            super().work()
            (self.folder / "half.png").write_bytes((self.folder / "cat.png").read_bytes()[:-40])

    with pytest.raises((AssertionError, InputError)):
        torture(Careless(tmp_path), kills=1, seconds=10, rng=random.Random(0))


def test_a_lost_record_is_counted(tmp_path: Path) -> None:
    job = LibraryWrites(tmp_path)
    job.work()
    assert job.check() == 0
    (job.folder / "cat-2.png").unlink()
    assert job.check() == 2  # the picture and its mark


def test_two_processes_write_one_library_and_nothing_is_lost() -> None:
    row = two_writers(rounds=2, seconds=60)
    assert (row.faults_injected, row.records_lost) == (2, 0)


def test_the_fuzzing_part_counts_what_it_tries() -> None:
    row = fuzzing("recipe", 1, seed=1)
    assert row.inputs_tried > 10
    assert row.clean
    assert not Row("x", crashes=1).clean


# --- disks


def with_small_files(work: Callable[[], None], most_bytes: int, told: Told) -> None:
    """Run work in a process whose files cannot grow beyond so many bytes, as on a disk that is full; ``told`` gets its errors."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        try:
            work()
        except OutputError as error:
            os.write(pipe, error.what.encode())  # a pipe has no size

    reader, pipe = os.pipe()
    child = in_child(limited)
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    text = os.read(reader, 10000).decode()
    os.close(reader)
    assert status == 0
    told.add(text)


def test_a_full_disk_is_a_message_and_leaves_nothing_half(tmp_path: Path) -> None:
    library, told = Library(tmp_path / "library"), Told(tmp_path / "told")
    first = library.keep(PIXELS, RECIPE, name="cat")
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 4), np.uint8)
    with_small_files(lambda: library.keep(noise, RECIPE, name="dog") and None, 1000, told)
    assert "cannot be written (File too large)" in told.lines()[0]
    assert [kept.path for kept in library.entries()] == [first.path]
    assert sorted(path.name for path in library.folder.iterdir()) == ["cat.png"]


def test_a_device_that_is_full_says_so() -> None:
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_atomic("/dev/full", b"data", force=True)
    assert "Free some space" in str(caught.value.fix)


def test_a_folder_below_a_file_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    argv = ["sample", "--bundle", str(TINY), "--n", "1", "--seed", "1", "-o", str(tmp_path / "file" / "x.png")]
    with pytest.raises(SystemExit) as ended:
        app(argv)
    assert ended.value.code == 1
    assert "error: " in capsys.readouterr().err


def test_no_room_for_temporary_files_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    from emoterm.quiet import captured_output

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with captured_output() as read_output:
        os.write(2, b"hidden\n")
        assert read_output() == ""


def test_a_picture_removed_under_a_running_program_is_a_message(tmp_path: Path) -> None:
    library = Library(tmp_path)
    kept = library.keep(PIXELS, RECIPE, name="cat")
    kept.path.unlink()
    with pytest.raises(InputError, match="does not exist"):
        library.pixels(kept)
    with pytest.raises(OutputError, match="gone already"):
        library.delete(kept)
    assert library.entries() == []


def test_two_programs_that_write_one_name_do_not_overwrite_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.png"

    def late(_path: object, *, force: bool) -> None:
        """The other program writes after the check."""
        target.write_bytes(b"theirs")

    monkeypatch.setattr("emoterm.files.check_writable", late)
    with pytest.raises(OutputError, match="already exists"):
        write_atomic(target, b"ours", force=False)
    assert target.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_what_a_kill_left_is_swept_up_later(tmp_path: Path) -> None:
    old, new = tmp_path / ".emoterm-0123.tmp", tmp_path / ".emoterm-4567.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [new.name]
