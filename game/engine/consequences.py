"""Changes that world files can ask for, by name, and the events they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from game.engine.conditions import Bind
from game.engine.events import define
from game.engine.model import NOWHERE, State

#: Records an event: its fields by name.
Happen = Callable[..., None]
#: (state, arguments, bind, happen, the room of the event that is answered)
Effect = Callable[[State, dict[str, Any], Bind, Happen, str | None], None]

NARRATED = define("narrated", "{text}", sense="sound", doc="Words of the author's own.")
APPEARED = define("appeared", "{a item} <item:appear>.", doc="A thing came to be in a room.")
VANISHED = define("vanished", "{item} <item:are> gone.", doc="A thing went from a room.")
REVEALED = define("revealed", "{a item} <item:come> to light.", doc="A hidden thing or way shows.")
FELT = define(
    "felt", "{actor} <feel> {text}.", sense="self", doc="Health or a stat changed by `amount`."
)
CHANGED_MOOD = define("changed_mood", "{actor} <look> {text} now.", doc="A mood changed.")
CHANGED_ROLE = define("changed_role", "", sense="self", doc="A character now plays another role.")
SCORED = define("scored", "[Score: {text}]", sense="self", doc="The player's score changed.")
STARTED_QUEST = define("started_quest", "[New quest: {text}]", sense="self")
REACHED_GOAL = define("reached_goal", "[Goal reached: {text}]", sense="self")
FINISHED_QUEST = define("finished_quest", "[Quest finished: {text}]", sense="self")
ENDED = define(
    "ended", "{text}", sense="self", doc="The game is over; `reason` is the ending's id."
)


class Consequence(NamedTuple):
    """A change: a name in `CONSEQUENCES` and its arguments."""

    kind: str
    args: dict[str, Any]


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
    before, had = state.room_of(thing), state.parent[thing]
    state.move(thing, to, args.get("manner", "in"))
    after = state.room_of(to)
    if thing in state.world.characters:
        if before != after:
            _release(state, thing)
            if before:
                happen(type=VANISHED, item=thing, room=before)
            if after:
                happen(type=APPEARED, item=thing, room=after)
        return
    if before and before != after:
        happen(type=VANISHED, item=thing, room=before)
    if to in state.world.characters:
        if had != to:
            happen(type="received", actor=to, item=thing, room=after)
    elif after and before != after:
        happen(type=APPEARED, item=thing, room=after)


def _remove(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    thing = bind(args["thing"])
    if thing == state.world.player:
        return
    _move(state, {"thing": args["thing"], "to": NOWHERE}, lambda n: n and bind(n), happen, room)
    if thing in state.health:
        state.dead.add(str(thing))  # whoever is nowhere does nothing any more


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
            elif thing in state.world.items:
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


def _boost(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    who, stat, by = str(bind(args["who"])), args["stat"], args["by"]
    if who not in state.health:
        return
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
    if who in state.health and who not in state.dead and state.mood_of(who) != args["to"]:
        state.mood[who] = args["to"]
        happen(type=CHANGED_MOOD, actor=who, room=state.room_of(who), text=args["to"])


def _role(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    who = str(bind(args["who"]))
    if who not in state.health:
        return
    state.role[who] = args["to"]
    happen(type=CHANGED_ROLE, actor=who, room=state.room_of(who), text=args["to"])


def _set(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.flags[args["flag"]] = args.get("to", True)


def _add(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.flags[args["flag"]] = int(state.flags.get(args["flag"], 0)) + args["by"]


def add_score(state: State, by: int, happen: Happen) -> None:
    state.score += by
    happen(type=SCORED, actor=state.world.player, amount=by, text=f"{by:+d}")


def _score(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
    add_score(state, args["by"], happen)


def _xp(state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None) -> None:
    state.xp += args["by"]


def _start(
    state: State, args: dict[str, Any], bind: Bind, happen: Happen, room: str | None
) -> None:
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
