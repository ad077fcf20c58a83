"""The twenty-two gestures of LIGHT, at large or at somebody."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from game.engine.consequences import Happen
from game.engine.events import Action, Reason, define
from game.engine.scope import Scope
from game.engine.verbs.base import TOO_MUCH, Pair, Verb, not_present

#: Gesture, its adverbial when aimed at somebody, and other words for it.
GESTURES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("applaud", "", ("clap",)),
    ("blush", "at", ()),
    ("cry", "in front of", ("weep", "sob")),
    ("dance", "with", ()),
    ("frown", "at", ()),
    ("gasp", "at", ()),
    ("grin", "at", ()),
    ("groan", "at", ()),
    ("growl", "at", ("snarl",)),
    ("laugh", "at", ("giggle", "chuckle")),
    ("nod", "at", ()),
    ("nudge", "", ()),
    ("ponder", "", ("think about", "think")),
    ("pout", "at", ("sulk",)),
    ("scream", "at", ("shriek",)),
    ("shrug", "at", ()),
    ("sigh", "at", ()),
    ("smile", "at", ()),
    ("stare", "at", ("glare",)),
    ("wave", "at", ()),
    ("wink", "at", ()),
    ("yawn", "at", ()),
)

EMOTED = define(
    "emoted",
    "{actor} <{text}>( {manner})( {target}).",
    doc="A gesture: `text` names it, `target` is whom it is aimed at.",
)


class Emote(Verb):
    """One gesture."""

    help = "A gesture, at large or at somebody."
    noun_kind = "person"
    idle = True

    def __init__(self, gesture: str, preposition: str, others: tuple[str, ...]) -> None:
        self.name = gesture  # type: ignore[misc]
        self.words = (gesture, *others)  # type: ignore[misc]
        aim = f"{preposition}|at|to|with {{noun}}" if preposition else "{noun}"
        self.grammar = ("", aim, "{noun}")  # type: ignore[misc]
        self.manner = preposition.replace("-", " ") or None

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(None, None), *((p, None) for p in s.here)]

    def admissible(self, s: Scope) -> list[Action]:
        return [Action(self.name), *(Action(self.name, p) for p in s.here)]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        return None if noun is None else not_present(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        manner = self.manner if noun is not None else None
        happen(type=EMOTED, actor=s.actor, target=noun, room=s.room, text=self.name, manner=manner)


VERBS: tuple[Verb, ...] = tuple(
    Emote(gesture, preposition.replace(" ", "-"), others)
    for gesture, preposition, others in GESTURES
)


@cache
def gestures_at(person: str | None) -> tuple[Action, ...]:
    """All gestures at one person (None: at large), made once: they are always admissible."""
    return tuple(Action(verb.name, person) for verb in VERBS)
