"""Tests on the state that world files can ask for, by name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from game.engine.model import Character, Exit, Item, Room, State

#: Turns a name in the world file ("actor", "item", "target", "room", "player", "self" or an id)
#: into an id.
Bind = Callable[[str], str | None]


class Condition(NamedTuple):
    """A test on the state: a name in `CONDITIONS` and its arguments."""

    kind: str
    args: dict[str, Any]


class Variant(NamedTuple):
    """A description for the states in which all of `when` holds."""

    when: tuple[Condition, ...]
    text: str


class Lore(NamedTuple):
    """What the narrator may know of the rooms, things and people in `about`, while `when` holds."""

    id: str
    about: tuple[str, ...]
    text: str
    when: tuple[Condition, ...] = ()


def _has(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who, item = bind(args["who"]), bind(args["item"])
    return item in state.parent and who is not None and state.holder_of(str(item)) == who


def _in(state: State, args: dict[str, Any], bind: Bind) -> bool:
    thing, place = bind(args["thing"]), bind(args["place"])
    if thing not in state.parent:
        return False
    if place in state.world.rooms:
        return state.room_of(str(thing)) == place
    return state.parent[str(thing)] == place


def _held(how: str) -> Callable[[State, dict[str, Any], Bind], bool]:
    def test(state: State, args: dict[str, Any], bind: Bind) -> bool:
        item = bind(args["item"])
        return state.manner.get(str(item)) == how and state.parent[str(item)] == bind(args["who"])

    return test


def _member(field: str) -> Callable[[State, dict[str, Any], Bind], bool]:
    def test(state: State, args: dict[str, Any], bind: Bind) -> bool:
        return bind(args["thing"]) in getattr(state, field)

    return test


def _with(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who, whom = bind(args["who"]), bind(args["whom"])
    if who not in state.parent or whom not in state.parent:
        return False
    return state.room_of(str(who)) == state.room_of(str(whom))


def _mood(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who = bind(args["who"])
    return who in state.health and state.mood_of(str(who)) == args["is"]


def _stat(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who = bind(args["who"])
    if who not in state.health:
        return False
    return state.stat(str(who), args["name"]) >= int(args["at_least"])


CONDITIONS: dict[str, Callable[[State, dict[str, Any], Bind], bool]] = {
    "has": _has,  # {who, item}: carries it, directly or inside something
    "in": _in,  # {thing, place}: in that room (at any depth) or directly in that thing
    "wearing": _held("worn"),  # {who, item}
    "wielding": _held("wielded"),  # {who, item}
    "with": _with,  # {who, whom}: in the same room
    "alive": lambda s, a, b: b(a["who"]) not in s.dead,
    "dead": lambda s, a, b: b(a["who"]) in s.dead,
    "open": _member("opened"),  # {thing}
    "locked": _member("locked"),
    "hidden": _member("hidden"),
    "lit": _member("lit"),
    "flag": lambda s, a, b: s.flags.get(a["name"], False) == a.get("is", True),
    "quest": lambda s, a, b: s.quests.get(a["id"], "hidden") == a["is"],  # hidden|active|done
    "mood": _mood,  # {who, is}
    "role": lambda s, a, b: s.role.get(str(b(a["who"]))) == a["is"],
    "stat": _stat,  # {who, name, at_least}
    "score": lambda s, a, b: s.score >= a["at_least"],
    "turn": lambda s, a, b: s.turn >= a["at_least"],
    "chance": lambda s, a, b: s.roll(100) < a["percent"],  # draws from the state's generator
    "not": lambda s, a, b: not holds(s, a["condition"], b),
    "any": lambda s, a, b: any(holds(s, c, b) for c in a["conditions"]),
}


def holds(state: State, condition: Condition, bind: Bind) -> bool:
    return CONDITIONS[condition.kind](state, condition.args, bind)


def wording(state: State, what: Room | Exit | Item | Character) -> str:
    """The description that fits the state: the first variant whose conditions hold, or its own."""
    for variant in what.variants:
        if _true_now(state, variant.when):
            return variant.text
    return what.description


def true_hints(state: State, hints: tuple[Variant, ...]) -> list[str]:
    """The hints that hold now, in the author's order."""
    return [hint.text for hint in hints if _true_now(state, hint.when)]


def lore_about(state: State, ids: Collection[str]) -> list[str]:
    """The notes of the world that are true now and about one of these, in the author's order."""
    return [
        note.text
        for note in state.world.lore
        if not set(note.about).isdisjoint(ids) and _true_now(state, note.when)
    ]


def _true_now(state: State, when: tuple[Condition, ...]) -> bool:
    def bind(name: str) -> str:
        return state.world.player if name == "player" else name

    return all(holds(state, condition, bind) for condition in when)
