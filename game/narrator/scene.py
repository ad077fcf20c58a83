"""What a telling may speak of: the scene as the reader perceives it, and the facts to be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from game.engine.conditions import wording
from game.engine.events import Event
from game.engine.model import DIRECTIONS, Character, Entity, State, World
from game.engine.scope import Scope
from game.narrator.lexicon import noun_lemma
from game.narrator.outcomes import CLASSES, class_forms, words

COMPASS = frozenset(d for d in DIRECTIONS if len(d) > 3)
_WORDS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:['’][a-z]+)?")
_SMALL = frozenset("a an the some of and in on with for to from one".split())


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence of the plain telling, and the words by which prose is seen to cover it.

    `needs` are groups of words of which each must be met once; `verbs` any form that says what
    happened (empty: nothing particular).
    """

    sentence: str
    needs: tuple[frozenset[str], ...] = ()
    verbs: frozenset[str] = frozenset()

    def covered_by(self, text: str) -> bool:
        said = vocabulary([text])
        lowered = text.lower()
        met = all(
            any(w in said or (" " in w and w in lowered) for w in group) for group in self.needs
        )
        return met and (not self.verbs or bool(self.verbs & set(_plain_words(text))))


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """Everything the guard holds a sentence against.

    `allowed` are the lemmas of every word of the scene; `foreign` the words that name entities of
    the world which are elsewhere; `mentions` map words to the ids they name here; `speech` pairs
    speakers with their words; `recent` are the last tellings; `genders` the pronouns that somebody
    here goes by.
    """

    facts: tuple[Fact, ...]
    events: tuple[Event, ...]
    reader: str
    allowed: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    mentions: dict[str, str] = field(default_factory=dict)
    directions: frozenset[str] = frozenset()
    speech: tuple[tuple[str, str], ...] = ()
    recent: tuple[str, ...] = ()
    genders: frozenset[str] = frozenset()
    reader_names: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    proper: frozenset[str] = frozenset()

    @property
    def plain(self) -> str:
        return " ".join(fact.sentence for fact in self.facts)


def vocabulary(texts: Iterable[str]) -> set[str]:
    """The lemmas of all words in `texts`, hyphenated ones also by their parts."""
    found: set[str] = set()
    for text in texts:
        for word in _plain_words(text):
            found.add(word)
            found.add(noun_lemma(word))
            if "-" in word:
                found.update(noun_lemma(part) for part in word.split("-"))
    return found


def _plain_words(text: str) -> list[str]:
    return [w.lower().replace("’", "'").removesuffix("'s") for w in _WORDS.findall(text)]


def names_of(entity: Entity) -> tuple[str, ...]:
    return (entity.name, *entity.names)


def name_words(entity: Entity) -> set[str]:
    """The words that could stand for the entity, small words aside."""
    return vocabulary(names_of(entity)) - _SMALL


def scene_facts(
    state: State,
    reader: str,
    events: Sequence[Event],
    facts: Sequence[Fact],
    *,
    scope: Scope | None = None,
    recent: Sequence[str] = (),
    notes: str = "",
) -> SceneFacts:
    """The scene for telling `events` to `reader`, in the state after them.

    A telling may use the words of the author's `notes`, but for the names of what is elsewhere.
    """
    world = state.world
    scope = scope or Scope(state, reader)
    present = {*scope.visible(), scope.room}
    for event in events:
        for value in (event.actor, event.item, event.target, event.to, event.room):
            if value in world.entities:
                present.add(value)
    room = world.rooms[scope.room]
    texts = [fact.sentence for fact in facts]
    texts += [e.text for e in events if e.text]
    if scope.lit:
        texts += [wording(state, room), *(e.label for e in scope.exits)]
    for id in present:
        texts.extend(names_of(world.entities[id]))
    allowed = vocabulary(texts)
    told = " ".join(texts).lower()
    mentions, genders = _mentions(world, present, reader)
    foreign = _foreign(world, present, allowed)
    return SceneFacts(
        facts=tuple(facts),
        events=tuple(events),
        reader=reader,
        allowed=frozenset(allowed | (vocabulary([notes]) - foreign)),
        foreign=foreign,
        mentions=mentions,
        directions=frozenset(e.direction for e in scope.exits if e.direction)
        | {d for d in DIRECTIONS if re.search(rf"\b{d}\b", told)},
        speech=tuple((e.actor or "", e.text) for e in events if e.type in SPEECH and e.text),
        recent=tuple(recent),
        genders=genders,
        reader_names=frozenset(n.lower() for n in names_of(world.characters[reader]))
        - {"you", "me", "yourself"},
        held=frozenset((*scope.carried, *scope.inner)),
        proper=frozenset(_proper_names(world, present)),
    )


def _proper_names(world: World, present: set[str]) -> Iterable[str]:
    """The names, and the words of names, that take no article."""
    for id in present:
        entity = world.entities[id]
        if isinstance(entity, Character) and entity.article == "":
            yield from (w for w in (entity.name, *entity.name.split()) if w[:1].isupper())


SPEECH = frozenset({"said", "told", "whispered", "shouted"})


def _mentions(
    world: World, present: set[str], reader: str
) -> tuple[dict[str, str], frozenset[str]]:
    """Words to the things and people they name here; and the pronouns of the people here.

    A word that fits several means the one with it as its head, people before things.
    """
    mentions: dict[str, str] = {}
    genders = set()
    order = sorted(present, key=lambda id: (id not in world.characters, world.order.get(id, 0)))
    for heads_only in (True, False):
        for id in order:
            entity = world.entities[id]
            if id == reader or id in world.rooms:
                continue
            if isinstance(entity, Character):
                genders.add("they" if entity.plural else entity.pronoun)
            for name in names_of(entity):
                for word in [name.split()[-1]] if heads_only else _plain_words(name):
                    word = word.lower()
                    if heads_only and len(name.split()) > 1:
                        mentions.setdefault(" ".join(words(name)), id)
                    if word not in _SMALL:
                        mentions.setdefault(word, id)
                        mentions.setdefault(noun_lemma(word), id)
    return mentions, frozenset(genders)


def _foreign(world: World, present: set[str], allowed: set[str]) -> frozenset[str]:
    """Heads and proper names of entities that are not here, and not said of anything here."""
    found: set[str] = set()
    for id, entity in world.entities.items():
        if id in present:
            continue
        words = entity.name.split()
        found.add(noun_lemma(words[-1]))
        found.update(noun_lemma(w) for w in words if w[:1].isupper() and w.lower() not in _SMALL)
    return frozenset(found - allowed - _SMALL)


_TOLD_BY_ANYTHING = frozenset({"looked", "waited", "searched", "examined", "checked", "pointed"})
_CLASS_OF_TYPE = {
    "took": ("take", "hold", "steal"), "stole": ("take",), "gave": ("give", "take"),
    "dropped": ("drop", "put", "fall", "throw"), "put": ("put", "drop"), "hit": ("hit", "swing"),
    "missed": ("miss",), "killed": ("kill", "die"), "died": ("die",), "opened": ("open",),
    "closed": ("close",), "unlocked": ("unlock",), "locked": ("lock",), "ate": ("eat",),
    "drank": ("drink",), "hugged": ("hug",), "came_open": ("open",), "received": ("take", "hold"),
}  # fmt: skip
_EXTRA_VERBS = {
    "closed": "closed", "locked": "locked", "hit": "catch catches",
    "dropped": "let falls fall lands", "killed": "dead lifeless", "died": "dead",
    "missed": "miss misses missing nothing", "hugged": "arms hug hugs", "ate": "eat eats goes",
    "drank": "drink drinks goes", "put": "set put place slide goes",
    "gave": "hold out hand give gives",
    "took": "yours have", "deflected": "glance glances glancing turns bounces",
}  # fmt: skip


def fact_for(state: State, event: Event, sentence: str, reader: str) -> Fact:
    """What of `event` must be said for prose to cover its plain `sentence`."""
    world = state.world
    if event.type in _TOLD_BY_ANYTHING:
        return Fact(sentence)
    needs: list[frozenset[str]] = []
    for value in (event.actor, event.item, event.target):
        if value is None or value == reader or value not in world.entities:
            continue
        if value == event.item and event.type in ("hit", "missed", "deflected"):
            continue  # the weapon may go without saying
        if value == event.target and event.type == "took":
            continue  # so may where a thing was lying
        needs.append(frozenset(name_words(world.entities[value]) | _pronouns(state, value, reader)))
    if event.type in ("went", "arrived"):
        places = vocabulary([world.rooms[event.to].name]) if event.to else set()
        ways = vocabulary([event.exit or ""]) | places | set(_AWAY)
        needs.append(frozenset(ways - _SMALL | ({event.exit or ""} & set(DIRECTIONS))))
    if event.type == "felt":
        return Fact(sentence, (frozenset(_plain_words(event.text or "")) - _SMALL,))
    if event.type == "found_nothing":
        return Fact(sentence, (frozenset({"nothing", "empty", "no"}),))
    if event.type == "emoted":
        return Fact(sentence, tuple(needs), frozenset(_forms(event.text or "")))
    verbs: set[str] = set(_EXTRA_VERBS.get(event.type, "").split())
    for name in _CLASS_OF_TYPE.get(event.type, ()):
        if name in CLASSES:
            verbs |= class_forms(name)
    return Fact(sentence, tuple(needs), frozenset(verbs))


_FORMS_OF = {"he": {"he", "him", "his"}, "she": {"she", "her", "hers"}}


def _pronouns(state: State, id: str, reader: str) -> set[str]:
    """The pronouns that can only mean this person: nobody else beside the reader goes by them."""
    people = state.world.characters
    if id not in people or people[id].plural:
        return set()
    here = state.parent[reader]
    near = [p for p in people if p not in (id, reader) and state.parent.get(p) == here]
    alike = any(people[p].pronoun == people[id].pronoun for p in near)
    return set() if alike else _FORMS_OF.get(people[id].pronoun, set())


_AWAY = ("leave", "leaves", "arrive", "arrives", "enter", "enters")


def _forms(verb: str) -> set[str]:
    from game.narrator.outcomes import inflections

    return inflections(verb) if verb else set()
