"""What never changes about things, places, people, ways and words, as one row of numbers each.

A row holds hashed words and letter trigrams of the name, hashed words of the description, hashed
tags, and traits. Nothing in it depends on a world's ids, so that an agent can act in a world it has
never seen; and it is computed once, whatever the number of steps that mention the thing.
"""

from __future__ import annotations

import math
import re
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from game.engine.model import Character, Exit, Item, Room, World

#: Buckets for names, descriptions and tags, and how many traits there are.
NAMES, TEXTS, TAGS, TRAITS = 192, 64, 64, 36
WIDTH = NAMES + TEXTS + TAGS + TRAITS

_WORD = re.compile(r"[a-z]+")
_COMMON = frozenset("a an the some of and or to in on at it its is are was with that this".split())
_KINDS = ("room", "item", "person", "exit", "word")

Row = NDArray[np.float32]


class Lexicon:
    """Every row that is in use. Equal rows are kept once, so worlds share what they have in common.

    `table` is float32[rows, WIDTH]; row 0 is all zeros and stands for nothing.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = [np.zeros(WIDTH, np.float32)]
        self._known: dict[bytes, int] = {self._rows[0].tobytes(): 0}
        self._table: NDArray[np.float32] = np.stack(self._rows)

    @property
    def table(self) -> NDArray[np.float32]:
        if len(self._table) != len(self._rows):
            self._table = np.stack(self._rows)
        return self._table

    def entity(self, entity: Room | Item | Character) -> int:
        if isinstance(entity, Room):
            return self._add(_room(entity))
        return self._add(_item(entity) if isinstance(entity, Item) else _person(entity))

    def exit(self, exit: Exit) -> int:
        return self._add(_exit(exit))

    def word(self, word: str) -> int:
        """A verb or a type of event."""
        row = _blank("word")
        _hash(row, 0, NAMES, _grams(word))
        return self._add(row)

    def world(self, world: World) -> dict[str, int]:
        """The row of every entity and exit of a world, by id."""
        rows = {id: self.entity(entity) for id, entity in world.entities.items()}
        return rows | {id: self.exit(exit) for id, exit in world.exits.items()}

    def _add(self, row: Row) -> int:
        key = row.tobytes()
        at = self._known.get(key)
        if at is None:
            at = self._known[key] = len(self._rows)
            self._rows.append(row)
        return at


def _words(text: str) -> list[str]:
    return [w for w in _WORD.findall(text.lower()) if w not in _COMMON]


def _grams(text: str) -> list[tuple[str, float]]:
    """Words, weight 1, and their letter trigrams, which share the weight of one word."""
    found = []
    for word in _words(text):
        found.append((word, 1.0))
        padded = f"<{word}>"
        grams = [padded[i : i + 3] for i in range(len(padded) - 2)]
        found += [(gram, 1.0 / math.sqrt(len(grams))) for gram in grams]
    return found


def _hash(row: Row, start: int, buckets: int, parts: list[tuple[str, float]]) -> None:
    """Add signed hashed counts (Weinberger et al., 2009) at `start`, scaled to length 1."""
    place = row[start : start + buckets]
    for part, weight in parts:
        code = crc32(part.encode())
        place[(code >> 1) % buckets] += weight if code & 1 else -weight
    size = float(np.sqrt((place * place).sum()))
    if size:
        place /= size


def _blank(kind: str) -> Row:
    row = np.zeros(WIDTH, np.float32)
    row[NAMES + TEXTS + TAGS + _KINDS.index(kind)] = 1.0
    return row


def _described(kind: str, name: str, text: str, tags: frozenset[str]) -> Row:
    row = _blank(kind)
    _hash(row, 0, NAMES, _grams(name))
    _hash(row, NAMES, TEXTS, [(word, 1.0) for word in _words(text)])
    _hash(row, NAMES + TEXTS, TAGS, [(tag, 1.0) for tag in sorted(tags)])
    return row


def _traits(row: Row, *values: float) -> Row:
    start = NAMES + TEXTS + TAGS + len(_KINDS)
    row[start : start + len(values)] = values
    return row


def _room(room: Room) -> Row:
    return _traits(_described("room", room.name, room.description, room.tags), float(room.dark))


def _item(i: Item) -> Row:
    return _traits(
        _described("item", i.name, i.description, i.tags),
        i.fixed, i.holds == "in", i.holds == "on", i.openable, i.lockable, i.transparent,
        i.between is not None, i.wearable is not None, i.wieldable, i.food, i.drink, i.light,
        i.energy / 5, i.damage / 5, i.defense / 5, i.size / 10, math.log1p(max(i.value, 0)) / 4,
        i.plural,
    )  # fmt: skip


def _person(c: Character) -> Row:
    return _traits(
        _described("person", c.name, c.description, c.tags),
        *[0.0] * 18, c.health / 20, c.strength / 5, c.dexterity / 5, c.damage / 5, c.defense / 5,
        c.speed / 10, c.aggression / 10, c.pacifist, c.refuses_gifts, bool(c.attacks),
    )  # fmt: skip


def _exit(e: Exit) -> Row:
    return _described("exit", f"{e.name} {e.label}", e.description, frozenset())
