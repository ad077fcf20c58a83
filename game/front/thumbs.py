"""Thumbs: what can be thumbed, and what the player has said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from game.errors import UsageError

if TYPE_CHECKING:
    from game.feedback.rows import TargetKind
    from game.feedback.store import FeedbackStore

#: Reasons that are offered with a thumb; others can be typed.
TAGS = ("vivid", "in character", "funny", "well paced", "wrong", "dull", "too long", "repeats")


@dataclass(frozen=True, slots=True)
class Target:
    """The feedback row that a thumb goes to."""

    kind: TargetKind
    id: int


@dataclass(slots=True)
class Ballot:
    """The thumbs on what was told.

    `store` None (feedback is off or cannot be kept) refuses every vote. `thumbed` is called with
    the target of every vote that was kept.
    """

    store: FeedbackStore | None
    thumbed: Callable[[Target], None] = field(default=lambda target: None)

    def vote(self, target: Target, value: int, tags: Sequence[str] = ()) -> int:
        """Keep the thumb (1, -1, or 0 to take it back); returns how many wait for training.

        Raises UsageError while feedback is off, FeedbackError when it cannot be kept.
        """
        if self.store is None:
            raise UsageError("Thumbs are off in the settings.", "Set feedback = true to keep them.")
        if self.store.vote(target.kind, target.id, value, tags=tags) is None:
            raise UsageError("Thumbs are off.", "Turn them on with: game feedback on")
        self.thumbed(target)
        return self.store.pending_count()

    def standing(self, target: Target | None) -> tuple[int, tuple[str, ...]]:
        """The thumb on `target` and its reasons; (0, ()) where there is none."""
        if self.store is None or target is None:
            return 0, ()
        vote = self.store.current_vote(target.kind, target.id)
        return (0, ()) if vote is None else (vote.value, vote.tags)

    def pending(self) -> int:
        """How many of the player's thumbs wait for training."""
        return self.store.pending_count() if self.store else 0


@dataclass(frozen=True, slots=True)
class ThumbCommand:
    """A typed thumb: `value` for the `back`-th last telling, with reasons."""

    value: int
    back: int
    tags: tuple[str, ...]


_VALUES = {":up": 1, ":down": -1, ":clear": 0}


def parse_thumb(text: str) -> ThumbCommand | None:
    """`:up [N] [tag…]`, `:down …` or `:clear [N]` as a command; None for anything else.

    Words join to a known tag where they make one ("in character"); commas separate tags too.
    """
    words = text.replace(",", " , ").split()
    if not words or words[0].lower() not in _VALUES:
        return None
    rest = words[1:]
    back = 1
    if rest and rest[0].isascii() and rest[0].isdigit():
        back, rest = int(rest[0]), rest[1:]
    return ThumbCommand(_VALUES[words[0].lower()], back, _tags(rest))


def _tags(words: list[str]) -> tuple[str, ...]:
    tags: list[str] = []
    while words:
        pair = " ".join(words[:2])
        if pair in TAGS:
            tags.append(pair)
            words = words[2:]
            continue
        if words[0] != ",":
            tags.append(words[0])
        words = words[1:]
    return tuple(dict.fromkeys(tags))
