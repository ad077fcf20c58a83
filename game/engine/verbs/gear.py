"""Wearing, wielding and removing."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Reason, define
from game.engine.scope import Scope
from game.engine.verbs.base import NO_NOUN, TOO_MUCH, Pair, Verb, not_held, out_of_reach

WORE = define("wore", "{actor} <put> on {item}.")
WIELDED = define("wielded", "{actor} <take> {item} in hand.")
REMOVED = define("removed", "{actor} <take> off {item}.", doc="What was worn is only carried now.")
LOWERED = define("lowered", "{actor} <lower> {item}.", doc="What was wielded is only carried now.")

NOT_WEARABLE = Reason("not_wearable", "{item} cannot be worn.")
SLOT_TAKEN = Reason("slot_taken", "You would have to remove {other} first.")
TOO_MANY_WORN = Reason("too_many_worn", "You are wearing as much as you can. Remove something.")
NOT_WIELDABLE = Reason("not_wieldable", "{item} would make a poor weapon.")
TOO_MANY_WIELDED = Reason("too_many_wielded", "Your hands are full. Remove a weapon first.")
NOT_ON = Reason("not_on", "You are not wearing or wielding {item}.")
ON_ALREADY = Reason("on_already", "You have {item} on already.")
IN_HAND_ALREADY = Reason("in_hand_already", "You have {item} in hand already.")


class Wear(Verb):
    name = "wear"
    words = ("wear", "put on", "don", "dress in")
    grammar = ("{noun}",)
    phrases = ("put {noun} on",)
    noun_kind = "held"
    help = "Put on something you carry. One thing to each part of the body."

    def candidates(self, s: Scope) -> Collection[Pair]:
        items = s.world.items
        return [(i, None) for i in s.carried if items[i].wearable]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun in s.carried and s.state.manner.get(str(noun)) == "worn":
            return ON_ALREADY
        refusal = not_held(s, noun)
        if refusal is not None:
            return refusal
        slot = s.world.items[str(noun)].wearable
        if not slot:
            return NOT_WEARABLE
        worn = [i for i in s.carried if s.state.manner.get(i) == "worn"]
        for other in worn:
            if s.world.items[other].wearable == slot:
                return SLOT_TAKEN._replace(other=other)
        if len(worn) >= s.world.characters[s.actor].max_worn:
            return TOO_MANY_WORN
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.manner[str(noun)] = "worn"
        happen(type=WORE, actor=s.actor, item=noun, room=s.room)


class Wield(Verb):
    name = "wield"
    words = ("wield", "draw", "brandish", "equip", "unsheathe", "hold")
    grammar = ("{noun}",)
    noun_kind = "held"
    help = "Take a weapon or shield that you carry in hand."

    def candidates(self, s: Scope) -> Collection[Pair]:
        items = s.world.items
        return [(i, None) for i in s.carried if items[i].wieldable]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun in s.carried and s.state.manner.get(str(noun)) == "wielded":
            return IN_HAND_ALREADY
        refusal = not_held(s, noun)
        if refusal is not None:
            return refusal
        if not s.world.items[str(noun)].wieldable:
            return NOT_WIELDABLE
        wielded = sum(s.state.manner.get(i) == "wielded" for i in s.carried)
        if wielded >= s.world.characters[s.actor].max_wielded:
            return TOO_MANY_WIELDED
        return None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.manner[str(noun)] = "wielded"
        happen(type=WIELDED, actor=s.actor, item=noun, room=s.room)


class Remove(Verb):
    name = "remove"
    words = ("remove", "take off", "unwield", "unequip", "sheathe", "doff", "lower")
    grammar = ("{noun}",)
    phrases = ("take {noun} off",)
    noun_kind = "held"
    help = "Take off what you wear, or lower what you wield. You still carry it."
    exact = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(i, None) for i in s.carried if i in s.state.manner]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if noun is None:
            return NO_NOUN
        if noun not in s.carried:
            return out_of_reach(s, noun) or NOT_ON
        return None if noun in s.state.manner else NOT_ON

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        how = s.state.manner.pop(str(noun))
        type = REMOVED if how == "worn" else LOWERED
        happen(type=type, actor=s.actor, item=noun, room=s.room)


VERBS: tuple[Verb, ...] = (Wear(), Wield(), Remove())
