"""The application: which screens there are, what they share, and how errors are shown."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.filter import LineFilter
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import Screen

from emoterm.errors import EmotermError
from emoterm.tui.engine import Engine
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item, command_line
from emoterm.tui.safe_lines import SafeLines
from emoterm.tui.screens.table import SCREENS, make_screen
from emoterm.tui.shorten import cut_lines
from emoterm.tui.smooth import Smooth
from emoterm.tui.widgets.failing import ReportsFailures

if TYPE_CHECKING:
    from emoterm.library import Library

INTERRUPTED = 130
TERMINATED = 143
_TIDY_SECONDS = 0.5
_PATIENCE_SECONDS = 2
"""For the first pictures, before what only samples need is loaded."""
_TINY, _NARROW, _WIDE = 50, 100, 150
_NOTICE_LINES, _WHAT_LINES = 9, 5
_TOAST_COLUMNS, _TOAST_MARGINS = 60, 5
"""Textual makes a notice so wide, or half the terminal; margins, border and scroll bar take some of it."""
_ALSO_CALLED = {
    "export": "Export or save as PNG, GIF, WebP or sticker",
    "pack": "Export or save all as PNG or stickers",
    "keep": "Save to the library",
}
"""By the ids of actions: what they are looked for as in the palette, which compares titles alone."""
_SAFE_LINES = SafeLines()  # one for all, because lines remember what a filter made of them


@dataclass
class Notice(Notification):
    """A notice that takes the place of others."""

    topic: str = ""


def _topic(notice: Notification) -> str:
    return notice.topic if isinstance(notice, Notice) else ""


class EmotermApp(ReportsFailures, App[int]):
    """The terminal interface.

    Args:
        bundle: as in :func:`emoterm.bundle.find_bundle`.
        device: ``auto``, ``cpu`` or ``cuda``.
        grey: draw pictures with characters of different density instead of colours.
        theme: a theme of Textual; the default one if None.
        keymap: keys by the id of a binding, instead of its own.
        sampling: what a person has set for new emojis, as in :func:`emoterm.tui.offer.read_offer`.
        moving: whether things may move by themselves.
        when_drawn: called once, after the first frame.
    """

    TITLE = "emoterm"
    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "colon"
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {name: partial(make_screen, name) for name in SCREENS}  # type: ignore[assignment]
    DEFAULT_MODE = "browse"
    # Textual declares these two without ClassVar.
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (_TINY, "-narrow"), (_NARROW, "-normal"), (_WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{number},f{number + 1}", f"go('{name}')", name.capitalize(), show=False, id=f"go.{name}")
            for number, name in enumerate(SCREENS, 1)
        ),
        Binding("question_mark", "toggle_help", "Help", key_display="?", id="help"),
        Binding("f1", "toggle_help", "Help", id="help"),  # for text fields, where a question mark is typed
        Binding("q", "quit", "Quit", id="quit"),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        # Textual's own quits on a key that some terminals keep for flow control.
        Binding("ctrl+q", "nothing", show=False, priority=True),
    ]

    def __init__(
        self,
        *,
        bundle: str | None = None,
        device: str = "auto",
        grey: bool = False,
        theme: str | None = None,
        keymap: dict[str, str] | None = None,
        sampling: Mapping[str, Any] | None = None,
        moving: bool = True,
        when_drawn: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.engine = Engine(bundle, device)
        self.bundle_name = bundle
        self.grey = grey or self.no_color
        self.moving = moving and self.animation_level == "full"
        self.ends: dict[str, Item] = {}
        """The two ends of a morph, ``a`` and ``b``."""
        self.ingredients: list[Item] = []
        """What goes into the blend."""
        self.inspected: Item | None = None
        """The emoji whose codes are looked at."""
        self.sampling = {} if sampling is None else dict(sampling)
        """What the form of new emojis starts from."""
        self._wanted_theme = theme
        self._when_drawn = when_drawn
        self._library: Library | None = None
        self._smooth = Smooth()
        self._loads_prior = False
        if keymap:
            self.set_keymap(keymap)

    @property
    def wrong_theme(self) -> str | None:
        """The theme that was asked for, if there is none of that name."""
        return None if self._wanted_theme in {None, *self.available_themes} else self._wanted_theme

    @property
    def library(self) -> Library:
        """What the user kept."""
        from emoterm.library import Library

        if self._library is None:
            self._library = Library()
        return self._library

    def on_mount(self) -> None:
        """Begin to load behind the first screen."""
        self._smooth.begin()
        self.set_interval(_TIDY_SECONDS, self._tidy)
        if self._wanted_theme is not None and self.wrong_theme is None:
            self.theme = self._wanted_theme
        loop = asyncio.get_running_loop()
        for number, code in ((signal.SIGTERM, TERMINATED), (signal.SIGHUP, TERMINATED), (signal.SIGINT, INTERRUPTED)):
            try:
                loop.add_signal_handler(number, self.exit, code)
            except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                break
        # What loads competes for the interpreter with what draws, and a person should see something first.
        self.call_after_refresh(self._drawn)

    def _drawn(self) -> None:
        """The first frame is there."""
        if self._when_drawn is not None:
            self._when_drawn()
        self._load_decoder()
        self.set_timer(_PATIENCE_SECONDS, self.on_thumbnails)  # a bundle may have no gallery

    def on_thumbnails(self) -> None:
        """The first pictures are there, which would have waited for whatever loads beside them."""
        if not self._loads_prior:
            self._loads_prior = True
            self._load_prior()

    # What fails in these two fails again, with a notice, where it is needed.

    @in_thread(group="load")
    def _load_decoder(self) -> None:
        """For the first picture."""
        with contextlib.suppress(EmotermError):
            self.engine.codec.preload("decoder")

    @in_thread(group="load")
    def _load_prior(self) -> None:
        """For the first sample."""
        with contextlib.suppress(EmotermError):
            self.engine.prior.graphs.preload()

    def on_unmount(self) -> None:
        """Let go of the bundle."""
        self._smooth.end()
        self.engine.close()

    async def on_event(self, event: Event) -> None:
        """As in every application, and remember when something was typed or clicked."""
        if isinstance(event, InputEvent):
            self._smooth.note_event()
        await super().on_event(event)

    def _tidy(self) -> None:
        self._smooth.tidy(is_busy=any(worker.is_running for worker in self.workers))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Those of Textual, and one that keeps escape sequences off the screen."""
        return [*super().get_line_filters(), _SAFE_LINES]

    # --- notices ---

    def report(self, error: BaseException) -> None:
        """Show what went wrong, and the way out."""
        if isinstance(error, EmotermError):
            what, fix = error.what, error.fix
        elif isinstance(error, MemoryError):
            what, fix = "Not enough memory.", "Ask for fewer pictures."
        elif isinstance(error, OSError):
            what, fix = f"{error.filename or ''} {error.strerror or error}".strip() + ".", None
        else:
            what, fix = f"{type(error).__name__}: {error}", "This is a bug. What you had is still here; try something else."
        if fix is not None:  # the way out is read even where what went wrong takes a page
            what = f"{self._cut(what, _WHAT_LINES)}\n{fix}"
        self.notify(what, severity="error", timeout=12, markup=False)

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float | None = None, markup: bool = True
    ) -> None:
        """As in every application, but a notice is no longer than a few lines."""
        short = message if markup else self._cut(message, _NOTICE_LINES)
        super().notify(short, title=title, severity=severity, timeout=timeout, markup=markup)

    def _cut(self, text: str, lines: int) -> str:
        width = max(10, min(_TOAST_COLUMNS, self.size.width // 2) - _TOAST_MARGINS)
        return cut_lines(text, width, lines)

    def tell(self, message: str, *, topic: str, timeout: float) -> None:
        """A notice in place of the one before it on the same topic."""
        self.post_message(Notify(Notice(self._cut(message, _NOTICE_LINES), timeout=timeout, topic=topic)))

    def on_notify(self, event: Notify) -> None:
        """Take down what says the same, or what was said before on the same topic. Textual then shows the notice."""
        new = event.notification
        same = [old for old in self._notifications if old.message == new.message or (_topic(new) and _topic(old) == _topic(new))]
        self._take_down(same)

    def dismiss(self, topic: str | None = None) -> bool:
        """Take down the notices on a topic, or all; says whether there were any."""
        gone = [notice for notice in self._notifications if topic in {None, _topic(notice)}]
        self._take_down(gone)
        return bool(gone)

    def _take_down(self, notices: Sequence[Notification]) -> None:
        for notice in notices:
            self._unnotify(notice, refresh=False)
            self.screen.query(f"#--textual-toast-{notice.identity}").remove()  # Textual takes down what is in it and leaves the holder
        if notices:
            self._refresh_notifications()

    def copy_command(self, command: tuple[str, ...]) -> None:
        """Put a command line into the clipboard of the terminal, and show it."""
        words = list(command)
        if self.bundle_name is not None:
            words += ["--bundle", self.bundle_name]
        line = command_line(words)
        self.copy_to_clipboard(line)
        self.notify(line, title="Copied", markup=False)

    # --- what the screens share ---

    def mark(self, end: str, item: Item) -> None:
        """Make an emoji an end of the morph."""
        self.ends[end] = item
        missing = {"a": "b", "b": "a"}[end]
        then = "3 shows it" if missing in self.ends else f"mark the other with {missing}"
        self.notify(f"{item.label} is end {end.upper()} of the morph; {then}.", markup=False, timeout=3)

    # --- actions ---

    async def action_go(self, mode: str) -> None:
        """To another screen."""
        if len(self.screen_stack) == 1:
            self.dismiss()
            await self.switch_mode(mode)

    def action_toggle_help(self) -> None:
        """The keys of this screen, those that work everywhere, and help for the focused widget. The help closes itself by the same key."""
        from emoterm.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen, self.current_mode.capitalize()))

    def action_interrupt(self) -> None:
        """Ctrl-C."""
        self.exit(INTERRUPTED)

    def action_nothing(self) -> None:
        """Take a key away."""

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key here, some by another name too, which is only found; then Textual's own."""
        seen = set()
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            if not enabled or not binding.description or binding.description in seen or binding.action == "command_palette":
                continue
            seen.add(binding.description)
            key = self.get_key_display(binding)
            node = next(active.node for active in screen.active_bindings.values() if active.binding == binding)

            async def run(action: str = binding.action, node: object = node) -> None:
                await self.run_action(action, node)  # type: ignore[arg-type]

            said = f"{tooltip or 'Key'}: {key}" if tooltip else f"Key: {key}"
            yield SystemCommand(binding.description, said, run)
            if binding.id in _ALSO_CALLED:
                yield SystemCommand(_ALSO_CALLED[binding.id], said, run, discover=False)
        yield from (command for command in super().get_system_commands(screen) if command.title not in seen | {"Screenshot", "Keys"})
