"""``emoterm doctor``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from emoterm import __version__
from emoterm.cli import check_terminal
from tests.cli.conftest import Run


def test_doctor_asks_a_session_for_its_provider_and_verifies_the_bundle(run: Run, bundle_path: Path) -> None:
    facts = run("doctor", "--device", "cpu", "--json").json
    checks = {check["name"]: check for check in facts["checks"]}
    assert facts["ok"] is True
    wanted = "CPUExecutionProvider, as --device cpu asks for it"
    assert checks["device"] == {"name": "device", "status": "ok", "detail": wanted, "fix": None}
    assert str(bundle_path) in checks["bundle"]["detail"]
    assert "14 files verified" in checks["bundle"]["detail"]
    assert checks["terminal"]["detail"].startswith("none: ")
    assert facts["versions"]["emoterm"] == __version__
    assert {"numpy", "pillow", "typer"} <= facts["versions"].keys()
    assert {"default bundle", "your bundles", "settings", "cache"} <= facts["paths"].keys()


def test_doctor_prints_a_line_a_check(run: Run) -> None:
    lines = run("doctor").out.splitlines()
    assert [line.split()[1] for line in lines[:1]] == ["bundle"]
    assert any("ExecutionProvider" in line for line in lines)


def test_doctor_names_a_damaged_file_and_is_exit_3(run: Run, folder: Path, bundle_path: Path) -> None:
    for file in bundle_path.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    with (folder / "vocabulary.json").open("ab") as file:
        file.write(b" ")
    result = run("doctor", "--bundle", folder)
    assert result.code == 3
    assert "failed  bundle" in result.out
    assert "vocabulary.json is damaged" in result.out
    assert "fix: " in result.out


def test_doctor_without_a_bundle_still_reports_the_rest(run: Run) -> None:
    result = run("doctor", "--bundle", "nowhere")
    assert result.code == 3
    assert "failed  bundle" in result.out
    assert "python: " in result.out


def test_doctor_tells_how_to_get_cuda_when_it_was_asked_for_and_is_not_there(run: Run) -> None:
    result = run("doctor", "--device", "cuda")
    if result.code == 0:
        assert "CUDAExecutionProvider" in result.out
    else:
        assert result.code == 3
        assert "failed  device" in result.out
        assert "fix: " in result.out


def test_doctor_says_why_it_is_the_cpu(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoterm.session.has_nvidia_driver", lambda: False)
    assert "CPUExecutionProvider, as there is no NVIDIA driver" in run("doctor").out


def test_doctor_names_the_fix_where_there_is_a_driver_and_cuda_does_not_load(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoterm.session.has_nvidia_driver", lambda: True)
    monkeypatch.setattr("emoterm.session.cuda_problem", lambda: "libcublasLt.so.13: cannot open shared object file")
    out = run("doctor").out
    assert "note    device" in out
    assert "libcublasLt.so.13" in out
    assert "emoterm[cuda]" in out


@pytest.mark.parametrize(("answer", "status"), [("256,RGB,title", "ok"), ("256,title", "note"), (None, "note")])
def test_doctor_knows_the_line_that_tmux_needs(answer: str | None, status: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setattr("emoterm.cli.check_terminal._ask_tmux", lambda what: answer)
    checks = {check["name"]: check for check in run("doctor", "--device", "cpu", "--json").json["checks"]}
    assert checks["tmux"]["status"] == status
    assert ("set -as terminal-features ',*:RGB'" in (checks["tmux"]["fix"] or "")) is (status == "note")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_itself_can_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = tmp_path / "socket"
    subprocess.run(["tmux", "-S", socket, "-f", os.devnull, "new-session", "-d", "-x", "80", "-y", "24", "sleep 60"], check=True)
    try:
        monkeypatch.setenv("TMUX", f"{socket},0,0")
        assert check_terminal._ask_tmux("#{version}")
        assert check_terminal.check_tmux().name == "tmux"
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], check=True)


def test_doctor_finds_a_settings_file_that_makes_no_sense(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "settings.toml").write_text("tempratur = 1\n")
    monkeypatch.setenv("EMOTERM_CONFIG", str(folder / "settings.toml"))
    result = run("doctor", "--device", "cpu")
    assert result.code == 2
    assert "failed  settings  " in result.out
    assert "Did you mean temperature?" in result.out


def test_doctor_finds_a_variable_that_makes_no_sense_and_tells_the_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_GRAPHICS", "foo")
    result = run("doctor", "--device", "cpu", "--json")
    assert result.code == 2
    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks["terminal"]["status"] == "failed"
    assert "EMOTERM_GRAPHICS is 'foo'" in checks["terminal"]["detail"]
    assert "half" in checks["terminal"]["fix"]
    assert checks["bundle"]["status"] == checks["device"]["status"] == "ok"
