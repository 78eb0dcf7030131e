"""Finding, checking and reading bundles."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emoterm.bundle
import emoterm.bundle_archive
from emoterm.bundle import Bundle, available_bundles, find_bundle, open_bundle
from emoterm.errors import BundleError


@pytest.fixture
def folder(tiny_bundle_path: Path, tmp_path: Path) -> Path:
    """A copy of the tiny bundle that a test may spoil."""
    return shutil.copytree(tiny_bundle_path, tmp_path / "copy")


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Empty folders in place of the packaged bundles and the user's data folder."""
    packaged, user = tmp_path / "packaged", tmp_path / "user"
    packaged.mkdir()
    (user / "bundles").mkdir(parents=True)
    monkeypatch.setattr(emoterm.bundle, "PACKAGED_BUNDLES", packaged)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: user)
    return packaged, user / "bundles"


def zipped(folder: Path, path: Path, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return path


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def replace_codebook(folder: Path, codes: np.ndarray) -> None:
    """Put another array in, with the sha256 that goes with it."""
    buffer = io.BytesIO()
    np.save(buffer, codes, allow_pickle=True)
    data = buffer.getvalue()
    (folder / "codebook.npy").write_bytes(data)
    edit_manifest(folder, lambda manifest: manifest["codebook"].update(file="codebook.npy", sha256=hashlib.sha256(data).hexdigest()))


# --- finding


def test_without_a_name_it_is_the_variable_and_then_the_default(
    folder: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    default = shutil.copytree(folder, homes[0] / "default")
    assert find_bundle() == default
    monkeypatch.setenv("EMOTERM_BUNDLE", str(folder))
    assert find_bundle() == folder
    monkeypatch.setenv("EMOTERM_BUNDLE", "")
    assert find_bundle() == default


def test_a_bare_name_is_looked_up_in_the_package_and_then_in_the_user_folder(folder: Path, homes: tuple[Path, Path]) -> None:
    packaged, user = homes
    zipped(folder, user / "mine.emoterm")
    shutil.copytree(folder, user / "both")
    shutil.copytree(folder, packaged / "both")
    (user / "not-a-bundle").mkdir()
    assert available_bundles() == {"both": packaged / "both", "mine": user / "mine.emoterm"}
    assert find_bundle("mine") == user / "mine.emoterm"
    assert find_bundle("both") == packaged / "both"


def test_a_path_is_taken_as_it_is(folder: Path, homes: tuple[Path, Path]) -> None:
    assert find_bundle(folder) == folder
    assert find_bundle(str(folder)) == folder


@pytest.mark.parametrize("name", ["nowhere", "/no/such/folder", "x" * 5000, "nul\0byte", "~nobody-of-this-name/x"])
def test_a_bundle_that_is_not_there_lists_those_that_are(name: str, folder: Path, homes: tuple[Path, Path]) -> None:
    shutil.copytree(folder, homes[1] / "mine")
    with pytest.raises(BundleError) as caught:
        open_bundle(name)
    assert "There is no bundle" in caught.value.what
    assert str(homes[1] / "mine") in (caught.value.fix or "")
    assert caught.value.exit_code == 3


def test_names_go_to_the_package_first_and_to_folders_before_files(folder: Path, homes: tuple[Path, Path]) -> None:
    packaged, user = homes
    for name, home in (("z", packaged), ("both", packaged), ("a", user), ("both", user)):
        shutil.copytree(folder, home / name)
        zipped(folder, home / f"{name}.emoterm")
    assert list(available_bundles().items()) == [("both", packaged / "both"), ("z", packaged / "z"), ("a", user / "a")]
    assert [find_bundle(name) for name in ("both", "a")] == [packaged / "both", user / "a"]


def test_a_missing_bundle_named_by_the_variable_says_so(homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOTERM_BUNDLE", "elsewhere")
    with pytest.raises(BundleError, match=r"'elsewhere' \(from EMOTERM_BUNDLE\)"):
        find_bundle()


# --- reading


def test_all_files_of_the_tiny_bundle_are_what_its_manifest_says(tiny_bundle: Bundle) -> None:
    tiny_bundle.verify()
    assert tiny_bundle.sha256 == hashlib.sha256((tiny_bundle.path / "manifest.json").read_bytes()).hexdigest()
    for name in ("encoder", "decoder", "prior"):
        assert tiny_bundle.graph(name) == (tiny_bundle.path / tiny_bundle.manifest.graphs[name].file).read_bytes()


def test_the_codebook_is_float32_codes_by_dim(tiny_bundle: Bundle) -> None:
    codes = tiny_bundle.codebook()
    assert codes.shape == (tiny_bundle.manifest.codebook.size, tiny_bundle.manifest.codebook.dim)
    assert codes.dtype == np.float32
    assert len(np.unique(codes, axis=0)) > 1


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_reads_like_its_folder(folder: Path, tmp_path: Path, compression: int) -> None:
    with open_bundle(folder) as a, open_bundle(zipped(folder, tmp_path / "tiny.emoterm", compression)) as b:
        b.verify()
        assert a.sha256 == b.sha256
        assert a.manifest == b.manifest
        assert all(a.read(spec) == b.read(spec) for spec in a.manifest.files())


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_flipped_bit_is_found_and_the_file_named(folder: Path, tmp_path: Path, as_zip: bool) -> None:
    with open_bundle(folder) as bundle:
        specs = bundle.manifest.files()
    assert len(specs) >= 5
    for spec in specs:
        file = folder / spec.file
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        path = zipped(folder, tmp_path / "flipped.emoterm") if as_zip else folder
        with open_bundle(path) as bundle, pytest.raises(BundleError, match=f"{spec.file} is damaged"):
            bundle.verify()
        file.write_bytes(whole)


def test_only_the_file_that_is_read_is_checked(folder: Path) -> None:
    with open_bundle(folder) as bundle:
        encoder = bundle.manifest.graphs["encoder"].file
        (folder / encoder).write_bytes(b"something else")
        assert bundle.graph("decoder")
        with pytest.raises(BundleError, match=encoder):
            bundle.graph("encoder")


def test_missing_files_are_all_listed(folder: Path) -> None:
    for name in ("prior.onnx", "codebook.npy"):
        (folder / name).unlink()
    with pytest.raises(BundleError) as caught:
        open_bundle(folder)
    assert "prior.onnx" in caught.value.what
    assert "codebook.npy" in caught.value.what
    assert caught.value.fix


def test_a_file_that_vanishes_later_is_a_clear_error(folder: Path) -> None:
    with open_bundle(folder) as bundle:
        (folder / "prior.onnx").unlink()
        with pytest.raises(BundleError, match=r"cannot read prior\.onnx"):
            bundle.graph("prior")


def test_a_folder_without_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"has no manifest\.json"):
        open_bundle(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_zip_is_no_bundle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.emoterm"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="neither a folder nor a zip"):
        open_bundle(path)


def test_a_codebook_of_another_shape_or_kind_is_refused(folder: Path, tiny_bundle: Bundle) -> None:
    codes = tiny_bundle.codebook()
    for wrong in (codes[1:], codes.astype(np.int64), codes.astype(object)):  # the last would be a pickle
        replace_codebook(folder, wrong)
        with open_bundle(folder) as bundle, pytest.raises(BundleError, match=r"codebook\.npy"):
            bundle.codebook()
    replace_codebook(folder, codes.astype(np.float16))
    with open_bundle(folder) as bundle:
        assert np.allclose(bundle.codebook(), codes, atol=1e-2)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(grid=[16]),
        lambda m: m.update(grid=[16, 0]),
        lambda m: m["codebook"].update(size=0),
        lambda m: m["image"].update(channels=1),
        lambda m: m["image"].update(size_px=-64),
        lambda m: m["prior"].update(n_layer=0),
        lambda m: m["prior"].update(style_slots=2),
        lambda m: m["prior"].update(word_slots=-1),
        lambda m: m["prior"].update(block_size=100),
        lambda m: m["prior"].update(window=-1),
        lambda m: m["prior"].update(window=300),
        lambda m: m["prior"].update(window=0),
        lambda m: m["prior"].update(local_layers=[2]),
        lambda m: m["prior"].update(local_layers=[-1]),
        lambda m: m["prior"].update(n_layer=10**15),
        lambda m: m["prior"].update(local_layers=[0, 1]),
    ],
)
def test_numbers_that_make_no_sense_are_refused_at_once(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    edit_manifest(folder, change)
    with pytest.raises(BundleError, match="makes no sense"):
        open_bundle(folder)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a\\b", "c:x", "..", ""])
def test_a_manifest_cannot_point_outside_the_bundle(folder: Path, name: str) -> None:
    edit_manifest(folder, lambda m: m["codebook"].update(file=name))
    with pytest.raises(BundleError, match="not a plain file name"):
        open_bundle(folder)


# --- hostile zips


@pytest.mark.parametrize("name", ["../outside", "folder/file", "/absolute", "back\\slash", "c:x", "empty-folder/"])
def test_a_zip_with_paths_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    path = zipped(folder, tmp_path / "x.emoterm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(BundleError, match="not a plain file name"):
        open_bundle(path)


def test_a_zip_with_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    path = zipped(folder, tmp_path / "x.emoterm")
    link = zipfile.ZipInfo("link")
    link.create_system = 3  # Unix
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BundleError, match="link is a link"):
        open_bundle(path)


def test_a_zip_with_two_files_of_one_name_is_refused(folder: Path, tmp_path: Path) -> None:
    path = zipped(folder, tmp_path / "x.emoterm")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(BundleError, match="two of one name"):
        open_bundle(path)


def test_a_zip_that_unpacks_to_too_much_is_refused_unread(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoterm.bundle_archive, "MAX_TOTAL_BYTES", 10 * 2**20)
    path = zipped(folder, tmp_path / "x.emoterm")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(11 * 2**20))
    assert path.stat().st_size < 2 * 2**20
    with pytest.raises(BundleError, match="unpacks to more than"):
        open_bundle(path)


def test_a_zip_with_a_damaged_stream_names_the_file(folder: Path, tmp_path: Path) -> None:
    path = zipped(folder, tmp_path / "x.emoterm", zipfile.ZIP_STORED)
    graph = (folder / "prior.onnx").read_bytes()
    whole = path.read_bytes()
    at = whole.index(graph) + len(graph) // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
    with open_bundle(path) as bundle, pytest.raises(BundleError, match=r"prior\.onnx is damaged"):
        bundle.graph("prior")


def test_the_bundle_that_ships_is_opened_without_what_others_need() -> None:
    code = "import sys; from emoterm.bundle import open_bundle; open_bundle().close(); print({'zipfile', 'platformdirs'} & {*sys.modules})"
    environment = {name: value for name, value in os.environ.items() if name != "EMOTERM_BUNDLE"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout == "set()\n"
