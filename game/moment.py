"""The game as it stood after a turn: all that is needed to go back there."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from game.engine.events import Event
from game.engine.model import State
from game.engine.perception import Triple

#: The latest moments are kept as they are, of the others those of every so many turns.
RECENT = 40
EVERY = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """State, what the cast remembers and has yet to react to, and what the player knows."""

    state: State
    cast: Any
    heard: dict[str, tuple[Event, ...]]
    knowledge: dict[Triple, int]


class Moments:
    """Moments by node of the timeline; those that are missing are replayed from one before them."""

    def __init__(self) -> None:
        self._kept: dict[int, Moment] = {}
        self._recent: deque[tuple[int, int]] = deque()

    def __contains__(self, node: int) -> bool:
        return node in self._kept

    def __getitem__(self, node: int) -> Moment:
        return self._kept[node]

    def put(self, node: int, depth: int, moment: Moment) -> None:
        """Keep the moment after `node`, which is `depth` turns from the beginning."""
        if node in self._kept:
            return
        self._kept[node] = moment
        self._recent.append((node, depth))
        if len(self._recent) > RECENT:
            old, depth = self._recent.popleft()
            if depth % EVERY:
                self._kept.pop(old, None)

    def forget(self, node: int) -> None:
        """The node is no more."""
        self._kept.pop(node, None)
