"""A form of the sample screen that is carried out: its pictures, shown while they are written, and as items."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from emoterm.tui.form import Form
from emoterm.tui.item import Item
from emoterm.tui.messages import Finished, Written

if TYPE_CHECKING:
    from emoterm.brief import Brief
    from emoterm.codec import I64
    from emoterm.imaging.compose import U8
    from emoterm.request import Request
    from emoterm.tui.engine import Engine

_DRAWING_SHARE = 0.25
"""The most of a worker's time that goes into pictures which are not finished."""


@dataclass
class Run:
    """A form that is carried out.

    With ``start``, the upper half of every picture is that of another one.
    """

    form: Form
    start: Item | None = None
    number: int = 0
    request: Request | None = None
    """What the form was read as, once it was; without what the gallery is searched for where nothing was found."""
    brief: Brief | None = None
    """What each picture should be, once that is known."""
    notes: list[str] = field(default_factory=list)
    """What a person should know of how the form was read."""

    @property
    def n(self) -> int:
        """How many pictures."""
        return self.form.n

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that makes the same pictures; empty for variations, which no command makes."""
        return self.form.command if self.start is None else ()

    def rows(self, engine: Engine) -> Generator[tuple[slice, I64]]:
        """As :meth:`emoterm.prior.Prior.generate_rows`.

        Raises:
            UsageError: the model knows not one word of the prompt, or none for the emotion.
        """
        from emoterm.emotions import find_emotion
        from emoterm.notes import notes_on_finishes, notes_on_prompt
        from emoterm.prompt import add_emotion, check_known
        from emoterm.request import Request
        from emoterm.steering import keep_rows

        form, pipeline = self.form, engine.pipeline
        words_alone = form.after_nothing or self.start is not None
        parsed = pipeline.parse(form.prompt, style=form.style, words_alone=words_alone)
        check_known(parsed, pipeline.gallery.nearest_names if pipeline.gallery.exists else None)
        if form.emotion is not None:
            parsed = add_emotion(parsed, find_emotion(form.emotion), pipeline.prior.vocabulary)
        self.notes += notes_on_prompt(parsed)
        request = Request.from_prompt(parsed, by_chance=not form.is_worded)
        given = None
        if self.start is not None:
            grid = engine.bundle.manifest.grid
            given = keep_rows(self.start.tokens, grid[0] // 2, self.n, columns=grid[1])
        if words_alone:
            request = request.words_alone()
        self.brief = brief = pipeline.brief(request, seed=form.seed, pictures=range(self.n))
        self.request = request.answered_by(brief)
        if brief.after:
            self.notes.append(f"after {brief.names(with_emojis=False)}")
        self.notes += notes_on_finishes(parsed, brief)
        rows = pipeline.prior.generate_rows(brief.conditions, seed=form.seed, params=form.params, given=given, sources=brief.sources)
        return cast("Generator[tuple[slice, I64]]", rows)

    def finished(self, tokens: I64, engine: Engine) -> I64:
        """The tokens (n, 256) of :meth:`rows`, when all are there, painted and with the faces asked for."""
        assert self.brief is not None
        return engine.pipeline.finish(tokens, self.brief)

    def name_of(self, index: int) -> str:
        """What one of its pictures is called: what was asked for, else what it is drawn after."""
        asked = " ".join(filter(None, (self.form.prompt, self.form.emotion)))
        after = self.brief.after[index].name if self.brief is not None and self.brief.after else None
        return asked or after or self.form.style or "emoji"

    def item(self, engine: Engine, index: int, tokens: I64, pixels: U8) -> Item:
        """One of its pictures: tokens (256,) and pixels (64, 64, 4)."""
        assert self.request is not None
        label = f"{self.name_of(index)} {self.form.seed}-{index}"
        made = {**self.form.parameters, **self.request.parameters, "n": 1, "first_picture": index}
        return engine.item(tokens, label, made=("sample" if self.start is None else "vary", made), command=self.command, pixels=pixels)


def write(run: Run, engine: Engine, *, is_cancelled: Callable[[], bool], post: Callable[[Written | Finished], object]) -> None:
    """Write the pictures of a run.

    Args:
        run: what to write.
        engine: who writes.
        is_cancelled: asked after each row of tokens of a batch; if so, nothing more is written or posted.
        post: told of the pictures so far now and then, and of all of them in the end.

    Raises:
        UsageError: see :meth:`Run.rows`.
    """
    import numpy as np

    started = time.perf_counter()
    n, total = run.n, engine.prior.n_tokens
    pixels = np.zeros((n, engine.codec.size_px, engine.codec.size_px, 4), np.uint8)
    tokens = np.empty((n, total), np.int64)
    newest: dict[int, tuple[slice, I64]] = {}
    done: dict[int, int] = {}
    ready_at = 0.0
    with closing(run.rows(engine)) as rows:
        for part, so_far in rows:
            if is_cancelled():
                return
            tokens[part, : so_far.shape[1]] = so_far
            newest[part.start], done[part.start] = (part, so_far), so_far.size
            now = time.perf_counter()
            if now >= ready_at and so_far.shape[1] < total:
                for drawn, tokens_so_far in newest.values():
                    pixels[drawn] = engine.unfinished(tokens_so_far)
                newest.clear()
                spent = time.perf_counter() - now
                ready_at = time.perf_counter() + spent * (1 / _DRAWING_SHARE - 1)
                post(Written(run, pixels.copy(), sum(done.values()), n * total))
    tokens = run.finished(tokens, engine)
    post(Finished(run, tokens, engine.pixels(tokens), time.perf_counter() - started))
