"""What the user kept: PNG files in the user's data folder, each with its recipe inside.

The files are ordinary pictures; they can be copied, opened and deleted with anything. Beside them the folder ``.favourites`` holds an empty
file of the same name for each favourite, and ``.deleted`` what was deleted, with a ``.favourites`` of its own, so that it can be put back.
Each change of a picture is one operation of the file system, so programs that share a library, or are killed in the middle, lose none. A
mark goes before its picture is moved and comes back after that: a kill in between may lose it, but leaves it to no other picture.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emoterm.errors import InputError, OutputError
from emoterm.files import free_name, move_to_new, remove_leftovers, safe_stem, write_atomic
from emoterm.imaging.compose import U8
from emoterm.imaging.load import open_image, read_file, reading
from emoterm.imaging.metadata import Recipe, embed_recipe, read_recipe
from emoterm.imaging.png import encode_png
from emoterm.names import plain

_FAVOURITES = ".favourites"
_DELETED = ".deleted"


def library_folder() -> Path:
    """Where the library is: ``~/.local/share/emoterm/library`` on Linux, ``XDG_DATA_HOME`` respected."""
    import platformdirs

    return platformdirs.user_data_path("emoterm", appauthor=False) / "library"


@dataclass(frozen=True)
class Kept:
    """One picture of the library."""

    path: Path
    recipe: Recipe | None
    """None for a PNG that somebody put there."""
    favourite: bool
    modified: float
    """Seconds since the epoch."""

    @property
    def name(self) -> str:
        """The file name without its suffix."""
        return self.path.stem

    @functools.cached_property
    def _words(self) -> str:
        """What a search looks at."""
        values = [] if self.recipe is None else [self.recipe.command, *map(str, self.recipe.parameters.values())]
        return plain(" ".join([self.name, *values, "favourite" if self.favourite else ""]))

    def fits(self, query: str) -> bool:
        """Whether its name or its recipe has every word of ``query``."""
        return all(word in self._words for word in plain(query).split())


class Library:
    """The kept pictures. The folder is made when the first one is kept.

    Args:
        folder: another place than :func:`library_folder`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = library_folder() if folder is None else folder

    def entries(self, query: str = "") -> list[Kept]:
        """Favourites first, then the newest first; those whose name or recipe has every word of ``query``."""
        favourites = self._favourites()
        found = [kept for kept in self._read(favourites) if kept.fits(query)]
        return sorted(found, key=lambda kept: (not kept.favourite, -kept.modified, kept.path.name))

    def keep(self, pixels: U8, recipe: Recipe, *, name: str) -> Kept:
        """Write a picture (H, W, 4), straight alpha, under a name that is free.

        Raises:
            OutputError: the folder cannot be made or written to.
        """
        self._make(self.folder)
        remove_leftovers(self.folder)
        data = embed_recipe(encode_png(pixels), recipe)
        while True:
            path = self.folder / free_name(safe_stem(name), ".png", self.folder)
            try:
                write_atomic(path, data, force=False)
            except OutputError:
                if not path.exists():  # else another program took the name: there are others
                    raise
            else:
                self._take_mark(self.folder, path.name)  # left by a picture of this name that something else has deleted
                return Kept(path, recipe, favourite=False, modified=time.time())

    def pixels(self, kept: Kept) -> U8:
        """The picture (H, W, 4), straight alpha.

        Raises:
            InputError: the file is gone or is no picture.
        """
        data, label = read_file(kept.path)
        with open_image(data, label) as image, reading(label):
            return np.asarray(image.convert("RGBA"))

    def delete(self, kept: Kept) -> Path:
        """Take a picture out of the library, and its mark as a favourite with it.

        Returns:
            Where it is now, for :meth:`restore`.

        Raises:
            OutputError: it cannot be moved.
        """
        aside = self.folder / _DELETED
        self._make(aside)
        try:
            return self._move(kept.path, aside)
        except FileNotFoundError:
            raise OutputError(f"{kept.path} is gone already.", fix="Another program may have deleted it.") from None
        except OSError as error:
            raise OutputError(f"{kept.path} cannot be deleted ({error.strerror}).", fix="See who owns the folder.") from None

    def restore(self, deleted: Path) -> Path:
        """Put back what :meth:`delete` took away, under a free name; a favourite is one again.

        Raises:
            OutputError: it is gone or cannot be moved.
        """
        try:
            return self._move(deleted, self.folder)
        except OSError as error:
            raise OutputError(f"{deleted} cannot be put back ({error.strerror}).", fix="It may have been removed meanwhile.") from None

    def set_favourite(self, kept: Kept, favourite: bool) -> None:
        """Remember or forget a favourite.

        Raises:
            OutputError: the list cannot be written.
        """
        marks = self.folder / _FAVOURITES
        self._make(marks)
        mark = marks / kept.path.name
        try:
            if favourite:
                mark.touch()
            else:
                mark.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{mark} cannot be changed ({error.strerror}).", fix="See who owns the folder.") from None

    def _move(self, source: Path, folder: Path) -> Path:
        """Move a picture and its mark into a folder, under a name that nobody takes meanwhile.

        Raises:
            OSError: the picture cannot be moved; it keeps its mark, unless it is gone.
        """
        # While the picture has its name, the mark of that name is its own. Later another program may have put a picture there.
        was_favourite = self._take_mark(source.parent, source.name)
        try:
            target = _move(source, folder)
        except OSError:
            self._put_mark(source.parent, source.name, was_favourite and source.exists())
            raise
        self._put_mark(folder, target.name, was_favourite)
        return target

    @staticmethod
    def _take_mark(folder: Path, name: str) -> bool:
        """Remove the mark of a picture in a folder. Says whether there was one."""
        try:
            (folder / _FAVOURITES / name).unlink()
        except OSError:
            return False
        return True

    @staticmethod
    def _put_mark(folder: Path, name: str, favourite: bool) -> None:
        """Mark a picture in a folder, or see that it has no mark that another one of its name has left."""
        mark = folder / _FAVOURITES / name
        with suppress(OSError):  # the picture is in its place: a lost mark is no reason to lose sight of that
            if favourite:
                mark.parent.mkdir(exist_ok=True)
                mark.touch()
            else:
                mark.unlink(missing_ok=True)

    def _read(self, favourites: frozenset[str]) -> Iterator[Kept]:
        if not self.folder.is_dir():
            return
        for path in self.folder.glob("*.png"):
            with suppress(OSError):  # gone meanwhile
                yield Kept(path, _recipe_of(path), path.name in favourites, path.stat().st_mtime)

    def _favourites(self) -> frozenset[str]:
        try:
            return frozenset(path.name for path in (self.folder / _FAVOURITES).iterdir())
        except OSError:
            return frozenset()

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The library {folder} cannot be made ({error.strerror}).", fix="Set XDG_DATA_HOME to a folder that can be written to."
            ) from None


def _move(source: Path, folder: Path) -> Path:
    """Move a picture into a folder, under a name that nobody takes meanwhile."""
    while True:
        target = folder / free_name(source.stem, ".png", folder)
        try:
            move_to_new(source, target)
        except FileExistsError:
            continue
        return target


def _recipe_of(path: Path) -> Recipe | None:
    try:
        return read_recipe(read_file(path)[0])
    except InputError:  # damaged: the picture is still a picture
        return None
