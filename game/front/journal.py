"""The journal: what the player knows, as sentences, in groups, to be searched and pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from game.engine.perception import Triple
from game.front.book import Book
from game.memory.episodes import SPOKEN, WEIGHTS
from game.memory.recall import pin_of
from game.memory.recounting import Teller, recount
from game.narrator.grammar import agree, capitalise, full_stop, join
from game.narrator.names import a, in_sentence, phrase_for

Group = Literal["Pinned", "Goals", "Places", "People", "Things", "Remembered"]
GROUPS: tuple[Group, ...] = ("Pinned", "Goals", "Places", "People", "Things", "Remembered")

_HOLDING = {"carries": "have", "wears": "wear", "wields": "hold"}
#: What people and the player did that the journal keeps: not every wave and every step.
_NOTED = 0.5


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the journal. `turn` is when it was last seen or heard, `key` what a pin names.

    A fact of the group "Remembered" is a memory of `who`; pinned, they always have it in mind.
    """

    key: str
    group: Group
    text: str
    turn: int
    pinned: bool = False
    who: str = ""

    @property
    def when(self) -> str:
        return "at the start" if self.turn == 0 else f"turn {self.turn}"


def journal_of(book: Book, search: str = "") -> list[Fact]:
    """The facts that have the words of `search`, or words that begin so; pinned ones first."""
    words = [re.compile(rf"\b{re.escape(word)}") for word in search.lower().split()]
    facts = [*_goals(book), *_places(book), *_people(book), *_things(book), *_remembered(book)]
    facts.sort(key=lambda fact: GROUPS.index(fact.group))
    found = [f for f in facts if all(w.search(f"{f.group} {f.text}".lower()) for w in words)]
    pins = {key: n for n, key in enumerate(book.pins)}
    pinned = sorted((f for f in found if f.key in pins), key=lambda f: pins[f.key])
    return [
        *(Fact(f.key, "Pinned", f.text, f.turn, True, f.who) for f in pinned),
        *(f for f in found if f.key not in pins),
    ]


def as_text(facts: list[Fact]) -> str:
    """The facts as numbered lines under their groups."""
    lines: list[str] = []
    group = ""
    for number, fact in enumerate(facts, 1):
        if fact.group != group:
            lines += ([""] if lines else []) + [fact.group]
            group = fact.group
        lines.append(f"{number:>3}  {fact.text} ({fact.when})")
    return "\n".join(lines)


def _goals(book: Book) -> Iterator[Fact]:
    state, world = book.state, book.world
    begun = {e.text: turn for turn, e in book.milestones}
    for quest in world.quests.values():
        standing = state.quests.get(quest.id)
        if standing is None:
            continue
        done = " Done." if standing == "done" else ""
        text = f"{full_stop(quest.name)} {quest.description}".strip()
        turn = begun.get(quest.name, 0)
        yield Fact(f"quest/{quest.id}", "Goals", f"{full_stop(text)}{done}", turn)
        for goal in quest.goals if standing == "active" else ():
            count = min(state.fired.get(f"{quest.id}:{goal.id}", 0), goal.count)
            reached = count >= goal.count
            mark = "done: " if reached else "to do: "
            of = f" ({count} of {goal.count})" if goal.count > 1 else ""
            key = f"goal/{quest.id}/{goal.id}"
            yield Fact(
                key, "Goals", f"{mark}{full_stop(goal.text + of)}", begun.get(goal.text, turn)
            )


def _places(book: Book) -> Iterator[Fact]:
    world, travels = book.world, book.travels
    leads = travels.leads_to_known(book.state)
    for id, (_, last) in travels.visited.items():
        ways = []
        for exit in world.rooms[id].exits:
            if exit.id not in travels.seen:
                continue
            to = leads.get(exit.id)
            beyond = f"to {in_sentence(world.name(to))}" if to else "you have not been that way"
            ways.append(f"{exit.name}, {beyond}")
        name = capitalise(in_sentence(world.name(id)))
        known = f"ways out: {'; '.join(ways)}" if ways else "no way out that you saw"
        yield Fact(f"place/{id}", "Places", f"{name}. {capitalise(known)}.", last)
    for door, stands in travels.doors.items():
        item = world.items[door]
        if item.between is None:
            continue
        how = "locked" if book.is_locked(door) else stands[0]
        turn = max(stands[1], book.tried.get(door, 0))
        name = capitalise(phrase_for(book.state, door, None).definite)
        text = f"{name} {_was(item.plural)} {how}."
        yield Fact(f"door/{door}", "Places", text, turn)


def _people(book: Book) -> Iterator[Fact]:
    teller = Teller(book.state, None, book.player)
    for id, seen in book.met.items():
        name = capitalise(teller.name(id))
        where = in_sentence(book.world.name(seen.room))
        how = "dead" if seen.dead else f"{seen.mood} and {seen.health}"
        text = f"{name} was at {where}, {how}."
        yield Fact(f"person/{id}", "People", text, seen.turn)
    for episode in book.episodes:
        event = episode.event
        if WEIGHTS[event.type] < _NOTED or event.actor is None:
            continue
        if event.type in SPOKEN and event.actor == book.player:
            continue
        group: Group = "Things" if event.actor == book.player else "People"
        yield Fact(f"event/{episode.key}", group, recount(episode, teller), episode.turn)


def _things(book: Book) -> Iterator[Fact]:
    """Where everything was that the player has seen, things of one place in one sentence."""
    places: dict[tuple[str, str], list[str]] = {}
    for subject, relation, object in book.facts:
        if relation in ("in", "on") and subject in book.world.items:
            places.setdefault((relation, object), []).append(subject)
        elif relation in _HOLDING and object in book.world.items:
            places.setdefault((relation, subject), []).append(object)
    for (relation, place), items in places.items():
        turn = max(book.facts.get(_triple(relation, place, i), 0) for i in items)
        yield Fact(
            f"things/{relation}/{place}", "Things", _lying(book, relation, place, items), turn
        )


def _triple(relation: str, place: str, item: str) -> Triple:
    return (place, relation, item) if relation in _HOLDING else (item, relation, place)


def _lying(book: Book, relation: str, place: str, items: list[str]) -> str:
    state, world = book.state, book.world
    listed = join([a(state, id) for id in items])
    if relation in _HOLDING:
        you = place == book.player
        holder = "You" if you else capitalise(phrase_for(state, place, None).definite)
        verb = _HOLDING[relation]
        plural = you or world.thing(place).plural
        return f"{holder} {agree(verb, plural) if you else _had(verb)} {listed}."
    plural = len(items) > 1 or world.thing(items[0]).plural
    where = phrase_for(state, place, None).definite
    return capitalise(f"{listed} {_was(plural)} {relation} {where}.")


def _had(verb: str) -> str:
    return {"have": "had", "wear": "wore", "hold": "held"}[verb]


def _was(plural: bool) -> str:
    return "were" if plural else "was"


def _remembered(book: Book) -> Iterator[Fact]:
    """What people you have met remember of you, as far as you were there, in their own words."""
    for id in book.met:
        teller = Teller(book.state, id, book.player)
        if id in book.state.dead:
            continue
        for episode in book.episodes:
            if id not in episode.witnesses or not episode.concerns(book.player):
                continue
            if WEIGHTS[episode.event.type] < _NOTED or episode.event.manner == "answer":
                continue
            name = capitalise(phrase_for(book.state, id, None).definite)
            text = f"{name}: {recount(episode, teller)}"
            yield Fact(pin_of(id, episode), "Remembered", text, episode.turn, who=id)
