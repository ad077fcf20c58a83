"""What a character's deeds are worth to every role of a world, whichever role it plays."""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Iterable

from game.engine.events import Event, Pattern
from game.engine.model import State, World
from game.engine.reactions import Reward, Role, role_reward


class RoleTable:
    """A world's roles by the event types that pay them, and the most that each can be paid.

    `opportunities` gives each role's nominal maximum: every reward pattern with a positive amount,
    as often as it pays (for `each`, once for every id of the world that the pattern accepts).
    It is infinite where a pattern pays for ever, and it may be out of reach of a given character:
    `agents.envs.oracle` finds what can be had.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_event: dict[str, tuple[Role, ...]] = {}
        blank = world.initial_state()
        for role in world.roles.values():
            for type in sorted({t for reward in role.rewards for t in reward.on.events}):
                self.by_event[type] = (*self.by_event.get(type, ()), role)
        self.opportunities = {
            role.id: sum(_most(blank, reward) for reward in role.rewards)
            for role in world.roles.values()
        }


def _most(blank: State, reward: Reward) -> float:
    if reward.amount <= 0:
        return 0.0
    if not reward.times:
        return math.inf
    return reward.amount * reward.times * (_ids(blank, reward.on, reward.each))


def _ids(blank: State, pattern: Pattern, field: str | None) -> int:
    """How many ids of the world `pattern` accepts in `field` (1 where none is counted apart).

    A target is taken to be a character, and the player to stand for "self".
    """
    if field is None:
        return 1
    world = blank.world
    people, rooms = world.characters, world.rooms
    kinds: dict[str, Collection[str]]
    kinds = {"actor": people, "target": people, "room": rooms, "to": rooms, "item": world.items}
    tests = [match for name, match in pattern.where if name == field]
    return sum(
        all(test.accepts(blank, id, world.player) for test in tests)
        for id in kinds.get(field, world.entities)
    )


class Tally:
    """One character's score in every role, counted from events by the engine's own matcher.

    `fired` counts apart from `State.fired`, so that watching more roles than the one played leaves
    the state, and its digest, alone. Conditions of a reward are judged after the whole action.
    """

    __slots__ = ("fired", "scores", "table", "who")

    def __init__(self, table: RoleTable, who: str) -> None:
        self.table = table
        self.who = who
        self.scores: dict[str, float] = dict.fromkeys(table.world.roles, 0.0)
        self.fired: dict[str, int] = {}

    def clone(self) -> Tally:
        twin = Tally.__new__(Tally)
        twin.table, twin.who = self.table, self.who
        twin.scores, twin.fired = self.scores.copy(), self.fired.copy()
        return twin

    def count(self, state: State, events: Iterable[Event]) -> dict[str, float]:
        """What `events` earned each role (only roles that were paid); adds it to `scores`."""
        gains: dict[str, float] = {}
        by_event, who = self.table.by_event, self.who
        for event in events:
            if event.actor != who or event.type not in by_event:
                continue
            view = copy.copy(state)  # shares all but the counts, and draws no dice of the game's
            view.fired = self.fired
            for role in by_event[event.type]:
                amount = role_reward(view, role, who, event)
                if amount:
                    gains[role.id] = gains.get(role.id, 0.0) + amount
        for role_id, amount in gains.items():
            self.scores[role_id] += amount
        return gains
