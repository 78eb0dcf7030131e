"""Subsets, weights, mirroring and digests of a set of emojis, and the words of its rows."""

from __future__ import annotations

import pytest
import torch

from trainer.data import EmojiRow, EmojiSet, build_word_vocabulary, condition_words, picture_digest
from trainer.errors import TrainerError


def a_set(rows: list[EmojiRow]) -> EmojiSet:
    return EmojiSet(torch.arange(len(rows), dtype=torch.uint8)[:, None, None, None].expand(-1, 4, 2, 2), rows)


def test_subset_takes_masks_and_indices_and_split_names_what_there_is() -> None:
    emojis = a_set([EmojiRow("a", split="train"), EmojiRow("b", split="test"), EmojiRow("c", split="train")])
    assert [row.text for row in emojis.subset([2, 0]).rows] == ["c", "a"]
    assert emojis.subset([2, 0]).images[:, 0, 0, 0].tolist() == [2, 0]
    assert [row.text for row in emojis.subset(torch.tensor([False, True, True])).rows] == ["b", "c"]
    assert [row.text for row in emojis.split("train").rows] == ["a", "c"]
    with pytest.raises(TrainerError, match="no split 'validation'; it has test, train"):
        emojis.split("validation")


def test_variants_of_one_drawing_together_weigh_one_plain_emoji() -> None:
    tones = ["light", "medium-light", "medium", "medium-dark", "dark"]
    rows = [EmojiRow("hand", base="h", style="noto"), EmojiRow("octopus", base="o", style="noto")]
    rows += [EmojiRow(f"hand: {tone}", base="h", style="noto", skin_tone=tone) for tone in tones]
    rows += [EmojiRow("hand: dark", base="h", style="blob", skin_tone="dark")]
    weights = a_set(rows).weights()
    assert weights.dtype == torch.float32
    assert weights[:2].tolist() == [1, 1]
    assert weights[2:7].tolist() == pytest.approx([0.2] * 5)
    assert weights[7] == 1  # the only variant of another style


def test_pictures_with_writing_a_side_or_no_group_are_not_mirrored() -> None:
    rows = [
        EmojiRow("octopus", group="Animals & Nature"),
        EmojiRow("left-facing fist", group="People & Body"),
        EmojiRow("person running facing right", group="People & Body"),
        EmojiRow("copyright person", group="People & Body"),
        EmojiRow("ABCD", group="Symbols"),
        EmojiRow("octopus"),
    ]
    images = torch.zeros(len(rows), 4, 64, 64, dtype=torch.uint8)
    assert EmojiSet(images, rows).mirrorable().tolist() == [True, False, False, True, False, False]


def test_condition_words_are_short_lower_case_and_unique() -> None:
    row = EmojiRow(
        "Woman’s “Big” hat: dark skin tone",
        group="People & Body",
        subgroup="other-clothing",
        keywords=("hat", "NEW hat", "dark skin tone", "a very long phrase indeed", "!"),
    )
    words = condition_words(row)
    assert words == ("woman's big hat", "woman's", "big", "hat", "new hat", "dark skin tone", "clothing", "people", "body")


def test_word_vocabulary_counts_drawings_then_sorts_by_alphabet() -> None:
    rows = [EmojiRow("hand", base="h", style="noto", skin_tone=tone) for tone in ("", "light", "dark")]
    rows += [EmojiRow("cat", base="c", style="noto"), EmojiRow("cat", base="c", style="blob"), EmojiRow("bee", base="b", style="noto")]
    assert build_word_vocabulary(rows) == ["cat", "bee", "hand"]
    assert build_word_vocabulary(rows, min_count=2) == ["cat"]
    assert build_word_vocabulary(rows, max_words=2) == ["cat", "bee"]


def test_a_digest_tells_pictures_and_their_order_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.randint(0, 256, (9, 4, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    other = images.clone()
    other[8, 3, 7, 7] += 1
    different = [images, other, images.flip(0), images[:8], images.view(9, 4, 4, 16), images[:0]]
    assert len({picture_digest(some) for some in different}) == len(different)
    assert picture_digest(images.to(memory_format=torch.channels_last)) == picture_digest(images)
    monkeypatch.setattr("trainer.data.DIGESTED", 3)  # the first, one in the middle and the last
    read = [other, images.flip(0), images[:8]]
    assert picture_digest(images) not in {picture_digest(some) for some in read}
