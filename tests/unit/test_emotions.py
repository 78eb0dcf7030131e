"""The table of emotions, and what it makes of what a person types."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from emoterm.bundle import open_bundle
from emoterm.emotions import EMOTIONS, Emotion, find_emotion
from emoterm.errors import UsageError
from emoterm.prompt import add_emotion, parse_prompt
from emoterm.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """What the bundle that ships knows."""
    with open_bundle("default") as bundle:
        return Vocabulary.from_json(bundle.read(bundle.manifest.vocabulary), bundle.manifest)


def test_every_word_of_the_table_means_one_emotion() -> None:
    words = Counter(word for emotion in EMOTIONS for word in (emotion.name, *emotion.synonyms))
    assert [word for word, count in words.items() if count > 1] == []
    assert all(find_emotion(word).name in {emotion.name for emotion in EMOTIONS} for word in words)


@pytest.mark.parametrize(("typed", "name"), [("happy", "happy"), ("GRUMPY", "angry"), ("in-love", "love"), (" lonely ", "sad")])
def test_an_emotion_is_found_by_name_and_by_synonym(typed: str, name: str) -> None:
    assert find_emotion(typed).name == name


@pytest.mark.parametrize(("typed", "hint"), [("hapy", "happy"), ("furios", "angry"), ("sur", "surprised")])
def test_an_unknown_emotion_names_the_nearest_and_all(typed: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"The nearest is {hint}") as caught:
        find_emotion(typed)
    assert all(emotion.name in str(caught.value.fix) for emotion in EMOTIONS)


def test_nonsense_is_refused_without_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        find_emotion("qqqqqq")
    assert "nearest" not in caught.value.what


@pytest.mark.parametrize(("typed", "name"), [("happy", "happy"), ("Smug!", "cool"), ("in love", "love")])
def test_a_prompt_that_is_an_emotion_is_read_as_one(typed: str, name: str, vocabulary: Vocabulary) -> None:
    alone = parse_prompt(typed, vocabulary)
    asked = add_emotion(parse_prompt("", vocabulary), find_emotion(name), vocabulary)
    assert set(asked.words) <= set(alone.words)
    assert set(asked.sought) <= set(alone.sought)
    assert alone.replaced
    dog = parse_prompt(f"{typed} dog", vocabulary)
    assert not set(asked.words) <= set(dog.words)


@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda emotion: emotion.name)
def test_the_model_knows_the_subgroup_and_a_word_of_each_emotion(emotion: Emotion, vocabulary: Vocabulary) -> None:
    words = add_emotion(parse_prompt("", vocabulary), emotion, vocabulary).words
    assert any(word in emotion.keywords for word in words)
    assert all(name.replace("-", " ") in words for name in emotion.subgroups)
    assert len(words) <= vocabulary.word_slots


def test_no_two_emotions_say_the_same_to_the_model(vocabulary: Vocabulary) -> None:
    said = [add_emotion(parse_prompt("", vocabulary), emotion, vocabulary).words for emotion in EMOTIONS]
    assert len(set(said)) == len(said)


def test_an_emotion_comes_after_the_words_of_the_prompt(vocabulary: Vocabulary) -> None:
    words = add_emotion(parse_prompt("cat", vocabulary), find_emotion("angry"), vocabulary).words
    assert words[0] == "cat"
    assert "angry" in words


def test_an_emotion_that_means_nothing_to_the_model_is_an_error() -> None:
    other = Vocabulary(styles=[], words=["cat"], groups={}, codebook_size=64, style_slots=0, word_slots=8)
    with pytest.raises(UsageError, match="emotion happy"):
        add_emotion(parse_prompt("", other), find_emotion("happy"), other)


def test_the_page_shows_the_table() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "steering.md").read_text(encoding="utf-8")
    for emotion in EMOTIONS:
        cells = (emotion.name, *(", ".join(words) for words in (emotion.subgroups, emotion.keywords, emotion.synonyms)))
        assert f"| {' | '.join(cells)} |" in page
