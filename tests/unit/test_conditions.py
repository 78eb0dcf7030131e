"""The numbering of the prior's tokens, and the conditions it reads in training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from trainer.conditions import CONTEXT, WORD_SLOTS, ConditionTable, TokenSpace
from trainer.data import EmojiRow

torch.set_num_threads(1)

CPU = torch.device("cpu")
K = 100
ROWS = [
    EmojiRow("cat", style="noto", group="Animals & Nature", subgroup="animal-mammal", keywords=("pet", "whiskers"), base="1f431"),
    EmojiRow("dog", style="blob", group="Animals & Nature", subgroup="animal-mammal", keywords=("pet",), base="1f436"),
    EmojiRow("heart", style="noto", group="Smileys & Emotion", subgroup="heart", base="2764"),
    EmojiRow("", style="noto"),
    EmojiRow("one two three four five six", keywords=("seven", "eight", "nine", "ten", "eleven"), style="blob", base="x"),
]
SPACE = TokenSpace.from_rows(ROWS, K, min_count=1, max_words=1000)
CAT, DOG, HEART, NOTHING, LONG = range(len(ROWS))


def table(rows: list[EmojiRow] = ROWS, space: TokenSpace = SPACE) -> ConditionTable:
    return ConditionTable(space, rows, CPU)


def contexts(row: int, n: int = 4000, **dropping: Any) -> Tensor:
    """(n, CONTEXT): the same row many times."""
    torch.manual_seed(0)
    return table().context(torch.full((n,), row), **dropping)


def test_codes_bos_null_styles_and_words_follow_each_other_without_a_gap() -> None:
    assert (SPACE.bos, SPACE.null) == (K, K + 1)
    assert SPACE.styles == ("blob", "noto")
    styles = [SPACE.style_token(style) for style in SPACE.styles]
    assert styles == [K + 2, K + 3]
    words = sorted({token for row in ROWS for token in SPACE.word_tokens(row)})
    assert words == list(range(K + 4, K + 4 + len(SPACE.words)))
    assert SPACE.vocab_size == K + 4 + len(SPACE.words)


def test_an_unknown_style_is_null_and_an_unknown_word_is_left_out() -> None:
    assert SPACE.style_token("crayon") == SPACE.null
    assert SPACE.style_token("") == SPACE.null
    assert SPACE.word_tokens(EmojiRow("zebra cat")) == SPACE.word_tokens(EmojiRow("cat"))
    assert len(SPACE.word_tokens(EmojiRow("cat"))) == 1


def test_the_vocabulary_has_the_frequent_words_only() -> None:
    frequent = TokenSpace.from_rows(ROWS, K, min_count=2, max_words=1000).words
    assert "pet" in frequent
    assert "whiskers" in SPACE.words
    assert "whiskers" not in frequent
    assert len(TokenSpace.from_rows(ROWS, K, min_count=1, max_words=3).words) == 3


def test_groups_list_the_words_of_their_names_and_subgroups() -> None:
    assert list(SPACE.groups) == ["animals & nature", "smileys & emotion"]
    assert {"animals", "nature", "animal mammal", "animal", "mammal"} >= set(SPACE.groups["animals & nature"]) >= {"animal", "mammal"}
    assert "heart" in SPACE.groups["smileys & emotion"]
    assert all(word in SPACE.words for words in SPACE.groups.values() for word in words)


def test_the_numbering_survives_being_saved(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(SPACE.to_json(), ensure_ascii=False), encoding="utf-8")
    assert TokenSpace.load(path, K) == SPACE


def test_without_conditions_there_are_the_codes_bos_and_null() -> None:
    assert TokenSpace(K).vocab_size == K + 2


# --- contexts ---


def test_a_context_is_style_words_and_bos() -> None:
    context = table().context(torch.tensor([DOG, CAT]))
    assert context.shape == (2, CONTEXT)
    assert context[:, 0].tolist() == [SPACE.style_token("blob"), SPACE.style_token("noto")]
    assert context[:, -1].tolist() == [SPACE.bos, SPACE.bos]
    for row, tokens in zip((DOG, CAT), context[:, 1:-1].tolist(), strict=True):
        known = SPACE.word_tokens(ROWS[row])[:WORD_SLOTS]
        assert tokens == known + [SPACE.null] * (WORD_SLOTS - len(known))


def test_without_dropping_the_first_eight_words_are_shown() -> None:
    known = SPACE.word_tokens(ROWS[LONG])
    assert len(known) > WORD_SLOTS
    context = table().context(torch.tensor([LONG]))
    assert context[0, 1:-1].tolist() == known[:WORD_SLOTS]


def test_a_row_about_which_nothing_is_known_is_all_null() -> None:
    space = TokenSpace(K)
    assert table([EmojiRow("")], space).context(torch.tensor([0])).tolist() == [[space.null] * (CONTEXT - 1) + [space.bos]]


def test_dropping_all_leaves_bos_only() -> None:
    context = contexts(CAT, 50, drop_all=1.0)
    assert (context[:, :-1] == SPACE.null).all()
    assert (context[:, -1] == SPACE.bos).all()


def test_all_conditions_fall_together_at_the_rate_asked_for() -> None:
    context = contexts(CAT, drop_all=0.3)
    empty = (context[:, :-1] == SPACE.null).all(1)
    whole = (context == table().context(torch.tensor([CAT]))).all(1)
    assert (empty | whole).all()
    assert float(empty.float().mean()) == pytest.approx(0.3, abs=0.03)


def test_the_style_falls_at_the_rate_asked_for() -> None:
    style = contexts(CAT, training=True, drop_each=0.2)[:, 0]
    assert set(style.tolist()) == {SPACE.style_token("noto"), SPACE.null}
    assert float((style == SPACE.null).float().mean()) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("row", [CAT, HEART, NOTHING, LONG])
def test_the_words_shown_in_training_are_the_row_s_own_and_none_twice(row: int) -> None:
    known = set(SPACE.word_tokens(ROWS[row]))
    seen = set()
    for context in contexts(row, 500, training=True, drop_each=0.1).tolist():
        shown = [token for token in context[1:-1] if token != SPACE.null]
        assert set(shown) <= known
        assert len(set(shown)) == len(shown) <= WORD_SLOTS
        seen |= set(shown)
    assert seen == known  # those beyond the eighth too


def test_half_of_the_rows_show_one_to_three_words_as_a_person_types() -> None:
    n_words = len(SPACE.word_tokens(ROWS[LONG]))
    shown = (contexts(LONG, training=True)[:, 1:-1] != SPACE.null).sum(1)
    share = torch.bincount(shown, minlength=WORD_SLOTS + 1) / len(shown)
    assert n_words > WORD_SLOTS
    assert share[[1, 2, 3]].tolist() == pytest.approx([1 / 6] * 3, abs=0.03)
    assert float(share[WORD_SLOTS]) == pytest.approx(0.5, abs=0.03)


def test_words_come_in_every_order() -> None:
    first = contexts(CAT, 500, training=True)[:, 1]
    assert set(first.tolist()) == set(SPACE.word_tokens(ROWS[CAT]))


def test_the_same_seed_draws_the_same_conditions() -> None:
    assert torch.equal(
        contexts(LONG, 20, training=True, drop_each=0.3, drop_all=0.2), contexts(LONG, 20, training=True, drop_each=0.3, drop_all=0.2)
    )


def test_a_row_is_shown_in_many_ways_where_no_condition_is_dropped() -> None:
    shown = contexts(LONG, 500, training=True, drop_each=0.0)
    assert len(shown.unique(dim=0)) > 100
    assert (shown[:, 0] != SPACE.null).all()
    assert len(contexts(LONG, 500).unique(dim=0)) == 1
