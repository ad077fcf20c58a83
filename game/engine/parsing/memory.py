"""What the parser keeps from line to line: whom pronouns stand for, and what it has asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from game.engine.events import Action
from game.engine.scope import Scope

_PRONOUN = {"he": "him", "she": "her", "it": "it", "they": "them"}


@dataclass(slots=True)
class Pending:
    """A question that was asked: the choices by id, each with its action, or an open slot.

    `before` and `after` are the words around an answer that is none of the choices; `then` is what
    was to be done afterwards. Open speech has one choice, "", whose action lacks its text.
    """

    choices: dict[str, Action] = field(default_factory=dict)
    slot: str = ""
    before: str = ""
    after: str = ""
    then: tuple[str, ...] = ()


@dataclass(slots=True)
class ParserMemory:
    """Ids that the pronouns stand for, the pending question and the command last suggested.

    "them" is one plural thing, or several, their ids with spaces between.

    `room` is where the player was at the last line, `before` the room they came from.

    `parse` changes it in place. `as_dict` is JSON-serialisable; `from_dict` takes it back.
    """

    it: str = ""
    him: str = ""
    her: str = ""
    them: str = ""
    suggestion: str = ""
    room: str = ""
    before: str = ""
    pending: Pending | None = None

    def arrive(self, room: str) -> None:
        """Let it be known where the player is now; `before` is the room they were in before."""
        if room != self.room:
            self.room, self.before = room, self.room

    def notice(self, scope: Scope, action: Action) -> None:
        """Let pronouns stand for what the action is about."""
        for id in (action.second, action.noun):
            person = scope.world.characters.get(str(id))
            item = scope.world.items.get(str(id))
            if person is not None and person.id != scope.actor:
                setattr(self, "them" if person.plural else _PRONOUN[person.pronoun], person.id)
            elif item is not None:
                setattr(self, "them" if item.plural else "it", item.id)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ParserMemory:
        memory = cls()
        for name in ("it", "him", "her", "them", "suggestion", "room", "before"):
            setattr(memory, name, str(data.get(name, "")))
        asked = data.get("pending")
        if asked is not None:
            memory.pending = Pending(
                {id: Action(*action) for id, action in asked["choices"].items()},
                asked["slot"],
                asked["before"],
                asked["after"],
                tuple(asked["then"]),
            )
        return memory
