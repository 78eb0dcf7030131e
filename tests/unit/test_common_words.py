"""Colours, feelings and everyday things of other languages, with the default gallery: what English they are read as."""

from __future__ import annotations

import re

import pytest

from emoterm.bundle import Bundle
from emoterm.colors import COLORS
from emoterm.common_words import ADJECTIVE_ENDINGS, ALSO_ENGLISH, COMMON_WORDS, ENDINGS
from emoterm.gallery import Gallery
from emoterm.languages import LANGUAGES, Translation, Translator, folded
from emoterm.names import plain
from emoterm.pipeline import Pipeline
from emoterm.prompt import check_known

FEELINGS = ("happy", "sad", "angry", "scared", "surprised", "tired", "sleepy", "in love", "cool", "crying", "laughing", "smiling")


@pytest.fixture(scope="module")
def translator(default_bundle: Bundle) -> Translator:
    return Gallery(default_bundle).translator


@pytest.fixture(scope="module")
def pipeline(default_bundle: Bundle) -> Pipeline:
    return Pipeline.of(default_bundle)


@pytest.mark.parametrize(
    ("language", "typed", "english"),
    [
        ("Arabic", "سيارة حمراء", "car red"),
        ("Arabic", "قطة وردية", "cat pink"),
        ("Arabic", "شمس سعيدة", "sun happy"),
        ("Arabic", "ضفدع غاضب", "frog angry"),
        ("Chinese", "橙色的猫", "orange cat"),
        ("Chinese", "粉红色的大象", "pink elephant"),
        ("Chinese", "灰色的汽车", "grey car"),
        ("Chinese", "快乐的太阳", "happy sun"),
        ("Chinese", "开心的太阳", "happy sun"),
        ("Chinese", "開心的太陽", "happy sun"),
        ("Chinese", "綠色的烏龜", "green turtle"),
        ("Chinese", "生气的云", "angry cloud"),
        ("French", "nuage rose", "cloud pink"),
        ("French", "voitures grises", "car grey"),
        ("French", "étoile fatiguée", "star tired"),
        ("French", "arc-en-ciel rose", "rainbow pink"),
        ("French", "chat en colère", "cat angry"),
        ("German", "gelbes Auto", "yellow car"),
        ("German", "violette Katze", "purple cat"),
        ("German", "rosa Elefant", "pink elephant"),
        ("German", "weißer Hase", "white rabbit"),
        ("German", "schläfriger Mond", "sleepy moon"),
        ("German", "cooler Stern", "cool star"),
        ("Indonesian", "kucing merah muda", "cat pink"),
        ("Indonesian", "anjing abu-abu", "dog grey"),
        ("Indonesian", "bola abu-abu", "ball grey"),
        ("Indonesian", "awan jatuh cinta", "cloud in love"),
        ("Italian", "gatto verde", "cat green"),
        ("Italian", "gatto rosa", "cat pink"),
        ("Italian", "gatto blu", "cat blue"),
        ("Italian", "macchina gialla", "car yellow"),
        ("Italian", "stella spaventata", "star scared"),
        ("Japanese", "黄色い星", "yellow star"),
        ("Japanese", "赤い車", "red car"),
        ("Japanese", "ピンクの象", "pink elephant"),
        ("Japanese", "紫の猫", "purple cat"),
        ("Japanese", "黒猫", "black cat"),
        ("Japanese", "怒っている猫", "angry cat"),
        ("Japanese", "悲しい雲", "sad cloud"),
        ("Japanese", "嬉しい太陽", "happy sun"),
        ("Japanese", "面白い猫", "funny cat"),
        ("Korean", "파란 고양이", "blue cat"),
        ("Korean", "노란 별", "yellow star"),
        ("Korean", "초록색 개구리", "green frog"),
        ("Korean", "슬픈 구름", "sad cloud"),
        ("Korean", "행복한 태양", "happy sun"),
        ("Korean", "화가 난 별", "angry star"),
        ("Persian", "گربه قهوه‌ای", "cat brown"),
        ("Persian", "گربه قهوه ای", "cat brown"),
        ("Persian", "خورشید خوشحال", "sun happy"),
        ("Portuguese", "carro vermelho", "car red"),
        ("Portuguese", "gato cor-de-rosa", "cat pink"),
        ("Portuguese", "cachorro assustado", "dog scared"),
        ("Portuguese", "lobo bravo", "wolf angry"),
        ("Portuguese", "neve cinzenta", "snow grey"),
        ("Russian", "зелёная лягушка", "green frog"),
        ("Russian", "синее облако", "blue cloud"),
        ("Russian", "грустное солнце", "sad sun"),
        ("Russian", "сердитые звезды", "angry star"),
        ("Spanish", "gato verde", "cat green"),
        ("Spanish", "perro verde grande", "dog green large"),
        ("Spanish", "coches amarillos", "car yellow"),
        ("Spanish", "nube sorprendida", "cloud surprised"),
        ("Turkish", "kırmızı araba", "red car"),
        ("Turkish", "kirmizi araba", "red car"),
        ("Turkish", "sarı yıldız", "yellow star"),
        ("Turkish", "mavi at", "blue horse"),
        ("Turkish", "kızgın pizza", "angry pizza"),
    ],
)
def test_colours_and_feelings_are_understood(language: str, typed: str, english: str, pipeline: Pipeline) -> None:
    assert pipeline.parse(typed).translation == Translation(language, english)


@pytest.mark.parametrize(
    ("typed", "language", "english"),
    [
        ("cane rosso", "Italian", "dog red"),
        ("cane nero", "Italian", "dog black"),
        ("cane verde", "Italian", "dog green"),
        ("auto blu", "Italian", "car blue"),
        ("ape gialla", "Italian", "bee yellow"),
        ("soleil content", "French", "sun happy"),
        ("chat rouge", "French", "cat red"),
    ],
)
def test_a_language_that_has_all_words_wins_over_english(typed: str, language: str, english: str, pipeline: Pipeline) -> None:
    assert pipeline.parse(typed).translation == Translation(language, english)


@pytest.mark.parametrize("typed", ["cape verde", "flag of cape verde", "stern cat", "cooler cat", "rouge cat", "solemn cat", "rosary cat"])
def test_english_stays_english(typed: str, pipeline: Pipeline) -> None:
    assert pipeline.parse(typed).translation is None


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("rosa roja", "rose red"),
        ("gato con una rosa roja", "cat with rose red"),
        ("rosa", "rose"),
        ("gato rosa", "cat pink"),
    ],
)
def test_what_is_a_colour_and_a_thing_is_the_thing_where_it_comes_first(typed: str, english: str, translator: Translator) -> None:
    found = translator.translate(typed, plain(typed).split())
    assert found is not None
    assert found.text == english


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_all_colours_and_feelings(code: str) -> None:
    assert {*COLORS, *FEELINGS} <= set(COMMON_WORDS[code].values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_the_tables_is_read_as_it_says(code: str, translator: Translator) -> None:
    things = {"rosa", "rosas", "rose", "roses", "castanha", "وردية"}  # what they are where nothing stands in front
    for word, english in COMMON_WORDS[code].items():
        typed = plain(word).split()
        found = translator._lexicon(code).english(typed, typed)
        assert found == english or word in things, word


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_that_are_written_alike_mean_the_same(code: str) -> None:
    meanings: dict[str, str] = {}
    for word, english in COMMON_WORDS[code].items():
        assert plain(word.replace("-", " ")) == word.casefold().replace("-", " ")
        assert re.sub("[ \u200c-]", "", folded(word)).isalpha()
        assert meanings.setdefault(folded(word), english) == english, word


def test_the_lists_beside_the_tables_fit_them() -> None:
    flat = {folded(word) for words in COMMON_WORDS.values() for word in words}
    assert flat >= ALSO_ENGLISH
    assert LANGUAGES.keys() >= {*ADJECTIVE_ENDINGS, *ENDINGS}
    assert all(folded(ending) == ending for endings in ENDINGS.values() for ending in endings)


def test_everything_they_stand_for_can_be_drawn(pipeline: Pipeline) -> None:
    for english in {english for words in COMMON_WORDS.values() for english in words.values()}:
        parsed = pipeline.parse(english)
        check_known(parsed)
        assert not parsed.lost, english
