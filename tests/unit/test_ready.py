"""Lines made ready in a worker are written as Textual itself would write them."""

from __future__ import annotations

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from emoterm.tui.safe_lines import SafeLines
from emoterm.tui.widgets.ready import Finish, ReadyStrip, make_ready

CONSOLE = Console(color_system="truecolor", force_terminal=True)
GROUND = Color.parse("#102030")
FINISH = Finish((SafeLines(),), GROUND, CONSOLE)
RED, BLUE = Style.parse("#ff0000 on #000000"), Style.parse("bold #0000ff")
PIECES = [[Segment("▀▀", RED), Segment(" ", BLUE)], [Segment("a\x1b[2J", BLUE)]]


def plain() -> Strip:
    return Strip([segment for piece in PIECES for segment in piece]).apply_filter(FINISH.filters[0], GROUND)


def ready() -> ReadyStrip:
    return ReadyStrip([make_ready(piece, Strip(piece).cell_length, FINISH) for piece in PIECES])


def test_it_is_written_as_a_strip_is() -> None:
    assert ready().render(CONSOLE) == plain().render(CONSOLE)
    assert "\x1b[2J" not in ready().render(CONSOLE)
    assert ready().cell_length == plain().cell_length


def test_it_is_not_filtered_again() -> None:
    strip = ready()
    assert strip.apply_filter(FINISH.filters[0], GROUND) is strip


def test_a_part_of_it_is_a_part_of_the_strip() -> None:
    assert ready().crop(1, 3).render(CONSOLE) == plain().crop(1, 3).render(CONSOLE)
    assert [part.text for part in ready().divide([2, 4])] == [part.text for part in plain().divide([2, 4])]
