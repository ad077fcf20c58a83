"""Patterns and what follows from them: scripted reactions, quests, role rewards, endings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from game.engine.events import Event, Pattern, define
from game.engine.model import NOWHERE, State, World

NARRATED = define("narrated", "{text}", sense="sound", doc="Words of the author's own.")
APPEARED = define("appeared", "{a item} <item:appear>.", doc="A thing came to be in a room.")
VANISHED = define("vanished", "{item} <item:vanish>.", doc="A thing went from a room.")
REVEALED = define("revealed", "{a item} <item:come> to light.", doc="A hidden thing or way shows.")
FELT = define(
    "felt", "{actor} <feel> {text}.", sense="self", doc="Health or a stat changed by `amount`."
)
CHANGED_MOOD = define("changed_mood", "{actor} <look> {text} now.", doc="A mood changed.")
CHANGED_ROLE = define("changed_role", "", sense="self", doc="A character now plays another role.")
SCORED = define("scored", "[Score: {amount} more.]", sense="self", doc="The player's score changed.")
STARTED_QUEST = define("started_quest", "[New quest: {text}]", sense="self")
REACHED_GOAL = define("reached_goal", "[Goal reached: {text}]", sense="self")
FINISHED_QUEST = define("finished_quest", "[Quest finished: {text}]", sense="self")
ENDED = define("ended", "{text}", sense="self", doc="The game is over; `reason` is the ending's id.")


class Condition(NamedTuple):
    """A test on the state: a name in `CONDITIONS` and its arguments."""

    kind: str
    args: dict[str, Any]


class Consequence(NamedTuple):
    """A change: a name in `CONSEQUENCES` and its arguments."""

    kind: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reaction:
    """When `on` matches and every condition holds, `do` happens, at most `times` times (0: always)."""

    id: str
    on: Pattern
    do: tuple[Consequence, ...]
    when: tuple[Condition, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """One step of a quest: `on` matched `count` times."""

    id: str
    text: str
    on: Pattern
    when: tuple[Condition, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Quest:
    """Goals, in any order, and what reaching them all brings. `active` from the start or by `start`."""

    id: str
    name: str
    description: str = ""
    goals: tuple[Goal, ...] = ()
    active: bool = True
    score: int = 0
    xp: int = 0
    then: tuple[Consequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Reward:
    """What a role is rewarded for: `on` with actor "self", `times` at most (0: always).

    With `each` set to an event field, the count is kept for every different id in it.
    """

    id: str
    on: Pattern
    amount: float
    when: tuple[Condition, ...] = ()
    times: int = 1
    each: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A character type: what it wants, as reward patterns (Cui, Peng and Riedl, section 3.2)."""

    id: str
    description: str = ""
    rewards: tuple[Reward, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    id: str
    name: str
    text: str
    on: Pattern
    when: tuple[Condition, ...] = ()
    won: bool = True
    score: int = 0
