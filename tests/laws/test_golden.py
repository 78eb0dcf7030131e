"""The tokens, pixels and PNG files of a seed stay what they are, for each bundle, however the work is cut."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import numpy as np
import pytest

from emoterm.bundle import Bundle, open_bundle
from emoterm.imaging.grid import make_grid
from emoterm.imaging.png import encode_png
from emoterm.tokenfile import token_bits, unpack
from tests.make_golden import BUNDLES, GOLDEN, N, draw, made_with

AGAIN = "If this was meant to change, type: python -m tests.make_golden"


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def check_fresh(golden: dict[str, Any], name: str, bundle: Bundle) -> None:
    """Fail where the file was made for another bundle; skip where nothing is promised: on other vector instructions."""
    assert golden[name]["bundle_sha256"] == bundle.sha256, f"golden.json was made for another {name} bundle. {AGAIN}"
    then, now = golden["made_with"], made_with()
    if then["features"] != now["features"]:
        pytest.skip(f"made on a CPU with {then['features']}, this has {now['features']}: the last bits of sums may differ")
    assert then == now, f"golden.json was made with {then}, this is {now}. {AGAIN}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize(("threads", "batch_size"), [(1, None), (2, 5), (2, 1)])
def test_tokens_and_files_are_the_golden_ones(name: str, threads: int, batch_size: int | None, golden: dict[str, Any]) -> None:
    with open_bundle(BUNDLES[name]) as bundle:
        check_fresh(golden, name, bundle)
        bits = token_bits(bundle.manifest.codebook.size)
        wanted = unpack(b"".join(map(base64.b64decode, golden[name]["tokens"])), bits=bits)
        tokens, pixels = draw(bundle, threads=threads, batch_size=batch_size)
    assert np.array_equal(tokens, wanted), AGAIN
    assert [sha256(picture.tobytes()) for picture in pixels] == golden[name]["pixels_sha256"], AGAIN
    assert [sha256(encode_png(picture)) for picture in pixels] == golden[name]["png_sha256"], AGAIN
    assert sha256(encode_png(make_grid(pixels, columns=3))) == golden[name]["grid_png_sha256"], AGAIN


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize(("first", "n"), [(0, 2), (2, 3), (5, 1)])
def test_a_shard_has_the_golden_pictures_from_its_place_on(name: str, first: int, n: int, golden: dict[str, Any]) -> None:
    assert first + n <= N
    with open_bundle(BUNDLES[name]) as bundle:
        check_fresh(golden, name, bundle)
        _, pixels = draw(bundle, threads=1, batch_size=None, first=first, n=n)
    assert [sha256(picture.tobytes()) for picture in pixels] == golden[name]["pixels_sha256"][first : first + n], AGAIN


def test_a_stale_file_names_the_script(golden: dict[str, Any]) -> None:
    """The tests above can fail."""
    stale = {**golden, "tiny": {**golden["tiny"], "bundle_sha256": "0" * 64}}
    with open_bundle(BUNDLES["tiny"]) as bundle, pytest.raises(AssertionError, match=r"another tiny bundle.*tests\.make_golden"):
        check_fresh(stale, "tiny", bundle)


def test_the_golden_pictures_differ(golden: dict[str, Any]) -> None:
    for name in BUNDLES:
        assert len(set(golden[name]["pixels_sha256"])) == N
