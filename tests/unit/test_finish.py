"""What is done to a picture once it is drawn."""

from __future__ import annotations

import numpy as np

from emoterm.brief import Finish
from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.colors import paint
from emoterm.faces import FaceReader, put_on
from emoterm.feelings import faces_for
from emoterm.finish import finish_tokens
from emoterm.gallery import Gallery


def test_tokens_of_painted_pictures(tiny_bundle: Bundle) -> None:
    codec, gallery = Codec(tiny_bundle, device="cpu"), Gallery.from_bundle(tiny_bundle)
    tokens = np.arange(3 * 256).reshape(3, 256) * 7 % len(codec.codebook)
    painted = finish_tokens(tokens, (Finish("blue"), Finish(), Finish("red")), codec=codec, gallery=gallery)
    assert np.array_equal(painted[1], tokens[1])
    for row, color in ((0, "blue"), (2, "red")):
        expected = codec.encode(paint(codec.decode_tokens(tokens[row : row + 1]), color))[1]
        assert np.array_equal(painted[row], expected.reshape(-1))
        assert not np.array_equal(painted[row], tokens[row])
    assert np.array_equal(finish_tokens(tokens, (), codec=codec, gallery=gallery), tokens)


def test_what_has_the_colour_keeps_its_tokens(default_bundle: Bundle) -> None:
    codec, gallery = Codec(default_bundle, device="cpu"), Gallery.from_bundle(default_bundle)
    tokens = np.stack([gallery.tokens(gallery.find(name, "noto")) for name in ("red heart", "blue heart")])
    finished = finish_tokens(tokens, (Finish("red", unless_near=True),) * 2, codec=codec, gallery=gallery)
    assert np.array_equal(finished[0], tokens[0])
    assert not np.array_equal(finished[1], tokens[1])


def test_painted_first_and_then_given_a_face(default_bundle: Bundle) -> None:
    codec, gallery = Codec(default_bundle, device="cpu"), Gallery.from_bundle(default_bundle)
    tokens = gallery.tokens(gallery.find("star", "twemoji"))[None]
    (angry,) = faces_for("angry", "twemoji", gallery)
    both = finish_tokens(tokens, (Finish("blue", face=angry),), codec=codec, gallery=gallery)
    painted = paint(codec.decode_tokens(tokens), "blue")[0]
    expected = codec.encode(put_on(painted, FaceReader(gallery, codec).read(angry))[None])[1]
    assert np.array_equal(both[0], expected.reshape(-1))
