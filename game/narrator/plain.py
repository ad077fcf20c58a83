"""The deterministic teller: every event in words, always right, from a reader's point of view.

A template's {arrival} is the room that the reader came into; what the reader looked at, or asked
to know about themselves, is described.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from game.engine.events import EVENT_TYPES, REFUSED, Event
from game.engine.model import DIRECTIONS, State
from game.engine.rules import TURN_PASSED
from game.engine.scope import Scope, is_lit
from game.engine.verbs import VERBS, attention, meta, motion
from game.narrator.describe import (
    actions,
    describe_character,
    describe_exit,
    describe_item,
    describe_room,
    goals,
    help_text,
    inventory,
    status,
)
from game.narrator.grammar import full_stop
from game.narrator.names import phrase_for, spoken_words
from game.narrator.templates import Phrase, join_phrases, render

__all__ = [
    "actions", "describe_character", "describe_exit", "describe_item", "describe_room", "goals",
    "help_text", "inventory", "status", "tell", "tell_event", "tell_sentences", "told", "Told",
]  # fmt: skip

# What each tells is one of a kind: two of them are never said in one sentence.
_UNMERGED = frozenset({"said", "told", "whispered", "shouted", "narrated", "refused", "ended"})
_QUOTED = frozenset({"said", "told", "whispered", "shouted"})
_HEARD = ("sound", "far")
_SOMEONE = Phrase("someone", "someone")
_MERGED_FIELDS = ("item", "actor")
# What the reader did only to be shown something: the description says it all.
_INTRODUCING = frozenset({motion.ARRIVED, attention.LOOKED, attention.EXAMINED, meta.CHECKED})
_CHECKS = {"inventory": inventory, "status": status, "goals": goals, "actions": actions}


@dataclass(frozen=True, slots=True)
class Told:
    """Like events with their `sentence` ("" when they have none) and what the reader is shown.

    `introduces`: the sentence only leads to the description, and is left out before it.
    """

    events: tuple[Event, ...]
    sentence: str
    description: str = ""
    introduces: bool = False


def tell(state: State, events: Sequence[Event], reader: str) -> str:
    """`events`, which the reader perceived, as lines of text: sentences run on, while the rooms and
    things described and bracketed notices stand on lines of their own.

    `state` is the state after the last of them.
    """
    lines: list[str] = []
    running = False
    for part in told(state, events, reader):
        sentence = "" if part.introduces else part.sentence
        notice = sentence.startswith("[")
        if sentence and running and not notice:
            lines[-1] += " " + sentence
        elif sentence:
            lines.append(sentence)
        running = (running or bool(sentence)) and not notice
        if part.description:
            lines.append(part.description)
            running = False
    return "\n".join(lines)


def tell_event(state: State, event: Event, reader: str) -> str:
    """One event in words, as `tell` does it; "" for a type that is not told."""
    return tell(state, [event], reader)


def tell_sentences(state: State, events: Sequence[Event], reader: str) -> list[str]:
    """What happened, a sentence or so for each group of like events, without descriptions."""
    return [part.sentence for part in told(state, events, reader) if part.sentence]


def told(state: State, events: Sequence[Event], reader: str) -> list[Told]:
    """`events` one after the other, like ones together ("You take the coin and the key.")."""
    parts: list[Told] = []
    before: Event | None = None
    killed = {e.target for e in events if e.type == "killed"}
    for at, group in _grouped(events, reader):
        event = group[0]
        if event.type == TURN_PASSED or (event.type == "died" and event.actor in killed):
            continue
        sentence = _tell(state, group, reader, _bodies(state, events[at:]), before)
        description = _description(state, event, reader)
        introduces = bool(description) and event.type in _INTRODUCING
        parts.append(Told(tuple(group), sentence, description, introduces))
        if sentence:
            before = event if len(group) == 1 else None
    return parts


def _description(state: State, event: Event, reader: str) -> str:
    """What the reader sees because of an event of their own; "" when nothing is described."""
    if event.actor != reader:
        return ""
    if event.type in (motion.ARRIVED, attention.LOOKED):
        return describe_room(state, reader, Scope(state, reader))
    if event.type == attention.EXAMINED and event.item is not None:
        if event.item in state.world.characters:
            return describe_character(state, event.item, reader)
        if event.item in state.world.exits:
            return describe_exit(state, event.item)
        return describe_item(state, event.item)
    if event.type == meta.CHECKED and event.text in _CHECKS:
        return _CHECKS[event.text](state, reader)
    return ""


def _bodies(state: State, later: Sequence[Event]) -> Collection[str]:
    """Who was already dead when `later`, the first of the events still to tell, began."""
    if not state.dead:
        return ()
    return (
        state.dead
        - {e.actor for e in later if e.type == "died"}
        - {e.target for e in later if e.type == "killed"}
    )


def _grouped(events: Sequence[Event], reader: str) -> list[tuple[int, list[Event]]]:
    """Neighbouring events that differ in one field only, with each group's first index."""
    groups: list[tuple[int, list[Event]]] = []
    varying = ""
    for at, event in enumerate(events):
        if groups:
            group = groups[-1][1]
            field = _difference(group[-1], event, reader)
            if field and varying in ("", field):
                group.append(event)
                varying = field
                continue
        groups.append((at, [event]))
        varying = ""
    return groups


def _difference(one: Event, other: Event, reader: str) -> str:
    """The field in which two events differ, if they may be told together; else ""."""
    if one.type != other.type or one.type in _UNMERGED or one.type not in EVENT_TYPES:
        return ""
    for field in _MERGED_FIELDS:
        if field == "actor" and reader in (one.actor, other.actor):
            continue
        value = getattr(other, field)
        if None in (value, getattr(one, field)) or value == getattr(one, field):
            continue
        if one._replace(**{field: value}) == other:
            return field
    return ""


@dataclass(frozen=True, slots=True)
class _EventFields:
    """The fields of like events as noun phrases for a reader."""

    state: State
    events: Sequence[Event]
    reader: str
    bodies: Collection[str]
    before: Event | None = None

    def phrase(self, name: str) -> Phrase | None:
        if name == "other":  # a refusal names a third thing in `to`
            name = "to"
        values = dict.fromkeys(getattr(e, name) for e in self.events)
        if None in values:
            return None
        found = join_phrases(
            [phrase_for(self.state, v, self.reader, bodies=self.bodies) for v in values]
        )
        if name == "actor" and self._unseen():
            return _SOMEONE
        if name == "actor" and self._is_last_spoken_of(found):
            return replace(found, use_pronoun=True, plural=found.person == "they")
        return found

    def raw(self, name: str) -> str | None:
        event = self.events[0]
        if name == "arrival":
            return ""
        if name == "verb":
            verb = VERBS.get(event.manner or "")
            return verb.words[0] if verb else "do"
        value = getattr(event, name)
        if value is None:
            return None
        if name == "exit":
            return _way(str(value))
        if name == "text" and event.type == REFUSED:
            return render(str(value), self)
        if name == "text" and event.type in _QUOTED:
            return spoken_words(self.state.world, str(value))
        return str(value)

    def _unseen(self) -> bool:
        """Whether the reader hears the actor without seeing them."""
        event, state = self.events[0], self.state
        if event.actor in (None, self.reader) or EVENT_TYPES[event.type].sense not in _HEARD:
            return False
        here = state.parent[self.reader]
        return event.room is not None and (event.room != here or not is_lit(state, here))

    def _is_last_spoken_of(self, actor: Phrase) -> bool:
        """Whether the sentence before was about the same character and no other."""
        before = self.before
        if before is None or len(self.events) > 1 or actor.person in ("you", "it"):
            return False
        if before.type in _UNMERGED or before.actor != self.events[0].actor:
            return False
        others = {before.target, before.to, before.item} & set(self.state.world.characters)
        return not others - {self.reader}


_PREPOSITIONS = (
    "across along around back between by down from in inside into off on onto out outside over "
    "past through to toward towards under up"
)
_LEADING = frozenset(_PREPOSITIONS.split())


def _way(exit: str) -> str:
    """An exit as the words after a verb of motion: "north", "through the gate", "by the stair"."""
    first = exit.split(" ", 1)[0].lower()
    return exit if exit in DIRECTIONS or first in _LEADING else f"by {exit}"


def _tell(
    state: State,
    events: Sequence[Event],
    reader: str,
    bodies: Collection[str],
    before: Event | None,
) -> str:
    event = events[0]
    kind = EVENT_TYPES.get(event.type)
    if kind is None:
        raise ValueError(f"no event type is called {event.type!r}")
    template = kind.tell
    if reader == event.actor and kind.actor_tell:
        template = kind.actor_tell
    elif reader == event.target and kind.target_tell:
        template = kind.target_tell
    if not template:
        return ""
    return full_stop(render(template, _EventFields(state, events, reader, bodies, before)))
