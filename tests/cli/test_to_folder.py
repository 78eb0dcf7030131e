"""``emoterm sample --to``: parquet files that any partition fills in the same way, that survive a kill and that other libraries read."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from emoterm.shards.plan import PLAN_FILE
from tests.cli.conftest import Run, environment, start

N, PER_FILE, SEED = 22, 4, 11
MAKE = ("sample", "--n", N, "--per-file", PER_FILE, "--seed", SEED, "--device", "cpu")


def contents(folder: Path) -> dict[str, str]:
    """Digests of all files that are not temporary, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that asks for ``whole`` puts it."""
    return tmp_path_factory.mktemp("made_once") / "whole"


@pytest.fixture
def whole(run: Run, folder: Path, made_once: Path) -> dict[str, str]:
    """What one process makes without an interruption: every test has a copy of its own, as some damage it."""
    if not made_once.exists():
        assert run(*MAKE, "--to", "making").code == 0
        assert pq.read_table(folder / "making")["index"].to_pylist() == list(range(N))
        (folder / "making").rename(made_once)
    shutil.copytree(made_once, folder / "whole")
    return contents(folder / "whole")


@pytest.mark.parametrize("order", [["1/2", "2/2"], [f"{k}/7" for k in (7, 1, 3, 5, 2, 4, 6)], ["2/3", "1/2", "1/1"]])
def test_any_partition_in_any_order_gives_the_same_files(run: Run, folder: Path, whole: dict[str, str], order: list[str]) -> None:
    for shard in order:
        assert run(*MAKE, "--to", "parts", "--shard", shard).code == 0
    assert contents(folder / "parts") == whole
    lengths = [pq.read_metadata(file).num_rows for file in sorted((folder / "parts").glob("*.parquet"))]
    assert lengths == [4, 4, 4, 4, 4, 2]


def test_parts_in_folders_of_their_own_add_up(run: Run, folder: Path, whole: dict[str, str]) -> None:
    found: list[tuple[str, str]] = []
    for shard in ("1/3", "2/3", "3/3"):
        assert run(*MAKE, "--to", shard.replace("/", "-"), "--shard", shard).code == 0
        found += contents(folder / shard.replace("/", "-")).items()
    assert len(found) == len(whole) + 2  # the plan is in all three
    assert dict(found) == whole


def test_the_rows_are_the_pictures_that_sample_makes(run: Run, folder: Path) -> None:
    asked = ("--prompt", "cat", "--style", "noto")
    expected = run("sample", "--n", N, "--seed", SEED, *asked, "--device", "cpu", "--each", "each", "-o", "a.png", "--json").json
    result = run(*MAKE, *asked, "--png", "--to", "rows", "--json").json
    table = pq.read_table(folder / "rows")
    assert table["index"].to_pylist() == list(range(N))
    assert table["tokens"].to_pylist() == expected["tokens"]
    assert table.schema.field("tokens").type == pa.list_(pa.uint16(), 256)
    assert set(table["seed"].to_pylist()) == {SEED}
    assert set(table["prompt"].to_pylist()) == {"cat"}
    assert set(table["style"].to_pylist()) == {"noto"}
    assert table["drawn_after"].to_pylist() == expected["drawn_after"] is not None
    assert result["made"] == N
    assert result["files"] == sorted(str(path.relative_to(folder)) for path in (folder / "rows").glob("*.parquet"))
    for row, file in zip(table["image"].to_pylist(), sorted((folder / "each").iterdir()), strict=True):
        with Image.open(io.BytesIO(row["bytes"])) as found, Image.open(file) as wanted:
            np.testing.assert_array_equal(np.asarray(found), np.asarray(wanted))


def test_rows_tell_what_each_picture_was_to_be(run: Run, folder: Path) -> None:
    expected = run("sample", "--n", N, "--seed", SEED, "--prompt", "cat", "--device", "cpu", "-o", "a.png", "--json").json
    assert run(*MAKE, "--prompt", "cat", "--to", "rows").code == 0
    table = pq.read_table(folder / "rows")
    assert table["style"].to_pylist() == expected["styles"]
    assert len(set(expected["styles"])) > 1
    by_chance = run("sample", "--n", N, "--seed", SEED, "--device", "cpu", "-o", "b.png", "--json").json
    assert run(*MAKE, "--to", "by-chance").code == 0
    table = pq.read_table(folder / "by-chance")
    assert table["drawn_after"].to_pylist() == by_chance["drawn_after"]
    assert table["tokens"].to_pylist() == by_chance["tokens"]
    assert run(*MAKE, "--free", "--to", "anything").code == 0
    table = pq.read_table(folder / "anything")
    assert set(table["style"].to_pylist()) | set(table["drawn_after"].to_pylist()) == {None}


def test_rows_are_finished_and_plans_without_a_colour_or_a_feeling_are_as_they_were_before(run: Run, folder: Path) -> None:
    asked = ("sample", "--n", 2, "--seed", SEED, "--device", "cpu", "--bundle", "default", "--prompt", "happy blue star")
    expected = run(*asked, "-o", "a.png", "--json").json
    assert set(expected["painted"]) == {"blue"}
    assert None not in expected["faces"]
    assert run(*asked, "--to", "rows").code == 0
    assert pq.read_table(folder / "rows")["tokens"].to_pylist() == expected["tokens"]
    plan = folder / "rows" / "_emoterm.json"
    assert {name: json.loads(plan.read_text())[name] for name in ("color", "feeling")} == {"color": "blue", "feeling": "happy"}
    assert run(*asked, "--to", "rows").code == 0  # the plan comes back as it was
    assert run("sample", "--n", 2, "--seed", SEED, "--device", "cpu", "--prompt", "cat", "--to", "plain").code == 0
    assert not {"color", "feeling"} & json.loads((folder / "plain" / "_emoterm.json").read_text()).keys()
    plan.write_text(plan.read_text().replace(' "color": "blue",\n', ""))  # as it would have been then
    run(*asked, "--to", "rows").assert_fails(1, "another run", "color None, not 'blue'")


def test_datasets_reads_the_folder_with_its_images(run: Run, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed")
    assert run(*MAKE, "--png", "--to", "rows").code == 0
    code = (
        "import datasets, json, sys\n"
        "rows = datasets.load_dataset(sys.argv[1], split='train', cache_dir=sys.argv[2])\n"
        "first = rows[0]\n"
        "print(json.dumps([len(rows), first['image'].size, len(first['tokens']), rows['index'][-1]]))\n"
    )
    # In a process of its own: it leaves loggers and caches behind. Offline, as the folder is all it needs.
    command = [sys.executable, "-c", code, str(folder / "rows"), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(HF_HUB_OFFLINE="1"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [N, [64, 64], 256, N - 1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_rerun_after_kills_at_random_moments_has_no_gap_and_no_double(folder: Path, run: Run) -> None:
    n, chance = 48, random.Random(0)
    arguments = ["sample", "--n", str(n), "--per-file", "4", "--seed", str(SEED), "--device", "cpu"]
    assert run(*arguments, "--to", "unbroken").code == 0
    wanted, made_before_a_kill = contents(folder / "unbroken"), 0
    for _ in range(3):
        process = start(*arguments, "--to", "killed")
        while process.poll() is None and not list((folder / "killed").glob("*.parquet")):
            time.sleep(0.01)
        time.sleep(chance.random() * 0.3)
        process.kill()
        process.communicate()
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "killed").glob("*.parquet")}
        assert found.items() <= wanted.items()  # nothing half-written has a name
        made_before_a_kill = len(found)
    again = run(*arguments, "--to", "killed", "--json").json
    assert made_before_a_kill > 0
    assert again["made"] == n - 4 * made_before_a_kill
    assert contents(folder / "killed") == wanted
    assert pq.read_table(folder / "killed")["index"].to_pylist() == list(range(n))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for single processes")
def test_ctrl_c_keeps_what_is_written(folder: Path) -> None:
    process = start("sample", "--n", "100000", "--per-file", "4", "--seed", "1", "--to", "many")
    assert process.stdout is not None
    first = process.stdout.readline().decode().strip()  # told when the file is there
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"files are there; the same command goes on" in stderr
    assert b"Traceback" not in stderr
    assert pq.read_metadata(folder / first).num_rows == 4
    assert not list((folder / "many").glob(".emoterm-*"))


def test_a_second_run_makes_nothing_and_needs_no_seed(run: Run, folder: Path, whole: dict[str, str]) -> None:
    again = run("sample", "--n", N, "--per-file", PER_FILE, "--to", "whole", "--device", "cpu", "--json").json
    assert (again["seed"], again["made"], again["files"]) == (SEED, 0, [])
    assert contents(folder / "whole") == whole


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: b"PAR1" + data[4:-8] + bytes(8)])
def test_a_damaged_file_is_made_again(run: Run, folder: Path, whole: dict[str, str], damage: object) -> None:
    victim = sorted((folder / "whole").glob("*.parquet"))[2]
    victim.write_bytes(damage(victim.read_bytes()))  # type: ignore[operator]
    assert run(*MAKE, "--to", "whole", "--json").json["made"] == PER_FILE
    assert contents(folder / "whole") == whole


def test_a_file_of_another_run_is_not_taken_for_one_of_this(run: Run, folder: Path, whole: dict[str, str]) -> None:
    run(*MAKE[:-3], 12, "--to", "other")
    name = sorted(whole)[1]
    shutil.copy(folder / "other" / name, folder / "whole" / name)
    assert contents(folder / "whole") != whole
    assert run(*MAKE, "--to", "whole").code == 0
    assert contents(folder / "whole") == whole


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (["--seed", "12"], ["seed 11, not 12"]),
        (["--prompt", "cat"], ["prompt '', not 'cat'"]),
        (["--style", "noto"], ["style None, not 'noto'"]),
        (["--temperature", "0.5"], ["temperature", "not 0.5"]),
        (["--n", "23"], ["n 22, not 23"]),
        (["--per-file", "5"], ["per_file 4, not 5"]),
        (["--png"], ["images False, not True"]),
    ],
)
def test_a_folder_of_another_run_is_refused_and_left_alone(run: Run, folder: Path, changed: list[str], words: list[str]) -> None:
    before = contents(folder / "whole")
    run(*MAKE, *changed, "--to", "whole").assert_fails(1, "another run", *words, "--to")
    assert contents(folder / "whole") == before


def test_a_folder_of_another_bundle_is_refused(run: Run, folder: Path, whole: dict[str, str], bundle_path: Path) -> None:
    other = shutil.copytree(bundle_path, folder / "bundle")
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "version": "99"}))
    run(*MAKE, "--bundle", other, "--to", "whole").assert_fails(1, "bundle_version", "bundle_sha256")
    assert contents(folder / "whole") == whole


def test_a_folder_with_other_things_in_it_is_refused(run: Run, folder: Path) -> None:
    (folder / "full").mkdir()
    (folder / "full" / "thesis.txt").write_text("precious")
    run(*MAKE, "--to", "full").assert_fails(1, "not empty", PLAN_FILE)
    (folder / "full" / PLAN_FILE).write_text("{}")
    run(*MAKE, "--to", "full").assert_fails(1, PLAN_FILE, "damaged")
    run(*MAKE, "--to", "full/thesis.txt").assert_fails(1, "thesis.txt")
    assert (folder / "full" / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--to", "d", "--shard", "0/4"], ["--shard", "3/64"]),
        (["--to", "d", "--shard", "5/4"], ["--shard", "3/64"]),
        (["--to", "d", "--shard", "one"], ["--shard", "3/64"]),
        (["--to", "d", "--shard", "1/4"], ["--shard needs a --seed"]),
        (["--shard", "1/4"], ["--shard goes with --to"]),
        (["--png"], ["--png goes with --to"]),
        (["--n", "5000"], ["4096", "--to DIR"]),
        (["--to", "d", "--columns", "3", "--scale", "2"], ["--columns and --scale go with pictures"]),
        (["--to", "d", "-o", "a.png"], ["--to and -o"]),
        (["--to", "d", "--each", "e"], ["--to and --each"]),
        (["--to", "d", "--like", "cat"], ["--to and --like"]),
        (["--to", "d", "--per-file", "100000"], ["--per-file", "65536"]),
        (["--to", "d", "--n", "1" + "0" * 13], ["--n"]),
    ],
)
def test_what_makes_no_sense_is_exit_2_and_makes_nothing(run: Run, folder: Path, argv: list[str], words: list[str]) -> None:
    run("sample", *argv).assert_fails(2, *words)
    assert list(folder.iterdir()) == []


def test_without_pyarrow_the_message_names_the_extra(folder: Path) -> None:
    block = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'pyarrow':\n"
        "            raise ModuleNotFoundError(f'{name} is blocked', name=name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from emoterm.cli.main import run\n"
        "run()\n"
    )
    command = [sys.executable, "-c", block, "sample", "--n", "4", "--to", "d"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "emoterm[shards]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "d").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_number(folder: Path) -> None:
    peaks = {}
    one_heap = {**environment(), "MALLOC_ARENA_MAX": "1"}  # else every thread keeps what it once needed, more or less of it by chance
    for n in (64, 448):
        code = (
            "import sys\n"
            "from emoterm.cli.main import app\n"
            f"argv = ['sample', '--n', '{n}', '--per-file', '16', '--seed', '1', '--png', '--device', 'cpu', '--to', 'm{n}']\n"
            "try:\n"
            "    app(argv)\n"
            "except SystemExit as end:\n"
            "    assert not end.code\n"
            "print([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=one_heap)
        peaks[n] = int(done.stdout.splitlines()[-1])
    # 384 more pictures as float32 are 25 MB, and their tokens, PNGs and tables more. Python's heap may settle a little higher.
    assert peaks[448] < peaks[64] + 16 * 1024, peaks


def test_two_processes_may_settle_and_fill_one_folder_at_once(folder: Path, whole: dict[str, str]) -> None:
    arguments = [*map(str, MAKE), "--to", "both"]
    processes = [start(*arguments) for _ in range(2)]
    for process in processes:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
    assert contents(folder / "both") == whole
