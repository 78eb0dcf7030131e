"""What a run of pictures is asked to show, the same for all of them: as the prior and the gallery want it, not as a person typed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emoterm.accessories import accessories_in, can_hide_glasses, find_accessory
from emoterm.colors import COLORS
from emoterm.feelings import FACES
from emoterm.prompt import ParsedPrompt
from emoterm.vocabulary import Condition

if TYPE_CHECKING:
    from emoterm.brief import Brief
    from emoterm.recipe import Parameter


SEARCH_VERSION = 2
"""How emojis to draw after are searched for. Version 2 leaves out what is something else ("hot dog" for "dog") or feels something else."""


@dataclass(frozen=True)
class Request:
    """What all pictures of a run should be.

    Raises:
        ValueError: a value that no prompt leads to.
    """

    words: tuple[str, ...] = ()
    """Of the vocabulary, for the prior."""
    style: str | None = None
    """None: any."""
    sought: tuple[str, ...] = ()
    """Single words to search the gallery for, the subject first, for emojis to draw after; none where words alone decide."""
    color: str | None = None
    """Of :data:`emoterm.colors.COLORS`: what pictures that are drawn after an emoji of another colour are painted in."""
    feeling: str | None = None
    """Of :data:`emoterm.feelings.FACES`: what things that are drawn after an emoji are given a face for."""
    worn: tuple[str, ...] = ()
    """Of :func:`emoterm.prompt_outfit.worn_in`: what pictures that are drawn after an emoji without such things are given to wear."""
    by_chance: bool = False
    """Draw each picture after an emoji that chance picks."""
    group: str | None = None
    """Draw only after emojis of this Unicode group; None: of any."""
    search_version: int = 1
    """Of :data:`SEARCH_VERSION`; recipes from before there were versions are of the first."""
    glasses_in_front: bool = False
    """Whether hats go behind the glasses that are worn with them; not so in recipes from before there was this."""

    def __post_init__(self) -> None:
        known = {
            "color": self.color is None or self.color in COLORS,
            "feeling": self.feeling is None or self.feeling in FACES,
            "worn": all(map(find_accessory, self.worn)),
            "search_version": 1 <= self.search_version <= SEARCH_VERSION,
        }
        for name, is_known in known.items():
            if not is_known:
                raise ValueError(f"{name} cannot be {getattr(self, name)!r:.40}")

    @classmethod
    def from_prompt(cls, parsed: ParsedPrompt, *, by_chance: bool = False) -> Request:
        """To draw after what comes near to the words of a prompt, or ``by_chance`` where there are none."""
        version = SEARCH_VERSION if parsed.sought else 1
        in_front = can_hide_glasses(accessories_in(parsed.worn))
        return cls(
            words=parsed.words,
            style=parsed.style,
            sought=parsed.sought,
            color=parsed.color,
            feeling=parsed.feeling,
            worn=parsed.worn,
            by_chance=by_chance,
            group=parsed.group if parsed.sought or by_chance else None,
            search_version=version,
            glasses_in_front=in_front,
        )

    def words_alone(self) -> Request:
        """The same, drawn after nothing."""
        return replace(
            self, sought=(), color=None, feeling=None, worn=(), by_chance=False, group=None, search_version=1, glasses_in_front=False
        )

    def answered_by(self, brief: Brief) -> Request:
        """What of it was done: all, or words alone where nothing was found to draw after."""
        return self if brief.after else self.words_alone()

    @property
    def condition(self) -> Condition:
        """Of every picture, before any emoji is chosen for it."""
        return Condition(style=self.style, words=self.words)

    @property
    def parameters(self) -> dict[str, Parameter]:
        """For a recipe, which says no more than it has to."""
        said: dict[str, Parameter] = {"words": self.words, "style": self.style}
        if self.sought:
            said |= {"sought": self.sought, "color": self.color, "feeling": self.feeling}
        if self.worn:
            said["worn"] = self.worn
        if self.by_chance:
            said["by_chance"] = True
        if self.group is not None:
            said["group"] = self.group
        if self.search_version > 1:
            said["search_version"] = self.search_version
        if self.glasses_in_front:
            said["glasses_in_front"] = True
        return said
