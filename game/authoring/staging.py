"""A world begun elsewhere or with other things in hand, and a game carried over to a changed world.

Both are for authors, who try parts of a world again and again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from game.authoring.problems import suggest
from game.engine.model import NOWHERE, State, World
from game.errors import UsageError


def begin_elsewhere(world: World, room: str | None, holding: Iterable[str] = ()) -> World:
    """The world with the player in another room, with these things carried. Ids and names will do.

    Raises UsageError for what is not in the world.
    """
    places, items = dict(world.places), dict(world.items)
    if room is not None:
        places[world.player] = (
            _find(room, "room", {r.id: r.name for r in world.rooms.values()}),
            "in",
        )
    portable = {i.id: i.name for i in world.items.values() if i.between is None}
    for name in holding:
        id = _find(name, "thing", portable)
        places[id] = (world.player, "in")
        items[id] = replace(items[id], hidden=False)
    return replace(world, places=places, items=items)


def _find(word: str, what: str, names: dict[str, str]) -> str:
    if word in names:
        return word
    found = [id for id, name in names.items() if name.lower() == word.lower()]
    if not found:
        raise UsageError(f"There is no {what} {word!r} in this world{suggest(word, names)}.")
    return found[0]


#: What is a set of ids in a state, and what is a value by id.
_SETS = ("opened", "locked", "hidden", "lit", "dead")
_VALUES = ("health", "mood", "role", "flags", "fired", "quests", "boosts", "rewards")


def carry_over(old: State, world: World) -> State:
    """The state of a game in another version of its world.

    What changed in play stays changed where its ids are still there; what did not is as the new
    version has it.
    """
    new, was = world.initial_state(), old.world.initial_state()
    _carry_places(old, was, new)
    known = {*world.entities, *world.exits}
    for name in _SETS:
        mine, theirs, before = getattr(new, name), getattr(old, name), getattr(was, name)
        mine |= (theirs - before) & known
        mine -= before - theirs
    for name in _VALUES:
        _carry_values(
            getattr(old, name), getattr(was, name), getattr(new, name), known | _rules(world)
        )
    for table in ("following", "blocking"):
        pairs = getattr(old, table).items()
        getattr(new, table).update({a: b for a, b in pairs if a in known and b in known})
    new.score, new.xp, new.turn, new.rng = old.score, old.xp, old.turn, old.rng
    if old.ended in world.endings or old.ended == "death":
        new.ended = old.ended
    return new


def _carry_places(old: State, was: State, new: State) -> None:
    """Put what was moved where it was moved to, unless that is gone or inside itself."""
    world = new.world
    for id, parent in old.parent.items():
        if id not in new.parent or (parent, old.manner.get(id)) == (
            was.parent[id],
            was.manner.get(id),
        ):
            continue
        if id in world.characters and parent not in world.rooms and parent != NOWHERE:
            continue
        if parent != NOWHERE and parent not in world.entities:
            continue
        around = parent
        while around in new.parent and around != id:
            around = new.parent[around]
        if around != id:
            new.move(id, parent, old.manner.get(id, "in"))


def _rules(world: World) -> set[str]:
    goals = {f"{q.id}:{g.id}" for q in world.quests.values() for g in q.goals}
    return {*world.flags, *world.quests, *(r.id for r in world.reactions), *goals}


def _carry_values(
    old: dict[Any, Any], was: dict[Any, Any], new: dict[Any, Any], known: set[str]
) -> None:
    for key, value in old.items():
        id = key[0] if isinstance(key, tuple) else key
        kept = key in new or id in known or (isinstance(id, str) and id.split(":")[0] in known)
        if kept and was.get(key) != value and (key not in new or type(new[key]) is type(value)):
            new[key] = value
