"""Where a game stands right now: the world's state, the cast's mind and what the player knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from game.engine.events import Event
from game.engine.model import State, World
from game.engine.parser import ParserMemory
from game.engine.perception import Knowledge, observe, perceived
from game.engine.roles import DIRECT
from game.engine.rules import Entry, apply, pass_turn
from game.engine.scope import Scope
from game.moment import Moment
from game.narrator.describe import describe_room

if TYPE_CHECKING:
    from game.cast import Cast

#: How many events a character keeps in mind until its next turn.
LONGEST_INBOX = 20


class Position:
    """Everything that a turn changes; it can be noted as a Moment, taken up again, and replayed."""

    world: World
    cast: Cast | None
    state: State
    knowledge: Knowledge
    _heard: dict[str, tuple[Event, ...]]
    _memory: ParserMemory

    def _begin(self, seed: int) -> None:
        """Stand at the beginning of game `seed`."""
        self.state = self.world.initial_state(seed)
        self.knowledge = Knowledge(self.player)
        self._heard = {}
        self._memory = ParserMemory()
        self._look_around()

    @property
    def player(self) -> str:
        return self.world.player

    def room_text(self) -> str:
        """Where the player is, as they see it."""
        return describe_room(self.state, self.player, Scope(self.state, self.player))

    def seen_rooms(self) -> set[str]:
        """The rooms that the player has seen, by id."""
        return {place for place, relation, _ in self.knowledge.facts if relation == "has_exit"}

    def _moment(self) -> Moment:
        return Moment(
            self.state.clone(),
            self.cast.memory() if self.cast else None,
            dict(self._heard),
            dict(self.knowledge.facts),
        )

    def _be(self, moment: Moment) -> None:
        self.state = moment.state.clone()
        if self.cast is not None and moment.cast is not None:
            self.cast.restore(moment.cast)
        self._heard = dict(moment.heard)
        self.knowledge.facts = dict(moment.knowledge)
        self._memory = ParserMemory()

    def _replay(self, entries: Sequence[Entry]) -> None:
        """Let a turn happen again, as everybody then decided, with all that came of it."""
        happened: list[tuple[str | None, list[Event]]] = []
        for actor, action in entries:
            if actor is None or action is None:
                happened.append((None, pass_turn(self.state)))
                continue
            if action.verb == DIRECT:
                apply(self.state, actor, action)
                continue
            if actor != self.player and self.cast is not None:
                self.cast.remember(self.state, actor, self._heard.pop(actor, ()), action)
            events = apply(self.state, actor, action)
            if actor == self.player:
                self._spread(events, actor)
            else:
                happened.append((actor, events))
        for actor, events in happened:
            self._spread(events, actor)
        self._look_around()

    def _spread(self, events: Sequence[Event], actor: str | None) -> None:
        """Let every other character hear of what it perceives, for its next turn."""
        for who in self.world.characters:
            if who not in (self.player, actor):
                seen = perceived(self.state, who, events)
                if seen:
                    self._heard[who] = (*self._heard.get(who, ()), *seen)[-LONGEST_INBOX:]

    def _look_around(self) -> None:
        if self.player not in self.state.dead:
            self.knowledge.see(self.state, observe(self.state, self.player))
