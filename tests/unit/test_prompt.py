"""From what a person types to words and styles of the vocabulary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emoterm.errors import UsageError
from emoterm.names import check_style, plain
from emoterm.prompt import add_group, check_known, parse_prompt
from emoterm.vocabulary import Condition
from emoterm.word_forms import word_forms
from tests.few_words import GALLERY, VOCABULARY, Emojis


def test_words_are_found_in_the_order_they_are_typed() -> None:
    parsed = parse_prompt("Dog, CAT!", VOCABULARY)
    assert parsed.words == ("dog", "cat")
    assert parsed.condition == Condition(words=("dog", "cat"))


def test_the_longest_phrase_wins() -> None:
    assert parse_prompt("cat heart eyes", VOCABULARY).words[:2] == ("cat", "heart eyes")
    assert parse_prompt("heart cat", VOCABULARY).words == ("heart", "cat")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("cats", "cat"), ("eyes", "eye"), ("berries", "berry"), ("wolves", "wolf"), ("boxes", "box"), ("smiled", "smile"),
        ("winning", "win"), ("sleeps", "sleep"), ("cat's", "cat"), ("sunglass", "sunglasses"),
        ("T-Shirts", "t-shirt"), ("star struck", "star-struck"),
    ],
)  # fmt: skip
def test_other_forms_of_a_word_are_understood(typed: str, word: str) -> None:
    parsed = parse_prompt(typed, VOCABULARY)
    assert parsed.words == (word,)
    assert parsed.unknown == ()


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("a cat with sunglasses", ("cat", "sunglasses")),
        ("sleepy cats", ("cats", "sleepy", "sleep", "cat")),
        ("the red heart", ("heart", "red")),
        ("Dog: dark xyzzy", ("dog", "dark", "xyzzy")),
        ("for the", ()),
    ],
)
def test_the_gallery_is_searched_for_what_is_typed_and_what_is_understood_the_subject_first(typed: str, sought: tuple[str, ...]) -> None:
    assert parse_prompt(typed, VOCABULARY).sought == sought


def test_an_emoji_is_sought_by_its_name() -> None:
    names = Emojis({"🌭": ["hot dog", "dog", "food"]})
    assert parse_prompt("🌭", VOCABULARY, names=names).sought == ("hot", "dog")


def test_what_is_sought_fits_into_a_recipe() -> None:
    endless = parse_prompt(" ".join(f"word{i}" for i in range(500)) + " " + "x" * 5000, VOCABULARY).sought
    assert len(endless) <= 64
    assert max(map(len, endless)) <= 64


@pytest.mark.parametrize(
    ("typed", "subject", "feeling"),
    [
        ("cat, happy", "cat", "happy"),
        ("heart red", "heart", None),
        ("wolf laughing", "wolf", "laughing"),
        ("cat eating berry", "cat", None),
        ("smiling face", "face", "happy"),
        ("hapy cta", "cat", None),
    ],
)
def test_how_it_is_may_be_said_behind_the_subject(typed: str, subject: str, feeling: str | None) -> None:
    parsed = parse_prompt(typed, VOCABULARY)
    assert (parsed.sought[0], parsed.feeling) == (subject, feeling)


def test_what_no_emoji_has_together_with_the_subject_is_not_looked_for_and_reported() -> None:
    parsed = parse_prompt("cat with a dog and a red smile", VOCABULARY, names=GALLERY)
    assert parsed.sought == ("cat", "red", "smile")
    assert parsed.apart == ("dog",)
    assert parse_prompt("cat with a hat", VOCABULARY, names=GALLERY).apart == ()  # which is put on
    assert parse_prompt("it is a dog cat", VOCABULARY, names=GALLERY).apart == ()  # which is one thing
    assert parse_prompt("wolverine with a dog", VOCABULARY, names=GALLERY).apart == ()  # no emoji of the subject at all


def test_a_word_that_one_emoji_has_as_a_keyword_does_not_stand_for_it_beside_a_subject() -> None:
    assert parse_prompt("transparent cat", VOCABULARY, names=GALLERY).sought == ("cat", "transparent")
    assert parse_prompt("transparent", VOCABULARY, names=GALLERY).sought[0] == "window"


def test_what_only_names_of_emojis_have_is_known() -> None:
    parsed = parse_prompt("france", VOCABULARY, names=GALLERY)
    assert (parsed.only_named, parsed.lost) == (("france",), ())
    check_known(parsed)


@pytest.mark.parametrize("typed", ["xyzzy", "the", "of the", "a", "an", "A", "not happy", "without a hat"])
def test_a_prompt_that_says_nothing_to_draw_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        check_known(parse_prompt(typed, VOCABULARY, names=GALLERY))


@pytest.mark.parametrize(("typed", "words"), [("🐺:sunglasses:", ("wolf",)), ("cat+dog", ("cat", "dog")), (":wolf:", ("wolf",))])
def test_emojis_and_shortcodes_are_words(typed: str, words: tuple[str, ...]) -> None:
    assert parse_prompt(typed, VOCABULARY, names=GALLERY).words == words


def test_small_words_of_the_vocabulary_are_no_subjects() -> None:
    vocabulary = replace(VOCABULARY, words=[*VOCABULARY.words, "on!", "sos"])
    assert parse_prompt("cat on so", vocabulary).words == ("cat",)
    assert parse_prompt("on", vocabulary).words == ("on!",)


def test_a_phrase_brings_its_words_along_after_all_that_was_typed() -> None:
    parsed = parse_prompt("red heart, dog", VOCABULARY)
    assert parsed.words == ("red heart", "dog", "heart")
    assert parsed.unknown == parsed.replaced == ()


def test_the_words_of_a_phrase_push_nothing_out() -> None:
    parsed = parse_prompt("red heart cat dog face eye sunglasses berry smile", VOCABULARY)
    assert parsed.words == ("red heart", "cat", "dog", "face", "eye", "sunglasses", "berry", "smile")
    assert parsed.dropped == ()


def test_a_misspelt_word_is_replaced_and_reported() -> None:
    parsed = parse_prompt("sunglases", VOCABULARY)
    assert parsed.words == ("sunglasses",)
    assert parsed.replaced == (("sunglases", "sunglasses"),)


def test_a_name_that_the_gallery_can_describe_is_read_as_its_keywords() -> None:
    parsed = parse_prompt("red unicorn 🐺", VOCABULARY, names=GALLERY)
    assert parsed.words == ("face", "smile", "wolf")
    assert parsed.unknown == ("red",)
    assert parsed.replaced == (("unicorn", "face"), ("unicorn", "smile"), ("🐺", "wolf"))


def test_what_the_vocabulary_has_needs_no_description() -> None:
    assert parse_prompt("cat", VOCABULARY, names=Emojis({"cat": ["dog"]})).words == ("cat",)


def test_a_misspelt_name_that_only_the_gallery_knows_is_looked_for_in_its_right_spelling() -> None:
    parsed = parse_prompt("unikorn", VOCABULARY, names=GALLERY)
    assert parsed.words == ("face", "smile")
    assert parsed.sought[0] == "unicorn"
    assert parsed.replaced[0] == ("unikorn", "face")


@pytest.mark.parametrize(
    ("typed", "color", "colors"),
    [
        ("blue cat", "blue", ("blue",)),
        ("a gray cat with a hat", "grey", ("grey",)),
        ("robot in pink", "pink", ("pink",)),
        ("cat with blue eyes", None, ("blue",)),
        ("red heart, blue heart", None, ("red", "blue")),
        ("cat", None, ()),
    ],
)
def test_the_colour_of_the_subject(typed: str, color: str | None, colors: tuple[str, ...]) -> None:
    parsed = parse_prompt(typed, VOCABULARY)
    assert (parsed.color, parsed.colors) == (color, colors)


def test_gray_is_grey_and_nobody_old() -> None:
    assert parse_prompt("gray cat", VOCABULARY, names=GALLERY).sought == ("cat", "grey")


@pytest.mark.parametrize("typed", ["blue and yellow cat", "a happy and sad cat", "happy, and red cat"])
def test_two_colours_or_feelings_of_one_thing_do_not_hide_it(typed: str) -> None:
    assert parse_prompt(typed, VOCABULARY).sought[0] == "cat"


@pytest.mark.parametrize(
    ("typed", "feeling"),
    [
        ("happy star", "happy"),
        ("the grumpy cat", "angry"),
        ("a star that is sad", "sad"),
        ("happy", None),
        ("scary pumpkin", None),
        ("love letter", None),
        ("star", None),
    ],
)
def test_what_a_thing_feels(typed: str, feeling: str | None) -> None:
    assert parse_prompt(typed, VOCABULARY).feeling == feeling


@pytest.mark.parametrize(("typed", "word"), [("kitten", "cat"), ("puppies", "dog"), ("shades", "sunglasses"), ("kity", "cat")])
def test_everyday_words_lead_to_those_the_model_knows(typed: str, word: str) -> None:
    parsed = parse_prompt(typed, VOCABULARY)
    assert parsed.words == (word,)
    assert parsed.replaced == ((typed, word),)


@pytest.mark.parametrize(("typed", "word"), [("happily", "happy"), ("sadness", "sad"), ("cried", "cry"), ("shock", "shocked")])
def test_endings_lead_to_the_word_they_are_made_from(typed: str, word: str) -> None:
    assert word in word_forms(typed)


def test_a_short_word_is_never_bent_to_a_neighbour() -> None:
    assert parse_prompt("bat", VOCABULARY).unknown == ("bat",)


def test_unknown_words_are_reported_and_filler_words_set_apart() -> None:
    parsed = parse_prompt("a cat with unicycles 🦄", VOCABULARY)
    assert parsed.words == ("cat",)
    assert parsed.unknown == ("unicycles", "🦄")
    assert parsed.ignored == ("a", "with")


def test_every_typed_word_is_accounted_for() -> None:
    text = "the red heart and two cat cats sunglases of zzz"
    parsed = parse_prompt(text, VOCABULARY)
    told = " ".join([*parsed.words, *parsed.unknown, *parsed.ignored, *parsed.counts, *(typed for typed, _ in parsed.replaced)])
    assert all(word in told for word in text.split())


def test_words_beyond_the_slots_are_dropped_and_reported() -> None:
    parsed = parse_prompt("cat dog face eye heart sunglasses berry smile win wolf", VOCABULARY)
    assert len(parsed.words) == 8
    assert parsed.dropped == ("win", "wolf")


def test_a_word_typed_twice_takes_one_slot() -> None:
    assert parse_prompt("cat cats cat", VOCABULARY).words == ("cat",)


@pytest.mark.parametrize("text", ["", "   ", "?!", "\x1b[31m"])
def test_text_without_known_words_gives_the_empty_condition(text: str) -> None:
    assert parse_prompt(text, VOCABULARY).words == ()


def test_the_style_goes_into_the_condition() -> None:
    assert parse_prompt("cat", VOCABULARY, style="Noto").condition == Condition(style="noto", words=("cat",))


def test_an_unknown_style_is_answered_with_the_nearest_and_the_list() -> None:
    with pytest.raises(UsageError, match="Did you mean twemoji") as caught:
        check_style("twemojis", VOCABULARY.styles)
    assert "noto, fluent3d, twemoji" in str(caught.value.fix)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["", "@", "\x1b]0;x\x07"])
def test_nonsense_is_no_style(name: str) -> None:
    with pytest.raises(UsageError):
        check_style(name, VOCABULARY.styles)


def test_a_group_adds_the_words_of_its_name() -> None:
    parsed = add_group(parse_prompt("cat", VOCABULARY), "smileys & emotion", VOCABULARY)
    assert parsed.words == ("cat", "smileys", "emotion")
    assert parsed.sought == ("cat",)  # few emojis of a group have a word of its title in their name
    assert parsed.group == "Smileys & Emotion"


def test_a_group_without_a_known_name_adds_the_words_listed_for_it() -> None:
    assert add_group(parse_prompt("", VOCABULARY), "beasts", VOCABULARY).words == ("cat", "dog")


def test_a_group_that_means_nothing_to_the_model_is_an_error() -> None:
    with pytest.raises(UsageError, match="nothing"):
        add_group(parse_prompt("", VOCABULARY), "nothing", VOCABULARY)
    with pytest.raises(UsageError, match="Did you mean beasts"):
        add_group(parse_prompt("", VOCABULARY), "beast", VOCABULARY)


def test_group_words_do_not_push_out_the_words_of_the_prompt() -> None:
    parsed = add_group(parse_prompt("cat dog face eye heart sunglasses berry", VOCABULARY), "Smileys & Emotion", VOCABULARY)
    assert parsed.words[-1] == "smileys"
    assert parsed.dropped == ("emotion",)


def test_plain_text_keeps_emojis_and_letters_of_any_script() -> None:
    assert plain("  Heart-Eyes:  Ça_VA 😍 ") == "heart eyes ça va 😍"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Red  HEART ", "red heart"), ("face\twith\nhat", "face with hat"), ("Straße ﬃ", "strasse ffi"), ("9½ x²", "9½ x²"),
     ("l’ours", "l’ours"), ("a_b", "a b"), ("top-hat", "top hat"), ("— ", ""), ("", "")],
)  # fmt: skip
def test_plain_text_has_single_spaces_whether_or_not_it_is_only_words(text: str, wanted: str) -> None:
    assert plain(text) == wanted
