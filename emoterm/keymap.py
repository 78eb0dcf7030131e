"""Keys that a person has chosen for the terminal interface: whether there are such actions and such keys, and none hides another.

The interface itself is not asked, because the settings are read by every command; a test holds its keys and this table together.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping

from emoterm.errors import UsageError
from emoterm.names import did_you_mean

_SHARED = {
    **{
        f"go.{screen}": f"{number},f{number + 1}"
        for number, screen in enumerate(("browse", "sample", "morph", "blend", "codebook", "library"), 1)
    },
    "help": "question_mark,f1",
    "quit": "q",
    "back": "escape",
    "copy": "y",
    "export": "e",
}
_MARK = {"mark.a": "a", "mark.b": "b"}
_KEEP, _WEIGH, _INSPECT = {"keep": "k"}, {"weigh": "w"}, {"inspect": "i"}
_LOOK = {"search": "slash", "tokens": "t", "ground": "g"}
DEFAULT_KEYS: Mapping[str, Mapping[str, str]] = {
    "browse": {**_SHARED, **_MARK, **_KEEP, **_WEIGH, **_INSPECT, **_LOOK, "more": "m"},
    "sample": {
        **_SHARED, **_MARK, **_KEEP, **_WEIGH, **_INSPECT,
        "sample": "enter", "prompt": "slash", "vary": "v", "discard": "x", "undo": "u", "lock": "l", "pack": "E",
    },
    "morph": {**_SHARED, **_KEEP, **_WEIGH, **_INSPECT, "morph.a": "a,slash", "morph.b": "b", "play": "space", "path": "p", "swap": "s"},
    "blend": {**_SHARED, **_MARK, **_KEEP, **_INSPECT, "add": "slash", "remove": "x", "restyle": "s", "again": "n"},
    "codebook": {**_SHARED, **_MARK, **_KEEP, **_WEIGH, "put": "enter", "undo": "u", "other": "tab"},
    "library": {
        **_SHARED, **_MARK, **_WEIGH, **_INSPECT, **_LOOK, "favourite": "f", "delete": "x", "undo": "u", "reveal": "r", "pack": "E",
    },
}  # fmt: skip
"""The keys of each action, separated by commas, by its name and the screen where it can be done."""

_TAKEN = {
    "colon": "finds every action by its name",
    "ctrl+c": "ends the program",
    "ctrl+q": "is kept from ending it",
    "tab": "goes to the next field",
    "shift+tab": "goes to the field before",
    **dict.fromkeys(("up", "down", "left", "right", "home", "end", "pageup", "pagedown"), "moves about"),
}
"""Keys that have no action with a name."""
_MODIFIERS = {"ctrl", "shift", "alt", "super", "meta", "hyper"}
_NAMED = {
    "enter",
    "escape",
    "tab",
    "space",
    "backspace",
    "delete",
    "insert",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
}
_FUNCTION_KEYS = {f"f{number}" for number in range(1, 25)}
_SHORTER = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Names of characters that Textual has others for."""


def check_keymap(keymap: Mapping[str, str], place: str) -> None:
    """Make sure that the keys do what a person means by them.

    Args:
        keymap: keys, separated by commas, by the name of an action.
        place: where it stands, for messages.

    Raises:
        UsageError: an unknown action, an unknown key, or a key that does something else already.
    """
    names = sorted({name for keys in DEFAULT_KEYS.values() for name in keys})
    chosen: dict[str, list[str]] = {}
    for name, text in keymap.items():
        if name not in names:
            raise UsageError(
                f"{place}: there is no action {name!r:.60}.", fix=f"{did_you_mean(name, names)}All actions: {', '.join(names)}"
            )
        chosen[name] = [_checked(name, key.strip(), place) for key in text.split(",")]
    for screen, defaults in DEFAULT_KEYS.items():
        _check_screen(screen, defaults, chosen, place)


def _check_screen(screen: str, defaults: Mapping[str, str], chosen: Mapping[str, list[str]], place: str) -> None:
    owners: dict[str, str] = {}
    for name, keys in defaults.items():
        for key in chosen.get(name, keys.split(",")):
            if key in owners and owners[key] != name:
                _refuse_double(key, owners[key], name, screen, chosen, place)
            owners[key] = name


def _refuse_double(key: str, one: str, other: str, screen: str, chosen: Mapping[str, list[str]], place: str) -> None:
    """Two actions of a screen have the same key, and at least one of them by choice."""
    both = [name for name in (one, other) if name in chosen]
    if len(both) == 2:
        raise UsageError(
            f"{place}: {key!r} is given to {one} and to {other}, which are both on the {screen} screen.", fix=f"Give {other} another key."
        )
    hidden = other if both == [one] else one
    raise UsageError(
        f"{place}: {key!r} is given to {both[0]}, and would hide {hidden} on the {screen} screen.",
        fix=f'Take another key, or give {hidden} one too, such as: "{hidden}" = "f12"',
    )


def _checked(name: str, key: str, place: str) -> str:
    """A key by Textual's name for it."""
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    found = _name_of(base)
    if found is None or not _MODIFIERS.issuperset(modifiers):
        near = did_you_mean(base, [*_NAMED, *_FUNCTION_KEYS, *_punctuation()])
        raise UsageError(
            f"{place}: {name} has the unknown key {key!r:.60}.",
            fix=f'{near}A key is a character, such as "K", or a name, such as f9, ctrl+t or left_square_bracket.',
        )
    full = "+".join([*modifiers, found])
    if full in _TAKEN and (name, full) != ("other", "tab"):
        raise UsageError(f"{place}: {name} has the key {full!r}, which {_TAKEN[full]}.", fix="Take another key.")
    return full


def _name_of(key: str) -> str | None:
    """Textual's name for a character, or for a key that has a name; None where there is no such key."""
    if key in _NAMED or key in _FUNCTION_KEYS or key in _punctuation():
        return key
    if len(key) != 1 or not key.isprintable() or key == " ":
        return None
    return key if key.isalnum() else _character_name(key)


def _character_name(character: str) -> str:
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORTER.get(name, name) or character


def _punctuation() -> list[str]:
    return [_character_name(character) for character in string.punctuation]
