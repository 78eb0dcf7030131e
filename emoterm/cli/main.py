"""The ``emoterm`` command: a table of subcommands that are imported when they are called, and the one place where errors become exit codes.

Exit codes: 0 done · 1 failed · 2 usage · 3 model or device · 4 cannot satisfy the request · 130 interrupted.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from emoterm import __version__
from emoterm.cli import options
from emoterm.cli.complete import COMPLETE_VARIABLE, HELP, candidates
from emoterm.cli.parameters import make_plain
from emoterm.cli.report import be_quiet, show_error
from emoterm.errors import EmotermError

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter
    from typer._click.core import Parameter

INTERRUPTED = 130
_QUIET = ("--quiet", "-q")


@dataclass(frozen=True)
class LazyCommand:
    """A subcommand that is not imported yet."""

    target: str
    """``module:function``."""
    help: str
    """First line of the function's docstring, repeated here so that ``emoterm --help`` needs no import."""


COMMANDS = {
    "sample": LazyCommand("emoterm.cli.sample:sample", "Make new emojis."),
    "morph": LazyCommand("emoterm.cli.morph:morph", "Turn one emoji into another, step by step."),
    "blend": LazyCommand("emoterm.cli.blend:blend", "Mix emojis into one."),
    "restyle": LazyCommand("emoterm.cli.restyle:restyle", "Redraw an emoji in another style."),
    "face": LazyCommand("emoterm.cli.face:face", "Give a picture a face."),
    "wear": LazyCommand("emoterm.cli.wear:wear", "Put a hat or glasses on a picture."),
    "reconstruct": LazyCommand(
        "emoterm.cli.reconstruct:reconstruct", "Show pictures beside what the model makes of them, with MSE, PSNR and SSIM."
    ),
    "fit": LazyCommand("emoterm.cli.fit:fit", "Make a picture or an animation fit the place where it will be an emoji."),
    "recreate": LazyCommand(
        "emoterm.cli.recreate:recreate", "Make a file again from the recipe inside it, and say whether the bytes are the same."
    ),
    "encode": LazyCommand("emoterm.cli.encode:encode", "Store a picture in 288 bytes."),
    "decode": LazyCommand("emoterm.cli.decode:decode", "Turn a 288-byte emoji back into a picture."),
    "search": LazyCommand("emoterm.cli.search:search", "Find emojis in the gallery."),
    "show": LazyCommand("emoterm.cli.show:show_picture", "Draw one emoji or picture and tell what is known about it."),
    "tui": LazyCommand("emoterm.cli.tui:tui", "Browse, make, morph and understand emojis in the terminal."),
    "train": LazyCommand("emoterm.cli.train:train", "Train a model on your own emojis."),
    "export": LazyCommand("emoterm.cli.export:export", "Turn a training run into a bundle that emoterm can open."),
    "eval": LazyCommand("emoterm.cli.evaluate:evaluate", "Measure how well a bundle does on a data set."),
    "doctor": LazyCommand("emoterm.cli.doctor:doctor", "Check the installation: bundle, device, terminal, versions."),
    "config": LazyCommand("emoterm.cli.config:config", "Show or check the settings file."),
    "completion": LazyCommand(
        "emoterm.cli.completion:completion", "Print the script that lets a shell complete commands, options, emoji names and styles."
    ),
}


class CommandTable(Mapping[str, "Command"]):
    """:data:`COMMANDS` as the group sees it; asking for a command imports its module."""

    def __getitem__(self, name: str) -> Command:
        module, _, function = COMMANDS[name].target.partition(":")
        command = _command_of(name, getattr(importlib.import_module(module), function))
        command.params += _command_of("every command", _shared_options).params
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class SettledCommand(TyperCommand):
    """A subcommand that takes from the settings what is not typed."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """As in the base class, but with values that are converted only where they have to be."""
        parameters = super().get_params(ctx)
        make_plain(parameters)
        return parameters

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read what is typed, and then the settings that go with it; help shows the defaults that everybody has."""
        if self.name is not None and not ctx.resilient_parsing:
            found, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            if "help" not in found:
                from emoterm.cli.defaults import LESS_THAN_A_FLAG, defaults_of
                from emoterm.cli.typed import remember_settings

                defaults = defaults_of(self.name, [name for name, value in found.items() if value is not None])
                remember_settings(ctx, defaults)
                several = {param.name for param in self.params if getattr(param, "multiple", False)}
                values = {name: setting.value for name, setting in defaults.items() if name not in LESS_THAN_A_FLAG}
                ctx.default_map = {name: [value] if name in several else value for name, value in values.items()}
        return super().parse_args(ctx, args)


def _command_of(name: str, function: Callable[..., None]) -> Command:
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=SettledCommand)(function)
    return typer.main.get_command(single)


def _shared_options(quiet: options.Quiet = False) -> None:
    """What every command has; only its parameters are used."""


class LazyGroup(TyperGroup):
    """A group over the table."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": CommandTable()})

    def get_params(self, ctx: Context) -> list[Parameter]:
        """As in the base class, but with values that are converted only where they have to be."""
        parameters = super().get_params(ctx)
        make_plain(parameters)
        return parameters

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """List the commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command line and exit: the one place where errors become exit codes.

        Args:
            args: the arguments, without the name of the program; those of the process by default.
            prog_name: what help calls the program; ``emoterm`` by default.
            complete_var: as in the base class.
            standalone_mode: always on.
            windows_expand_args: as in the base class.
            extra: as in the base class.
        """
        given = _asking_for_help(sys.argv[1:] if args is None else args)
        if COMPLETE_VARIABLE in os.environ:
            for line in candidates(self, " ".join(given)):
                print(line)
            sys.exit(0)
        be_quiet(False)
        code: int | None
        try:
            code = super().main(given, prog_name or "emoterm", complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:  # what Typer itself finds wrong with the command line
            from emoterm.cli.wording import what_and_fix

            what, fix = what_and_fix(error, given, COMMANDS)
            show_error(what, fix=fix)
            code = error.exit_code
        except EmotermError as error:
            from emoterm.cli.wording import what_and_where

            show_error(what_and_where(error, given), fix=error.fix)
            code = error.exit_code
        except (KeyboardInterrupt, typer.Abort):
            code = INTERRUPTED
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            show_error(f"{where}{error.strerror or error}.")
            code = EmotermError.exit_code
        except MemoryError:
            show_error("Not enough memory.", fix="Ask for fewer pictures or a smaller --scale.")
            code = EmotermError.exit_code
        if code == INTERRUPTED:
            show_error("Interrupted.")
        sys.exit(int(code or 0))

    def invoke(self, ctx: Context) -> Any:
        """Run the subcommand; a reader that went away (``emoterm search cat | head -1``) is no failure."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_stdout()
            raise typer.Exit(0) from None
        return result


def _asking_for_help(argv: Sequence[str]) -> Sequence[str]:
    """``help sample`` as ``sample --help``, whether quietly or not, and nothing at all as ``--help``; anything else as it is."""
    if not argv:
        return ["--help"]
    words = [word for word in argv if word not in _QUIET]
    return [*words[1:2], "--help"] if words[:1] == [HELP] else argv


# Plain help: importing rich would double the time of `emoterm --help`, and its output depends on where it runs.
app = typer.Typer(
    name="emoterm",
    cls=LazyGroup,
    add_completion=False,  # emoterm completion does it, for a table of commands that are not imported
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"emoterm {__version__}")
        raise typer.Exit(0)


@app.callback()
def emoterm(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    """Make, mix and morph emojis offline.

    \b
    Examples:
      emoterm sample --n 16
      emoterm morph 😊 😍 --steps 5
      emoterm COMMAND --help
    """


def run() -> None:
    """The program, as a process of its own; :mod:`emoterm.cli.start` calls it."""
    # Before numpy is imported: its linear algebra would start a thread for every core, and nothing here is large enough for a second.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # An emoji on a terminal that cannot encode it must not be a traceback.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()


def _discard_stdout() -> None:
    """Point stdout at nothing, so that Python's flush at exit stays quiet."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
