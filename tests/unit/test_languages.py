"""Prompts in other languages, with the names of the default gallery."""

from __future__ import annotations

import pytest

from emoterm.bundle import Bundle
from emoterm.common_words import FUNCTION_WORDS
from emoterm.gallery import Gallery
from emoterm.languages import LANGUAGES, Translation, Translator, folded
from emoterm.names import plain


@pytest.fixture(scope="module")
def translator(default_bundle: Bundle) -> Translator:
    return Gallery(default_bundle).translator


@pytest.mark.parametrize(
    ("typed", "language", "english"),
    [
        ("blaue Katze", "German", "blue cat"),
        ("Hund mit Zylinder", "German", "dog with top hat"),
        ("trauriges Gesicht", "German", "sad face"),
        ("Schmetterling", "German", "butterfly"),
        ("glückliche Katze mit Hut", "German", "happy cat with hat"),
        ("roter Ballon", "German", "red balloon"),
        ("chat amoureux", "French", "cat in love"),
        ("cachorro feliz", "Portuguese", "dog happy"),
        ("грустный кот", "Russian", "sad cat"),
        ("cœur rouge", "French", "red heart"),
        ("coeur vert", "French", "green heart"),
        ("chat qui pleure", "French", "crying cat"),
        ("gâteau d'anniversaire", "French", "birthday cake"),
        ("gato azul con gafas de sol", "Spanish", "cat blue with sunglasses"),
        ("corazón rojo", "Spanish", "red heart"),
        ("gatto rosso", "Italian", "cat red"),
        ("cane con occhiali da sole", "Italian", "dog with sunglasses"),
        ("coração azul", "Portuguese", "blue heart"),
        ("синий кот", "Russian", "blue cat"),
        ("kucing biru", "Indonesian", "cat blue"),
        ("mavi kedi", "Turkish", "blue cat"),
        ("Katze ohne Hut", "German", "cat without hat"),
        ("Katze mit Hut", "German", "cat with hat"),
        ("gato sin sombrero", "Spanish", "cat without hat"),
        ("chien sans chapeau", "French", "dog without hat"),
        ("gatto senza cappello", "Italian", "cat without hat"),
        ("кот без шляпы", "Russian", "cat without hat"),
        ("Katze, Hund", "German", "cat, dog"),
        ("蓝色的猫", "Chinese", "blue cat"),
        ("青い猫", "Japanese", "blue cat"),
        ("l'ours", "French", "bear"),
        ("¿gato?", "Spanish", "cat"),
        ("ロボット", "Japanese", "robot"),
        ("고양이", "Korean", "cat"),
        ("قلب أحمر", "Arabic", "red heart"),
        ("گربه", "Persian", "cat"),
    ],
)
def test_names_and_words_of_names_are_understood(typed: str, language: str, english: str, translator: Translator) -> None:
    assert translator.translate(typed, plain(typed).split()) == Translation(language, english)


@pytest.mark.parametrize("typed", ["haert", "unicron", "xqzv", "", "mit und der"])
def test_what_no_language_knows_is_left_as_it_is(typed: str, translator: Translator) -> None:
    assert translator.translate(typed, plain(typed).split()) is None


@pytest.mark.parametrize(
    ("typed", "unfamiliar"),
    [
        ("a cat looking at the moon", ["looking"]),
        ("my cat luna in a box", ["luna"]),
        ("a photo of a cat", ["photo"]),
        ("smoky pokemon", ["smoky", "pokemon"]),
        ("a real cat", ["real"]),
        ("super dog", ["super"]),
    ],
)
def test_english_stays_english(typed: str, unfamiliar: list[str], translator: Translator) -> None:
    assert translator.translate(typed, unfamiliar) is None


def test_what_is_english_already_stays(translator: Translator) -> None:
    found = translator.translate("main coon katze", ["main", "coon", "katze"])
    assert found is not None
    assert found.text.endswith("coon cat")
    kept = translator.translate("car cat gato", ["gato"])
    assert kept == Translation("Spanish", "car cat cat")


def test_a_long_text_takes_no_time_for_words_that_come_again(translator: Translator) -> None:
    words = "katze schmetterling " * 2000
    found = translator.translate(words, ["katze", "schmetterling"])
    assert found is not None
    assert found.text == ("cat butterfly " * 2000).strip()


def test_only_what_is_not_english_decides_on_the_language(translator: Translator) -> None:
    assert translator.translate("robot mit Herz", ["mit", "herz"]) == Translation("German", "robot with heart")
    assert translator.translate("robot mit Herz", []) is None


def test_the_language_of_the_machine_is_preferred_where_several_have_a_word(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("it", "es"):
        monkeypatch.setattr("locale.getlocale", lambda code=code: (f"{code}_XX", "UTF-8"))
        found = translator.translate("gorilla corona", ["corona"])
        assert found is not None
        assert found.language == LANGUAGES[code]


def test_function_words_are_folded_as_what_is_typed_is() -> None:
    for words in FUNCTION_WORDS.values():
        assert all(folded(plain(word)) == word and word.isalpha() for word in words)
