"""What must be done first: a thing taken before it is put down, a door opened before one goes."""

from __future__ import annotations

from typing import NamedTuple

from game.engine.events import Action, Reason
from game.engine.parsing.names import the
from game.engine.scope import Scope
from game.engine.verbs import VERBS


class Remedy(NamedTuple):
    """The verb that clears a refusal out of the way, to which of its ids, and how to say so."""

    verb: str
    to: str
    doing: str


#: By the code of the refusal.
REMEDIES = {
    "not_yours": Remedy("take", "noun", "taking"),
    "no_key": Remedy("take", "second", "taking"),
    "worn": Remedy("remove", "noun", "removing"),
    "is_closed": Remedy("open", "second", "opening"),
    "closed": Remedy("open", "other", "opening"),
    "is_locked": Remedy("unlock", "noun", "unlocking"),
    "locked": Remedy("unlock", "other", "unlocking"),
}


def first_step(scope: Scope, action: Action, reason: Reason) -> tuple[Action, str] | None:
    """The one action that would clear the way for one refused, and words that announce it.

    None when nothing would, or more than one thing would.
    """
    remedy = REMEDIES.get(reason.code)
    if remedy is None:
        return None
    on = {"noun": action.noun, "second": action.second, "other": reason.other}[remedy.to]
    verb = VERBS[remedy.verb]
    able = [
        pair
        for pair in verb.candidates(scope)
        if pair[0] == on and on is not None and verb.check(scope, *pair) is None
    ]
    if len(able) != 1:
        return None
    noun, second = able[0]
    doing = f"(first {remedy.doing} {the(scope, str(noun))}"
    if second is not None and scope.state.parent.get(str(noun)) != second:
        doing += f" with {the(scope, second)}"
    return Action(verb.name, noun, second), doing + ")"
