"""Noun phrases for the things of a world, from a reader's point of view."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from game.engine.model import Character, Exit, Item, Room, State, World
from game.narrator.grammar import as_spoken, indefinite, possessive
from game.narrator.lexicon import NOUNS
from game.narrator.templates import Phrase

_OUT_OF = {"up": "up", "down": "down", "in": "inside", "out": "outside"}


def phrase_for(
    state: State, id: str, reader: str | None, *, bodies: Collection[str] = frozenset()
) -> Phrase:
    """The noun phrase of any id of the world; the reader is "you", a body in `bodies` is dead."""
    world = state.world
    if id in world.characters:
        return _character(world.characters[id], reader, id in bodies)
    if id in world.items:
        return _item(world.items[id])
    if id in world.rooms:
        return _room(world.rooms[id])
    if id in world.exits:
        return _exit(world.exits[id])
    return Phrase(id, id, same_as=id)


def the(state: State, id: str, reader: str | None = None) -> str:
    """ "the brass key", "Nadia", "the body of Nadia" when dead, or "you"."""
    return phrase_for(state, id, reader, bodies=state.dead).definite


def a(state: State, id: str, reader: str | None = None) -> str:
    """ "a brass key", "some bread", "Nadia", or "you"."""
    return phrase_for(state, id, reader, bodies=state.dead).indefinite


#: Words of people's names that are common words, too.
_TITLES = frozenset(
    """the of old young big little mr mrs miss ms sir lady lord dame sister brother mother father
    king queen captain corporal sergeant colonel major doctor fireman""".split()
)


def with_names(world: World, text: str) -> str:
    """What somebody typed, with the people of the world written with their capitals."""
    names = [c.name for c in world.characters.values() if c.article == ""]
    words = [w for name in names for w in name.split() if w.lower() not in _TITLES]
    proper = {name.lower(): name for name in (*names, *words) if name[:1].isupper()}
    if not proper:
        return text
    longest = sorted(map(re.escape, proper), key=len, reverse=True)
    return re.sub(rf"\b(?:{'|'.join(longest)})\b", lambda m: proper[m[0]], text)


def spoken_words(world: World, text: str) -> str:
    """What somebody typed as it is quoted: a sentence, with its names."""
    return as_spoken(with_names(world, text))


def _character(character: Character, reader: str | None, dead: bool) -> Phrase:
    if character.id == reader:
        return Phrase("you", "you", "you", True, character.id)
    proper = character.article == ""
    definite = character.name if proper else f"the {character.name}"
    article = character.article
    first = character.name if proper else f"{article} {character.name}"
    person: str = "they" if character.plural else character.pronoun
    if dead:
        if proper:
            definite = first = possessive(character.name) + " body"
        else:
            definite = f"the dead {character.name}"
            first = f"a dead {character.name}" if article in ("a", "an") else definite
        person = "they" if character.plural else "it"
    return Phrase(definite, first, person, character.plural, character.id)


def _item(item: Item) -> Phrase:
    proper = item.article == ""
    definite = item.name if proper else f"the {item.name}"
    first = item.name if proper else f"{item.article} {item.name}"
    return Phrase(definite, first, "they" if item.plural else "it", item.plural, item.id)


def _room(room: Room) -> Phrase:
    name = in_sentence(room.name)
    return Phrase(name, name, "it", False, room.id)


_WHERE = frozenset("above at before behind below beneath beside between beyond under".split())


@lru_cache(maxsize=4096)
def in_sentence(name: str) -> str:
    """A title as it stands inside a sentence: "Tavern" -> "the tavern", "The Old Mill" -> "the Old
    Mill". A title whose head is no common noun is a name, and stays as it is: "Avalon". So does one
    that says where: "Under the Stage".
    """
    words = name.split()
    if not words or words[0].lower() in _WHERE:
        return name
    article = words[0].lower() in ("the", "a", "an")
    if article:
        words = words[1:]
    head = words[-1].lower() if words else ""
    of = [w.lower() for w in words].index("of") if "of" in map(str.lower, words) else 0
    if of:
        head = words[of - 1].lower()
    common = head in NOUNS
    if common and all(w[:1].islower() for w in words[1:]):
        words = [words[0].lower(), *words[1:]]
    rest = " ".join(words)
    return f"the {rest}" if article or common else rest


def _exit(exit: Exit) -> Phrase:
    label = exit.label or exit.name
    if exit.direction and not exit.label:
        way = f"way {_OUT_OF.get(exit.direction, exit.direction)}"
        return Phrase(f"the {way}", f"a {way}", same_as=exit.id)
    bare = label.removeprefix("the ").removeprefix("a ").removeprefix("an ")
    return Phrase(f"the {bare}", indefinite(bare), same_as=exit.id)
