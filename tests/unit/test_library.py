"""What the user kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.errors import InputError, OutputError
from emoterm.imaging.metadata import Recipe
from emoterm.library import Library, library_folder
from emoterm.recipe import make_recipe


@pytest.fixture
def recipe(tiny_bundle: Bundle) -> Recipe:
    return make_recipe(tiny_bundle, "sample", {"prompt": "red cat", "seed": 7})


@pytest.fixture
def pixels() -> np.ndarray:
    drawn = np.zeros((64, 64, 4), np.uint8)
    drawn[10:50, 10:50] = (200, 30, 40, 255)
    return drawn


def test_it_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert library_folder() == tmp_path / "emoterm" / "library"
    assert Library().entries() == []
    assert not library_folder().exists()  # looking makes nothing


def test_pictures_come_back_with_their_recipe(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path / "kept")
    first = library.keep(pixels, recipe, name="Red Cat! ../x")
    second = library.keep(pixels, recipe, name="Red Cat! ../x")
    assert [first.path.name, second.path.name] == ["red-cat-x.png", "red-cat-x-2.png"]
    assert library.keep(pixels, recipe, name="😊").path.name == "emoji.png"
    found = {kept.path: kept for kept in library.entries()}
    assert found[first.path].recipe == recipe
    assert (library.pixels(first) == pixels).all()
    assert [kept.path for kept in library.entries("cat 2")] == [second.path]
    assert len(library.entries("prompt")) == 0
    assert len(library.entries("SAMPLE")) == 3


def test_favourites_come_first_and_last_over_restarts(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path)
    kept = [library.keep(pixels, recipe, name=name) for name in ("a", "b", "c")]
    library.set_favourite(kept[0], True)
    again = Library(tmp_path).entries()
    assert (again[0].path, again[0].favourite) == (kept[0].path, True)
    library.set_favourite(again[0], False)
    assert not any(each.favourite for each in library.entries())
    (tmp_path / ".favourites" / "gone.png").touch()
    assert len(library.entries()) == 3


def test_deleting_can_be_undone_even_when_the_name_is_taken_meanwhile(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path)
    kept = library.keep(pixels, recipe, name="cat")
    deleted = library.delete(kept)
    assert library.entries() == []
    other = library.keep(255 - pixels, recipe, name="cat")
    back = library.restore(deleted)
    assert back.name == "cat-2.png"
    assert (library.pixels(other) == 255 - pixels).all()
    assert len(library.entries()) == 2
    with pytest.raises(OutputError, match="put back"):
        library.restore(deleted)


def test_a_deleted_favourite_takes_its_mark_along_and_brings_it_back(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path)
    kept = library.keep(pixels, recipe, name="cat")
    library.set_favourite(kept, True)
    deleted = library.delete(kept)
    library.keep(pixels, recipe, name="cat")
    assert [kept.favourite for kept in library.entries()] == [False]
    assert library.restore(deleted).name == "cat-2.png"
    assert [(kept.path.name, kept.favourite) for kept in library.entries()] == [("cat-2.png", True), ("cat.png", False)]


def test_a_mark_whose_picture_is_gone_passes_to_no_other(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path)
    first = library.keep(pixels, recipe, name="cat")
    library.set_favourite(first, True)
    first.path.unlink()  # as a file manager does
    second = library.keep(pixels, recipe, name="cat")
    assert [kept.favourite for kept in library.entries()] == [False]
    library.set_favourite(second, True)
    library.delete(second).unlink()  # what was deleted is thrown away
    restored = library.restore(library.delete(library.keep(pixels, recipe, name="cat")))
    assert [(kept.path, kept.favourite) for kept in library.entries()] == [(restored, False)]


def test_a_favourite_that_cannot_be_deleted_stays_one(
    tmp_path: Path, recipe: Recipe, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(source))

    library = Library(tmp_path)
    kept = library.keep(pixels, recipe, name="cat")
    library.set_favourite(kept, True)
    monkeypatch.setattr("emoterm.library.move_to_new", refuse)
    with pytest.raises(OutputError, match="cannot be deleted"):
        library.delete(kept)
    assert [kept.favourite for kept in library.entries()] == [True]


def test_two_of_the_same_name_can_be_deleted_and_both_come_back(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    library = Library(tmp_path)
    deleted = []
    for shade in (10, 200):
        picture = pixels.copy()
        picture[..., 0] = shade
        deleted.append(library.delete(library.keep(picture, recipe, name="cat")))
    for path in deleted:
        library.restore(path)
    assert sorted(int(library.pixels(kept)[0, 0, 0]) for kept in library.entries()) == [10, 200]


def test_strange_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    library = Library(tmp_path)
    (kept,) = library.entries()
    assert kept.recipe is None
    with pytest.raises(InputError, match=r"broken\.png"):
        library.pixels(kept)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_way_out(tmp_path: Path, recipe: Recipe, pixels: np.ndarray) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made") as caught:
        Library(tmp_path / "file" / "library").keep(pixels, recipe, name="cat")
    assert caught.value.fix is not None
    assert "XDG_DATA_HOME" in caught.value.fix
