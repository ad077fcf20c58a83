"""Taking, putting, dropping, giving and stealing."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Action, Reason, define
from game.engine.model import World
from game.engine.scope import Scope, is_open
from game.engine.verbs.base import (
    NO_NOUN,
    NO_SECOND,
    NOT_HERE,
    NOT_IN_REACH,
    TOO_MUCH,
    Pair,
    Verb,
    not_held,
    not_present,
    out_of_reach,
)

TOOK = define("took", "{actor} <take> {item}( from {target}).")
PUT = define("put", "{actor} <put> {item} {manner} {target}.")
DROPPED = define("dropped", "{actor} <drop> {item}.")
GAVE = define("gave", "{actor} <give> {item} to {target}.")
STOLE = define(
    "stole",
    "{actor} <steal> {item} from {target}!",
    actor_tell="You steal {item} from {target}.",
    doc="A theft. `manner` is 'unseen' when nobody but the thief noticed.",
)
CAUGHT = define(
    "caught",
    "{target} <target:catch> {actor} reaching for {item}!",
    doc="`actor` tried to steal `item` from `target` and was caught in the act.",
)

FIXED = Reason("fixed", "{item} <item:stay> where <item:they> <item:are>.")
HAVE_IT = Reason("have_it", "You have {item} already.")
TOO_HEAVY = Reason("too_heavy", "You cannot carry {item} as well. Drop something first.")
NOT_THERE = Reason("not_there", "{item} <item:are> not there.")
NO_ROOM = Reason("no_room", "There is no room for {item} there.")
NOT_CONTAINER = Reason("not_container", "{target} <target:are> no place to put things.")
IN_ITSELF = Reason("in_itself", "You cannot put {item} there: think about it.")
IS_CLOSED = Reason("is_closed", "{target} <target:are> closed. Open <target:them> first.")
NO_GIFTS = Reason("no_gifts", "{target} will not take gifts.")
HANDS_FULL = Reason("hands_full", "{target} cannot carry {item}.")
NOBODYS = Reason("nobodys", "Nobody holds {item}. You could just take <item:them>.")
NOT_THEIRS = Reason("not_theirs", "{target} <target:do> not have {item} to steal.")
IN_USE = Reason("in_use", "{target} would notice: {item} <item:are> in use.")


class Take(Verb):
    name = "take"
    words = (
        "take",
        "get",
        "grab",
        "pick up",
        "collect",
        "fetch",
        "acquire",
        "snatch",
        "loot",
        "lift",
        "carry",
    )
    grammar = ("{noun}", "{noun} from|off|out-of|off-of|from-on|from-in|from-inside {second}")
    phrases = (
        "remove {noun} from|off {second}",
        "pick {noun} up",
        "pick {noun} up from|off {second}",
        "take|get from {second}",
    )
    help = "Take something, or take it from what it is in or on."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(item, self.source(s, item)) for item in (*s.loose, *s.inner)]

    @staticmethod
    def source(s: Scope, item: str) -> str | None:
        """What the item would be taken from: None when it just lies in the room."""
        parent = s.state.parent[item]
        return None if parent == s.room else parent

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is None:
            return NO_NOUN
        if noun in s.carried:
            return HAVE_IT
        item = s.world.items.get(noun)
        if item is None or noun not in s.reach:
            return out_of_reach(s, noun) or FIXED
        if item.fixed or item.between:
            return Reason("fixed", item.fixed_reason) if item.fixed_reason else FIXED
        if second != self.source(s, noun):
            return NOT_THERE
        return TOO_HEAVY if item.size > s.free else None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.move(str(noun), s.actor)
        happen(type=TOOK, actor=s.actor, item=noun, target=second, room=s.room)


class Put(Verb):
    name = "put"
    words = ("put", "place", "insert", "stow", "set", "lay", "hang", "stick")
    grammar = ("{noun} in|into|inside|on|onto|upon|on-top-of {second}",)
    phrases = (
        "put|set|lay {noun} down in|on|onto|upon {second}",
        "leave {noun} in|inside|on|upon {second}",
    )
    noun_kind = "held"
    help = "Put something you carry in a container or on a surface."

    def candidates(self, s: Scope) -> Collection[Pair]:
        items = s.world.items
        places = [
            p for p in (*s.loose, *s.carried, *s.inner) if p in items and items[p].holds is not None
        ]
        manner = s.state.manner
        return [(i, p) for p in places for i in s.carried if i not in manner and i != p]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is None:
            return not_held(s, noun)
        if second is None:
            return NO_SECOND
        # What never holds anything comes first: nothing should be taken to be put there.
        place = s.world.items.get(second)
        if second not in s.reach:
            return (
                NOT_IN_REACH._replace(text="{target} <target:are> out of your reach.")
                if (second in s.theirs or second in s.here)
                else NOT_HERE
            )
        if place is None or place.holds is None:
            return NOT_CONTAINER
        refusal = not_held(s, noun)
        if refusal is not None:
            return refusal
        if second == noun:
            return IN_ITSELF
        parent = s.state.parent.get(second)
        while parent in s.world.items:
            if parent == noun:
                return IN_ITSELF
            parent = s.state.parent[parent]
        if place.holds == "in" and not is_open(s.state, place):
            return IS_CLOSED
        if s.state.load(second) + s.world.items[str(noun)].size > place.capacity:
            return NO_ROOM
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        how = s.world.items[str(second)].holds or "in"
        s.state.move(str(noun), str(second), how)
        happen(type=PUT, actor=s.actor, item=noun, target=second, manner=how, room=s.room)

    def preposition(self, world: World, action: Action, token: str) -> str:
        place = world.items.get(str(action.second))
        return (place.holds if place else None) or "in"


class Drop(Verb):
    name = "drop"
    words = ("drop", "put down", "leave", "discard", "throw away")
    grammar = ("{noun}",)
    phrases = ("put {noun} down", "throw {noun} away", "get rid of {noun}")
    noun_kind = "held"
    help = "Put something you carry on the ground."
    exact = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        manner = s.state.manner
        return [(item, None) for item in s.carried if item not in manner]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        return TOO_MUCH if second is not None else not_held(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.move(str(noun), s.room)
        happen(type=DROPPED, actor=s.actor, item=noun, room=s.room)


class Give(Verb):
    name = "give"
    words = ("give", "hand", "offer", "pay", "feed")
    grammar = ("{noun} to {second}", "{second} {noun}")
    phrases = (
        "give|offer|hand to {second}",
        "feed|pay|bribe {second} with {noun}",
        "bribe {second}",
    )
    noun_kind = "held"
    second_kind = "person"
    help = "Give something you carry to somebody."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(item, who) for who in s.here for item in s.carried]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = not_held(s, noun)
        if refusal is not None:
            return refusal
        if second is None:
            return NO_SECOND
        if second not in s.here:
            return _about_second(not_present(s, second))
        receiver = s.world.characters[second]
        if receiver.refuses_gifts:
            return NO_GIFTS
        if s.state.load(second) + s.world.items[str(noun)].size > receiver.capacity:
            return HANDS_FULL
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.move(str(noun), str(second))
        happen(type=GAVE, actor=s.actor, item=noun, target=second, room=s.room)


class Steal(Verb):
    name = "steal"
    words = ("steal", "pickpocket", "rob", "swipe", "pinch", "nick")
    grammar = ("{noun} from {second}",)
    phrases = ("rob|pickpocket {second}", "steal from {second}", "rob {second} of {noun}")
    second_kind = "person"
    help = "Take something from somebody who has not offered it. The nimble get away with it."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(item, s.state.parent[item]) for item in s.theirs]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if noun is None:
            return NO_NOUN
        if second is None:
            return NOBODYS if noun in s.loose else NO_SECOND
        if second not in s.here:
            return _about_second(not_present(s, second))
        if noun not in s.theirs or s.state.parent[noun] != second:
            return NOT_THEIRS
        if noun in s.state.manner:
            return IN_USE
        if s.world.items[noun].size > s.free:
            return TOO_HEAVY
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        state, victim = s.state, str(second)
        edge = state.stat(s.actor, "dexterity") - state.stat(victim, "dexterity")
        caught = state.roll(100) >= min(95, max(10, 70 + 5 * edge))
        if caught:
            happen(type=CAUGHT, actor=s.actor, item=noun, target=victim, room=s.room)
            return
        unseen = state.roll(100) < min(90, max(10, 50 + 10 * edge))
        state.move(str(noun), s.actor)
        how = "unseen" if unseen else None
        happen(type=STOLE, actor=s.actor, item=noun, target=victim, room=s.room, manner=how)


def _about_second(reason: Reason | None) -> Reason | None:
    """The same refusal, about the action's second."""
    if reason is None:
        return None
    return reason._replace(text=reason.text.replace("{item", "{target").replace("<item", "<target"))


VERBS: tuple[Verb, ...] = (Take(), Put(), Drop(), Give(), Steal())
