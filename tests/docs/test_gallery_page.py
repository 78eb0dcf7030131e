"""The pictures of the gallery page are what their commands write with the bundle that ships."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emoterm.bundle import Bundle
from emoterm.imaging.metadata import read_recipe

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("image", re.findall(r"\((images/gallery/[^)]+)\)", (DOCS / "gallery.md").read_text(encoding="utf-8")))
def test_a_picture_of_the_gallery_is_of_this_bundle(image: str, default_bundle: Bundle) -> None:
    recipe = read_recipe((DOCS / image).read_bytes())
    assert recipe is not None
    assert recipe.bundle_sha256 == default_bundle.sha256
