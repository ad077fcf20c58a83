"""Where the player has been, which ways out they have seen and taken, and which doors they know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from game.engine.events import Event
from game.engine.model import State
from game.engine.scope import is_open, scope_of

DoorStands = Literal["open", "closed", "locked"]

_UNLOCKING = frozenset({"unlocked", "came_unlocked", "closed", "came_shut"})


@dataclass(slots=True)
class Travels:
    """`visited` gives each room the first and the last turn spent there, `seen` and `taken` each
    exit the last turn, `doors` how a door or lid last stood, as far as one knows, and when."""

    visited: dict[str, tuple[int, int]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    doors: dict[str, tuple[DoorStands, int]] = field(default_factory=dict)

    def copy(self) -> Travels:
        return Travels(self.visited.copy(), self.seen.copy(), self.taken.copy(), self.doors.copy())

    def look(self, state: State, who: str) -> None:
        """Learn from where `who` stands now."""
        scope, turn = scope_of(state, who), state.turn
        first, _ = self.visited.get(scope.room, (turn, turn))
        self.visited[scope.room] = (first, turn)
        for exit in scope.exits:
            self.seen[exit.id] = turn
        if not scope.lit:
            return
        for door in scope.doors:
            known = self.doors.get(door)
            if is_open(state, state.world.items[door]):
                self.doors[door] = ("open", turn)
            elif known is None or known[0] == "open":
                self.doors[door] = ("closed", turn)

    def notice(self, state: State, who: str, events: Sequence[Event]) -> None:
        """Learn from `events`, which `who` perceived."""
        for event in events:
            if event.type == "went" and event.actor == who and event.to is not None:
                for exit in state.world.rooms[str(event.room)].exits:
                    name = exit.direction or exit.label or exit.name
                    if exit.to == event.to and name == event.exit:
                        self.taken[exit.id] = self.seen[exit.id] = state.turn
            elif event.item in state.world.items and event.type in ("opened", "came_open"):
                self.doors[event.item] = ("open", state.turn)
            elif event.item in state.world.items and event.type in _UNLOCKING:
                self.doors[event.item] = ("closed", state.turn)
            elif event.item in state.world.items and event.type == "locked":
                self.doors[event.item] = ("locked", state.turn)

    def leads_to_known(self, state: State) -> dict[str, str]:
        """Exits whose other end the player knows: those taken, and those that only lead back."""
        exits = state.world.exits
        been = {(exits[id].to, exits[id].room) for id in self.taken}
        return {
            id: exits[id].to
            for id in self.seen
            if id in self.taken or (exits[id].room, exits[id].to) in been
        }
