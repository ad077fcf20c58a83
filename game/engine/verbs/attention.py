"""Looking, examining, searching, pointing and using."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import REVEALED, Happen
from game.engine.events import Event, Reason, define
from game.engine.reactions import usable, uses
from game.engine.scope import Scope
from game.engine.verbs.base import (
    DARK,
    NO_NOUN,
    NOT_HERE,
    TOO_MUCH,
    Pair,
    Simple,
    Verb,
    out_of_reach,
)

LOOKED = define("looked", "{actor} <look> around.", doc="The actor looked at the room.")
EXAMINED = define(
    "examined", "{actor} <look> closely at {item}.", doc="`item` may be a person or an exit."
)
SEARCHED = define(
    "searched",
    "{actor} <search>( {item}).",
    actor_tell="You search( {item}).",
    doc="What it brought to light follows as 'revealed' events.",
)
FOUND_NOTHING = define(
    "found_nothing", "{actor} <find> nothing( in {item}).", sense="self", doc="A search in vain."
)
POINTED = define("pointed", "{actor} <point> at {item}.")
USED = define(
    "used",
    "{actor} <use> {item}( with {target}).",
    doc="What comes of it is the world's reactions to this event.",
)

NO_USE = Reason("no_use", "You can think of no use for {item} here.")
NO_USE_WITH = Reason("no_use_with", "{item} and {target} do nothing together.")
UNSEEN_WAY = Reason("unseen_way", "What lies that way you would have to go and see.")
NOTHING_TO_SEARCH = Reason("nothing_to_search", "{item} <item:hide> nothing.")


class Look(Simple):
    name = "look"
    words = ("look", "look around", "look about", "look here", "l")
    phrases = (
        "examine|x|inspect|look-at|look-around|search-around room|the-room|area|the-area|here"
        "|surroundings|my-surroundings|everything",
        "where am|are i|we",
        "what is|are this|here|around",
        "what is this place|room",
        "what can|do i see",
        "who is|are here|there|around",
        "who else is here",
        "who's here|there",
    )
    help = "Look at the room."
    idle = True

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=LOOKED, actor=s.actor, room=s.room)


class Examine(Verb):
    name = "examine"
    words = (
        "examine", "x", "look at", "l at", "look in", "look inside", "look into", "look on",
        "look over", "inspect", "read", "study", "check", "describe", "watch",
    )  # fmt: skip
    grammar = ("{noun}",)
    phrases = (
        "look|l {noun}",
        "take|have a look at {noun}",
        "peer|gaze|glance at|into {noun}",
        "look closely|carefully|hard at {noun}",
        "who|what is|are|am {noun}",
        "who's|what's {noun}",
        "who|what the hell is|are {noun}",
        "look through|out-of|toward|towards {noun}",
    )
    noun_kind = "any"
    help = "Look closely at a thing, a person or a way out."
    exact = True
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        seen: list[Pair] = [(id, None) for id in s.visible()]
        return seen + [(e.id, None) for e in s.exits if e.description or e.variants]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        return not_seen(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=EXAMINED, actor=s.actor, item=noun, room=s.room)


def not_seen(s: Scope, noun: str | None) -> Reason | None:
    """Why the noun (a thing, person or described exit) is not before the actor's eyes."""
    if noun is None:
        return NO_NOUN
    if noun in s.reach or noun in s.here or noun in s.theirs or noun == s.actor:
        return None
    exit = s.world.exits.get(noun)
    if exit is not None:
        told = exit.description or exit.variants
        return (None if told else UNSEEN_WAY) if exit in s.exits else NOT_HERE
    if noun in s.enclosed():
        return None
    return NOT_HERE if s.lit else DARK


class Search(Verb):
    name = "search"
    words = (
        "search",
        "look under",
        "look beneath",
        "look underneath",
        "feel under",
        "reach under",
        "look behind",
        "look through",
        "rummage in",
        "explore",
    )
    grammar = ("", "{noun}", "in|through|under|behind {noun}")
    phrases = ("search room|around|here|the-room|the-area", "frisk {noun}")
    help = "Search the room, or one thing, for what is hidden."
    exact = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        nouns = (*s.loose, *s.bodies, *s.carried, *s.inner, *s.doors)
        found: list[Pair] = [(n, None) for n in nouns]
        return [(None, None), *found] if s.lit else found

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun is None:
            return None if s.lit else DARK
        return out_of_reach(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        state = s.state
        happen(type=SEARCHED, actor=s.actor, item=noun, room=s.room)
        where = s.room if noun is None else noun
        found = [t for t in state.contents[where] if t in state.hidden]
        if noun is None:
            doors = [d for d in s.world.doors[s.room] if d in state.hidden]
            ways = [e.id for e in s.world.rooms[s.room].exits if e.id in state.hidden]
            found += doors + ways
        for id in found:
            state.hidden.discard(id)
            happen(type=REVEALED, actor=s.actor, item=id, target=noun, room=s.room)
        if not found:
            happen(type=FOUND_NOTHING, actor=s.actor, item=noun, room=s.room)


class Point(Verb):
    name = "point"
    words = ("point at", "point to", "point", "indicate")
    grammar = ("{noun}",)
    help = "Point something out to everyone here."
    exact = True
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(id, None) for id in s.visible() if id != s.actor]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None or noun == s.actor:
            return TOO_MUCH
        if noun in s.world.exits:
            return NOT_HERE
        return not_seen(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=POINTED, actor=s.actor, item=noun, room=s.room)


class Use(Verb):
    name = "use"
    words = (
        "use", "apply", "operate", "pull", "push", "press", "play", "turn", "ring", "touch",
        "blow", "blow into", "move", "shake", "wind", "shove", "drag", "swing",
    )  # fmt: skip
    grammar = ("{noun}", "{noun} with|on|in {second}")
    second_kind = "any"
    help = "Use a thing, alone or with another, where there is some use for it."
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        useful = uses(s.world)
        if not useful:
            return ()
        nouns = [n for n in (*s.loose, *s.carried, *s.inner, *s.doors) if n in useful]
        if not nouns:
            return ()
        others = (*s.loose, *s.bodies, *s.carried, *s.inner, *s.doors, *s.here)
        return [(n, o) for n in nouns for o in (None, *others) if o != n]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = out_of_reach(s, noun)
        if refusal is not None:
            return refusal
        if second is not None and second not in s.here and second not in s.reach:
            return NOT_HERE
        if noun not in uses(s.world) or second == noun:
            return NO_USE
        event = Event(USED, s.actor, noun, second, s.room)
        return None if usable(s.state, event) else (NO_USE_WITH if second else NO_USE)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=USED, actor=s.actor, item=noun, target=second, room=s.room)


VERBS: tuple[Verb, ...] = (Look(), Examine(), Search(), Point(), Use())
