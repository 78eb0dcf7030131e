"""Emojis of the gallery that a prompt is drawn after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoterm.brief import Brief, Finish, sampling_for
from emoterm.bundle import Bundle
from emoterm.emotions import find_emotion
from emoterm.errors import UsageError
from emoterm.feelings import FACES, faces_for
from emoterm.gallery import Gallery, GalleryEntry
from emoterm.prior import Prior
from emoterm.prompt import add_emotion, parse_prompt
from emoterm.request import Request
from emoterm.retrieval import AS_NEAR, AT_MOST, brief_by_words, shortlist
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition


@pytest.fixture(scope="module")
def prior(default_bundle: Bundle) -> Prior:
    return Prior(default_bundle, device="cpu")


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


@pytest.mark.parametrize("prompt", ["heart", "sad cat", "cat with sunglasses", "blue heart"])
def test_a_group_leaves_only_its_emojis(prompt: str, prior: Prior, gallery: Gallery) -> None:
    request = Request.from_prompt(parse_prompt(prompt, prior.vocabulary, names=gallery))
    for group in ("Smileys & Emotion", "animals & nature"):
        if "heart" in prompt and group != "Smileys & Emotion":
            continue
        asked = replace(request, group=group)
        brief = brief_by_words(asked, gallery=gallery, prior=prior, seed=1, pictures=range(12))
        assert {entry.group.casefold() for entry in brief.after} == {group.casefold()}


def test_a_group_that_has_nothing_of_the_kind_is_an_error_which_names_one_that_has(prior: Prior, gallery: Gallery) -> None:
    asked = replace(Request.from_prompt(parse_prompt("cat", prior.vocabulary, names=gallery)), group="Flags")
    with pytest.raises(UsageError, match="Flags") as caught:
        brief_by_words(asked, gallery=gallery, prior=prior, seed=1, pictures=range(2))
    assert "Animals & Nature" in str(caught.value.fix)


def brief_of(prompt: str, prior: Prior, gallery: Gallery, *, style: str | None = None, pictures: range = range(12), seed: int = 1) -> Brief:
    parsed = parse_prompt(prompt, prior.vocabulary, style=style, names=gallery)
    return brief_by_words(Request.from_prompt(parsed), gallery=gallery, prior=prior, seed=seed, pictures=pictures)


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("birthday cake", "birthday cake"),
        ("cake for a birthday", "birthday cake"),
        ("crying cats", "crying cat"),
        ("pizza", "pizza"),
        ("🍕", "pizza"),
        ("a green tree", "evergreen tree"),
        ("waving hand: dark skin tone", "waving hand: dark skin tone"),
    ],
)
def test_a_prompt_finds(prior: Prior, gallery: Gallery, prompt: str, found: str) -> None:
    assert found in [emoji.name for emoji in brief_of(prompt, prior, gallery).shortlist[:2]]


def test_what_comes_much_less_near_is_left_out(prior: Prior, gallery: Gallery) -> None:
    assert [emoji.name for emoji in shortlist(["cake", "birthday"], style=None, gallery=gallery)] == ["birthday cake"]
    cats = shortlist(["cat"], style=None, gallery=gallery)
    assert len(cats) == AT_MOST
    assert {emoji.name for emoji in cats} > {"cat", "cat face", "crying cat"}
    nearness = {emoji.name: value for emoji, value in gallery.near(["cat"])}
    assert nearness["cat"] == 1
    assert all(nearness[emoji.name] >= AS_NEAR for emoji in cats)


def test_the_subject_counts_more_than_what_describes_it(gallery: Gallery) -> None:
    blue_first = [emoji.name for emoji, _ in gallery.near(["blue", "tree"])[:1]]
    tree_first = [emoji.name for emoji, _ in gallery.near(["tree", "blue"])[:1]]
    assert "blue" in blue_first[0]
    assert "tree" in tree_first[0]


def test_words_that_no_emoji_has_change_nothing(gallery: Gallery) -> None:
    assert gallery.near(["xyzzy", "cat"]) == gallery.near(["cat"])
    assert gallery.near(["xyzzy"]) == gallery.near([]) == []


def test_a_skin_tone_is_drawn_after_only_where_it_is_named(prior: Prior, gallery: Gallery) -> None:
    assert not any(emoji.skin_tone for emoji in brief_of("waving hand", prior, gallery).shortlist)
    assert brief_of("waving hand: dark skin tone", prior, gallery).shortlist[0].skin_tone == "dark"


def test_no_picture_is_drawn_after_one_in_its_own_style(prior: Prior, gallery: Gallery) -> None:
    asked = brief_of("cat", prior, gallery, style="noto", pictures=range(40))
    assert {condition.style for condition in asked.conditions} == {"noto"}
    assert "noto" not in {entry.style for entry in asked.after}
    free = brief_of("cat", prior, gallery, pictures=range(40))
    assert {condition.style for condition in free.conditions} == set(prior.vocabulary.styles)
    assert all(condition.style != entry.style for condition, entry in zip(free.conditions, free.after, strict=True))
    assert len({entry.emoji for entry in free.after}) > 3


def test_the_choice_depends_on_seed_and_index_alone(prior: Prior, gallery: Gallery) -> None:
    whole = brief_of("cat", prior, gallery)
    part = brief_of("cat", prior, gallery, pictures=range(5, 8))
    assert whole.after[5:8] == part.after
    assert whole.conditions[5:8] == part.conditions
    assert whole.sources is not None
    assert part.sources is not None
    assert np.array_equal(whole.sources[5:8], part.sources)
    assert np.array_equal(whole.sources[3], gallery.tokens(whole.after[3]))
    assert brief_of("cat", prior, gallery, seed=2).after != whole.after


def test_words_are_told_only_where_they_mean_what_was_found(prior: Prior, gallery: Gallery) -> None:
    assert brief_of("birthday cake", prior, gallery).conditions[0].words[0] == "birthday cake"
    assert brief_of("small car", prior, gallery).conditions[0].words == ("small", "car")  # no emoji has both: both are news
    assert brief_of("rocket", prior, gallery).conditions[0].words == ()  # nearly all that the prior learned it from are astronauts
    (unseen,) = brief_of("pizza", prior, gallery).shortlist
    assert unseen.split == "test"
    assert brief_of("pizza", prior, gallery).conditions[0].words == ()


def test_where_nothing_comes_near_words_alone_decide(prior: Prior, gallery: Gallery) -> None:
    for sought in ((), ("xyzzy",)):
        request = Request(("cat",), "noto", sought)
        brief = brief_by_words(request, gallery=gallery, prior=prior, seed=1, pictures=range(3))
        assert brief.conditions == [Condition(style="noto", words=("cat",))] * 3
        assert brief.sources is None
        assert not brief.after


def test_only_one_split(gallery: Gallery) -> None:
    assert not shortlist(["pizza"], style=None, gallery=gallery, split="train")
    assert {emoji.split for emoji in shortlist(["cat"], style=None, gallery=gallery, split="train")} == {"train"}


def test_a_source_wants_another_law() -> None:
    law = sampling_for(SamplingParams(temperature=0.95, top_k=100, top_p=0.9, min_p=0.1, guidance=4))
    assert law == SamplingParams(temperature=0.7, top_k=100, top_p=0.9, min_p=0.1, guidance=3)


def test_what_has_another_colour_is_painted_and_the_prior_is_not_told(prior: Prior, gallery: Gallery) -> None:
    brief = brief_of("pink elephant", prior, gallery)
    assert [emoji.name for emoji in brief.shortlist] == ["elephant"]
    assert brief.finishes == (Finish("pink"),) * 12
    assert {word for condition in brief.conditions for word in condition.words} == {"elephant"}
    assert brief_of("elephant", prior, gallery).finishes == ()


def test_what_has_the_colour_is_painted_only_if_it_comes_out_in_another(prior: Prior, gallery: Gallery) -> None:
    for prompt, name in (("blue heart", "blue heart"), ("black cat", "black cat"), ("orange", "orange heart")):
        brief = brief_of(prompt, prior, gallery)
        assert brief.shortlist[0].name == name
        assert len(brief.finishes) == 12
        assert all(finish.unless_near for finish in brief.finishes)


def test_an_emoji_of_a_third_colour_is_painted_too(prior: Prior, gallery: Gallery) -> None:
    brief = brief_of("blue cat", prior, gallery)
    by_name = {entry.name: finish for entry, finish in zip(brief.after, brief.finishes, strict=True)}
    assert by_name["black cat"] == Finish("blue")
    assert set(by_name.values()) == {Finish("blue")}


def test_nobody_is_painted(prior: Prior, gallery: Gallery) -> None:
    for prompt in ("black woman", "white man", "green hand"):
        brief = brief_of(prompt, prior, gallery)
        assert {emoji.group for emoji in brief.shortlist} == {"People & Body"}
        assert brief.finishes == ()


def test_a_colour_alone_does_not_make_a_shortlist_where_there_is_a_subject(prior: Prior, gallery: Gallery) -> None:
    assert all("heart" not in emoji.name for emoji in brief_of("green wizard", prior, gallery).shortlist)
    assert brief_of("yellow xyzzy", prior, gallery).shortlist[0].name == "yellow heart"  # nothing else is to be had


def test_a_colour_that_the_prior_does_not_know_is_not_lost(prior: Prior, gallery: Gallery) -> None:
    parsed = parse_prompt("grey house", prior.vocabulary, names=gallery)
    assert parsed.unknown == ("grey",)
    assert parsed.lost == ()
    assert set(brief_of("grey house", prior, gallery).finishes) == {Finish("grey")}


@pytest.mark.parametrize("prompt", ["happy star", "a star that is happy", "smiling star"])
def test_a_thing_that_feels_something_is_given_a_face_and_the_prior_is_not_told(prior: Prior, gallery: Gallery, prompt: str) -> None:
    brief = brief_of(prompt, prior, gallery)
    assert {emoji.name for emoji in brief.shortlist} >= {"star", "glowing star"}
    assert all("Smileys" not in emoji.group for emoji in brief.shortlist)  # not star-struck
    for finish, condition in zip(brief.finishes, brief.conditions, strict=True):
        assert finish.face is not None
        assert finish.face.emoji in FACES["happy"]
        assert finish.face.style == condition.style
        assert not {"happy", "smile", "smiling"} & set(condition.words)
    assert len({finish.face.emoji for finish in brief.finishes if finish.face}) > 1


def test_a_request_of_a_stranger_may_call_things_otherwise(prior: Prior, gallery: Gallery) -> None:
    request = Request(words=("cat",), sought=("cat", "hat"), worn=("Sun-Hats",))
    brief = brief_by_words(request, gallery=gallery, prior=prior, seed=1, pictures=range(2))
    assert brief.after
    assert [[item.emoji for item, _ in finish.worn] for finish in brief.finishes] == [["👒"], ["👒"]]


def test_what_is_worn_is_neither_looked_for_nor_told_but_put_on(prior: Prior, gallery: Gallery) -> None:
    brief = brief_of("cat with sunglasses and a crown", prior, gallery)
    assert all("cat" in emoji.name for emoji in brief.shortlist)
    assert all(emoji.subgroup == "cat-face" or "face" in emoji.keywords for emoji in brief.shortlist)  # whose eyes can be found
    for finish, condition in zip(brief.finishes, brief.conditions, strict=True):
        assert [(item.emoji[0], place) for item, place in finish.worn] == [("🕶", "eyes"), ("👑", "head")]
        assert {item.style for item, _ in finish.worn} == {condition.style}
        assert not {"sunglasses", "crown"} & set(condition.words)


@pytest.mark.parametrize(
    ("prompt", "worn"),
    [
        ("pizza with sunglasses", {("🕶", "middle")}),
        ("octopus with glasses", set()),  # its eyes may be anywhere
        ("octopus with a top hat", {("🎩", "head")}),
        ("person with a crown", set()),  # an emoji that has one
        ("smiling face with sunglasses", set()),  # likewise
        ("sun with sunglasses", {("🕶", "middle")}),  # which that face is not, for all that its keywords say
        ("cats with 🎩", {("🎩", "head")}),
        ("cat with sunglases", {("🕶", "eyes")}),
        ("crown", set()),
    ],
)
def test_things_are_worn_where_they_can_be(prior: Prior, gallery: Gallery, prompt: str, worn: set[tuple[str, str]]) -> None:
    brief = brief_of(prompt, prior, gallery, pictures=range(4))
    assert brief.after
    assert {(item.emoji[0], place) for finish in brief.finishes for item, place in finish.worn} == worn


def test_an_emotion_that_is_asked_for_beside_a_thing_is_its_face(prior: Prior, gallery: Gallery) -> None:
    parsed = add_emotion(parse_prompt("cloud", prior.vocabulary), find_emotion("furious"), prior.vocabulary)
    assert parsed.feeling == "angry"
    brief = brief_by_words(Request.from_prompt(parsed), gallery=gallery, prior=prior, seed=1, pictures=range(4))
    assert {entry.name for entry in brief.after} == {"cloud"}
    assert {finish.face.emoji for finish in brief.finishes if finish.face} == set(FACES["angry"])
    assert {condition.words for condition in brief.conditions} == {()}  # "cloud" alone would mean rain and thunder as well


def test_what_has_the_feeling_is_drawn_after_and_keeps_its_face(prior: Prior, gallery: Gallery) -> None:
    brief = brief_of("sad cat", prior, gallery)
    assert [emoji.name for emoji in brief.shortlist] == ["crying cat"]
    assert brief.finishes == ()


def test_animals_and_people_are_given_no_face(prior: Prior, gallery: Gallery) -> None:
    for prompt, name in (("sleeping dog", "dog"), ("happy woman", "woman")):
        brief = brief_of(prompt, prior, gallery)
        assert name in {entry.name for entry in brief.after}
        assert brief.finishes == ()


def test_a_thing_can_have_a_colour_and_a_feeling(prior: Prior, gallery: Gallery) -> None:
    brief = brief_of("sad blue apple", prior, gallery)
    assert all(finish.color == "blue" and finish.face is not None for finish in brief.finishes)


def test_faces_are_looked_for_once_a_style_however_many_pictures(prior: Prior, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def counted(feeling: str, style: str | None, of: Gallery) -> list[GalleryEntry]:
        asked.append(style)
        return faces_for(feeling, style, of)

    monkeypatch.setattr("emoterm.retrieval.faces_for", counted)
    brief = brief_of("happy star", prior, gallery, pictures=range(40))
    assert sorted(asked, key=str) == sorted({condition.style for condition in brief.conditions}, key=str)
    assert len(asked) > 1


@pytest.mark.parametrize(("word", "other"), [("dog", "🌭"), ("moon", "🥮"), ("mouse", "🖱️"), ("bear", "🧸")])
def test_another_kind_of_thing_is_left_out_unless_a_recipe_is_older(prior: Prior, gallery: Gallery, word: str, other: str) -> None:
    found = [emoji.emoji for emoji in shortlist([word], style=None, gallery=gallery)]
    assert found
    assert other not in found
    assert other in [emoji.emoji for emoji in shortlist([word], style=None, gallery=gallery, version=1, at_most=None)]


def test_what_feels_something_else_is_left_out(prior: Prior, gallery: Gallery) -> None:
    assert {emoji.name for emoji in brief_of("cat in love", prior, gallery).shortlist} == {"smiling cat with heart-eyes"}
    cool = {emoji.name for emoji in brief_of("cool cat", prior, gallery).shortlist}
    assert "cat" in cool
    assert cool.isdisjoint({"crying cat", "weary cat"})
    older = replace(Request.from_prompt(parse_prompt("cool cat", prior.vocabulary, names=gallery)), search_version=1)
    assert "crying cat" in {
        emoji.name for emoji in brief_by_words(older, gallery=gallery, prior=prior, seed=1, pictures=range(1)).shortlist
    }


@pytest.mark.parametrize("prompt", ["hot dog", "teddy bear", "computer mouse", "brown teddy bear", "moon cake"])
def test_what_is_called_so_in_full_is_of_the_right_kind(prior: Prior, gallery: Gallery, prompt: str) -> None:
    assert brief_of(prompt, prior, gallery).shortlist[0].name == " ".join(prompt.split()[-2:])
