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


# -- conditions -------------------------------------------------------------------------------
# Each takes (state, args, bind), where bind turns a name in the world file ("actor", "item",
# "target", "player", "self" or an id) into an id.

Bind = Callable[[str], str | None]


def _has(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who, item = bind(args["who"]), bind(args["item"])
    return item in state.parent and who is not None and state.holder_of(str(item)) == who


def _in(state: State, args: dict[str, Any], bind: Bind) -> bool:
    thing, place = bind(args["thing"]), bind(args["place"])
    if thing not in state.parent:
        return False
    if place in state.world.rooms:
        return state.room_of(str(thing)) == place
    return state.parent[str(thing)] == place


def _held(how: str) -> Callable[[State, dict[str, Any], Bind], bool]:
    def test(state: State, args: dict[str, Any], bind: Bind) -> bool:
        item = bind(args["item"])
        return state.manner.get(str(item)) == how and state.parent[str(item)] == bind(args["who"])

    return test


def _member(field: str) -> Callable[[State, dict[str, Any], Bind], bool]:
    def test(state: State, args: dict[str, Any], bind: Bind) -> bool:
        return bind(args["thing"]) in getattr(state, field)

    return test


def _with(state: State, args: dict[str, Any], bind: Bind) -> bool:
    who, whom = bind(args["who"]), bind(args["whom"])
    if who not in state.parent or whom not in state.parent:
        return False
    return state.room_of(str(who)) == state.room_of(str(whom))


CONDITIONS: dict[str, Callable[[State, dict[str, Any], Bind], bool]] = {
    "has": _has,  # {who, item}: carries it, directly or inside something
    "in": _in,  # {thing, place}: in that room (at any depth) or directly in that thing
    "wearing": _held("worn"),  # {who, item}
    "wielding": _held("wielded"),  # {who, item}
    "with": _with,  # {who, whom}: in the same room
    "alive": lambda s, a, b: b(a["who"]) not in s.dead,
    "dead": lambda s, a, b: b(a["who"]) in s.dead,
    "open": _member("opened"),  # {thing}
    "locked": _member("locked"),
    "hidden": _member("hidden"),
    "lit": _member("lit"),
    "flag": lambda s, a, b: s.flags.get(a["name"], False) == a.get("is", True),
    "quest": lambda s, a, b: s.quests.get(a["id"], "hidden") == a["is"],  # hidden|active|done
    "mood": lambda s, a, b: s.mood_of(str(b(a["who"]))) == a["is"],
    "role": lambda s, a, b: s.role.get(str(b(a["who"]))) == a["is"],
    "stat": lambda s, a, b: s.stat(str(b(a["who"])), a["name"]) >= a["at_least"],
    "score": lambda s, a, b: s.score >= a["at_least"],
    "turn": lambda s, a, b: s.turn >= a["at_least"],
    "chance": lambda s, a, b: s.roll(100) < a["percent"],  # draws from the state's generator
    "not": lambda s, a, b: not holds(s, a["condition"], b),
    "any": lambda s, a, b: any(holds(s, c, b) for c in a["conditions"]),
}


def holds(state: State, condition: Condition, bind: Bind) -> bool:
    return CONDITIONS[condition.kind](state, condition.args, bind)


# -- consequences -----------------------------------------------------------------------------
# Each takes (state, args, bind, happen), where happen(**fields) records an Event.

Happen = Callable[..., None]
Effect = Callable[[State, dict[str, Any], Bind, Happen, str | None], None]


def _say(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who = bind(args["who"])
    if who in state.parent and who not in state.dead:
        happen(type="said", actor=who, room=state.room_of(who), text=args["text"])


def _tell(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    where = bind(args["room"]) if "room" in args else room
    happen(type=NARRATED, room=where, text=args["text"])


def _move(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    thing, to = bind(args["thing"]), bind(args["to"])
    if thing is None or to is None or thing not in state.parent or to == thing:
        return
    holder = to
    while holder in state.parent:  # a thing cannot be put inside itself
        holder = state.parent[holder]
        if holder == thing:
            return
    before = state.room_of(thing)
    state.move(thing, to, args.get("manner", "in"))
    after = state.room_of(to)
    if thing in state.world.characters:
        if before != after:
            _release(state, thing)
            happen(type=VANISHED, item=thing, room=before)
            happen(type=APPEARED, item=thing, room=after)
    elif before != after or before == NOWHERE:
        if before:
            happen(type=VANISHED, item=thing, room=before)
        if after and to in state.world.characters:
            happen(type="received", actor=to, item=thing, room=after)
        elif after:
            happen(type=APPEARED, item=thing, room=after)


def _remove(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    _move(state, {"thing": args["thing"], "to": NOWHERE}, lambda n: n and bind(n), happen, room)


def _release(state: State, who: str) -> None:
    """Let go of everyone `who` follows or blocks, and the other way round."""
    state.following.pop(who, None)
    for table in (state.following, state.blocking):
        for other in [c for c, whom in table.items() if whom == who or c == who]:
            del table[other]


def _toggle(field: str, add: bool, type: str) -> Effect:
    def effect(
        state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
    ) -> None:
        thing = bind(args["thing"])
        members: set[str] = getattr(state, field)
        if thing is None or (thing in members) == add:
            return
        (members.add if add else members.discard)(thing)
        if type:
            exit = state.world.exits.get(thing)
            if exit:
                happen(type=type, item=exit.id, room=exit.room)
            elif thing in state.parent:
                happen(type=type, item=thing, room=state.room_of(thing))
            else:
                for where in state.world.items[thing].between or ():
                    happen(type=type, item=thing, room=where)

    return effect


def _unlock_and_open(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    state.locked.discard(str(bind(args["thing"])))
    _toggle("opened", True, "came_open")(state, args, bind, happen, room)


def _lock_shut(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    _toggle("opened", False, "came_shut")(state, args, bind, happen, room)
    state.locked.add(str(bind(args["thing"])))


def _heal(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who, by = str(bind(args["who"])), args["by"]
    if who in state.health and who not in state.dead:
        hurt(state, who, -by, happen)


def hurt(state: State, who: str, amount: int, happen: Happen, by: str | None = None) -> None:
    """Take `amount` from a character's health (negative heals, up to the starting health)."""
    before = state.health[who]
    most = max(state.world.characters[who].health, before)
    state.health[who] = min(most, before - amount)
    change = state.health[who] - before
    if change:
        words = "better" if change > 0 else "worse"
        happen(type=FELT, actor=who, room=state.room_of(who), amount=change, text=words)
    if state.health[who] <= 0:
        die(state, who, happen, by)


def die(state: State, who: str, happen: Happen, by: str | None = None) -> None:
    """A character dies: the body stays where it is and keeps everything they had."""
    state.health[who] = 0
    state.dead.add(who)
    _release(state, who)
    for thing in state.contents[who]:
        state.manner.pop(thing, None)
    room = state.room_of(who)
    if by is not None:
        happen(type="killed", actor=by, target=who, room=room)
    happen(type="died", actor=who, target=by, room=room)


def _kill(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who = bind(args["who"])
    if who in state.health and who not in state.dead:
        die(state, who, happen, bind(args["by"]) if "by" in args else None)


def _boost(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who, stat, by = str(bind(args["who"])), args["stat"], args["by"]
    state.boosts[who, stat] = state.boosts.get((who, stat), 0) + by
    words = f"{'more' if by > 0 else 'less'} {_STAT_WORDS[stat]}"
    happen(type=FELT, actor=who, room=state.room_of(who), amount=by, text=words)


_STAT_WORDS = {
    "strength": "strong",
    "dexterity": "nimble",
    "damage": "dangerous",
    "defense": "sturdy",
}


def _mood(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who = str(bind(args["who"]))
    if who not in state.dead and state.mood_of(who) != args["to"]:
        state.mood[who] = args["to"]
        happen(type=CHANGED_MOOD, actor=who, room=state.room_of(who), text=args["to"])


def _role(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who = str(bind(args["who"]))
    state.role[who] = args["to"]
    happen(type=CHANGED_ROLE, actor=who, room=state.room_of(who), text=args["to"])


def _set(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.flags[args["flag"]] = args.get("to", True)


def _add(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.flags[args["flag"]] = int(state.flags.get(args["flag"], 0)) + args["by"]


def _score(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.score += args["by"]
    happen(type=SCORED, actor=state.world.player, amount=args["by"], room=room)


def _xp(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.xp += args["by"]


def _start(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    quest = state.world.quests[args["quest"]]
    if quest.id not in state.quests:
        state.quests[quest.id] = "active"
        happen(type=STARTED_QUEST, actor=state.world.player, room=room, text=quest.name)


def _follow(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    who, whom = bind(args["who"]), bind(args["whom"])
    if who and whom and who != whom and who not in state.dead and whom not in state.dead:
        state.following[who] = whom
        happen(type="followed", actor=who, target=whom, room=state.room_of(who))


def _end(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    end_game(state, args["ending"], happen)


def end_game(state: State, id: str, happen: Happen) -> None:
    """Reach the world's ending `id` ("death" exists in every world)."""
    if state.ended is not None:
        return
    ending = state.world.endings.get(id)
    state.ended = id
    if ending is not None:
        state.score += ending.score
    text = ending.text if ending else "You have died."
    happen(type=ENDED, actor=state.world.player, text=text, reason=id)


CONSEQUENCES: dict[str, Effect] = {
    "say": _say,  # {who, text}
    "tell": _tell,  # {text, room?}
    "move": _move,  # {thing, to, manner?}: also brings things out of nowhere
    "remove": _remove,  # {thing}: to nowhere
    "open": _unlock_and_open,  # {thing}
    "close": _toggle("opened", False, "came_shut"),
    "lock": _lock_shut,
    "unlock": _toggle("locked", False, "came_unlocked"),
    "reveal": _toggle("hidden", False, REVEALED),  # {thing}: an item or an exit id
    "hide": _toggle("hidden", True, ""),
    "light": _toggle("lit", True, "came_alight"),
    "douse": _toggle("lit", False, "went_out"),
    "kill": _kill,  # {who, by?}
    "heal": _heal,  # {who, by}: negative hurts
    "boost": _boost,  # {who, stat, by}
    "mood": _mood,  # {who, to}
    "role": _role,  # {who, to}
    "set": _set,  # {flag, to}
    "add": _add,  # {flag, by}
    "score": _score,  # {by}
    "xp": _xp,  # {by}
    "start": _start,  # {quest}
    "follow": _follow,  # {who, whom}
    "end": _end,  # {ending}
}

define("received", "{actor} <get> {item}.", doc="A reaction put a thing into someone's hands.")
define("came_open", "{item} <item:open>.", doc="A reaction opened a door or container.")
define("came_shut", "{item} <item:close>.", doc="A reaction closed a door or container.")
define("came_unlocked", "{item} <item:unlock> with a click.", doc="A reaction unlocked something.")
define("came_alight", "{item} <item:light> up.", doc="A reaction lit something.")
define("went_out", "{item} <item:go> out.", doc="A reaction put a light out.")
define("killed", "{actor} <kill> {target}.", doc="`actor` brought about the death of `target`.")
define("died", "{actor} <die>.", doc="A character died; `target` is who killed them, if anyone.")

#: No chain of reactions goes on longer than this many events.
LONGEST_CHAIN = 200


class _Index(NamedTuple):
    """A world's patterns by event type, so that an event is only tried against its own."""

    reactions: dict[str, list[Reaction]]
    goals: dict[str, list[tuple[Quest, Goal]]]
    endings: dict[str, list[Ending]]
    rewards: dict[tuple[str, str], list[Reward]]  # (role, event type)


_INDEXES: dict[int, tuple[World, _Index]] = {}


def _index(world: World) -> _Index:
    known = _INDEXES.get(id(world))
    if known is not None and known[0] is world:
        return known[1]
    index = _Index({}, {}, {}, {})
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


def react(state: State, events: list[Event]) -> None:
    """Let every pattern of the world answer `events`, appending what follows from them.

    Order: for each event, reactions as written, then quests, then rewards, then endings; events
    that follow are answered in turn, up to `LONGEST_CHAIN`.
    """
    world = state.world
    index = _index(world)
    happen = _recorder(events)
    at = 0
    while at < len(events) and len(events) < LONGEST_CHAIN:
        event = events[at]
        at += 1
        type = event.type
        for reaction in index.reactions.get(type, ()):
            if reaction.times and state.fired.get(reaction.id, 0) >= reaction.times:
                continue
            if reaction.on.matches(state, event) and _all_hold(state, reaction.when, event, None):
                state.fired[reaction.id] = state.fired.get(reaction.id, 0) + 1
                _perform(state, reaction.do, event, happen)
        for quest, goal in index.goals.get(type, ()):
            if state.quests.get(quest.id) == "active":
                _pursue(state, quest, goal, event, happen)
        if event.actor in state.role:
            _reward(state, index, event)
        if event.type == "died" and event.actor == world.player:
            end_game(state, "death", happen)
        for ending in index.endings.get(type, ()):
            if state.ended is None and ending.on.matches(state, event):
                if _all_hold(state, ending.when, event, None):
                    end_game(state, ending.id, happen)


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
    role = state.world.roles.get(state.role[who])
    if role is not None:
        amount = role_reward(state, role, who, event)
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
            _score(state, {"by": quest.score}, lambda n: n, happen, event.room)
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
