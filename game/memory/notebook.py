"""The player's notebook: what is pinned, and what a number in the last list stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from game.memory.answers import Answer
from game.memory.chronicle import Chronicle
from game.memory.recall import brought_to_mind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from game.engine.events import Event
    from game.engine.model import State, World
    from game.engine.rules import Entry


@dataclass
class Notebook:
    """One game's chronicle, with what is the player's own choice beside it.

    `pins` are the keys of pinned facts and memories, in the order of pinning. They outlive an undo,
    and mean nothing while what they name has not happened. `listed` are the keys of the last list
    that was shown, so that `pin 3` means its third line.
    """

    world: World
    pins: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    chronicle: Chronicle = field(init=False)

    def __post_init__(self) -> None:
        self.chronicle = Chronicle(self.world)

    def toggle(self, key: str) -> bool:
        """Pin what is not pinned and the other way round; returns whether it is pinned now."""
        if key in self.pins:
            self.pins.remove(key)
            return False
        self.pins.append(key)
        return True

    def answer(self, seed: int, journal: Sequence[Entry], state: State) -> Answer | None:
        """What is owed to the player for the last entry of the journal, which has just happened."""
        return self.chronicle.sync(seed, journal, state).answer

    def in_mind(self, answer: Answer) -> tuple[str, ...]:
        """What the character has in mind while it answers, the most needful first."""
        before = self.chronicle.entries
        return brought_to_mind(self.chronicle, answer.character, answer.heard, self.pins, before)

    def refused(self, event: Event, seed: int, journal: Sequence[Entry], state: State) -> None:
        """Learn from an action of the player's that was refused: what is locked is locked."""
        thing = event.to or event.item
        if event.reason in ("locked", "is_locked") and thing in self.world.items:
            self.chronicle.sync(seed, journal, state).found_locked(str(thing))

    # -- as JSON data -------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        return {
            "pins": self.pins,
            "tried": {door: list(at) for door, at in self.chronicle.tried.items()},
        }

    def take_up(self, data: dict[str, Any]) -> None:
        """Go on with what `as_json` gave. Raises TypeError or ValueError for what it never gave."""
        self.pins = [str(pin) for pin in data.get("pins", [])]
        self.listed = []
        self.chronicle = Chronicle(self.world)
        self.chronicle.tried = {
            door: (int(entry), int(turn))
            for door, (entry, turn) in data.get("tried", {}).items()
            if door in self.world.items
        }
