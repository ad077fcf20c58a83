"""Inventories for random worlds: what there is to choose from, and what goes with what."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from game.authoring.light.names import slot_of
from game.errors import WorldError

OWN = Path(__file__).parent / "inventory"

#: What a thing may be.
KINDS = (
    "valuable", "weapon", "armour", "light", "food", "drink", "container", "surface", "key",
    "treasure", "clutter",
)  # fmt: skip

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(
    "the and for you your with that has have had not but are was were this from one who its his "
    "her she they them all out any can been into very than too only what there their nobody "
    "somebody some about which will would could other more most many inside outside".split()
)


@dataclass(frozen=True)
class Card:
    """A room, person or thing to choose. `words` weighs what it is about; `power` is what a weapon
    adds, armour stops, or food gives."""

    name: str
    description: str
    words: dict[str, float]
    kind: str = "clutter"
    dark: bool = False
    fixed: bool = False
    power: int = 0
    slot: str = "body"
    pronoun: str = "they"
    persona: str = ""
    goal: str = ""
    health: int = 0
    plural: bool = False


@dataclass
class Shelf:
    """Cards that can be found by what they go with."""

    cards: list[Card]
    _at: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    _ranked: dict[str, list[tuple[float, Card]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = Counter(word for card in self.cards for word in card.words)
        for n, card in enumerate(self.cards):
            rare = {w: x * math.log(1 + len(self.cards) / counts[w]) for w, x in card.words.items()}
            size = math.sqrt(sum(x * x for x in rare.values())) or 1.0
            for word, weight in rare.items():
                self._at.setdefault(word, []).append((n, weight / size))

    def fitting(self, room: Card) -> list[tuple[float, Card]]:
        """Cards and how well each goes with a room, best first: the cosine of their words, rare
        words counting more. Those without a word in common are left out."""
        if room.name not in self._ranked:
            scores: dict[int, float] = {}
            for word, weight in room.words.items():
                for n, own in self._at.get(word, ()):
                    scores[n] = scores.get(n, 0.0) + weight * own
            ranked = sorted(scores.items(), key=lambda score: (-score[1], score[0]))
            self._ranked[room.name] = [(score, self.cards[n]) for n, score in ranked[:120]]
        return self._ranked[room.name]


@dataclass
class Stock:
    rooms: Shelf
    people: Shelf
    monsters: Shelf
    things: dict[str, Shelf]


def words_of(*texts: tuple[str, float]) -> dict[str, float]:
    """The words of some texts, each text with its weight; a plural counts as its singular."""
    found: dict[str, float] = {}
    for text, weight in texts:
        for word in _WORD.findall(text.lower()):
            if word in _COMMON:
                continue
            if word.endswith("s") and not word.endswith("ss"):
                word = word[:-1]
            found[word] = max(found.get(word, 0.0), weight)
    return found


@cache
def load_stock(folder: Path = OWN) -> Stock:
    """The inventory in a folder: ours (YAML), or LIGHT's (rooms.json, characters.json,
    objects.json). Raises WorldError when it is neither."""
    try:
        if (folder / "rooms.json").is_file():
            return _light(folder)
        if (folder / "rooms.yaml").is_file():
            return _ours(folder)
    except OSError as error:
        raise WorldError(f"Cannot read {folder}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorldError(
            f"{folder} holds no inventory that can be read: {type(error).__name__} {error}.",
            "Every entry needs its name, and things their kind; compare game/authoring/inventory.",
        ) from error
    raise WorldError(
        f"There is no inventory in {folder}.",
        "Give a folder with rooms.yaml, people.yaml, monsters.yaml and things.yaml, or LIGHT's "
        "rooms.json, characters.json and objects.json.",
    )


def _stock(
    rooms: list[Card], people: list[Card], monsters: list[Card], things: list[Card]
) -> Stock:
    kinds: dict[str, list[Card]] = {}
    for thing in things:
        if thing.kind not in KINDS:
            raise ValueError(f"{thing.kind!r} is no kind of thing")
        kinds.setdefault(thing.kind, []).append(thing)
    shelves = {kind: Shelf(cards) for kind, cards in kinds.items()}
    return Stock(Shelf(rooms), Shelf(people), Shelf(monsters), shelves)


# -- our own ----------------------------------------------------------------------------------


def _ours(folder: Path) -> Stock:
    rows = {name: _rows(folder, name) for name in ("rooms", "people", "monsters", "things")}
    return _stock(
        [_card(row, dark=row.get("dark", False)) for row in rows["rooms"]],
        [
            _card(row, pronoun=row["pronoun"], persona=row["persona"], goal=row["goal"])
            for row in rows["people"]
        ],
        [
            _card(r, pronoun=r["pronoun"], health=int(r["health"]), power=int(r["damage"]))
            for r in rows["monsters"]
        ],
        [
            _card(
                r, kind=r["kind"], fixed=r.get("fixed", False), power=int(r.get("power", 0)),
                slot=r.get("slot", "body"),
            )
            for r in rows["things"]
        ],
    )  # fmt: skip


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    from game.authoring.source import Source

    source = Source(folder / f"{name}.yaml", f"{name}.yaml")
    if source.problems:
        raise WorldError(str(source.problems[0]))
    rows: list[dict[str, Any]] = source.data[name]
    return rows


def _card(row: dict[str, Any], **more: Any) -> Card:
    name, text = row["name"], row["description"]
    words = words_of((text, 0.3), (name, 2.0), (row.get("fits", ""), 3.0))
    return Card(name, text, words, **more)


# -- LIGHT's ----------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z][a-z'-]*(?: [A-Za-z][a-z'-]*){0,3}")
_DARK = frozenset("cave cellar crypt dungeon dark tomb cavern mine".split())
_MONSTERS = frozenset(
    "wolf bear spider troll dragon goblin snake rat boar orc zombie skeleton ghoul demon bat "
    "serpent scorpion lion tiger crocodile alligator ogre wraith beast vulture shark".split()
)
_KINDS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (kind, frozenset(words.split()))
    for kind, words in (
        ("key", "key"),
        ("light", "torch lantern lamp candle"),
        ("treasure", "crown scepter sceptre relic idol grail orb"),
        ("weapon", "sword axe dagger spear knife mace club bow hammer staff lance pitchfork"),
        ("armour", "helmet armor armour shield boot glove gauntlet cloak robe hat"),
        ("valuable", "gold silver ring necklace gem jewel coin pearl ruby diamond goblet brooch"),
        ("food", "bread apple cheese meat fish pie fruit stew cake berry"),
        ("drink", "wine ale beer water mead rum tea"),
        ("container", "chest box barrel basket crate bag sack trunk cabinet"),
        ("surface", "table desk altar shelf counter bench"),
    )
)
_PLACES = frozenset("palace room castle house town city village kingdom forest cave sky".split())
_LARGE = frozenset(
    "tree wall floor bed throne statue fountain building house window door ceiling stair boulder "
    "fireplace pillar tapestry bush altar pew oven well bridge path road water river".split()
)


def _light(folder: Path) -> Stock:
    rooms = [
        Card(name, text, words, dark=bool(_DARK & words.keys()))
        for name, text, row in _entries(folder / "rooms.json", "description")
        for words in [words_of((text, 1.0), (name, 2.0), (row.get("category", ""), 3.0))]
    ]
    people, monsters = [], []
    for name, text, row in _entries(folder / "characters.json", "description"):
        name = _bare(name).lower()
        persona = " ".join(row.get("persona") or [])[:400].rsplit(".", 1)[0]
        words = words_of((text, 1.0), (persona, 1.0), (name, 2.0))
        if name.endswith("s") or row.get("char_type") == "object":
            continue
        if row.get("char_type") == "creature" and _MONSTERS & words.keys():
            strong = 5 + len(text) % 8
            monsters.append(Card(name, text, words, pronoun="it", health=strong, power=3))
        elif row.get("char_type") == "person" and persona:
            people.append(Card(name, text, words, persona=f"{persona}."))
    things = [
        _object(name, text)
        for name, text, _ in _entries(folder / "objects.json", "descripton")
        if not _PLACES & _head(name.lower())
    ]
    return _stock(_unique(rooms), _unique(people), _unique(monsters), _unique(things))


def _entries(file: Path, told: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The name, description and row of every entry with a plain name and a fair description."""
    found = []
    for row in json.loads(file.read_text(encoding="utf-8")):
        name, text = row.get("name"), row.get(told)
        text = text[0] if isinstance(text, list) and text else text
        if not isinstance(name, str) or not isinstance(text, str):
            continue
        text = " ".join(text.split())
        if _NAME.fullmatch(name.strip()) and 12 <= len(text) <= 700 and text.isprintable():
            ends = text[-1] in ".!?"
            found.append((name.strip(), text[0].upper() + text[1:] + ("" if ends else "."), row))
    return found


def _bare(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if rest and first.lower() in ("a", "an", "the", "some") else name


def _head(name: str) -> frozenset[str]:
    """The word that says what a thing is: "golden sword of kings" is a sword."""
    return frozenset(words_of((name.split(" of ")[0].split(" with ")[0].rsplit(" ", 1)[-1], 1.0)))


def _object(name: str, text: str) -> Card:
    name = _bare(name).lower()
    words = words_of((text, 1.0), (name, 2.0))
    own = _head(name)
    kind = next((kind for kind, some in _KINDS if own & some), "clutter")
    power = {"weapon": 3, "armour": 1, "food": 2, "drink": 1}.get(kind, 0)
    return Card(
        name, text, words, kind, fixed=kind == "clutter" and bool(own & _LARGE), power=power,
        slot=slot_of(name), plural=name.endswith("s") and not name.endswith(("ss", "us")),
    )  # fmt: skip


def _unique(cards: Iterable[Card]) -> list[Card]:
    return list({card.name.lower(): card for card in cards}.values())
