"""What is open or shut, locked or not, lit or out: opening, locking, lighting."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Reason, define
from game.engine.scope import Scope
from game.engine.verbs.base import Pair, Verb, lacking

OPENED = define("opened", "{actor} <open> {item}.")
CLOSED_EVENT = define("closed", "{actor} <close> {item}.")
UNLOCKED = define("unlocked", "{actor} <unlock> {item} with {target}.", doc="`target` is the key.")
LOCKED_EVENT = define("locked", "{actor} <lock> {item} with {target}.", doc="`target` is the key.")
LIT = define("lit", "{actor} <light> {item}.")
DOUSED = define("doused", "{actor} <put> out {item}.")

NOT_OPENABLE = Reason("not_openable", "{item} cannot be opened or closed.")
OPEN_ALREADY = Reason("open_already", "{item} <item:are> open already.")
SHUT_ALREADY = Reason("shut_already", "{item} <item:are> closed already.")
IS_LOCKED = Reason("is_locked", "{item} <item:are> locked. The right key would open <item:them>.")
NO_LOCK = Reason("no_lock", "{item} <item:have> no lock.")
NOT_LOCKED = Reason("not_locked", "{item} <item:are> not locked.")
LOCKED_ALREADY = Reason("locked_already", "{item} <item:are> locked already.")
NEEDS_SHUT = Reason("needs_shut", "Close {item} first.")
WRONG_KEY = Reason("wrong_key", "{target} <target:do> not fit {item}.")
NO_KEY = Reason("no_key", "You would need the right key in your hands.")
NOT_LAMP = Reason("not_lamp", "{item} will not burn.")
LIT_ALREADY = Reason("lit_already", "{item} <item:are> lit already.")
NOT_LIT = Reason("not_lit", "{item} <item:are> not lit.")


def _no_handle(s: Scope, noun: str | None, second: str | None) -> Reason | None:
    return lacking(s, noun, second, "openable", NOT_OPENABLE)


class Open(Verb):
    name = "open"
    words = ("open", "pry open", "uncover")
    grammar = ("{noun}",)
    help = "Open a door or a container."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _handles(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_handle(s, noun, second)
        if refusal is not None:
            return refusal
        if noun in s.state.opened:
            return OPEN_ALREADY
        return IS_LOCKED if noun in s.state.locked else None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.opened.add(str(noun))
        happen(type=OPENED, actor=s.actor, item=noun, room=s.room)


class Close(Verb):
    name = "close"
    words = ("close", "shut")
    grammar = ("{noun}",)
    help = "Close a door or a container."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _handles(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_handle(s, noun, second)
        if refusal is not None:
            return refusal
        return None if noun in s.state.opened else SHUT_ALREADY

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.opened.discard(str(noun))
        happen(type=CLOSED_EVENT, actor=s.actor, item=noun, room=s.room)


def _handles(s: Scope) -> list[Pair]:
    items = s.world.items
    reach = (*s.loose, *s.carried, *s.inner, *s.doors)
    return [(i, None) for i in reach if i in items and items[i].openable]


def _keys(s: Scope) -> list[Pair]:
    return [
        (item, key)
        for item, _ in _handles(s)
        for key in s.world.items[str(item)].keys
        if key in s.carried
    ]


def _does_not_fit(s: Scope, noun: str | None, second: str | None) -> Reason | None:
    if second is None:
        return NO_KEY
    if second not in s.carried:
        return NO_KEY
    return None if second in s.world.items[str(noun)].keys else WRONG_KEY


class Unlock(Verb):
    name = "unlock"
    words = ("unlock",)
    phrases = ("open {noun} with|using {second}",)
    grammar = ("{noun} with|using {second}", "{noun}")
    second_kind = "held"
    help = "Unlock a door or a container with its key."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _keys(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_handle(s, noun, None)
        if refusal is not None:
            return refusal
        if noun not in s.state.locked:
            return NOT_LOCKED if s.world.items[str(noun)].lockable else NO_LOCK
        return _does_not_fit(s, noun, second)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.locked.discard(str(noun))
        happen(type=UNLOCKED, actor=s.actor, item=noun, target=second, room=s.room)


class Lock(Verb):
    name = "lock"
    words = ("lock",)
    grammar = ("{noun} with|using {second}", "{noun}")
    second_kind = "held"
    help = "Lock a closed door or container with its key."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _keys(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_handle(s, noun, None)
        if refusal is not None:
            return refusal
        if not s.world.items[str(noun)].lockable:
            return NO_LOCK
        if noun in s.state.locked:
            return LOCKED_ALREADY
        if noun in s.state.opened:
            return NEEDS_SHUT
        return _does_not_fit(s, noun, second)

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.locked.add(str(noun))
        happen(type=LOCKED_EVENT, actor=s.actor, item=noun, target=second, room=s.room)


def _lamps(s: Scope) -> list[Pair]:
    items = s.world.items
    return [(i, None) for i in (*s.loose, *s.carried, *s.inner) if i in items and items[i].light]


def _no_lamp(s: Scope, noun: str | None, second: str | None) -> Reason | None:
    return lacking(s, noun, second, "light", NOT_LAMP)


class Light(Verb):
    name = "light"
    words = ("light", "ignite", "turn on", "switch on", "burn")
    grammar = ("{noun}",)
    phrases = ("turn {noun} on", "switch {noun} on")
    help = "Light a lamp, a torch or a candle."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _lamps(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_lamp(s, noun, second)
        if refusal is None and noun in s.state.lit:
            return LIT_ALREADY
        return refusal

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.lit.add(str(noun))
        happen(type=LIT, actor=s.actor, item=noun, room=s.room)


class Extinguish(Verb):
    name = "extinguish"
    words = ("extinguish", "douse", "put out", "turn off", "switch off", "snuff", "blow out")
    grammar = ("{noun}",)
    phrases = ("put {noun} out", "turn {noun} off", "switch {noun} off", "blow {noun} out")
    help = "Put out a light."

    def candidates(self, s: Scope) -> Collection[Pair]:
        return _lamps(s)

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        refusal = _no_lamp(s, noun, second)
        if refusal is None and noun not in s.state.lit:
            return NOT_LIT
        return refusal

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        s.state.lit.discard(str(noun))
        happen(type=DOUSED, actor=s.actor, item=noun, room=s.room)


VERBS: tuple[Verb, ...] = (Open(), Close(), Unlock(), Lock(), Light(), Extinguish())
