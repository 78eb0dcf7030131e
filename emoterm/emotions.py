"""Emotion words → Unicode subgroups, for ``emoterm sample --emotion``.

Unicode sorts its smileys by what they express: ``face-smiling``, ``face-concerned`` … The prior has learned the names of these
subgroups and the keywords of their emojis as words, so an emotion becomes conditions in two steps: its own word, or those the
model knows for it, sets it apart from the others of its subgroup (sad, worried and surprised faces are all ``face-concerned``); the
subgroup gives the rest.

The names of the subgroups are those of Unicode's emoji-test.txt.
"""

from __future__ import annotations

from dataclasses import dataclass

from emoterm.errors import UsageError
from emoterm.names import nearest_name, plain
from emoterm.safe_text import quoted


@dataclass(frozen=True)
class Emotion:
    """One row of the table."""

    name: str
    subgroups: tuple[str, ...]
    """Unicode's spelling, such as ``face-smiling``."""
    keywords: tuple[str, ...]
    """Words for the emotion in the names and keywords of emojis, the most telling first; the first two known ones are used."""
    synonyms: tuple[str, ...] = ()
    """What else a person may type."""


EMOTIONS = (
    Emotion("happy", ("face-smiling",), ("happy", "smile", "grin"), ("joyful", "glad", "cheerful", "joy", "delighted", "merry", "smiling")),
    Emotion("laughing", ("face-smiling",), ("laugh", "tears of joy", "joy"), ("amused", "lol", "hilarious", "funny")),
    Emotion("love", ("face-affection",), ("love", "heart"), ("in love", "loving", "adoring", "romantic", "affection", "smitten")),
    Emotion("playful", ("face-tongue",), ("tongue", "wink"), ("silly", "cheeky", "goofy", "crazy", "joking", "winking")),
    Emotion("thoughtful", ("face-hand",), ("thinking", "hmm"), ("pensive", "curious", "pondering", "wondering")),
    Emotion("bored", ("face-neutral-skeptical",), ("meh", "unamused"), ("indifferent", "skeptical", "neutral", "sceptical", "unimpressed")),
    Emotion("embarrassed", ("face-concerned",), ("flushed", "dazed"), ("shy", "ashamed", "blushing", "embarassed")),
    Emotion("tired", ("face-sleepy",), ("sleepy", "sleep", "tired"), ("exhausted", "weary", "drowsy", "asleep", "sleepy", "sleeping")),
    Emotion("calm", ("face-sleepy",), ("relieved", "calm"), ("relaxed", "peaceful", "serene", "content")),
    Emotion("sick", ("face-unwell",), ("sick", "ill"), ("unwell", "nauseous", "feverish", "dizzy", "disgusted")),
    Emotion("sad", ("face-concerned",), ("sad", "cry", "tear"), ("unhappy", "crying", "depressed", "lonely", "gloomy", "heartbroken")),
    Emotion("worried", ("face-concerned",), ("worried", "anxious", "nervous"), ("concerned", "stressed", "uneasy")),
    Emotion("afraid", ("face-concerned",), ("fear", "scared"), ("fearful", "frightened", "terrified", "scared", "scary", "horrified")),
    Emotion("surprised", ("face-concerned",), ("surprised", "astonished"), ("amazed", "shocked", "astounded", "stunned")),
    Emotion("confused", ("face-concerned",), ("confused", "confounded"), ("puzzled", "baffled", "unsure")),
    Emotion("angry", ("face-negative",), ("angry", "mad", "anger"), ("furious", "grumpy", "annoyed", "mad", "cross", "enraged", "rage")),
    Emotion("mischievous", ("face-negative",), ("devil", "horns", "evil"), ("devilish", "wicked", "naughty")),
    Emotion("cool", ("face-glasses",), ("cool", "sunglasses"), ("confident", "proud", "smug")),
    Emotion("festive", ("face-hat",), ("party", "celebration"), ("partying", "celebrating", "excited")),
)
"""The table that ``--emotion`` looks into; names and synonyms are each there once."""


def known_words() -> dict[str, Emotion]:
    """Every name and synonym → its emotion."""
    return {word: emotion for emotion in EMOTIONS for word in (emotion.name, *emotion.synonyms)}


def find_emotion(text: str) -> Emotion:
    """The emotion that a person means, by name or synonym, whatever its case.

    Raises:
        UsageError: not in the table; the message has the nearest one and the list.
    """
    words = known_words()
    key = plain(text)
    if key in words:
        return words[key]
    begins = next((word for word in words if len(key) >= 2 and word.startswith(key)), None)
    nearest = begins or nearest_name(key, words, cutoff=0.5)
    hint = f" The nearest is {words[nearest].name}." if nearest else ""
    raise UsageError(f"Unknown emotion {quoted(text)}.{hint}", fix=f"Known emotions: {', '.join(emotion.name for emotion in EMOTIONS)}")
