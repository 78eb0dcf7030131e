"""What the project is made from: locked versions, licences, notices."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs.licences import PAGE, closure, licence_of
from emoterm.bundle import Bundle

ROOT = Path(__file__).resolve().parents[2]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements() -> dict[str, set[str]]:
    """Names by extra; ``""`` for what is always installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: {normal(re.split(r"[\[<>=; ]", line)[0]) for line in lines} for extra, lines in groups.items()}


def test_the_lock_holds_names_and_versions_and_no_place_they_came_from() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 50
    assert lines[0].startswith("# ")
    assert [line for line in lines[1:] if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.!]+", line)] == []


def test_every_package_that_the_tests_need_is_locked() -> None:
    locked = {normal(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]}
    wanted = requirements()
    missing = (wanted[""] | wanted["train"] | wanted["dev"]) - locked - {"onnxruntime"}  # which is onnxruntime-gpu on other systems
    assert missing == set(), "type: make lock"


def test_every_package_that_is_installed_with_emoterm_has_its_licence_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = closure("emoterm")
    assert {"numpy", "pillow", "textual"} <= {normal(name) for name in found}
    assert [name for name in found if f"| {name} | " not in page] == [], "type: make licences"
    assert [name for name, dist in found.items() if licence_of(dist) == "unknown"] == []


def test_the_notice_names_every_source_and_licence_of_the_pictures(tiny_bundle: Bundle, default_bundle: Bundle) -> None:
    for bundle in (tiny_bundle, default_bundle):
        notice = (bundle.path / "NOTICE").read_text(encoding="utf-8")
        assert bundle.manifest.attributions
        for source in bundle.manifest.attributions:
            assert source.name in notice
            assert source.license in notice
            assert all(style in notice for style in source.styles)


def test_every_file_of_a_bundle_that_is_opened_has_its_hash_in_the_manifest(default_bundle: Bundle) -> None:
    listed = {spec.file for spec in default_bundle.manifest.files()}
    there = {path.name for path in default_bundle.path.iterdir()}
    assert there - listed == {"manifest.json", "NOTICE", "MODEL_CARD.md"}


@pytest.mark.parametrize("word", ["Reporting", "Defended", "Not defended"])
def test_the_security_page_has_its_parts(word: str) -> None:
    assert f"## {word}\n" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
