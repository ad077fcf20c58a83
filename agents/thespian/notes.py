"""What an agent remembers of its game: the map as walked, what was where, and what it did there.

It is the knowledge graph of KG-A2C (what was observed, room by room, as last seen) with the agent's
own deeds. Only what the character perceived enters: where an exit leads is known once it was taken.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.engine.events import Action
from game.engine.scope import Scope

#: How much a room counts for less with every step that it is away.
DECAY = 0.85


class Notes:
    """One character's notes. `see` when the scene may have changed, `did` after an own action."""

    def __init__(self) -> None:
        self.step = 0
        self.rooms: dict[str, int] = {}  # id to place in the order of discovery
        self.visits: list[int] = []
        self.last_visit: list[int] = []
        self.unexplored: list[int] = []  # exits of each room that were never taken
        self.contents: list[tuple[str, ...]] = []
        self.ways: dict[str, str] = {}  # exit id to the room it leads to
        self.links: list[tuple[int, int]] = []  # the same by places
        self.done: Counter[Action] = Counter()
        self.touched: Counter[str] = Counter()
        self.known: set[str] = set()  # rooms and things seen, things owned, deeds done
        self.fresh: list[str] = []  # those that the last action and look added
        self.fruitful: set[str] = set()  # things an action on which was rewarded
        self.last: Action | None = None
        self.here: str | None = None
        self._kernel: NDArray[np.float32] | None = None

    def see(self, scope: Scope) -> None:
        """Take in the room one is in and what is in it."""
        room = scope.room
        at = self.rooms.get(room)
        if at is None:
            at = self.rooms[room] = len(self.rooms)
            self.visits.append(0)
            self.last_visit.append(self.step)
            self.unexplored.append(0)
            self.contents.append(())
            self._kernel = None
        if room != self.here:
            self.visits[at] += 1
            self._arrive(scope, room)
        self.last_visit[at] = self.step
        found = [room, *[f"own {id}" for id in scope.carried]]
        if scope.lit:
            self.contents[at] = (*scope.here, *scope.bodies, *scope.loose, *scope.theirs)
            found += self.contents[at]
        if self.last is not None:
            found.append(f"do {self.last.verb} {self.last.noun}")
        self.fresh = [fact for fact in found if fact not in self.known]
        self.known.update(self.fresh)
        ways = self.ways
        self.unexplored[at] = sum(e.id not in ways for e in scope.exits)
        self.here = room

    def _arrive(self, scope: Scope, room: str) -> None:
        """Learn where the exit just taken led, and which way leads back."""
        last, before = self.last, self.here
        exits = scope.world.exits
        if last is None or last.verb != "go" or before is None:
            return
        way = exits.get(last.noun or "")
        if way is None or way.room != before or way.to != room or way.id in self.ways:
            return
        there, here = self.rooms[before], self.rooms[room]
        self.ways[way.id] = room
        self.links.append((there, here))
        self.unexplored[there] -= 1
        for back in scope.exits:
            if back.to == before and back.id not in self.ways:
                self.ways[back.id] = before
                self.links.append((here, there))
        self._kernel = None

    def did(self, action: Action, reward: float = 0.0) -> None:
        self.step += 1
        self.last = action
        self.done[action] += 1
        for id in (action.noun, action.second):
            if id is not None:
                self.touched[id] += 1
                if reward > 0:
                    self.fruitful.add(id)

    @property
    def kernel(self) -> NDArray[np.float32]:
        """float32[rooms, rooms]: `DECAY` to the power of the steps between two rooms, 0: no way."""
        if self._kernel is None:
            self._kernel = self._distances()
        return self._kernel

    def _distances(self) -> NDArray[np.float32]:
        n = len(self.rooms)
        table = np.zeros((n, n), np.float32)
        next_to: list[list[int]] = [[] for _ in range(n)]
        for a, b in self.links:
            next_to[a].append(b)
        for start in range(n):
            table[start, start] = near = 1.0
            ring = [start]
            while ring:
                near *= DECAY
                ring = list({b: 0 for a in ring for b in next_to[a] if not table[start, b]})
                table[start, ring] = near
        return table

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON data."""
        return {
            "step": self.step, "rooms": list(self.rooms), "visits": list(self.visits),
            "last_visit": list(self.last_visit), "unexplored": list(self.unexplored),
            "contents": [list(held) for held in self.contents], "ways": dict(self.ways),
            "links": [list(link) for link in self.links],
            "done": [[*action, times] for action, times in self.done.items()],
            "touched": dict(self.touched), "fruitful": sorted(self.fruitful),
            "known": sorted(self.known),
            "last": list(self.last) if self.last else None, "here": self.here,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Notes:
        notes = cls()
        notes.step, notes.here = data["step"], data["here"]
        notes.rooms = {id: at for at, id in enumerate(data["rooms"])}
        notes.visits, notes.last_visit = list(data["visits"]), list(data["last_visit"])
        notes.unexplored = list(data["unexplored"])
        notes.contents = [tuple(held) for held in data["contents"]]
        notes.ways = dict(data["ways"])
        notes.links = [(a, b) for a, b in data["links"]]
        notes.done = Counter({Action(*row[:4]): row[4] for row in data["done"]})
        notes.touched = Counter(data["touched"])
        notes.fruitful, notes.known = set(data["fruitful"]), set(data["known"])
        notes.last = Action(*data["last"]) if data["last"] else None
        return notes
