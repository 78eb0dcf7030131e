"""What could come next on a command line; asked by the scripts of ``emoterm completion`` at every press of the tab key."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from emoterm.errors import EmotermError

if TYPE_CHECKING:
    from typer._click import Command

    from emoterm.gallery import Gallery

COMPLETE_VARIABLE = "_EMOTERM_COMPLETE"
HELP = "help"
"""Not in the table of commands: ``help sample`` is another way to type ``sample --help``."""
_FILE_METAVARS = ("FILE", "PATH", "DIR", "PICTURE", "A", "B", "RUN", "BUNDLE", "IN.emo", "OUT.emo", "OUT.png")


def candidates(program: Command, line: str) -> Iterator[str]:
    """Lines for the shell: ``value``, a tab and what it is; a line without a value stands for the names of files.

    Args:
        program: the whole program.
        line: the command line up to the cursor, the name of the program included.
    """
    from typer._click.core import Parameter
    from typer._click.shell_completion import _resolve_context, _resolve_incomplete

    _, *words = split_line(line)
    *before, incomplete = words or [""]
    if before[:1] == [HELP]:
        before = before[1:]
        if before:  # a command, to which nothing is added
            return
    elif not before and incomplete and HELP.startswith(incomplete):
        yield f"{HELP}\tSay what a command does."
    try:
        context = _resolve_context(program, {}, "emoterm", list(before))
        asked, incomplete = _resolve_incomplete(context, before, incomplete)
        items = asked.shell_complete(context, incomplete)
    except EmotermError:  # there is no place to say so
        return
    for item in items:
        if item.type == "plain":
            yield f"{item.value}\t{item.help or ''}"
    if isinstance(asked, Parameter) and takes_files(asked):
        yield "\t"


def split_line(line: str) -> list[str]:
    """Words as a shell would split them; the last one is the one at the cursor, perhaps empty, perhaps with an open quote."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quote that is not closed yet
        return [*words, lexer.token]
    return [*words, ""] if not line or line[-1].isspace() else words


def takes_files(parameter: object) -> bool:
    """Whether a parameter may be the name of a file, by what its help calls it."""
    metavar = str(getattr(parameter, "metavar", None) or "").partition("[")[0].rstrip(".")
    return metavar in _FILE_METAVARS


def complete_picture(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Emojis by name, and after an ``@`` the styles that have it."""
    if not incomplete:
        return []  # four thousand names help nobody
    return list(_pictures(ctx, incomplete))


def complete_style(ctx: typer.Context) -> list[tuple[str, str]]:
    """Styles of the bundle; Typer leaves out those that begin otherwise."""
    from emoterm.names import ANY_STYLE

    return [*_styles(ctx), (ANY_STYLE, "no particular one")]


def complete_styles(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Styles of the bundle, one after the other with commas between; or all of them."""
    before, comma, _ = incomplete.rpartition(",")
    others = [(before + comma + style, of) for style, of in _styles(ctx) if style not in before.split(",")]
    return others if comma else [*others, ("all", "one row each")]


def complete_group(ctx: typer.Context, incomplete: str) -> list[str]:
    """Groups of the gallery, whatever the case of what is typed; the scripts see to it that ``Food & Drink`` stays one word."""
    return list(filter(None, (continued(incomplete, group) for gallery in _galleries(ctx) for group in gallery.groups())))


def complete_accessory(incomplete: str) -> list[tuple[str, str]]:
    """What an emoji can wear, whatever the case of what is typed."""
    from emoterm.accessories import ACCESSORIES

    offered = ((continued(incomplete, name), accessory.emoji) for name, accessory in ACCESSORIES.items())
    return [(value, emoji) for value, emoji in offered if value is not None]


def complete_emotion(incomplete: str) -> list[tuple[str, str]]:
    """Emotions by their names, and by the other words for them where no name begins so."""
    from emoterm.emotions import EMOTIONS, known_words

    names = [(value, "") for emotion in EMOTIONS if (value := continued(incomplete, emotion.name))]
    return names or [(value, emotion.name) for word, emotion in known_words().items() if (value := continued(incomplete, word))]


def complete_theme(incomplete: str) -> list[str]:
    """Themes of the terminal interface."""
    from textual.theme import BUILTIN_THEMES

    return list(filter(None, (continued(incomplete, theme) for theme in sorted(BUILTIN_THEMES))))


def complete_color(incomplete: str) -> list[str]:
    """Names of colours, whatever the case."""
    from PIL import ImageColor

    return list(filter(None, (continued(incomplete, name) for name in sorted((*ImageColor.colormap, "transparent")))))


def complete_size() -> list[str]:
    """What ``--size`` takes, from the smallest on."""
    from emoterm.imaging.upscale import SIZES

    return [str(size) for size in SIZES]


def continued(begun: str, name: str) -> str | None:
    """The name if it begins so, whatever the case: in its own spelling where that goes on from what is typed, else in the typed case.

    Typer and the shells drop what does not begin exactly as typed, and such names are known in any case.
    """
    if name.startswith(begun):
        return name
    return begun + name[len(begun) :].lower() if name.lower().startswith(begun.lower()) else None


def complete_bundle() -> list[tuple[str, str]]:
    """Bundles that have a name."""
    from emoterm.bundle import available_bundles

    return [(name, str(path)) for name, path in available_bundles().items()]


def slug(name: str) -> str:
    """A name as one word of a command line: ``waving hand: medium skin tone`` → ``waving-hand-medium-skin-tone``."""
    from emoterm.names import plain

    words = plain(name)
    if words.replace(" ", "").isalnum():  # as nearly all of thousands are
        return words.replace(" ", "-")
    return "".join(char for char in words.replace(" ", "-") if char.isalnum() or char in "-’")


def _styles(ctx: typer.Context) -> list[tuple[str, str]]:
    return [(style, gallery.attribution(style)) for gallery in _galleries(ctx) for style in gallery.styles()]


def _pictures(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    name, at, style = incomplete.rpartition("@")
    for gallery in _galleries(ctx):
        if at:
            entry = gallery.find(name)
            yield from ((f"{name}@{each}", entry.name) for each in gallery.styles_of(entry) if each.startswith(style))
            continue
        start = slug(incomplete)
        for emoji in gallery.emojis:
            value = slug(emoji.name)
            # Skin tones would be five sixths of the hands and people; they come when the name before them is written out.
            if value.startswith(start) and (not emoji.skin_tone or slug(emoji.name.partition(":")[0]) == start.rstrip("-")):
                yield value, emoji.emoji


def _galleries(ctx: typer.Context) -> Iterator[Gallery]:
    """The gallery of the bundle on the command line; none if it cannot be read."""
    from emoterm.bundle import open_bundle
    from emoterm.gallery import Gallery

    try:
        with open_bundle(ctx.params.get("bundle")) as opened:
            yield Gallery.from_bundle(opened)
    except EmotermError:
        return
