"""Episodes: the events that somebody remembers, with who perceived them and when."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from game.engine.events import Event

#: What is worth remembering, and how much (0..1): harm and gifts most, comings and goings least.
WEIGHTS: dict[str, float] = {
    "killed": 1.0, "died": 1.0, "stole": 1.0, "caught": 1.0, "hit": 0.9, "deflected": 0.8,
    "missed": 0.8, "gave": 0.9, "received": 0.7, "told": 0.7, "whispered": 0.8, "said": 0.5,
    "shouted": 0.6, "unlocked": 0.6, "locked": 0.6, "used": 0.5, "revealed": 0.5, "ate": 0.4,
    "drank": 0.4, "took": 0.5, "put": 0.4, "dropped": 0.4, "hugged": 0.5, "followed": 0.4,
    "blocked": 0.5, "held_back": 0.5, "searched": 0.3, "opened": 0.2, "closed": 0.2, "lit": 0.2,
    "doused": 0.2, "emoted": 0.2, "went": 0.1,
}  # fmt: skip

#: Words between people.
SPOKEN = frozenset({"said", "told", "whispered", "shouted"})


@dataclass(frozen=True, slots=True)
class Episode:
    """One event, the turn in which it happened, and everybody who perceived it.

    `entry` is how long the game's journal was with it.
    """

    turn: int
    entry: int
    event: Event
    witnesses: frozenset[str]

    @property
    def key(self) -> str:
        """Names the episode by what happened, so that it means the same in every branch."""
        e = self.event
        parts = [str(self.turn), e.type, e.actor, e.item, e.target, e.to, e.manner]
        if e.text:
            parts.append(f"{zlib.crc32(e.text.encode()):08x}")
        return ":".join(part or "-" for part in parts)

    def concerns(self, id: str) -> bool:
        """Whether `id` did it, or had it done to them or with it."""
        return id in (self.event.actor, self.event.item, self.event.target)
