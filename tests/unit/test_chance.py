"""Emojis that chance picks to draw after."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.brief import Brief, uniforms_for
from emoterm.bundle import Bundle
from emoterm.chance import _dealer, brief_by_chance
from emoterm.gallery import Gallery
from emoterm.prior import Prior
from emoterm.sampling import uniforms
from emoterm.vocabulary import Condition


@pytest.fixture(scope="module")
def prior(default_bundle: Bundle) -> Prior:
    return Prior(default_bundle, device="cpu")


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


def picked(prior: Prior, gallery: Gallery, pictures: range, *, seed: int = 1, style: str | None = None, split: str | None = None) -> Brief:
    return brief_by_chance(style, gallery=gallery, prior=prior, seed=seed, pictures=pictures, split=split)


def test_sixteen_pictures_are_of_sixteen_kinds(prior: Prior, gallery: Gallery) -> None:
    brief = picked(prior, gallery, range(16))
    assert len({entry.subgroup for entry in brief.after}) == 16
    assert "Component" not in {entry.group for entry in picked(prior, gallery, range(300)).after}


@pytest.mark.parametrize("group", ["Travel & Places", "animals & nature", "Component"])
def test_a_group_leaves_the_emojis_of_that_group(group: str, prior: Prior, gallery: Gallery) -> None:
    brief = brief_by_chance(None, gallery=gallery, prior=prior, seed=1, pictures=range(40), group=group)
    assert {entry.group.casefold() for entry in brief.after} == {group.casefold()}
    subgroups = {emoji.subgroup for emoji in gallery.emojis if emoji.is_of(group)}
    assert len({entry.subgroup for entry in brief.after[:4]}) == min(4, len(subgroups))


def test_no_emoji_comes_again_before_all_of_its_kind_were_there(prior: Prior, gallery: Gallery) -> None:
    flags = [entry.emoji for entry in picked(prior, gallery, range(20_000)).after if entry.subgroup == "country-flag"]
    all_of_them = len({entry.emoji for entry in gallery.entries if entry.subgroup == "country-flag"})
    assert 100 < len(flags) < all_of_them  # one in a hundred pictures
    assert len(set(flags)) == len(flags)


def test_kinds_of_one_size_are_shuffled_each_by_itself() -> None:
    kinds = [[(kind, number) for number in range(9)] for kind in range(6)]
    deal = _dealer(kinds, 1)  # type: ignore[arg-type]
    first_round = dict(deal(picture) for picture in range(6))  # type: ignore[misc]
    assert sorted(first_round) == list(range(6))
    assert len(set(first_round.values())) > 1


def test_a_picture_does_not_depend_on_the_others(prior: Prior, gallery: Gallery) -> None:
    together, alone = picked(prior, gallery, range(12)), picked(prior, gallery, range(7, 9))
    assert together.after[7:9] == alone.after
    assert together.conditions[7:9] == alone.conditions
    assert together.sources is not None
    assert alone.sources is not None
    assert np.array_equal(together.sources[7:9], alone.sources)


def test_what_is_picked_has_numbers_that_draw_no_token(prior: Prior) -> None:
    of_tokens = uniforms(7, 3, prior.n_tokens).tolist()
    assert not set(uniforms_for(3, seed=7, prior=prior)) & set(of_tokens)


def test_other_seeds_are_other_emojis(prior: Prior, gallery: Gallery) -> None:
    names = [{entry.name for entry in picked(prior, gallery, range(16), seed=seed).after} for seed in (1, 2)]
    assert len(names[0] & names[1]) <= 2


def test_each_is_drawn_in_another_style_than_its_own(prior: Prior, gallery: Gallery) -> None:
    brief = picked(prior, gallery, range(64))
    assert all(condition.style != entry.style for condition, entry in zip(brief.conditions, brief.after, strict=True))
    assert {condition.style for condition in brief.conditions} == set(prior.vocabulary.styles)
    in_one = picked(prior, gallery, range(64), style="noto")
    assert {condition.style for condition in in_one.conditions} == {"noto"}
    assert "noto" not in {entry.style for entry in in_one.after}


def test_the_prior_is_told_the_name(prior: Prior, gallery: Gallery) -> None:
    brief = picked(prior, gallery, range(64), split="train")
    assert {entry.split for entry in brief.after} == {"train"}
    told = [(entry.name, condition.words) for condition, entry in zip(brief.conditions, brief.after, strict=True) if condition.words]
    assert len(told) > 32
    assert all(words[0] in name.lower() for name, words in told if " " not in name)


def test_the_first_few_are_named_and_the_others_counted(prior: Prior, gallery: Gallery) -> None:
    assert picked(prior, gallery, range(16)).names().endswith(" and 8 more")
    assert "more" not in picked(prior, gallery, range(2)).names(with_emojis=False)


def test_no_pictures(prior: Prior, gallery: Gallery) -> None:
    assert picked(prior, gallery, range(0)).conditions == []


def test_without_a_source_graph_nothing_is_picked(prior: Prior, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(prior.source), "exists", False)
    brief = picked(prior, gallery, range(3))
    assert brief.conditions == [Condition()] * 3
    assert brief.sources is None
