"""What a character perceives of events, sees of the world, and has come to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from game.engine.events import EVENT_TYPES, Event
from game.engine.model import State
from game.engine.scope import is_lit, scope_of


def perceives(state: State, observer: str, event: Event) -> bool:
    """Whether `observer` notices the event, judged by the state just after it.

    The actor always does. A theft with manner "unseen" is noticed by nobody else; a whisper by the
    two it is between; sights need light and the same room; sounds the same room; a shout carries
    next door.
    """
    if event.actor == observer:
        return True
    if observer in state.dead or event.manner == "unseen":
        return False
    sense = EVENT_TYPES[event.type].sense
    if sense == "self":
        return False
    if sense == "private":
        return event.target == observer
    here = state.parent[observer]
    if sense == "far":
        return here == event.room or any(
            e.to == event.room for e in state.world.rooms[here].exits if e.id not in state.hidden
        )
    if here != event.room:
        return False
    return sense == "sound" or is_lit(state, here)


def perceived(state: State, observer: str, events: Iterable[Event]) -> list[Event]:
    return [e for e in events if perceives(state, observer, e)]


@dataclass(frozen=True, slots=True)
class Observation:
    """What one character sees now, by id. Exits by exit id, things in reach and not apart."""

    actor: str
    room: str
    lit: bool
    exits: tuple[str, ...]
    characters: tuple[str, ...]
    bodies: tuple[str, ...]
    things: tuple[str, ...]
    doors: tuple[str, ...]
    theirs: tuple[str, ...]
    carried: tuple[str, ...]
    inner: tuple[str, ...]
    health: int


def observe(state: State, actor: str) -> Observation:
    s = scope_of(state, actor)
    return Observation(
        actor,
        s.room,
        s.lit,
        tuple([e.id for e in s.exits]),
        tuple(s.here),
        tuple(s.bodies),
        tuple(s.loose),
        s.doors,
        tuple(s.theirs),
        s.carried,
        tuple(s.inner),
        state.health[actor],
    )


#: Subject, relation, object: ("tavern", "has_exit", "south"), ("player", "carries", "coin").
Triple = tuple[str, str, str]


@dataclass
class Knowledge:
    """The triples one character has observed, each with the turn it was last seen to hold.

    What is seen anew replaces what was believed of the same things: a thing is in one place only,
    and a room's contents are as last seen.
    """

    who: str
    facts: dict[Triple, int] = field(default_factory=dict)

    def see(self, state: State, observation: Observation) -> None:
        """Learn from one look: the room, its ways out, who and what is in it, what one has."""
        turn, room, o = state.turn, observation.room, observation
        if not o.lit:
            self._learn((self.who, "in", room), turn)
            self._has(state, o, turn)
            return
        present = {*o.characters, *o.bodies, *o.things, *o.theirs, *o.carried, *o.inner}
        stale = [t for t in self.facts if t[1] in _PLACING and (t[0] in present or t[2] == room)]
        for triple in stale:
            del self.facts[triple]
        self._learn((self.who, "in", room), turn)
        for exit in o.exits:
            way = state.world.exits[exit]
            self._learn((room, "has_exit", way.name), turn)
        for id in (*o.characters, *o.bodies, *o.things, *o.theirs):
            parent = state.parent[id]
            how = state.manner.get(id, "in")
            if parent in state.world.characters and parent not in state.dead:
                self._learn((parent, _HOLDING.get(how, "carries"), id), turn)
            else:
                self._learn((id, how if how == "on" else "in", parent), turn)
            if id in state.dead:
                self._learn((id, "is", "dead"), turn)
        self._has(state, o, turn)

    def arrive(self, state: State, came_by: str, room: str) -> None:
        """Learn where an exit leads, after taking it."""
        exit = state.world.exits[came_by]
        self.facts[(exit.room, f"{exit.name}_leads_to", room)] = state.turn

    def hear(self, turn: int, fact: Triple) -> None:
        """Take somebody's word for a fact."""
        self._learn(fact, turn)

    def _has(self, state: State, o: Observation, turn: int) -> None:
        for fact in [f for f in self.facts if f[0] == self.who and f[1] in _HOLDING_WORDS]:
            del self.facts[fact]
        for id in o.carried:
            how = _HOLDING.get(state.manner.get(id, "in"), "carries")
            self._learn((self.who, how, id), turn)

    def _learn(self, triple: Triple, turn: int) -> None:
        if triple[1] == "in" and triple[0] == self.who:
            for old in [t for t in self.facts if t[0] == self.who and t[1] == "in"]:
                del self.facts[old]
        self.facts[triple] = turn


_HOLDING = {"worn": "wears", "wielded": "wields"}
_HOLDING_WORDS = frozenset({"carries", "wears", "wields"})
_PLACING = frozenset({"in", "on", "carries", "wears", "wields"})
