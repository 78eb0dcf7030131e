"""Completion of what is typed into a prompt."""

from __future__ import annotations

from textual.suggester import Suggester


class LastWord(Suggester):
    """Completes the word that is being typed."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=False)
        self.words: list[str] = []

    async def get_suggestion(self, value: str) -> str | None:
        """The first word of the vocabulary that goes on like this."""
        head, _, last = value.rpartition(" ")
        if len(last) < 2:
            return None
        found = next((word for word in self.words if word.startswith(last) and word != last), None)
        return None if found is None else f"{head} {found}".lstrip()
