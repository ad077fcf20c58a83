"""Going, following and standing in the way."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Reason, define
from game.engine.model import OPPOSITE, Exit
from game.engine.scope import Scope, is_open
from game.engine.verbs.base import NO_NOUN, NOTHING, TOO_MUCH, Pair, Verb, not_present

WENT = define(
    "went",
    "{actor} <leave>( {exit}).",
    actor_tell="You go( {exit}).",
    doc="A character left `room` for `to`. `manner` is 'following' when led by another.",
)
ARRIVED = define(
    "arrived",
    "{actor} <arrive>( {exit}).",
    actor_tell="{arrival}",
    doc="A character came into `room`; `exit` says from where.",
)
FOLLOWED = define("followed", "{actor} <start> following {target}.")
UNFOLLOWED = define("unfollowed", "{actor} <stop> following {target}.")
BLOCKED = define("blocked", "{actor} <step> into {target's} way.", doc="`actor` bars the ways out.")
UNBLOCKED = define("unblocked", "{actor} <step> out of {target's} way.")
HELD_BACK = define(
    "held_back",
    "{target} <target:hold> {actor} back.",
    doc="`actor` tried to leave and `target`, who blocks them, was quicker.",
)
SLIPPED_PAST = define("slipped_past", "{actor} <slip> past {target}.")

NO_EXIT = Reason("no_exit", "There is no way like that from here. Try: exits.")
CLOSED = Reason("closed", "{other} <other:are> closed. Open <other:them> first.")
LOCKED = Reason("locked", "{other} <other:are> locked. The right key would open <other:them>.")
TIRED = Reason("tired", "You are too weary to take another step. Eat or drink something first.")
TETHERED = Reason("tethered", "That is too far from home for {actor.self}.")
FOLLOWING = Reason("following", "You are following {item} already.")
NOT_FOLLOWING = Reason("not_following", "You are not following anybody.")
BLOCKING = Reason("blocking", "You are in {item's} way already.")
NOT_BLOCKING = Reason("not_blocking", "You are in nobody's way.")


class Go(Verb):
    name = "go"
    words = ("go", "walk", "run", "head", "travel", "move", "leave by", "climb", "enter", "goto")
    grammar = ("{noun}", "to|through|into|towards|toward|by|along|for|back|back-to {noun}")
    phrases = (
        "{noun}", "get|step|climb|jump in|into|through|aboard|inside|out-of {noun}", "board {noun}",
        "exit|leave by|through|via {noun}", "exit {noun}", "step {noun}",
    )  # fmt: skip
    noun_kind = "exit"
    help = "Go a compass direction, up, down, in, out, by a named way or to a room next door."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(e.id, None) for e in s.exits]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is None:
            return NO_NOUN
        exit = s.world.exits.get(noun)
        if exit is None or second is not None or exit not in s.exits:
            return NO_EXIT
        return self.barred(s, exit)

    def barred(self, s: Scope, exit: Exit) -> Reason | None:
        if exit.door is not None and not is_open(s.state, s.world.items[exit.door]):
            return (LOCKED if exit.door in s.state.locked else CLOSED)._replace(other=exit.door)
        me = s.world.characters[s.actor]
        if me.move_cost and s.state.health[s.actor] <= me.move_cost:
            return TIRED
        if me.tether is not None and s.actor != s.world.player:
            from_home = s.world.distance[s.world.home[s.actor]].get(exit.to, 0)
            if from_home > me.tether:
                return TETHERED
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        state, who = s.state, s.actor
        exit = s.world.exits[str(noun)]
        blockers = [b for b, victim in state.blocking.items() if victim == who]
        for blocker in sorted(blockers):
            mine = state.roll(20) + state.stat(who, "dexterity")
            if mine <= state.roll(20) + state.stat(blocker, "dexterity"):
                happen(type=HELD_BACK, actor=who, target=blocker, room=s.room)
                return
            happen(type=SLIPPED_PAST, actor=who, target=blocker, room=s.room)
        leader = state.following.pop(who, None)
        if leader is not None:
            happen(type=UNFOLLOWED, actor=who, target=leader, room=s.room)
        self._walk(s, who, exit, None, happen)

    def _walk(self, s: Scope, who: str, exit: Exit, manner: str | None, happen: Happen) -> None:
        state = s.state
        state.health[who] -= s.world.characters[who].move_cost
        for one in [b for b, victim in state.blocking.items() if who in (b, victim)]:
            del state.blocking[one]
        state.move(who, exit.to)
        happen(
            type=WENT,
            actor=who,
            room=exit.room,
            to=exit.to,
            exit=exit.direction or exit.label or exit.name,
            manner=manner,
        )
        happen(type=ARRIVED, actor=who, room=exit.to, exit=_whence(exit), manner=manner)
        blocked = set(state.blocking.values())
        followers = [
            f
            for f, leader in state.following.items()
            if leader == who and state.parent[f] == exit.room and f not in blocked
        ]
        for follower in sorted(followers, key=s.world.order.__getitem__):
            if self.barred(Scope(state, follower), exit) is None:
                self._walk(s, follower, exit, "following", happen)


def _whence(exit: Exit) -> str | None:
    if exit.direction is None:
        return None
    back = OPPOSITE[exit.direction]
    special = {"up": "from above", "down": "from below", "in": "from inside", "out": "from outside"}
    return special.get(back, f"from the {back}")


class Follow(Verb):
    name = "follow"
    words = ("follow", "go after", "accompany", "shadow")
    grammar = ("{noun}",)
    noun_kind = "person"
    help = "Go wherever somebody goes, until you unfollow them or walk off."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(p, None) for p in s.here]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if s.state.following.get(s.actor) == noun and noun is not None:
            return FOLLOWING
        return not_present(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.following[s.actor] = str(noun)
        happen(type=FOLLOWED, actor=s.actor, target=noun, room=s.room)


class Unfollow(Verb):
    name = "unfollow"
    words = ("unfollow", "stop following")
    grammar = ("", "{noun}")
    noun_kind = "person"
    help = "Stop following."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return NOTHING

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is not None or second is not None:
            return TOO_MUCH
        return None if s.actor in s.state.following else NOT_FOLLOWING

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        leader = s.state.following.pop(s.actor)
        happen(type=UNFOLLOWED, actor=s.actor, target=leader, room=s.room)


class Block(Verb):
    name = "block"
    words = ("block", "bar", "obstruct", "stand in the way of")
    grammar = ("{noun}",)
    noun_kind = "person"
    help = "Stand in somebody's way: to leave they must be nimbler than you."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(p, None) for p in s.here]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if s.state.blocking.get(s.actor) == noun and noun is not None:
            return BLOCKING
        return not_present(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.blocking[s.actor] = str(noun)
        happen(type=BLOCKED, actor=s.actor, target=noun, room=s.room)


class Unblock(Verb):
    name = "unblock"
    words = ("unblock", "stop blocking")
    grammar = ("", "{noun}")
    noun_kind = "person"
    help = "Stand out of the way again."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return NOTHING

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is not None or second is not None:
            return TOO_MUCH
        return None if s.actor in s.state.blocking else NOT_BLOCKING

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        victim = s.state.blocking.pop(s.actor)
        happen(type=UNBLOCKED, actor=s.actor, target=victim, room=s.room)


VERBS: tuple[Verb, ...] = (Go(), Follow(), Unfollow(), Block(), Unblock())
