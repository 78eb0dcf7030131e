"""A worker that fails says so; the screen goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from emoterm.tui.app import EmotermApp


class ReportsFailures:
    """Mixed into whatever starts workers (``exit_on_error=False``): their errors become notices."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell what went wrong, and the way out."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            event.stop()
            cast("EmotermApp", cast("MessagePump", self).app).report(event.worker.error)
