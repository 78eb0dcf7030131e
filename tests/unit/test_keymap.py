"""Keys that a person has chosen: what makes no sense is named, with the way out."""

from __future__ import annotations

import pytest

from emoterm.errors import UsageError
from emoterm.keymap import check_keymap


@pytest.mark.parametrize(
    "keymap",
    [
        {},
        {"keep": "K"},
        {"mark.a": "left_square_bracket", "mark.b": "]"},
        {"mark.a": "b", "mark.b": "a"},  # changed places
        {"mark.a": "z", "morph.a": "z"},  # on different screens
        {"quit": "Q", "keep": "q"},
        {"keep": "K, f9,ctrl+t", "again": "é"},
        {"other": "tab"},
        {"export": "+", "copy": "minus"},
    ],
)
def test_keys_that_make_sense(keymap: dict[str, str]) -> None:
    check_keymap(keymap, "here")


@pytest.mark.parametrize(
    ("keymap", "what", "fix"),
    [
        ({"kepe": "K"}, "there is no action 'kepe'", "Did you mean keep?"),
        ({"mark.c": "K"}, "there is no action 'mark.c'", "mark.b"),
        ({"keep": "pagedwn"}, "keep has the unknown key 'pagedwn'", "Did you mean pagedown?"),
        ({"keep": ""}, "keep has the unknown key ''", "A key is a character"),
        ({"keep": "KK"}, "keep has the unknown key 'KK'", "A key is a character"),
        ({"keep": "strg+k"}, "keep has the unknown key 'strg+k'", "ctrl+t"),
        ({"keep": "K", "export": "K"}, "'K' is given to export and to keep, which are both on", "Give keep another key."),
        ({"keep": "q"}, "'q' is given to keep, and would hide quit", '"quit" = '),
        ({"keep": "K,?"}, "'question_mark' is given to keep, and would hide help", "another key"),
        ({"quit": "x"}, "'x' is given to quit, and would hide discard on the sample screen", "another key"),
        ({"keep": ":"}, "keep has the key 'colon', which finds every action", "another key"),
        ({"keep": "ctrl+c"}, "keep has the key 'ctrl+c', which ends the program", "another key"),
        ({"keep": "tab"}, "keep has the key 'tab', which goes to the next field", "another key"),
    ],
)
def test_keys_that_make_none_are_named_with_the_way_out(keymap: dict[str, str], what: str, fix: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_keymap(keymap, "here")
    assert caught.value.what.startswith("here: ")
    assert what in caught.value.what
    assert fix in (caught.value.fix or "")
