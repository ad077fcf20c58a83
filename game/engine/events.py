"""The types of event, and the one Pattern that matches them.

An event type is defined beside the verb (or reaction) that makes it, with `define`; its template
tells it in words, for `game.narrator.plain` to render from a reader's point of view:

    {actor} {item} {target} {room} {to}   a noun phrase ("you", "the keeper", "the brass key")
    {a item}                              the same with an indefinite article
    {actor's}                             possessive ("your", "the keeper's")
    {actor.self} {target.him}             reflexive and object pronouns
    {text} {amount} {manner} {exit}       the field as it is
    <take> <are> <have> <open>            a verb agreeing with the actor; <target:die>, with another
    ( ... )                               left out when a field named inside is absent
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from game.engine.model import State


class Action(NamedTuple):
    """What somebody tries: `noun` and `second` are ids (of an exit, for go); `text` is speech."""

    verb: str
    noun: str | None = None
    second: str | None = None
    text: str | None = None


class Event(NamedTuple):
    """Something that happened. All ids; None where a field does not apply to the type.

    `room` is where it happened and decides, with the type's sense, who perceives it. For a
    "refused" event `item` and `target` are the action's noun and second, `reason` is a code and
    `text` the template that says why and what to do instead.
    """

    type: str
    actor: str | None = None
    item: str | None = None
    target: str | None = None
    room: str | None = None
    to: str | None = None
    exit: str | None = None
    manner: str | None = None
    amount: int | None = None
    text: str | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, str | int]:
        """The fields that apply, by name (the JSON form)."""
        return {
            name: value for name, value in zip(self._fields, self, strict=True) if value is not None
        }


@dataclass(frozen=True, slots=True)
class EventType:
    """What a type means, how it is told, and by whom it is perceived.

    `sense`: "sight" (those who see the room), "sound" (all in the room, dark or not), "far" (sound
    that also reaches the rooms next door), "private" (actor and target only), "self" (actor only).
    `actor_tell` replaces `tell` when the reader is the actor, `target_tell` when the target.
    """

    name: str
    tell: str
    sense: str = "sight"
    actor_tell: str = ""
    target_tell: str = ""
    doc: str = ""


EVENT_TYPES: dict[str, EventType] = {}


def define(
    name: str,
    tell: str,
    *,
    sense: str = "sight",
    actor_tell: str = "",
    target_tell: str = "",
    doc: str = "",
) -> str:
    """Register an event type and return its name. A name is defined once."""
    if name in EVENT_TYPES:
        raise ValueError(f"event type {name!r} is already defined")
    EVENT_TYPES[name] = EventType(name, tell, sense, actor_tell, target_tell, doc)
    return name


REFUSED = define("refused", "{text}", sense="self", doc="An action the rules do not allow.")


class Reason(NamedTuple):
    """Why an action is refused: a code for programs, a template for people, another id it names."""

    code: str
    text: str
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A test on one event field: equal to one of `ids`, or carrying one of `tags`.

    `contains` is for text fields (any of these words, whatever their case), `at_least` for numbers;
    `negate` turns the result round.
    """

    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    at_least: int | None = None
    negate: bool = False

    def accepts(self, state: State, value: str | int | None, self_id: str | None) -> bool:
        return self._test(state, value, self_id) != self.negate

    def _test(self, state: State, value: str | int | None, self_id: str | None) -> bool:
        if value is None:
            return False
        if isinstance(value, int):
            return self.at_least is None or value >= self.at_least
        if self.ids and (value in self.ids or ("self" in self.ids and value == self_id)):
            return True
        if self.contains:
            words = value.lower()
            return any(w in words for w in self.contains)
        if self.tags:
            entity = state.world.entities.get(value)
            return entity is not None and any(t in entity.tags for t in self.tags)
        return False


@dataclass(frozen=True, slots=True)
class Pattern:
    """`{event: stole, actor: player, item: {tag: valuable}}`, compiled.

    `where` pairs an Event field with the Match it must pass. The id "self" stands for the character
    a role is played by.
    """

    events: tuple[str, ...]
    where: tuple[tuple[str, Match], ...] = ()

    def matches(self, state: State, event: Event, self_id: str | None = None) -> bool:
        if event.type not in self.events:
            return False
        for name, match in self.where:
            if not match.accepts(state, getattr(event, name), self_id):
                return False
        return True
