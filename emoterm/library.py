"""What the user kept: PNG files in the user's data folder, each with its recipe inside.

The files are ordinary pictures; they can be copied, opened and deleted with anything. Beside them ``favourites.json`` lists names, and the
folder ``.deleted`` holds what was deleted, so that it can be put back.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from emoterm.errors import InputError, OutputError
from emoterm.imaging.compose import U8
from emoterm.imaging.metadata import Recipe, embed_recipe, read_recipe
from emoterm.imaging.save import encode_png, free_name, write_atomic
from emoterm.prompt import plain

_FAVOURITES = "favourites.json"
_DELETED = ".deleted"
_NAME_CHARS = 48


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

    @property
    def words(self) -> str:
        """What a search looks at."""
        values = [] if self.recipe is None else [self.recipe.command, *map(str, self.recipe.parameters.values())]
        return plain(" ".join([self.name, *values, "favourite" if self.favourite else ""]))


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
        found = [kept for kept in self._read(favourites) if all(word in kept.words for word in plain(query).split())]
        return sorted(found, key=lambda kept: (not kept.favourite, -kept.modified, kept.path.name))

    def keep(self, pixels: U8, recipe: Recipe, *, name: str) -> Kept:
        """Write a picture (H, W, 4), straight alpha, under a name that is free.

        Raises:
            OutputError: the folder cannot be made or written to.
        """
        self._make(self.folder)
        path = self.folder / free_name(_safe_name(name), ".png", self.folder)
        write_atomic(path, embed_recipe(encode_png(pixels), recipe), force=False)
        return Kept(path, recipe, favourite=False, modified=path.stat().st_mtime)

    def pixels(self, kept: Kept) -> U8:
        """The picture (H, W, 4), straight alpha.

        Raises:
            InputError: the file is gone or is no picture.
        """
        try:
            with Image.open(io.BytesIO(kept.path.read_bytes()), formats=["PNG"]) as image:
                return np.asarray(image.convert("RGBA"))
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise InputError(f"{kept.path} cannot be read ({error}).", fix="Delete it from the library.") from None

    def delete(self, kept: Kept) -> Path:
        """Take a picture out of the library.

        Returns:
            Where it is now, for :meth:`restore`.

        Raises:
            OutputError: it cannot be moved.
        """
        aside = self.folder / _DELETED
        self._make(aside)
        target = aside / free_name(kept.path.stem, ".png", aside)
        try:
            kept.path.replace(target)
        except OSError as error:
            raise OutputError(f"{kept.path} cannot be deleted ({error.strerror}).", fix="See who owns the folder.") from None
        return target

    def restore(self, deleted: Path) -> Path:
        """Put back what :meth:`delete` took away, under a free name.

        Raises:
            OutputError: it is gone or cannot be moved.
        """
        path = self.folder / free_name(deleted.stem, ".png", self.folder)
        try:
            return deleted.replace(path)
        except OSError as error:
            raise OutputError(f"{deleted} cannot be put back ({error.strerror}).", fix="It may have been removed meanwhile.") from None

    def set_favourite(self, kept: Kept, favourite: bool) -> None:
        """Remember or forget a favourite.

        Raises:
            OutputError: the list cannot be written.
        """
        names = self._favourites()
        names = names | {kept.path.name} if favourite else names - {kept.path.name}
        write_atomic(self.folder / _FAVOURITES, json.dumps(sorted(names), ensure_ascii=False).encode(), force=True)

    def _read(self, favourites: frozenset[str]) -> Iterator[Kept]:
        if not self.folder.is_dir():
            return
        for path in self.folder.glob("*.png"):
            with suppress(OSError):  # gone meanwhile
                yield Kept(path, _recipe_of(path), path.name in favourites, path.stat().st_mtime)

    def _favourites(self) -> frozenset[str]:
        try:
            names = json.loads((self.folder / _FAVOURITES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return frozenset()
        return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The library {folder} cannot be made ({error.strerror}).", fix="Set XDG_DATA_HOME to a folder that can be written to."
            ) from None


def _recipe_of(path: Path) -> Recipe | None:
    try:
        return read_recipe(path.read_bytes())
    except InputError:  # damaged: the picture is still a picture
        return None


def _safe_name(name: str) -> str:
    """A file name on every system: letters, digits and dashes."""
    words = re.sub(r"[^0-9a-z]+", "-", name.casefold().encode("ascii", "ignore").decode()).strip("-")
    return words[:_NAME_CHARS].strip("-") or "emoji"
