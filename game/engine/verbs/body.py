"""Eating, drinking, fighting and embracing.

Combat, where LIGHT's own code goes wrong (it turned dexterity round when blocking and added the
target's armour to the attacker's blow): a nimble attacker hits more often, the attacker's weapons
add to the blow, and the target's armour takes from it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from game.engine.consequences import Happen, die, hurt
from game.engine.events import Reason, define
from game.engine.model import NOWHERE, State
from game.engine.scope import Scope
from game.engine.verbs.base import TOO_MUCH, Pair, Verb, lacking, not_present

ATE = define("ate", "{actor} <eat>( {manner}) {item}.")
DRANK = define("drank", "{actor} <drink>( {manner}) {item}.")
HIT = define(
    "hit",
    "{actor} <hit> {target}( with {item}).",
    doc="A blow that hurt: `amount` of health, `item` the weapon.",
)
MISSED = define("missed", "{actor} <swing> at {target}( with {item}) and <miss>.")
DEFLECTED = define(
    "deflected",
    "{actor} <hit> {target}( with {item}), and the blow glances off.",
    doc="A blow that the target's armour turned.",
)
HUGGED = define("hugged", "{actor} <hug> {target}.")

NOT_FOOD = Reason("not_food", "{item} <item:are> not something to eat.")
NOT_DRINK = Reason("not_drink", "{item} <item:are> not something to drink.")
NOT_EMPTY = Reason("not_empty", "There is something in {item}. Take it out first.")
PACIFIST = Reason("pacifist", "{actor} would never strike anybody.")


class _Consume(Verb):
    """Eating and drinking: the thing is gone (unless it is fixed) and its energy is gained."""

    trait = ""
    event = ""
    refusal = NOT_FOOD
    grammar: ClassVar[tuple[str, ...]] = ("{noun}",)

    def candidates(self, s: Scope) -> Collection[Pair]:
        items = s.world.items
        reach = (*s.loose, *s.carried, *s.inner)
        return [(i, None) for i in reach if i in items and getattr(items[i], self.trait)]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = lacking(s, noun, second, self.trait, self.refusal)
        if refusal is not None:
            return refusal
        item = s.world.items[str(noun)]
        return NOT_EMPTY if s.state.contents[item.id] and not item.fixed else None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        item = s.world.items[str(noun)]
        if not item.fixed:
            s.state.move(item.id, NOWHERE)
            s.state.lit.discard(item.id)
        how = "from" if item.fixed else None  # one drinks from a keg
        happen(type=self.event, actor=s.actor, item=noun, room=s.room, manner=how)
        if item.energy:
            hurt(s.state, s.actor, -item.energy, happen)


class Eat(_Consume):
    name = "eat"
    words = ("eat", "consume", "devour", "taste", "bite")
    trait = "food"
    event = ATE
    help = "Eat food. It gives back health (or takes it)."


class Drink(_Consume):
    name = "drink"
    words = ("drink", "sip", "swallow", "quaff")
    grammar = ("{noun}", "from {noun}")
    trait = "drink"
    event = DRANK
    refusal = NOT_DRINK
    help = "Drink something."


def weapon(state: State, who: str) -> str | None:
    """The best weapon the character wields."""
    items = state.world.items
    wielded = [i for i in state.contents[who] if state.manner.get(i) == "wielded"]
    return max(wielded, key=lambda i: items[i].damage, default=None)


def attack(state: State, who: str) -> int:
    """The most a blow can do: the character's damage, their weapons' and their strength."""
    items = state.world.items
    arms = sum(items[i].damage for i in state.contents[who] if state.manner.get(i) == "wielded")
    return max(1, state.stat(who, "damage") + arms + state.stat(who, "strength") // 2)


def armour(state: State, who: str) -> int:
    """The most that armour can take from a blow: defense, and what is worn or wielded."""
    items = state.world.items
    worn = sum(items[i].defense for i in state.contents[who] if i in state.manner)
    return max(0, state.stat(who, "defense") + worn)


class Hit(Verb):
    name = "hit"
    words = ("hit", "attack", "strike", "fight", "kill", "punch", "kick", "stab", "slay")
    grammar = ("{noun}",)
    noun_kind = "person"
    help = "Strike somebody, with whatever you wield."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(p, None) for p in s.here]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        if second is not None:
            return TOO_MUCH
        if s.world.characters[s.actor].pacifist:
            return PACIFIST
        return not_present(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        state, target = s.state, str(noun)
        arm = weapon(state, s.actor)
        edge = state.stat(s.actor, "dexterity") - state.stat(target, "dexterity")
        if state.roll(100) >= min(95, max(15, 75 + 4 * edge)):
            happen(type=MISSED, actor=s.actor, target=target, item=arm, room=s.room)
            return
        most = attack(state, s.actor)
        blow = 1 + most // 2 + state.roll(most - most // 2)
        blow -= state.roll(armour(state, target) + 1)
        if blow <= 0:
            happen(type=DEFLECTED, actor=s.actor, target=target, item=arm, room=s.room)
            return
        blow = min(blow, state.health[target])
        state.health[target] -= blow
        happen(type=HIT, actor=s.actor, target=target, item=arm, amount=blow, room=s.room)
        if state.health[target] <= 0:
            die(state, target, happen, s.actor)


class Hug(Verb):
    name = "hug"
    words = ("hug", "embrace", "cuddle", "hold close")
    grammar = ("{noun}",)
    noun_kind = "person"
    help = "Hug somebody."
    exact = True
    idle = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(p, None) for p in s.here]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        return TOO_MUCH if second is not None else not_present(s, noun)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=HUGGED, actor=s.actor, target=noun, room=s.room)


VERBS: tuple[Verb, ...] = (Eat(), Drink(), Hit(), Hug())
