"""The words that a world's names give the parser, indexed once per world."""

from __future__ import annotations

from dataclasses import dataclass, field

from game.engine.model import Exit, World
from game.engine.parsing.words import ARTICLES, WAYS, words_of

#: How well words name a thing: its own reference or id; its name; an alias, or its head noun with
#: any of its adjectives; adjectives alone.
EXACT, NAME, HEAD, ADJECTIVE = 3, 2, 1, 0

Words = tuple[str, ...]


@dataclass(slots=True)
class Lexicon:
    """`phrases` are whole names, `with_word` which ids have a word, `heads` the nouns of each id.

    `words` are all words of the world, seen by the player or not. `ways` holds the same as
    `phrases` for exits, whose names are only looked for where one can go.
    """

    phrases: dict[Words, dict[str, int]] = field(default_factory=dict)
    with_word: dict[str, set[str]] = field(default_factory=dict)
    heads: dict[str, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    ways: dict[str, dict[Words, int]] = field(default_factory=dict)

    def name(self, id: str, phrase: str, grade: int) -> None:
        """Let `phrase` name the thing."""
        words = words_of(phrase)
        if not words:
            return
        bare = words[1:] if len(words) > 1 and words[0] in ARTICLES else words
        for form in {words, bare}:
            grades = self.phrases.setdefault(form, {})
            grades[id] = max(grade, grades.get(id, 0))
        for word in bare:
            self.with_word.setdefault(word, set()).add(id)
        self.words.update(words)
        self.heads.setdefault(id, set()).add(_head(bare))

    def matches(self, words: Words) -> dict[str, int]:
        """The ids that the words may name, each with how well; none for no words."""
        found = dict(self.phrases.get(words, ()))
        sharing: set[str] | None = None
        for word in words:
            ids = self.with_word.get(word)
            if not ids:
                return found
            sharing = ids if sharing is None else sharing & ids
        for id in sharing or ():
            if id not in found:
                found[id] = HEAD if words[-1] in self.heads[id] else ADJECTIVE
        return found


def _head(words: Words) -> str:
    """The noun of a name: its last word, or the one before "of", "in", "with"."""
    for n, word in enumerate(words[1:], 1):
        if word in ("of", "in", "with", "on"):
            return words[n - 1]
    return words[-1]


_LEXICONS: dict[int, tuple[World, Lexicon]] = {}
#: Worlds remembered at once; a program that loads many does not keep them all.
_REMEMBERED = 8


def lexicon(world: World) -> Lexicon:
    """The world's lexicon, made at the first call."""
    known = _LEXICONS.get(id(world))
    if known is not None and known[0] is world:
        return known[1]
    made = _made(world)
    while len(_LEXICONS) >= _REMEMBERED:
        del _LEXICONS[next(iter(_LEXICONS))]
    _LEXICONS[id(world)] = (world, made)
    return made


def _made(world: World) -> Lexicon:
    made = Lexicon()
    for id in (*world.characters, *world.items):
        thing = world.thing(id)
        made.name(id, world.refs[id], EXACT)
        made.name(id, thing.name, NAME)
        for alias in thing.names:
            made.name(id, alias, HEAD)
        # An id is one token however many words it has, and no word of the thing's.
        made.phrases.setdefault(words_of(id), {})[id] = EXACT
        made.words.update(words_of(id))
    for room in world.rooms.values():
        for name in (room.id, room.name, *room.names):
            made.words.update(words_of(name))
    for exit in world.exits.values():
        made.ways[exit.id] = _ways(world, exit)
        made.words.update(w for words in made.ways[exit.id] for w in words)
    return made


def _ways(world: World, exit: Exit) -> dict[Words, int]:
    """Everything a way out may be called, with how well it says it."""
    ways: dict[Words, int] = {}

    def call(name: str, grade: int) -> None:
        words = words_of(name)
        bare = words[1:] if len(words) > 1 and words[0] in ARTICLES else words
        for form in (words, bare):
            if form:
                ways[form] = max(grade, ways.get(form, 0))

    call(exit.id, EXACT)
    call(exit.name, EXACT)
    for alias in exit.names:
        call(alias, HEAD)
    call(exit.label, HEAD)
    to = world.rooms[exit.to]
    for name in (to.id, to.name, *to.names):
        call(name, HEAD)
    if exit.door is not None:
        door = world.items[exit.door]
        for name in (door.name, *door.names):
            call(name, ADJECTIVE)
    direction = exit.direction or WAYS.get(words_of(exit.name))
    for way, meant in WAYS.items():
        if meant == direction:
            ways[way] = max(NAME, ways.get(way, 0))
    return ways
