"""Distances in latent space, and the codes laid out by looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emoterm import neighbours as module
from emoterm.bundle import open_bundle
from emoterm.codebook_map import arrange
from emoterm.gallery import Gallery
from emoterm.neighbours import Neighbours
from tests.gallery_bundle import EMOJIS, grids, make_gallery_bundle


@pytest.fixture(scope="module")
def neighbours(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with open_bundle(make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("near") / "bundle")) as bundle:
        yield Neighbours(Gallery.from_bundle(bundle), bundle.codebook())


def test_distances_are_those_of_the_latents(neighbours: Neighbours, tiny_bundle_path: Path) -> None:
    with open_bundle(tiny_bundle_path) as bundle:
        codes = bundle.codebook().astype(np.float64)
    query = np.random.default_rng(0).integers(0, len(codes), 256)
    wanted = [np.linalg.norm(codes[query] - codes[grid]) for grid in neighbours.grids]
    np.testing.assert_allclose(neighbours.distances(query), wanted, rtol=1e-4)


def test_an_emoji_is_nearest_to_itself_and_comes_once(neighbours: Neighbours) -> None:
    tokens = neighbours.grids[0].astype(np.int64)
    found = neighbours.nearest(tokens, 100)
    assert found[0].name == "grinning face"
    names = [entry.name for entry in found]
    assert sorted(names) == sorted(name for _, name, _, _, _, skin_tone, _ in EMOJIS if not skin_tone)
    assert "😀" not in [entry.emoji for entry in neighbours.nearest(tokens, 100, without="😀")]
    assert len(neighbours.nearest(tokens, 3)) == 3


def test_more_pictures_are_looked_at_until_there_are_enough(neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = neighbours.grids[12].astype(np.int64)
    wanted = {n: neighbours.nearest(tokens, n, without="😀") for n in (1, 4, 9, 100)}
    monkeypatch.setattr(module, "_LOOKED_AT", 1)
    assert {n: neighbours.nearest(tokens, n, without="😀") for n in wanted} == wanted
    assert [len(found) for found in wanted.values()] == [1, 4, 9, 9]


def test_usage_counts_every_token(neighbours: Neighbours) -> None:
    usage = neighbours.usage()
    assert usage.sum() == grids(len(usage)).size
    assert usage[5] == (grids(len(usage)) == 5).sum()


@pytest.mark.parametrize("size", [512, 500])
def test_neighbours_on_the_map_look_more_alike_than_by_chance(size: int) -> None:
    features = np.random.default_rng(3).random((size, 3)).astype(np.float32)
    order = arrange(features, 32)
    assert sorted(order.tolist()) == list(range(size))
    assert (arrange(features, 32) == order).all()

    def roughness(order: np.ndarray) -> float:
        placed = features[order[:480]].reshape(15, 32, 3)  # the rows that are full in both
        return float(np.abs(np.diff(placed, axis=0)).mean() + np.abs(np.diff(placed, axis=1)).mean())

    by_chance = roughness(np.random.default_rng(4).permutation(size))
    assert roughness(order) < by_chance / 2


@pytest.mark.parametrize("size", [1, 20, 33, 63])
def test_any_number_of_codes_has_a_map(size: int) -> None:
    features = np.random.default_rng(3).random((size, 3)).astype(np.float32)
    assert sorted(arrange(features, 32).tolist()) == list(range(size))
