"""What steers a sample beside chance: words, style, group, emotion, and a picture of which a part is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emoterm.cli.report import narrate
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.inputs import Picture
    from emoterm.pipeline import Pipeline
    from emoterm.prompt import ParsedPrompt
    from emoterm.steering import I64

KEEP, ROWS = 0.5, 8
"""What --like and --complete keep when nothing else is said: half of the picture."""


@dataclass(frozen=True)
class Source:
    """The picture of ``--like`` or ``--complete``, as typed, and how much of it stays."""

    spec: str
    keep: float | None = None
    """Share of the tokens, for --like; None for --complete."""
    rows: int = ROWS
    """Rows of tokens from the top, for --complete."""

    def given(self, picture: Picture, n: int, *, columns: int, seed: int) -> I64:
        """The tokens that are known of ``n`` samples: (n, 256), −1 where the prior writes."""
        from emoterm.steering import keep_rows, keep_share

        if self.keep is None:
            return keep_rows(picture.tokens, self.rows, n, columns=columns)
        return keep_share(picture.tokens, self.keep, n, columns=columns, seed=seed)

    def parameters(self) -> dict[str, float]:
        """For the recipe."""
        return {"rows": self.rows} if self.keep is None else {"keep": self.keep}

    def facts(self, picture: Picture) -> dict[str, Any]:
        """For ``--json``."""
        if self.keep is None:
            return {"complete": {"picture": picture.label, "rows": self.rows}}
        return {"like": {"picture": picture.label, "keep": self.keep}}


def choose_source(*, like: str | None, keep: float | None, complete: str | None, rows: int | None) -> Source | None:
    """The one picture that the options name, if any.

    Raises:
        UsageError: both at once, an option of the one without it, or a value out of range.
    """
    if like is not None and complete is not None:
        raise UsageError("--like and --complete cannot go together.", fix="Keep a share of one picture, or the top of one.")
    if keep is not None and like is None:
        raise UsageError("--keep goes with --like.", fix="Name the picture to keep a share of: --like 😊")
    if rows is not None and complete is None:
        raise UsageError("--rows goes with --complete.", fix="Name the picture whose top rows stay: --complete 😊")
    # What follows is imported where there is a picture: most samples have none, and wait for what is imported before their models load.
    if like is not None:
        from emoterm.steering import check_share

        share = KEEP if keep is None else keep
        check_share(share, "--keep")
        return Source(like, keep=share)
    if complete is not None:
        from emoterm.inputs import ROWS as GRID_ROWS
        from emoterm.steering import check_rows

        source = Source(complete, rows=ROWS if rows is None else rows)
        check_rows(source.rows, GRID_ROWS)
        return source
    return None


def understand(
    prompt: str,
    pipeline: Pipeline,
    *,
    style: str | None = None,
    group: str | None = None,
    emotion: str | None = None,
    words_alone: bool = False,
) -> ParsedPrompt:
    """Find the words of the prompt, the group and the emotion, and tell the person what was made of them.

    Raises:
        UsageError: unknown style, group or emotion, or not one known word in the prompt.
    """
    from emoterm.emotions import find_emotion
    from emoterm.notes import notes_on_prompt
    from emoterm.prompt import add_emotion, add_group, check_known

    felt = None if emotion is None else find_emotion(emotion)
    parsed, vocabulary = pipeline.parse(prompt, style=style, words_alone=words_alone), pipeline.prior.vocabulary
    check_known(parsed, pipeline.gallery.nearest_names if pipeline.gallery.exists else None)
    if felt is not None:
        parsed = add_emotion(parsed, felt, vocabulary)
    if group is not None:
        parsed = add_group(parsed, group, vocabulary)
    for note in notes_on_prompt(parsed):
        narrate(note)
    return parsed
