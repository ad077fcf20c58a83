"""Recasting: the same telling with other names, so that school teaches the style and not the cast.

A row's people change places with others of the same pronoun. Its things and beasts do so only where
the prose says nothing that is true of this one alone ("careful of its edges"): every content word
must have been written about several things. The scene is renamed along with the row, so that the
guard reads a recast telling like any other.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from agents.narrator import backlot
from agents.narrator.backlot import Scene
from agents.narrator.corpus import Row, find_scene, told_faults
from game.engine.model import Character, Item, State
from game.narrator.plain import tell
from game.narrator.prose import script_for

#: A content word is generic when it was written about this many different things.
GENERIC = 8

_FIRST = {
    "he": "Aldous Bertram Corin Edmund Garrick Hal Jasper Lorcan Ned Osric Piers Rafe Silas Tam "
    "Ulric Wystan",
    "she": "Agnes Beatrix Clemence Dorcas Elowen Frances Griselda Ida Joan Lettice Maud Nell Olive "
    "Petra Sabine Tilda",
    "they": "Ash Briar Kit Lark Rowan Sparrow Wren",
}
_LAST = """
Ashdown Barrow Cole Dray Elder Fallow Gaunt Hythe Inch Kettle Loom Marsh Nettle Orme Pike Quill
Rudd Sallow Tarn Underhill Vane Whin
""".split()

_WORD = re.compile(r"[a-z]+")
_SMALL = frozenset(
    "a an the your you it its is are of in on at to with from for and but or as by into onto out "
    "up down off over under until one so that this then he she they him her them his their who "
    "which where when while there here no not nothing all any every each some more most other "
    "after before again back away through against without still".split()
)


@cache
def _pools() -> dict[str, tuple[str, ...]]:
    """Names by what may stand for what: people by pronoun and kind of name, things by kind."""
    pools: dict[str, list[str]] = defaultdict(list)
    for entry in backlot.names(backlot.PEOPLE):
        name, pronoun = entry.rsplit(":", 1)
        bare = name.removeprefix("the ")
        pools[f"{pronoun} {'common' if bare != name else 'proper'}"].append(bare)
    for pronoun, firsts in _FIRST.items():
        rng = random.Random(pronoun)
        pools[f"{pronoun} proper"] += [f"{f} {rng.choice(_LAST)}" for f in firsts.split()]
    for kind in ("THINGS", "FOODS", "DRINKS", "WEAPONS", "BOXES", "SURFACES", "LAMPS", "DOORS"):
        pools[kind] = backlot.names(getattr(backlot, kind))
    pools["KEYS"] = backlot.names(backlot.KEYS)
    for entry in backlot.names(backlot.CLOTHES):
        name, slot = entry.split(":")
        plural = name.endswith(backlot.PAIRS)
        pools[f"CLOTHES {slot} {plural}"].append(name)
    return {kind: tuple(names) for kind, names in pools.items()}


@cache
def _kind_of_thing() -> dict[str, str]:
    return {name: kind for kind, names in _pools().items() if kind[0].isupper() for name in names}


def _kind(entity: Character | Item) -> str | None:
    if isinstance(entity, Item):
        return _kind_of_thing().get(entity.name)
    return f"{entity.pronoun} {'common' if entity.article else 'proper'}"


def _content(prose: str, names: Iterable[str]) -> set[str]:
    """The words of `prose` that say something, names aside."""
    lowered = prose.lower()
    for name in sorted(names, key=len, reverse=True):
        lowered = lowered.replace(name.lower(), " ")
    return {w for w in _WORD.findall(lowered) if w not in _SMALL}


@dataclass(frozen=True, slots=True)
class Recaster:
    """Knows which words are generic. Make it with `of`, from the rows that will be taught."""

    generic: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Recaster:
        about: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            scene = find_scene(row)
            if scene is None:
                continue
            told = _told_of(scene)
            things = {e.name for e in told if isinstance(e, Item)}
            for word in _content(row.prose, [e.name for e in told]):
                about[word] |= things or {f"set {row.set}"}
        return cls(frozenset(word for word, things in about.items() if len(things) >= GENERIC))

    def is_generic(self, row: Row) -> bool:
        """Whether the prose would be as true of other things."""
        scene = find_scene(row)
        if scene is None:
            return False
        return _content(row.prose, [e.name for e in _told_of(scene)]) <= self.generic

    def recast(self, row: Row, rng: random.Random) -> Row | None:
        """`row` with other names; None where no name can change or the guard would object."""
        scene = find_scene(row)
        if scene is None:
            return None
        things_too = self.is_generic(row)
        taken = {e.name for e in scene.state.world.entities.values()}
        renamed: dict[str, str] = {}
        prose = row.prose
        for entity in _told_of(scene):
            kind = _kind(entity)
            # A beast, like a thing, may be told by what only it has: a beak, a tail.
            one_of_many = isinstance(entity, Character) and entity.pronoun != "it"
            if kind is None or not (one_of_many or things_too):
                continue
            choices = [name for name in _pools()[kind] if name not in taken]
            if not choices:
                continue
            name = rng.choice(choices)
            changed = _replaced(prose, entity.name, name)
            if changed is not None:
                prose = changed
                renamed[entity.id] = name
                taken.add(name)
        if not renamed:
            return None
        played = _renamed(scene, renamed)
        if played is None or told_faults(prose, played):
            return None
        return replace(row, facts=played.facts, prose=prose)


def _told_of(scene: Scene) -> list[Character | Item]:
    """The people and things that the scene's events name, the reader aside."""
    world = scene.state.world
    found: dict[str, Character | Item] = {}
    for event in scene.script.events:
        for value in (event.actor, event.item, event.target):
            if value in world.characters and value != world.player:
                found[value] = world.characters[value]
            elif value in world.items:
                found[value] = world.items[value]
    return list(found.values())


def _replaced(prose: str, old: str, new: str) -> str | None:
    """`prose` with a name changed; None when it goes by a part of the name as well."""
    if not re.search(rf"\b{re.escape(old)}\b", prose):
        return None
    article = "an" if new[0].lower() in "aeiou" else "a"

    def with_article(found: re.Match[str]) -> str:
        word = article.capitalize() if found[1][0].isupper() else article
        return f"{word} {new}"

    changed = re.sub(rf"\b([Aa]n?) {re.escape(old)}\b", with_article, prose)
    changed = re.sub(rf"\b{re.escape(old)}\b", new, changed)
    left = set(_WORD.findall(changed.replace(new, " ").lower()))
    parts = {w for w in _WORD.findall(old.lower()) if w not in _SMALL}
    return None if left & parts else changed


def _renamed(scene: Scene, names: dict[str, str]) -> Scene | None:
    """The scene played by others."""
    world = scene.state.world

    def called(entity: Character | Item) -> Character | Item:
        name = names.get(entity.id)
        if name is None:
            return entity
        if isinstance(entity, Character) or entity.article == "some":
            return replace(entity, name=name)
        return replace(entity, name=name, article="an" if name[0] in "aeiou" else "a")

    state: State = scene.state.clone()
    state.world = replace(
        world,
        items={id: called(item) for id, item in world.items.items()},  # type: ignore[misc]
        characters={id: called(who) for id, who in world.characters.items()},  # type: ignore[misc]
    )
    events = scene.script.events
    script = script_for(state, events, tell(state, events, "player"), "player")
    if script is None or len(script.facts) != len(scene.script.facts):
        return None
    facts = " ".join(fact.sentence for fact in script.facts)
    return replace(scene, facts=facts, script=script, state=state)
