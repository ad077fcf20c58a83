"""Patterns and what follows from them: scripted reactions, quests, role rewards, endings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from game.engine.conditions import Bind, Condition, Variant, holds
from game.engine.consequences import (
    CONSEQUENCES,
    FINISHED_QUEST,
    REACHED_GOAL,
    Consequence,
    Happen,
    add_score,
    end_game,
)
from game.engine.events import Event, Pattern
from game.engine.model import State, World
from game.engine.roles import part_of


@dataclass(frozen=True, slots=True)
class Reaction:
    """When `on` matches and all of `when` holds, `do` happens, at most `times` times (0: any)."""

    id: str
    on: Pattern
    do: tuple[Consequence, ...]
    when: tuple[Condition, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """One step of a quest: `on` matched `count` times.

    `hints` are the author's, from the vaguest to the plainest, each for as long as it holds.
    """

    id: str
    text: str
    on: Pattern
    when: tuple[Condition, ...] = ()
    count: int = 1
    hints: tuple[Variant, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Quest:
    """Goals, in any order, and what reaching them brings. `active` from the start or by `start`.

    `hints` are for when all goals are reached and the story is not over.
    """

    id: str
    name: str
    description: str = ""
    goals: tuple[Goal, ...] = ()
    active: bool = True
    score: int = 0
    xp: int = 0
    then: tuple[Consequence, ...] = ()
    hints: tuple[Variant, ...] = field(default=(), compare=False)


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


#: No chain of reactions goes on longer than this many events.
LONGEST_CHAIN = 200


class _Index(NamedTuple):
    """A world's patterns by event type, so that an event is only tried against its own."""

    reactions: dict[str, list[Reaction]]
    goals: dict[str, list[tuple[Quest, Goal]]]
    endings: dict[str, list[Ending]]
    rewards: dict[tuple[str, str], list[Reward]]  # (role, event type)
    uses: frozenset[str]  # items that reactions to "used" name


_INDEXES: dict[int, tuple[World, _Index]] = {}


def _index(world: World) -> _Index:
    known = _INDEXES.get(id(world))
    if known is not None and known[0] is world:
        return known[1]
    index = _Index({}, {}, {}, {}, _used_items(world))
    for reaction in world.reactions:
        for type in reaction.on.events:
            index.reactions.setdefault(type, []).append(reaction)
    for quest in world.quests.values():
        for goal in quest.goals:
            for type in goal.on.events:
                index.goals.setdefault(type, []).append((quest, goal))
    for ending in world.endings.values():
        for type in ending.on.events:
            index.endings.setdefault(type, []).append(ending)
    for role in world.roles.values():
        for reward in role.rewards:
            for type in reward.on.events:
                index.rewards.setdefault((role.id, type), []).append(reward)
    _INDEXES[id(world)] = (world, index)
    return index


def _used_items(world: World) -> frozenset[str]:
    blank = world.initial_state()
    patterns = [r.on for r in world.reactions if "used" in r.on.events]
    return frozenset(
        item
        for item in world.items
        for pattern in patterns
        if all(m.accepts(blank, item, None) for name, m in pattern.where if name == "item")
    )


def react(state: State, events: list[Event]) -> bool:
    """Let every pattern of the world answer `events`, appending what follows from them.

    Order: for each event, reactions as written, then quests, then rewards, then endings; events
    that follow are answered in turn, up to `LONGEST_CHAIN`. Returns whether anything answered.
    """
    world = state.world
    index = _index(world)
    happen = _recorder(events)
    at = 0
    answered = False
    while at < len(events) and len(events) < LONGEST_CHAIN:
        event = events[at]
        at += 1
        type = event.type
        for reaction in index.reactions.get(type, ()):
            if reaction.times and state.fired.get(reaction.id, 0) >= reaction.times:
                continue
            if reaction.on.matches(state, event) and _all_hold(state, reaction.when, event, None):
                answered = True
                state.fired[reaction.id] = state.fired.get(reaction.id, 0) + 1
                _perform(state, reaction.do, event, happen)
        for quest, goal in index.goals.get(type, ()):
            if state.quests.get(quest.id) == "active":
                answered = True
                _pursue(state, quest, goal, event, happen)
        if event.actor in state.role:
            _reward(state, index, event)
        if event.type == "died" and event.actor == world.player:
            end_game(state, "death", happen)
        for ending in index.endings.get(type, ()):
            if (
                state.ended is None
                and ending.on.matches(state, event)
                and _all_hold(state, ending.when, event, None)
            ):
                answered = True
                end_game(state, ending.id, happen)
    return answered


def role_reward(state: State, role: Role, who: str, event: Event) -> float:
    """What one event is worth to `who` playing `role`; counts it in `state.fired`."""
    total = 0.0
    for reward in _index(state.world).rewards.get((role.id, event.type), ()):
        key = f"{who}:{role.id}:{reward.id}"
        if reward.each:
            key += f":{getattr(event, reward.each)}"
        if reward.times and state.fired.get(key, 0) >= reward.times:
            continue
        if reward.on.matches(state, event, who) and _all_hold(state, reward.when, event, who):
            state.fired[key] = state.fired.get(key, 0) + 1
            total += reward.amount
    return total


def _reward(state: State, index: _Index, event: Event) -> None:
    who = event.actor
    assert who is not None
    for name, weight in part_of(state.role[who]).items():
        role = state.world.roles.get(name)
        if role is None:
            continue
        amount = weight * role_reward(state, role, who, event)
        if amount:
            state.rewards[who] = state.rewards.get(who, 0.0) + amount


def _pursue(state: State, quest: Quest, goal: Goal, event: Event, happen: Happen) -> None:
    key = f"{quest.id}:{goal.id}"
    count = state.fired.get(key, 0)
    if count >= goal.count or not goal.on.matches(state, event):
        return
    if not _all_hold(state, goal.when, event, None):
        return
    state.fired[key] = count + 1
    player = state.world.player
    if count + 1 == goal.count:
        happen(type=REACHED_GOAL, actor=player, text=goal.text, reason=key)
    if all(state.fired.get(f"{quest.id}:{g.id}", 0) >= g.count for g in quest.goals):
        state.quests[quest.id] = "done"
        happen(type=FINISHED_QUEST, actor=player, text=quest.name, reason=quest.id)
        state.xp += quest.xp
        if quest.score:
            add_score(state, quest.score, happen)
        _perform(state, quest.then, event, happen)


def _binder(state: State, event: Event, self_id: str | None) -> Bind:
    def bind(name: str) -> str | None:
        if name in ("actor", "item", "target", "room"):
            value: str | None = getattr(event, name)
            return value
        if name == "player":
            return state.world.player
        return self_id if name == "self" else name

    return bind


def _all_hold(
    state: State, conditions: tuple[Condition, ...], event: Event, self_id: str | None
) -> bool:
    if not conditions:
        return True
    bind = _binder(state, event, self_id)
    return all(holds(state, c, bind) for c in conditions)


def _perform(
    state: State, consequences: tuple[Consequence, ...], event: Event, happen: Happen
) -> None:
    bind = _binder(state, event, None)
    for consequence in consequences:
        CONSEQUENCES[consequence.kind](state, consequence.args, bind, happen, event.room)


def _recorder(events: list[Event]) -> Happen:
    def happen(**fields: Any) -> None:
        events.append(Event(**fields))

    return happen


def uses(world: World) -> frozenset[str]:
    """The items that some reaction to "used" is about: all that `use` could ever work with."""
    return _index(world).uses


def usable(state: State, event: Event) -> bool:
    """Whether some reaction would answer this "used" event now. Draws nothing: a chance may win."""
    for reaction in _index(state.world).reactions.get("used", ()):
        if reaction.times and state.fired.get(reaction.id, 0) >= reaction.times:
            continue
        certain = tuple(c for c in reaction.when if c.kind != "chance")
        if reaction.on.matches(state, event) and _all_hold(state, certain, event, None):
            return True
    return False
