"""What a character remembers from turn to turn: grudges, greetings, where it was, what it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from game.engine.events import Action, Event
from game.engine.model import State
from game.engine.verbs.emotes import GESTURES

#: How many own actions, and how many rooms, are remembered.
RECENT = 6
ROOMS = 4
#: How many people are remembered for what they did, and for having been greeted.
PEOPLE = 8
#: Turns until a blow or a theft is no longer held against somebody.
COOLS = {"blow": 20, "theft": 12}

GESTURE_NAMES = frozenset(name for name, _, _ in GESTURES)
_BLOWS = frozenset({"hit", "missed", "deflected"})
_THEFTS = frozenset({"stole", "caught"})
_ADDRESSES = frozenset({"told", "whispered", "gave", "emoted", "hugged"})


@dataclass(frozen=True, slots=True)
class Memory:
    """One character's memory: immutable, a few hundred bytes, and JSON through `as_json`.

    `recent`     own actions, the latest last
    `rooms`      rooms it was in, the present one last; `since` is the turn it came there
    `grudges`    (who, "blow" or "theft", turn of the last offence)
    `greeted`    (who, turn of the last gesture at them)
    `stolen`     things it knows were stolen from it
    `leader`     whom it means to follow, even when it lost them
    `addressed`  the turn somebody last turned to it (-100: never)
    """

    recent: tuple[Action, ...] = ()
    rooms: tuple[str, ...] = ()
    since: int = 0
    grudges: tuple[tuple[str, str, int], ...] = ()
    greeted: tuple[tuple[str, int], ...] = ()
    stolen: tuple[str, ...] = ()
    leader: str | None = None
    addressed: int = -100

    def grudge(self, who: str, kind: str, turn: int) -> bool:
        """Whether `who` is still held to blame for a blow or a theft."""
        return any(w == who and k == kind and turn - t <= COOLS[k] for w, k, t in self.grudges)

    def since_greeting(self, who: str, turn: int) -> int:
        """Turns since the last gesture at `who` (1000: none is remembered)."""
        return next((turn - t for w, t in self.greeted if w == who), 1000)

    def after(self, state: State, who: str, heard: Iterable[Event]) -> Memory:
        """This memory and what the character perceived since."""
        turn, here = state.turn, state.parent[who]
        grudges = {(w, k): t for w, k, t in self.grudges if turn - t <= COOLS[k]}
        stolen = [i for i in self.stolen if state.parent[i] != who]
        addressed = self.addressed
        for event in heard:
            actor = event.actor
            if actor is None or actor == who:
                continue
            wronged = event.target == who or (
                is_guard(state, who) and event.target is not None and event.target != actor
            )
            if event.type in _BLOWS and wronged and not _had_it_coming(state, event, who):
                grudges[actor, "blow"] = turn
            elif event.type in _THEFTS and wronged:
                grudges[actor, "theft"] = turn
            if event.target != who:
                continue
            if event.type == "stole" and event.item:
                stolen.append(event.item)
            elif event.type == "gave":
                grudges.pop((actor, "theft"), None)
            if event.type in _ADDRESSES:
                addressed = turn
        moved = not self.rooms or self.rooms[-1] != here
        following = state.following.get(who)
        return Memory(
            self.recent,
            (*self.rooms, here)[-ROOMS:] if moved else self.rooms,
            turn if moved else self.since,
            tuple((w, k, t) for (w, k), t in grudges.items() if w not in state.dead)[-PEOPLE:],
            self.greeted,
            tuple(dict.fromkeys(stolen))[-PEOPLE:],
            following or (None if self.leader in state.dead else self.leader),
            addressed,
        )

    def having_done(self, action: Action, turn: int) -> Memory:
        """This memory and the character's own latest action."""
        greeted, leader = self.greeted, self.leader
        if action.verb in GESTURE_NAMES and action.noun:
            others = tuple(pair for pair in greeted if pair[0] != action.noun)
            greeted = (*others, (action.noun, turn))[-PEOPLE:]
        if action.verb == "unfollow":
            leader = None
        recent = (*self.recent, action._replace(text=None))[-RECENT:]
        return replace(self, recent=recent, greeted=greeted, leader=leader)

    def as_json(self) -> dict[str, Any]:
        # Not `asdict`, whose deep copies of what cannot change cost more than the turn.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Memory:
        """The inverse of `as_json`, also after a trip through JSON text (lists for tuples)."""
        return cls(
            recent=tuple(Action(*a) for a in data["recent"]),
            rooms=tuple(data["rooms"]),
            since=data["since"],
            grudges=tuple((w, k, t) for w, k, t in data["grudges"]),
            greeted=tuple((w, t) for w, t in data["greeted"]),
            stolen=tuple(data["stolen"]),
            leader=data["leader"],
            addressed=data["addressed"],
        )


def is_guard(state: State, who: str) -> bool:
    """Whether the character keeps the peace: wrongs done to others are its business."""
    return "guard" in state.world.characters[who].tags or state.role.get(who) == "guard"


def hunts(state: State, hunter: str, prey: str) -> bool:
    """Whether `hunter` attacks `prey` on sight. Those who attack anyone spare one another."""
    characters = state.world.characters
    attacks = characters[hunter].attacks
    if hunter == prey or not attacks:
        return False
    if "*" in attacks:
        return "*" not in characters[prey].attacks
    return not attacks.isdisjoint(characters[prey].tags)


def _had_it_coming(state: State, event: Event, witness: str) -> bool:
    """A blow that a bystander does not mind: at one who hunts people, or by a fellow guard."""
    target, actor = event.target, event.actor
    if target == witness or target is None or actor is None:
        return False
    return bool(state.world.characters[target].attacks) or is_guard(state, actor)
