"""What of Textual is used that it does not promise: where a new version has it no more, this fails first, and says what needs it."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.notifications import Notification, Notifications
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


@pytest.mark.parametrize("name", ["_unnotify", "_refresh_notifications"])
def test_an_app_takes_notices_down(name: str) -> None:
    """tui/app.py."""
    assert callable(getattr(App, name, None)), name


def test_an_app_lists_its_notices_and_keeps_a_keymap() -> None:
    """tui/app.py, screens/help.py."""
    app: App[None] = App()
    assert isinstance(app._notifications, Notifications)
    notice = Notification("said")
    app._notifications.add(notice)
    assert list(app._notifications) == [notice]
    app.set_keymap({"quit": "Q"})
    assert app._keymap == {"quit": "Q"}


def test_a_node_has_bindings_by_key_that_a_keymap_changes() -> None:
    """screens/help.py, screens/keyed.py."""

    class Bound(Screen[None]):
        BINDINGS = [Binding("enter", "go", "Go", id="go")]  # noqa: RUF012

    bindings = Bound()._bindings
    assert isinstance(bindings, BindingsMap)
    assert bindings.key_to_bindings["enter"][0].description == "Go"
    copy = bindings.copy()
    copy.apply_keymap({"go": "g"})
    assert [(key, binding.id) for key, binding in copy if binding.id == "go"] == [("g", "go")]


def test_a_strip_remembers_how_it_is_written() -> None:
    """widgets/ready.py."""
    strip = Strip([])
    strip._render_cache = "written"
    assert strip.render(App[None]().console) == "written"


def test_a_node_keeps_who_watches_it() -> None:
    """tui/watchers.py."""

    async def watch() -> None:
        app: App[None] = App()
        async with app.run_test():
            watcher = Widget()
            await app.mount(watcher)
            watcher.watch(app, "theme", lambda: None, init=False)
            ((found, callback), *_) = [pair for pair in getattr(app, "__watchers")["theme"] if pair[0] is watcher]
            assert found.is_attached
            assert callable(callback)

    asyncio.run(watch())
