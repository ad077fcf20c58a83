"""What the player knows, copied from a game so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from game.engine.events import Event
    from game.engine.model import State, World
    from game.engine.perception import Triple
    from game.memory.chronicle import Sighting
    from game.memory.episodes import Episode
    from game.memory.travels import Travels
    from game.session import Session


@dataclass(frozen=True, slots=True)
class Book:
    """One moment's knowledge: nobody changes anything in it any more.

    `episodes` are those that the player perceived; `facts` the triples they believe, with the turn
    each was last seen to hold; `tried` what was found locked, and when.
    """

    state: State
    travels: Travels
    met: dict[str, Sighting]
    facts: dict[Triple, int]
    episodes: tuple[Episode, ...]
    milestones: tuple[tuple[int, Event], ...]
    tried: dict[str, int]
    pins: tuple[str, ...]

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def player(self) -> str:
        return self.world.player

    @property
    def here(self) -> str:
        return self.state.parent[self.player]

    def is_locked(self, thing: str) -> bool:
        """Whether a door or lid was locked when the player last had to do with it."""
        stands = self.travels.doors.get(thing)
        tried = self.tried.get(thing)
        if stands is not None and (tried is None or tried < stands[1]) and stands[0] != "closed":
            return stands[0] == "locked"
        opened = [
            e.turn
            for e in self.episodes
            if e.event.item == thing and e.event.type in ("unlocked", "opened")
        ]
        return tried is not None and tried >= max(opened, default=-1)


def book_of(session: Session) -> Book:
    """What the player of `session` knows now. Call it on the thread that plays."""
    chronicle = session.notebook.chronicle.sync(session.seed, session.journal, session.state)
    player = session.world.player
    return Book(
        state=session.state.clone(),
        travels=chronicle.travels.copy(),
        met=dict(chronicle.met),
        facts=dict(chronicle.knowledge(player).facts),
        episodes=tuple(chronicle.remembered(player)),
        milestones=tuple(chronicle.milestones),
        tried={thing: turn for thing, (_, turn) in chronicle.tried.items()},
        pins=tuple(session.notebook.pins),
    )
