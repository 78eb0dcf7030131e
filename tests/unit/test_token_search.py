"""The search for tokens that decode better than the nearest codes."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch

from emoterm import token_search
from emoterm.bundle import Bundle, open_bundle
from emoterm.cli import encode, evaluate, reconstruct
from emoterm.codec import Codec
from emoterm.errors import UsageError
from emoterm.gallery import Gallery
from emoterm.token_search import CANDIDATES, CHUNK, DEFAULT_EFFORT, EFFORTS, cell_errors, search_tokens
from tests.drawing import write_emojis
from tests.unit.test_codec import plain_bundle
from trainer.config import LossConfig
from trainer.data import load_emojis
from trainer.losses import reconstruction_loss


@pytest.fixture(scope="module")
def codec(tiny_bundle: Bundle) -> Codec:
    return Codec(tiny_bundle, device="cpu", threads=2)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Emojis that the tiny bundle was not trained on: (12, 4, 64, 64)."""
    unseen = load_emojis(str(write_emojis(tmp_path_factory.mktemp("data") / "emojis.parquet"))).split("test")
    return unseen.images.float().numpy() / np.float32(255)


def errors(codec: Codec, pictures: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return cell_errors(codec.decode(codec.lookup(tokens)), pictures, tokens.shape[1:]).sum(axis=(1, 2))


def test_no_picture_is_worse_for_the_search_and_most_are_better(codec: Codec, pictures: np.ndarray) -> None:
    before = errors(codec, pictures, codec.encode(pictures)[1])
    for effort in range(1, len(EFFORTS)):
        after = errors(codec, pictures, search_tokens(pictures, codec=codec, effort=effort))
        # A longer search goes on from where a shorter one ends.
        assert (after <= before).all()
        assert (after < before).mean() > (0.9 if effort == 1 else 0.5)
        before = after


def test_without_effort_there_is_no_search(codec: Codec, pictures: np.ndarray) -> None:
    assert np.array_equal(search_tokens(pictures, codec=codec, effort=0), codec.encode(pictures)[1])


def test_a_picture_does_not_depend_on_the_others_or_the_threads(codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray) -> None:
    many = np.concatenate([pictures, pictures[::-1]])[: CHUNK + 3]
    together = search_tokens(many, codec=codec)
    alone = Codec(tiny_bundle, device="cpu", threads=1)
    for i in (0, 5, CHUNK + 1):
        assert np.array_equal(search_tokens(many[i : i + 1], codec=alone)[0], together[i])


def test_only_the_nearest_codes_are_tried(codec: Codec, pictures: np.ndarray) -> None:
    z_e, _ = codec.encode(pictures)
    tokens = search_tokens(pictures, codec=codec, effort=2)
    nearest, _ = codec.nearest(z_e, CANDIDATES)
    assert (tokens[..., None] == nearest).any(axis=-1).all()


@pytest.mark.parametrize("effort", range(1, len(EFFORTS)))
def test_no_picture_is_decoded_more_often_than_is_said(
    codec: Codec, pictures: np.ndarray, effort: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    decode = Codec.decode_tokens

    def counted(self: Codec, tokens: np.ndarray) -> np.ndarray:
        decoded.append(len(tokens))
        return decode(self, tokens)

    monkeypatch.setattr(Codec, "decode_tokens", counted)
    search_tokens(pictures, codec=codec, effort=effort)
    # All the decodings, and the one of what the search begins with.
    assert sum(decoded) <= len(pictures) * (EFFORTS[effort] + 1)
    assert sum(decoded) > len(pictures) * EFFORTS[effort] * 0.7


def test_what_promises_most_is_tried_first(default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = Codec(default_bundle, device="cpu")
    gallery = Gallery(default_bundle)
    pictures = codec.decode_tokens(np.stack([gallery.tokens(entry) for entry in gallery.entries[:: len(gallery.entries) // 12]]))
    promising = errors(codec, pictures, search_tokens(pictures, codec=codec, effort=1)).mean()
    monkeypatch.setattr(token_search, "OWN_ERROR", 0.0)
    monkeypatch.setattr(token_search, "NEAR", 1e9)  # all codes are alike
    assert promising < errors(codec, pictures, search_tokens(pictures, codec=codec, effort=1)).mean()


def test_what_helps_but_was_too_near_to_what_helps_more_is_tried_again(codec: Codec, pictures: np.ndarray) -> None:
    z_e, tokens = codec.encode(pictures)
    search = token_search._Search(pictures, z_e, tokens, codec)
    assert search.improve()
    made_and_failed = int((search._untried < 1).sum())
    assert 0 < made_and_failed < search._tries.sum()  # of those that were tried some wait, as if they were not


def test_what_did_not_help_promises_something_again_near_to_what_changed(codec: Codec, pictures: np.ndarray) -> None:
    z_e, tokens = codec.encode(pictures)
    search = token_search._Search(pictures, z_e, tokens, codec)
    before = search.tokens.copy()
    assert search.improve()
    near = (search.tokens != before) @ search._touch  # (N, L)
    assert near.any()
    assert search._untried[near].min() == token_search.AGAIN
    assert search._untried[~near].min() == 0


def test_the_error_is_that_of_training(pictures: np.ndarray) -> None:
    wanted = pictures[:3]
    found = pictures[3:6]
    per_pixel = cell_errors(found, wanted, (16, 16)).sum() / (3 * 64 * 64)
    loss = reconstruction_loss(torch.from_numpy(found), torch.from_numpy(wanted), LossConfig(mse=1.0, l1=0.0))
    assert per_pixel == pytest.approx(float(loss), rel=1e-5)


def test_pictures_without_alpha_are_searched_over_white(tiny_bundle_path: Path, tmp_path: Path) -> None:
    with open_bundle(plain_bundle(tiny_bundle_path, tmp_path / "rgb", 3)) as bundle:
        codec = Codec(bundle, device="cpu")
        red = np.zeros((1, 4, 64, 64), np.float32)
        red[:, [0, 3], :32] = 1  # and nothing at all below, which is white
        assert search_tokens(red, codec=codec, effort=3).shape == (1, *bundle.manifest.grid)
        grey, white = 0, 1
        codec.codebook = np.array([[0.75] * 3, [1.0] * 3, [1.0, 0.0, 0.0]], np.float32)
        clear = np.zeros((1, 4, 64, 64), np.float32)
        assert (codec.encode(clear)[1] == grey).all()
        assert (search_tokens(clear, codec=codec, effort=3) == white).all()  # over white and over black, grey would be nearer


def test_progress_ends_at_its_end(codec: Codec, pictures: np.ndarray) -> None:
    heard: list[tuple[int, int]] = []
    search_tokens(np.concatenate([pictures, pictures]), codec=codec, effort=1, on_progress=lambda *pair: heard.append(pair))
    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1]
    assert len({total for _, total in heard}) == 1


def test_nothing_to_search(codec: Codec) -> None:
    assert search_tokens(np.empty((0, 4, 64, 64), np.float32), codec=codec).shape == (0, 16, 16)


@pytest.mark.parametrize("effort", [-1, len(EFFORTS)])
def test_an_effort_that_does_not_exist(codec: Codec, pictures: np.ndarray, effort: int) -> None:
    with pytest.raises(UsageError, match=r"--effort must be 0 to 3"):
        search_tokens(pictures, codec=codec, effort=effort)


def test_the_commands_have_the_same_default() -> None:
    # They say it themselves, as `--help` must not import numpy.
    for command in (encode.encode, reconstruct.reconstruct, evaluate.evaluate):
        assert inspect.signature(command).parameters["effort"].default == DEFAULT_EFFORT


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_nearest_codes_come_in_order(codec: Codec, tiny_bundle: Bundle, pictures: np.ndarray, k: int) -> None:
    z_e, _ = codec.encode(pictures[:2])
    vectors = z_e.transpose(0, 2, 3, 1)[..., None, :].astype(np.float64)  # (N, R, C, 1, D)
    distances = np.square(vectors - tiny_bundle.codebook()).sum(axis=-1)  # (N, R, C, K)
    nearest, squared = codec.nearest(z_e, k)
    found = np.take_along_axis(distances, nearest, axis=-1)
    assert np.allclose(found, np.sort(distances, axis=-1)[..., :k], atol=1e-4)
    assert np.allclose(found - found[..., :1], squared - squared[..., :1], atol=1e-4)
    if k == 1:
        assert np.mean(nearest[..., 0] == codec.quantize(z_e)) > 0.999
