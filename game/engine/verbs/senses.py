"""Listening, smelling and knocking: what the world's graph and its descriptions have to tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from game.engine.conditions import wording
from game.engine.consequences import Happen
from game.engine.events import Reason, define
from game.engine.model import Exit, Item, World
from game.engine.scope import Scope, is_open
from game.engine.verbs.attention import not_seen
from game.engine.verbs.base import NO_NOUN, NOT_HERE, TOO_MUCH, Pair, Verb, out_of_reach

LISTENED = define("listened", "{actor} <listen>( to {item}).", doc="What was heard follows.")
HEARD = define(
    "heard",
    "{actor} <hear> {target}( {exit}).",
    sense="self",
    doc="Somebody next door is heard; `exit` says from where.",
)
HEARD_BEHIND = define(
    "heard_behind",
    "{actor} <hear> somebody behind {item}.",
    sense="self",
    doc="Somebody is on the other side of the closed door `item`.",
)
SMELLED = define("smelled", "{actor} <sniff>( at {item}).", doc="What was smelled follows.")
SENSED = define("sensed", "{text}", sense="self", doc="The description's own words on a sense.")
SENSED_NOTHING = define(
    "sensed_nothing",
    "There is nothing to {text} that you would not expect.",
    sense="self",
    doc="`text` is the sense: hear or smell.",
)
SCENTED = define(
    "scented", "{item} <item:smell> {text}.", sense="self", doc="How a thing within reach smells."
)
KNOCKED = define("knocked", "{actor} <knock> on {item}.", sense="far", doc="`item` is a door.")

SILENT = Reason("silent", "{item} <item:make> no sound.")
NOT_TALKING = Reason("not_talking", "{item} <item:say> nothing just now. Speak first.")
NO_SMELL = Reason("no_smell", "{item} <item:smell> of nothing in particular.")
NO_DOOR = Reason("no_door", "Nobody would answer. Knock on a door.")

#: Worlds remembered at once.
_REMEMBERED = 8
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SOUNDS = re.compile(
    r"\b(?:sounds?|hear[sd]?|noises?|noisy|hum(?:s|ming)?|buzz\w*|creak\w*|drip\w*|silen\w+"
    r"|murmur\w*|echo\w*|roar\w*|groan\w*|rattl\w*|hiss\w*|tick(?:s|ing)|rumbl\w*|crackl\w*)\b",
    re.IGNORECASE,
)
_SMELLS = re.compile(
    r"\b(?:smell\w*|smelt|scent\w*|reek\w*|stinks?|stench|odou?rs?|aroma\w*|perfum\w*|fragran\w*"
    r"|whiff|musty)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _telling(text: str, sense: re.Pattern[str]) -> str:
    """The sentences of a description that speak of a sense."""
    return " ".join(s for s in _SENTENCE.split(text) if sense.search(s))


_SCENTED: dict[int, tuple[World, frozenset[str]]] = {}


def _scented(world: World) -> frozenset[str]:
    """The items of whose smell some description speaks, found once per world."""
    known = _SCENTED.get(id(world))
    if known is None or known[0] is not world:
        if len(_SCENTED) >= _REMEMBERED:
            del _SCENTED[next(iter(_SCENTED))]
        speaking = frozenset(
            item.id
            for item in world.items.values()
            if any(_telling(text, _SMELLS) for text in (item.description, *_variants(item)))
        )
        known = _SCENTED[id(world)] = (world, speaking)
    return known[1]


def _variants(item: Item) -> list[str]:
    return [variant.text for variant in item.variants]


class Listen(Verb):
    name = "listen"
    words = ("listen", "listen to", "hear", "eavesdrop on", "eavesdrop")
    grammar = ("", "to|at|for {noun}", "{noun}")
    phrases = ("listen in|carefully|closely",)
    noun_kind = "any"
    help = "Who is next door, and what there is to hear."
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(None, None), *((d, None) for d in s.doors), *((e.id, None) for e in s.exits)]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun is None or noun in s.doors:
            return None
        exit = s.world.exits.get(noun)
        if exit is not None:
            return None if exit in s.exits else NOT_HERE
        return not_seen(s, noun) or (NOT_TALKING if noun in s.here else SILENT)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=LISTENED, actor=s.actor, item=noun, room=s.room)
        heard = False
        if noun is None:
            told = _telling(wording(s.state, s.world.rooms[s.room]), _SOUNDS)
            if told:
                happen(type=SENSED, actor=s.actor, room=s.room, text=told)
                heard = True
        for exit in s.exits:
            if noun not in (None, exit.id, exit.door):
                continue
            people = list(_people(s, exit))
            door = s.world.items.get(exit.door or "")
            if door is not None and not is_open(s.state, door):
                people = people[:1]
            for person in people:
                heard = True
                if door is not None and not is_open(s.state, door):
                    happen(type=HEARD_BEHIND, actor=s.actor, item=door.id, room=s.room)
                else:
                    where = _from(exit)
                    happen(type=HEARD, actor=s.actor, target=person, room=s.room, exit=where)
        if not heard:
            happen(type=SENSED_NOTHING, actor=s.actor, room=s.room, text="hear")


def _people(s: Scope, exit: Exit) -> Iterator[str]:
    """Who is alive where the exit leads, the hidden aside."""
    state = s.state
    for id in state.contents[exit.to]:
        if id in s.world.characters and id not in state.dead and id not in state.hidden:
            yield id


def _from(exit: Exit) -> str:
    if exit.direction is None:
        return f"by {exit.label or exit.name}"
    special = {"up": "from above", "down": "from below", "in": "from inside", "out": "from outside"}
    return special.get(exit.direction, f"from the {exit.direction}")


class Smell(Verb):
    name = "smell"
    words = ("smell", "sniff", "sniff at")
    grammar = ("", "{noun}")
    help = "What the air, or a thing, smells of."
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        reach = (*s.loose, *s.bodies, *s.carried, *s.inner)
        return [(None, None), *((n, None) for n in reach if self._scent(s, n))]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun is None:
            return None
        refusal = out_of_reach(s, noun)
        if refusal is not None:
            return refusal
        return None if noun not in s.doors and self._scent(s, noun) else NO_SMELL

    @staticmethod
    def _scent(s: Scope, id: str) -> str:
        """How the thing smells, after "it smells": "" for no way to speak of."""
        if id in s.state.dead:
            return "of death"
        item = s.world.items.get(id)
        if item is None:
            return ""
        if id in s.state.lit:
            return "of smoke"
        if item.food or item.drink:
            return "wrong" if item.energy < 0 else "as it should"
        return "as it looks" if id in _scented(s.world) else ""

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=SMELLED, actor=s.actor, item=noun, room=s.room)
        what = s.world.rooms[s.room] if noun is None else s.world.thing(noun)
        told = _telling(wording(s.state, what), _SMELLS)
        if told:
            happen(type=SENSED, actor=s.actor, item=noun, room=s.room, text=told)
        elif noun is None:
            happen(type=SENSED_NOTHING, actor=s.actor, room=s.room, text="smell")
        else:
            how = self._scent(s, noun)
            happen(type=SCENTED, actor=s.actor, item=noun, room=s.room, text=how)


class Knock(Verb):
    name = "knock"
    words = ("knock on", "knock at", "knock", "rap on")
    grammar = ("{noun}",)
    help = "Knock on a door; it is heard on both sides."
    exact = True
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(d, None) for d in s.doors]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun is None:
            return NO_NOUN
        return None if noun in s.doors else out_of_reach(s, noun) or NO_DOOR

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=KNOCKED, actor=s.actor, item=noun, room=s.room)


VERBS: tuple[Verb, ...] = (Listen(), Smell(), Knock())
