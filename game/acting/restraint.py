"""What holds a learned actor back: instinct before role, manners, and the story's own things.

A thespian does what its role is paid for, as fast as it can, and has never played with others. On
the stage it may not: blows need a quarrel, doors stay as they are, what a quest or an ending hangs
on is the player's, nobody does and undoes the same thing, and nobody cries out for no reason.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

from game.acting.explanation import Explanation
from game.acting.memory import Memory
from game.acting.moment import ATTENTION, Moment
from game.acting.role import fair
from game.engine.events import Action, Event
from game.engine.model import State, World

#: Verbs that change the ways, or find what is hidden: the player's, whoever else can.
_WAYS = frozenset({"lock", "unlock", "close", "block", "search"})
#: What undoes what; a character that just did one does not do the other.
_UNDOES = {
    "drop": ("take",), "put": ("take",), "give": ("take",), "take": ("drop", "put"),
    "remove": ("wear", "wield"), "wear": ("remove",), "wield": ("remove",),
    "unfollow": ("follow",), "follow": ("unfollow",),
    "light": ("extinguish",), "extinguish": ("light",),
}  # fmt: skip
#: What nobody does at rest whose role in this world is not paid for it: instinct sees to the rest.
_OUTCRIES = frozenset({"scream", "gasp", "cry"})
#: Turns that somebody stays where they have come to before going back.
_STAY = 4


class Actor(Protocol):
    """A policy that can play any character: what it would do, with which probability.

    `policy` names it, with its version, in the feedback store. `log_probs` gives the natural log
    of the probability of each admissible action, in their order (-inf: never); they sum to 1.
    """

    @property
    def policy(self) -> str: ...

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Sequence[float]: ...

    def explain(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Explanation:
        """The policy's own account of what it would do, asked as `log_probs` is. Changes nothing
        and may take its time: it is called only when somebody wants to know."""
        ...


class Scripted(Actor, Protocol):
    """An actor whose decisions can be learned from: `script` is one of them as JSON data."""

    def script(
        self, state: State, who: str, heard: Sequence[Event], admissible: Sequence[Action]
    ) -> dict[str, Any]: ...


def instinct(m: Moment) -> bool:
    """Whether this is no time for a role: a fight, a theft, a wound, the dark, a leader to keep up
    with, or somebody who just turned to this character."""
    return bool(
        m.foes
        or m.thieves
        or m.afraid
        or m.wellness <= 0.5
        or not m.scope.lit
        or m.memory.leader
        or m.who in m.state.blocking
        or m.state.turn - m.memory.addressed <= ATTENTION
        or any(e.target == m.who and e.actor != m.who for e in m.heard)
        or any(m.preys_on(other) for other in m.scope.here)
    )


def keepsakes(world: World) -> frozenset[str]:
    """The items that the story hangs on: named, by id or tag, in a quest, an ending, a reaction, or
    as a key."""
    words: set[str] = set()
    for part in (*world.quests.values(), *world.endings.values(), *world.reactions):
        words.update(_words(part))
    keys = {key for item in world.items.values() for key in item.keys}
    return frozenset(
        id
        for id, item in world.items.items()
        if id in words or id in keys or not words.isdisjoint(item.tags)
    )


def _words(part: Any) -> Iterator[str]:
    """Every text in a tree of patterns, conditions and consequences."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _words(value)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _words(getattr(part, field.name))
    elif isinstance(part, Sequence | frozenset | set):
        for value in part:
            yield from _words(value)


def permitted(
    m: Moment, kept: frozenset[str], weary: Collection[Action] = frozenset()
) -> list[int]:
    """The places of the admissible actions that manners and the story allow; never empty. Nobody
    does again what they are `weary` of."""
    recent = m.memory.recent
    undone = {verb for a in recent for verb in _UNDOES if a.verb in _UNDOES[verb]}
    directed = m.state.role.get(m.who) != m.me.role
    ways = {a for a, e in m.ways if directed or _within(m, e.to)}
    back = m.memory.rooms[-2] if len(m.memory.rooms) > 1 else None
    if m.state.turn - m.memory.since < _STAY and back is not None:
        ways -= {a for a, e in m.ways if e.to == back}
    role = m.state.world.roles.get(m.state.role.get(m.who) or "")
    loud = _OUTCRIES.difference(_words(role.rewards) if role else ())
    robbed = any(a.verb == "steal" for a in recent)

    def allowed(action: Action) -> bool:
        verb, noun, second, _ = action
        if verb == "wait":
            return True
        if noun in kept or second in kept or verb in _WAYS or verb in loud:
            return False
        if action in recent or action in weary:
            return False
        if verb == "go":
            return action in ways
        if verb == "hit":
            return fair(m, action)
        if verb == "steal":
            return not (robbed and m.state.world.player in (noun, second))
        if verb == "extinguish":
            return not m.onstage
        return not (verb in undone and _undoes(action, recent))

    return [n for n, action in enumerate(m.admissible) if allowed(action)]


def _undoes(action: Action, recent: Sequence[Action]) -> bool:
    return any(a.noun == action.noun and a.verb in _UNDOES[action.verb] for a in recent)


def _within(m: Moment, room: str) -> bool:
    return m.me.tether is None or m.far(room) <= m.me.tether


@dataclass(frozen=True)
class Restrained:
    """An actor that is asked about what is permitted only; `kept` are the story's own things,
    `weary` what it has done often enough."""

    actor: Scripted
    kept: frozenset[str]
    weary: frozenset[Action] = frozenset()

    @property
    def policy(self) -> str:
        return self.actor.policy

    def permitted(
        self, state: State, who: str, memory: Memory, heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[int]:  # fmt: skip
        """The places of the actions that it chooses from."""
        return permitted(Moment(state, who, memory, heard, admissible), self.kept, self.weary)

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:
        places = self.permitted(state, who, memory, heard, admissible)
        asked = [admissible[n] for n in places]
        logs = [-math.inf] * len(admissible)
        found = self.actor.log_probs(state, who, memory, heard, asked)
        for n, log in zip(places, found, strict=True):
            logs[n] = log
        return logs

    def explain(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Explanation:
        places = self.permitted(state, who, memory, heard, admissible)
        return self.actor.explain(state, who, memory, heard, [admissible[n] for n in places])

    def script(
        self, state: State, who: str, memory: Memory, heard: Sequence[Event],
        admissible: Sequence[Action], chosen: Action,
    ) -> dict[str, Any]:  # fmt: skip
        """The decision for `chosen` as JSON data; its "choices" are places in `admissible`."""
        places = self.permitted(state, who, memory, heard, admissible)
        script = self.actor.script(state, who, heard, [admissible[n] for n in places])
        choices = [places[n] for n in script["choices"]]
        return script | {"choices": choices, "chosen": choices.index(admissible.index(chosen))}
