"""Where somebody believes a person or thing to be, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from game.engine.perception import Triple
from game.engine.scope import scope_of
from game.memory.recounting import Teller
from game.narrator.grammar import agree, capitalise

if TYPE_CHECKING:
    from game.memory.chronicle import Chronicle

_PLACING = ("in", "on", "carries", "wears", "wields")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing was last seen, as a sentence; `fresh`: not only where it was from the start."""

    words: str
    fresh: bool


def last_seen(chronicle: Chronicle, who: str, id: str) -> tuple[Triple, int] | None:
    """The fact that places `id`, as `who` last saw it, and the turn of that."""
    found = None
    for triple, turn in chronicle.knowledge(who).facts.items():
        subject, relation, object = triple
        places = subject if relation in ("in", "on") else object
        if relation in _PLACING and places == id and (found is None or turn >= found[1]):
            found = (triple, turn)
    return found


def whereabouts(chronicle: Chronicle, who: str, id: str, teller: Teller) -> Place:
    """Where `id` is, as far as `who` has seen."""
    state, world = chronicle.state, chronicle.world
    if id in scope_of(state, who).visible():
        return Place(_here(chronicle, id, teller), True)
    name = teller.name(id, "_o")
    found = last_seen(chronicle, who, id)
    if found is None:
        return Place(f"I have not seen {name}.", False)
    (subject, relation, object), turn = found
    left = [
        e
        for e in chronicle.remembered(who)
        if e.event.type == "went" and e.event.actor == id and e.turn >= turn
    ]
    if left:
        way = f", going {left[-1].event.exit}" if left[-1].event.exit else ""
        return Place(f"I last saw {name} {_at(teller, str(left[-1].event.room))}{way}.", True)
    fresh = turn > 0 or world.places.get(id, ("",))[0] not in (subject, object)
    if relation not in ("in", "on"):
        return Place(f"{capitalise(teller.name(subject))} had {name} when I last saw.", fresh)
    if object in world.rooms:
        return Place(f"I last saw {name} {_at(teller, object)}.", fresh)
    return Place(f"I last saw {name} {relation} {teller.name(object)}.", fresh)


def _at(teller: Teller, room: str) -> str:
    return "here" if room == teller.room else teller.place(room)


def _here(chronicle: Chronicle, id: str, teller: Teller) -> str:
    state, world = chronicle.state, chronicle.world
    parent = state.parent[id]
    if parent in world.characters and parent not in state.dead:
        holder = teller.name(parent)
        has = "have" if holder in ("I", "you") else agree("have", world.thing(parent).plural)
        return f"{capitalise(holder)} {has} {teller.name(id)}."
    where = "right here"
    if parent in world.items:
        where = f"right here, {state.manner.get(id, 'in')} {teller.name(parent)}"
    return f"{capitalise(teller.name(id))} {agree('are', world.thing(id).plural)} {where}."
