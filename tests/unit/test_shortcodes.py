from __future__ import annotations

import pytest

from emoterm.shortcodes import with_emojis


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (":thumbsup:", "👍"),
        (":+1:", "👍"),
        (":TADA:", "🎉"),
        (":x:", "❌"),
        (":flag-jp:", "🇯🇵"),
        (":heart: and :cat:", "❤️ and 🐱"),
        (":nothing_of_this_name:", ":nothing_of_this_name:"),
        ("waving hand: dark skin tone", "waving hand: dark skin tone"),
        ("a: b: c", "a: b: c"),
    ],
)
def test_codes_are_the_emojis_that_they_mean(typed: str, meant: str) -> None:
    assert with_emojis(typed) == meant
