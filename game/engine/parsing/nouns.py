"""Noun phrases: which of the things that the actor perceives a few words may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from game.engine.parsing.lexicon import ADJECTIVE, EXACT, HEAD, NAME, Words, lexicon
from game.engine.parsing.words import (
    ARTICLES,
    BODY,
    EVERYTHING,
    EXCEPT,
    HERE,
    JOINTS,
    MYSELF,
    OUT_OF,
    PEOPLE,
    PRONOUNS,
    SEPARATORS,
    WAYS,
    WHEREABOUTS,
    Token,
    number,
    ordinal,
    words_of,
)
from game.engine.scope import Scope

#: Candidates by id, each with how well the words name it.
Grades = dict[str, int]


class Remembered(Protocol):
    """Whom the pronouns stand for, as ids."""

    it: str
    him: str
    her: str
    them: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a noun phrase may mean. Empty `groups`: nothing that is perceived.

    One group is one thing to be chosen among candidates; several are several things ("mug and
    bread"). `every` asks for all of the only group's candidates ("all keys"), up to `count`; with
    no group's words at all ("all"), the verb says which. `said` are the words without articles.
    """

    said: Words = ()
    groups: tuple[Grades, ...] = ()
    every: bool = False
    anything: bool = False
    count: int | None = None
    besides: frozenset[str] = frozenset()

    @property
    def one(self) -> Grades:
        return self.groups[0] if len(self.groups) == 1 else {}


NOTHING = Phrase()


class NounReader:
    """Reads the noun phrases of one line for one actor, each range of tokens once."""

    def __init__(self, scope: Scope, tokens: Sequence[Token], memory: Remembered) -> None:
        self.scope = scope
        self.tokens = tokens
        self.memory = memory
        self.lexicon = lexicon(scope.world)
        # In the dark a character still knows what they hold, and finds themselves.
        self.seen = dict.fromkeys(scope.visible())
        self._known: dict[tuple[int, int, bool], Phrase] = {}

    def read(self, start: int, end: int, *, ways: bool = False, things: bool = True) -> Phrase:
        """What the tokens from `start` up to `end` mean, as ways out, as things or as either."""
        joined = not any(t.word in SEPARATORS for t in self.tokens[start:end] if not t.is_word)
        grades = self._ways(self._words(start, end)) if ways and joined else {}
        if not things:
            return Phrase(self._said(start, end), (grades,) if grades else ())
        key = (start, end, False)
        phrase = self._known.get(key)
        if phrase is None:
            phrase = self._known[key] = self._phrase(start, end)
        if grades:
            both = {**grades, **phrase.one}
            return Phrase(phrase.said or self._said(start, end), (both,))
        return phrase

    # -- ways out -----------------------------------------------------------------------------

    def _ways(self, words: Words) -> Grades:
        bare = _bare(words)
        exits = self.scope.exits
        found: Grades = {}
        for exit in exits:
            known = self.lexicon.ways[exit.id]
            grade = max(known.get(words, -1), known.get(bare, -1))
            if grade >= 0:
                found[exit.id] = grade
        if found or not words:
            return found
        if WAYS.get(words) == "out" or self._leaves(words):
            inward = [e.id for e in exits if e.direction == "out"] or [e.id for e in exits]
            return dict.fromkeys(inward, NAME)
        way = WAYS.get(words[:1])
        if way is not None and len(words) > 1 and words[1:] not in WAYS:
            # "down the ladder": a direction and the name of what leads there.
            there = self._ways(words[1:])
            way = None if way == "in" else way
            return {e.id: HEAD for e in exits if e.id in there and way in (None, e.direction)}
        # Some of the words of a longer name: "path" for "garden path".
        said = set(bare) - ARTICLES
        if said:
            for exit in exits:
                for name in self.lexicon.ways[exit.id]:
                    if said.issubset(name) and name != words_of(exit.id):
                        found[exit.id] = ADJECTIVE
        return found

    def _leaves(self, words: Words) -> bool:
        for out in OUT_OF:
            if words[: len(out)] == out:
                rest = _bare(words[len(out) :])
                return rest in HERE or self.is_here(rest)
        return False

    def is_here(self, words: Words) -> bool:
        """Whether the words name the room the actor is in."""
        room = self.scope.world.rooms[self.scope.room]
        return any(_bare(words_of(n)) == _bare(words) for n in (room.id, room.name, *room.names))

    # -- things -------------------------------------------------------------------------------

    def _words(self, start: int, end: int) -> Words:
        return tuple(t.word for t in self.tokens[start:end] if t.is_word)

    def _said(self, start: int, end: int) -> Words:
        return _bare(self._words(start, end))

    def _phrase(self, start: int, end: int) -> Phrase:
        words = self._words(start, end)
        if not words:
            return NOTHING
        said = _bare(words)
        marks = {t.word for t in self.tokens[start:end] if not t.is_word} - {'"', "'"}
        if marks:
            # Only a name that is written with marks itself ("Mr. Fish") may reach across them.
            whole = self._perceived(self.lexicon.phrases.get(said, {}))
            if whole:
                return Phrase(said, (whole,))
            return self._list(start, end) if marks == {","} else Phrase(said)
        found = self._single(words)
        if found:
            return Phrase(said, (found,))
        return self._quantity(words, said) or self._list(start, end)

    def _perceived(self, grades: Grades) -> Grades:
        return {id: grade for id, grade in grades.items() if id in self.seen}

    def _single(self, words: Words) -> Grades:
        """The candidates for one thing, in the order they are perceived."""
        found = self._named(words)
        if not found and len(words) == 1:
            found = self._pronoun(words[0])
        bare = _bare(words)
        if not found and bare != words:
            found = self._named(bare)
            if found and words[0] == "my":
                mine = self.scope.carried
                found = {id: g for id, g in found.items() if id in mine} or found
        if not found and len(bare) > 2:
            found = self._named(tuple(w for w in bare if w not in ARTICLES))
        if not found and len(bare) > 1:
            found = self._counted(bare) or self._owned(bare) or self._placed(bare)
            found = found or self._leading(bare)
        if len(found) > 1:
            found = {id: found[id] for id in self.seen if id in found}
        return found

    def _named(self, words: Words) -> Grades:
        return self._perceived(self.lexicon.matches(words)) if words else {}

    def _pronoun(self, word: str) -> Grades:
        if word in MYSELF:
            return {self.scope.actor: EXACT}
        slot = PRONOUNS.get(word)
        id = getattr(self.memory, slot) if slot else ""
        return {id: EXACT} if id in self.seen else {}

    def _counted(self, words: Words) -> Grades:
        """ "second scroll", "scroll 2", "dead keeper", "body of the keeper"."""
        n = ordinal(words[0])
        if n is not None:
            return _nth(self._in_order(_bare(words[1:])), n)
        n = number(words[-1])
        if n is not None:
            return _nth(self._in_order(words[:-1]), n)
        if words[0] in BODY or words[-1] in BODY:
            name = words[1:] if words[0] in BODY else words[:-1]
            name = _bare(name[1:] if name[:1] == ("of",) else name)
            name = tuple(w.removesuffix("'s") for w in name)
            return {id: g for id, g in self._named(name).items() if id in self.scope.bodies}
        return {}

    def _in_order(self, words: Words) -> list[str]:
        rank = self.scope.world.order.__getitem__
        return sorted(self._named(words), key=rank)

    def _owned(self, words: Words) -> Grades:
        """ "keeper's pendant": a thing, by who has it."""
        for n, word in enumerate(words[:-1], 1):
            if word.endswith("'s") or word.endswith("s'"):
                owner = (*words[: n - 1], word[:-2] if word.endswith("'s") else word[:-1])
                owners = self._named(_bare(owner))
                things = self._named(words[n:])
                return {t: g for t, g in things.items() if self.scope.state.parent.get(t) in owners}
        return {}

    def _placed(self, words: Words) -> Grades:
        """ "mug on the table": a thing, by where it is."""
        for n in range(len(words) - 2, 0, -1):
            if words[n] in WHEREABOUTS:
                places = self._named(_bare(words[n + 1 :]))
                if places:
                    things = self._named(words[:n])
                    parent = self.scope.state.parent
                    return {t: g for t, g in things.items() if parent.get(t) in places}
        return {}

    def _leading(self, words: Words) -> Grades:
        """ "east door", "the door to the east": a door, by the way it is in."""
        for way, rest in ((words[0], words[1:]), (words[-1], _named_before_way(words[:-1]))):
            meant = WAYS.get((way,))
            if meant is not None and rest:
                doors = {e.door for e in self.scope.exits if e.direction == meant}
                found = {id: g for id, g in self._named(rest).items() if id in doors}
                if found:
                    return found
        return {}

    # -- several things -----------------------------------------------------------------------

    def _quantity(self, words: Words, said: Words) -> Phrase | None:
        """ "all", "all but the lamp", "both scrolls", "two scrolls", "scrolls"."""
        several = [id for id in self.memory.them.split() if id in self.seen]
        if words == ("them",) and len(several) > 1:
            return Phrase(said, tuple({id: EXACT} for id in several))
        if len(words) == 1 and words[0] in PEOPLE and self.scope.here:
            return Phrase(said, (dict.fromkeys(self.scope.here, HEAD),), True)
        cut = next((n for n, w in enumerate(words) if n and w in EXCEPT), len(words))
        besides: set[str] = set()
        for part in _split(words[cut + 1 :]):
            some = self._quantity(part, part)
            besides.update(self._single(part) or (some.one if some else ()))
        if cut < len(words) and not besides:
            return None
        kept = words[:cut]
        if kept[0] in EVERYTHING:
            named = _bare(kept[2:] if kept[1:2] == ("of",) else kept[1:])
            count = 2 if kept[0] == "both" else None
            if not named or named == ("things",):
                return Phrase(said, ({},), True, True, count, frozenset(besides))
        else:
            count = number(kept[0])
            named = kept[1:] if count is not None else _bare(kept)
        if not named or (count is not None and count < 1):
            return None
        found = self._named(named) if kept[0] in EVERYTHING or count else {}
        for ending in ("s", "es"):
            if not found and named[-1].endswith(ending):
                one = self._named((*named[:-1], named[-1].removesuffix(ending)))
                found = {id: grade for id, grade in one.items() if grade >= HEAD}
        found = {id: found[id] for id in self.seen if id in found and id not in besides}
        return Phrase(said, (found,), True, False, count) if found else None

    def _list(self, start: int, end: int) -> Phrase:
        """ "mug, bread and lamp": all of its parts must mean something."""
        said = self._said(start, end)
        raw = tuple(t.word for t in self.tokens[start:end] if t.is_word or t.word == ",")
        parts = _split(raw)
        groups: list[Grades] = []
        for part in parts if len(parts) > 1 else ():
            one = self._single(part)
            several = None if one else self._quantity(part, part)
            if several is not None:
                groups += [{id: HEAD} for id in list(several.one)[: several.count]]
            elif one:
                groups.append(one)
            else:
                return Phrase(said)
        return Phrase(said, tuple(groups))


def _split(words: Words) -> list[Words]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in ("and", ","):
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(p) for p in parts if p]


def _bare(words: Words) -> Words:
    """The words without the articles and possessives before them."""
    n = 0
    while n < len(words) and words[n] in ARTICLES:
        n += 1
    return words[n:] if n < len(words) else words


def _named_before_way(words: Words) -> Words:
    """ "door to the" without what only leads to a direction."""
    while words and words[-1] in (*ARTICLES, "to", "on", "in", "towards", "leading"):
        words = words[:-1]
    return words


def _nth(ids: Sequence[str], n: int) -> Grades:
    if n == -1:
        return {ids[-1]: HEAD} if ids else {}
    return {ids[n - 1]: HEAD} if 0 < n <= len(ids) else {}


def narrow(reader: NounReader, words: Words, choices: Iterable[str]) -> list[str]:
    """Which of the things asked about an answer means ("brass", "the rusty one", "second")."""
    ids = list(choices)
    words = tuple(w for w in _bare(words) if w not in ("one", "ones")) or words
    if words[0] in JOINTS and len(words) > 1:
        parent = reader.scope.state.parent
        places = reader._named(_bare(words[1:]))
        there = [id for id in ids if parent.get(id) in places]
        return there or narrow(reader, words[1:], ids)
    n = ordinal(words[0]) if len(words) == 1 else None
    n = number(words[0]) if n is None and len(words) == 1 else n
    exits = reader._ways(words)
    named = reader.lexicon.matches(words)
    found = [id for id in ids if id in named or id in exits]
    if found:
        top = max(named.get(id, exits.get(id, 0)) for id in found)
        best = [id for id in found if named.get(id, exits.get(id, 0)) == top]
        return best if top >= EXACT else found
    if n is not None:
        return list(_nth(ids, n))
    return []
