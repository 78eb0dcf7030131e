"""``emoterm doctor``."""

from __future__ import annotations

from pathlib import Path

from emoterm import __version__
from tests.cli.conftest import Run


def test_doctor_asks_a_session_for_its_provider_and_verifies_the_bundle(run: Run, bundle_path: Path) -> None:
    facts = run("doctor", "--device", "cpu", "--json").json
    checks = {check["name"]: check for check in facts["checks"]}
    assert facts["ok"] is True
    assert checks["device"] == {"name": "device", "status": "ok", "detail": "CPUExecutionProvider", "fix": None}
    assert str(bundle_path) in checks["bundle"]["detail"]
    assert "10 files verified" in checks["bundle"]["detail"]
    assert checks["terminal"]["detail"].startswith("none: ")
    assert facts["versions"]["emoterm"] == __version__
    assert {"numpy", "pillow", "typer"} <= facts["versions"].keys()
    assert {"default bundle", "your bundles", "config"} <= facts["paths"].keys()


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
