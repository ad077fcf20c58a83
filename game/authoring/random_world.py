"""Coherent random worlds: connected rooms on a grid, what fits them, and a quest that can be won.

The quest is laid so that it can always be completed: a light lies within reach, a key in a dark
room, the treasure behind the door that the key opens, and the one who wants it is in neither.
"""

from __future__ import annotations

import random
from pathlib import Path
from string import capwords
from typing import Any

from game.authoring.compile import compile_world
from game.authoring.light.names import ARTICLES, Namer
from game.authoring.stock import OWN, Card, Shelf, load_stock
from game.authoring.validate import validate
from game.engine.model import OPPOSITE, World
from game.errors import UsageError, WorldError

Data = dict[str, Any]
Cell = tuple[int, int]

FEWEST = 6
_STEPS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
_DOORS = ("an iron door", "an oak door", "a narrow door", "a studded door", "a painted door")
_SPARE = {
    "light": Card("a lantern", "A plain lantern with some oil in it.", {}, "light"),
    "key": Card("an old key", "A key, and so somewhere a lock.", {}, "key"),
    "treasure": Card("the lost crown", "Somebody has been looking for this.", {}, "treasure"),
}
_THANKS = "You found it. I had the words ready for years, and now they are gone. Thank you."


def random_world(rooms: int, seed: int, inventory: Path | None = None) -> World:
    """A playable world of so many rooms; the same arguments give the same world.

    It has the roles `thief` and `adventurer` with things to steal, find, wear and slay for them,
    and the quest `treasure`. `inventory` is a folder of ours or LIGHT's. Raises UsageError when the
    number of rooms is out of range, WorldError when the inventory cannot be read.
    """
    return compiled(random_data(rooms, seed, inventory))


def compiled(data: Data) -> World:
    """The World of a world file's data. Raises WorldError when it is not sound."""
    problems: list[str] = []

    def report(path: tuple[str | int, ...], code: str, message: str) -> None:
        problems.append(f"{code} {'.'.join(map(str, path))}: {message}")

    spec = validate(data, report)
    world = compile_world(spec, str(data.get("id", "world")), report) if spec else None
    if world is None:
        raise WorldError("\n".join(problems), "This world cannot be made as it is.")
    return world


def random_data(rooms: int, seed: int, inventory: Path | None = None) -> Data:
    """The same, as the data of a world file."""
    stock = load_stock(inventory or OWN)
    most = len(stock.rooms.cards)
    if not FEWEST <= rooms <= most:
        raise UsageError(
            f"A random world cannot have {rooms} rooms.", f"Choose from {FEWEST} to {most}."
        )
    return _Builder(rooms, seed, inventory).build()


class _Builder:
    def __init__(self, rooms: int, seed: int, inventory: Path | None) -> None:
        self.seed = seed
        self.rng = random.Random(f"{rooms} rooms, seed {seed}")
        self.stock = load_stock(inventory or OWN)
        self.core = rooms - 3  # the others: a dark room, a locked one, and the road out
        self.namer = Namer(["player", "road"])
        self.used: set[str] = set()
        self.cards: dict[str, Card] = {}  # what each room is, by id
        self.rooms: Data = {}
        self.at: dict[Cell, str] = {}

    def build(self) -> Data:
        core = self._lay_out()
        start = core[0]
        dark = self._annexe(core, dark=True)
        vault = self._annexe(core, dark=False)
        away = [room for room in core if room != start] or core
        people = self._people(core)
        giver = self._giver(people, away)
        beasts = self._monsters([*away, dark])
        light = self._put(self._pick("light", start), self.rng.choice(core))
        key = self._put(self._pick("key", vault), dark)
        prize_card = self._pick("treasure", vault)
        prize = self._put(prize_card, vault)
        self._equip(core, people)
        for room in (*core, dark, vault):
            self._furnish(room)
        door, wanted = self._lock(vault, key), self._the(prize_card.name)
        self._tell(people, giver, wanted, {"vault": vault, "dark": dark, "light": light})
        self.rooms[start].setdefault("exits", {})["out"] = {
            "to": "road", "label": "the road home", "one_way": True,
        }  # fmt: skip
        self.rooms["road"] = {
            "name": "The Road Home",
            "description": "A milestone, a hedge and the way back to where you came from.",
            "tags": ["exit"],
        }
        boss = people[giver]["name"]
        return {
            "format": 1,
            "id": f"random_{abs(self.seed)}",
            "title": capwords(prize_card.name.removeprefix("the ")),
            "intro": f"You have come to {self.cards[start].name} with empty pockets. {boss} is "
            f"said to be looking for {wanted}, and to be in a hurry.",
            "player": _player(start),
            "rooms": self.rooms,
            "doors": {"locked_door": door},
            "characters": people | beasts,
            **_story(prize, wanted, giver, boss),
        }

    # -- rooms ------------------------------------------------------------------------------------

    def _lay_out(self) -> list[str]:
        """The core: rooms that grow cell by cell, each like the one it grows from."""
        bright = [card for card in self.stock.rooms.cards if not card.dark]
        self.at[0, 0] = first = self._room(self.rng.choice(bright))
        core = [first]
        while len(core) < self.core:
            here, way, there = self._free_side(list(self.at))
            self.at[there] = room = self._room(self._like(self.at[here], dark=False))
            self._join(self.at[here], way, room)
            core.append(room)
        for cell in list(self.at):
            for way in ("north", "east"):
                other = self.at.get(_beside(cell, way))
                room = self.at[cell]
                if other and way not in self.rooms[room]["exits"] and self.rng.random() < 0.3:
                    self._join(room, way, other)
        return core

    def _free_side(self, cells: list[Cell]) -> tuple[Cell, str, Cell]:
        sides = [
            (cell, way, _beside(cell, way))
            for cell in cells
            for way in _STEPS
            if _beside(cell, way) not in self.at
        ]
        return self.rng.choice(sides)

    def _annexe(self, core: list[str], dark: bool) -> str:
        """A room with one way in, on the edge of the core."""
        here, way, there = self._free_side([c for c, room in self.at.items() if room in core])
        room = self._room(self._like(self.at[here], dark))
        self.at[there] = room
        self._join(self.at[here], way, room)
        if dark:
            self.rooms[room]["dark"] = True
        return room

    def _like(self, room: str, dark: bool) -> Card:
        """A room not used yet that goes with one that is."""
        ranked = [
            (score, card)
            for score, card in self.stock.rooms.fitting(self.cards[room])
            if card.dark == dark and card.name not in self.used
        ]
        if ranked:
            return self._draw(ranked)
        rest = [c for c in self.stock.rooms.cards if c.name not in self.used]
        return self.rng.choice([c for c in rest if c.dark == dark] or rest)

    def _room(self, card: Card) -> str:
        self.used.add(card.name)
        id = self.namer(card.name.removeprefix("The "))
        self.cards[id] = card
        self.rooms[id] = {"name": card.name[:1].upper() + card.name[1:]}
        self.rooms[id] |= {"description": card.description, "exits": {}, "items": {}}
        return id

    def _join(self, one: str, way: str, other: str) -> None:
        self.rooms[one]["exits"][way] = {"to": other}
        self.rooms[other]["exits"][OPPOSITE[way]] = {"to": one}

    def _lock(self, vault: str, key: str) -> Data:
        """The door of the vault, on both its sides."""
        ((way, exit),) = self.rooms[vault]["exits"].items()
        exit["door"] = "locked_door"
        self.rooms[exit["to"]]["exits"][OPPOSITE[way]]["door"] = "locked_door"
        name = self.rng.choice(_DOORS)
        return {"name": name, "description": "Shut, and locked.", "locked": True, "key": key}

    # -- who and what is in them ------------------------------------------------------------------

    def _draw(self, ranked: list[tuple[float, Card]], best: int = 8) -> Card:
        """One of the best, the better the likelier."""
        some = ranked[:best]
        card = self.rng.choices([c for _, c in some], [score for score, _ in some])[0]
        self.used.add(card.name)
        return card

    def _fitting(self, shelf: Shelf | None, room: str) -> Card | None:
        """Something not used yet that goes with the room, else anything that is left."""
        if shelf is None:
            return None
        free = [(s, c) for s, c in shelf.fitting(self.cards[room]) if c.name not in self.used]
        if free:
            return self._draw(free)
        rest = [card for card in shelf.cards if card.name not in self.used]
        if not rest:
            return None
        card = self.rng.choice(rest)
        self.used.add(card.name)
        return card

    def _pick(self, kind: str, room: str) -> Card:
        return self._fitting(self.stock.things.get(kind), room) or _SPARE[kind]

    def _people(self, core: list[str]) -> Data:
        found: Data = {}
        for n in range(max(2, round(0.7 * len(core)))):
            room = core[n % len(core)] if n < len(core) else self.rng.choice(core)
            card = self._fitting(self.stock.people, room)
            if card is None:
                break
            who: Data = {"in": room, "name": card.name, "pronoun": card.pronoun}
            who |= {"description": card.description, "persona": card.persona}
            who["goals"] = [card.goal or "Get through the day."]
            who |= {"tags": ["person"], "health": 12, "speed": 2, "tether": 1, "knowledge": []}
            who["carrying"] = {}
            found[self._id(card)] = who
        return found

    def _giver(self, people: Data, away: list[str]) -> str:
        """Who wants the treasure: they stay where they are."""
        far = [id for id, who in people.items() if who["in"] in away]
        id = self.rng.choice(far or list(people))
        people[id] |= {"speed": 0, "tether": 0, "pacifist": True}
        return id

    def _monsters(self, rooms: list[str]) -> Data:
        found: Data = {}
        lairs = self.rng.sample(rooms, min(len(rooms), max(1, len(rooms) // 4)))
        for room in lairs:
            card = self._fitting(self.stock.monsters, room)
            if card is None:
                break
            found[self._id(card)] = {
                "in": room, "name": card.name, "pronoun": card.pronoun,
                "description": card.description, "mood": "hungry",
                "goals": ["Keep strangers out."], "tags": ["monster"],
                "health": card.health, "damage": card.power, "speed": 0, "tether": 0,
                "aggression": 3, "attacks": ["player"],
            }  # fmt: skip
        return found

    def _thing(self, card: Card) -> Data:
        thing: Data = {"name": card.name, "description": card.description}
        if card.plural:
            thing |= {"article": "some", "plural": True}
        power = card.power
        traits: dict[str, Data] = {
            "valuable": {"tags": ["valuable"], "value": 10},
            "treasure": {"tags": ["valuable", "treasure"], "value": 50},
            "weapon": {"tags": ["gear"], "weapon": power, "size": 3},
            "armour": {"tags": ["gear"], "wearable": card.slot, "armour": power, "size": 2},
            "light": {"light": "unlit"},
            "food": {"food": power},
            "drink": {"drink": power},
            "container": {"fixed": True, "container": {"closed": True}},
            "surface": {"fixed": True, "surface": True},
            "key": {"tags": ["key"]},
            "clutter": {"fixed": True} if card.fixed else {"value": 1},
        }
        return thing | traits[card.kind]

    def _put(self, card: Card, room: str) -> str:
        id = self._id(card)
        self.rooms[room]["items"][id] = self._thing(card)
        return id

    def _id(self, card: Card) -> str:
        first, _, rest = card.name.partition(" ")
        return self.namer(rest if first in ARTICLES else card.name)

    def _equip(self, core: list[str], people: Data) -> None:
        """Arms and armour to find, and valuables to find and to steal."""
        for kind in ("weapon", "armour"):
            for room in self.rng.sample(core, max(1, len(core) // 5)):
                card = self._fitting(self.stock.things.get(kind), room)
                if card:
                    self._put(card, room)
        valuables = self.stock.things.get("valuable")
        for who in people.values():
            if self.rng.random() < 0.6 and (card := self._fitting(valuables, who["in"])):
                who["carrying"][self._id(card)] = self._thing(card)
        for room in self.rng.sample(core, max(2, len(core) // 3)):
            if card := self._fitting(valuables, room):
                self._put(card, room)

    def _furnish(self, room: str) -> None:
        """What stands about, what can be eaten, and what lies in or on something."""
        for kind, chance in (
            ("clutter", 1.0), ("clutter", 0.5), ("food", 0.3), ("drink", 0.2),
            ("container", 0.4), ("surface", 0.3),
        ):  # fmt: skip
            if self.rng.random() >= chance:
                continue
            card = self._fitting(self.stock.things.get(kind), room)
            if card is None:
                continue
            id = self._put(card, room)
            inner = {"container": "valuable", "surface": "food"}.get(kind)
            inside = self._fitting(self.stock.things.get(inner), room) if inner else None
            if inside:
                things = {self._id(inside): self._thing(inside)}
                self.rooms[room]["items"][id]["items"] = things

    # -- the story --------------------------------------------------------------------------------

    def _tell(self, people: Data, giver: str, wanted: str, where: dict[str, str]) -> None:
        """Let people know what helps: the giver what is wanted, others where the rest is."""
        lit = next(r for r, room in self.rooms.items() if where["light"] in room["items"])
        thing = self._the(self.rooms[lit]["items"][where["light"]]["name"])
        vault, dark, near = (self.rooms[r]["name"] for r in (where["vault"], where["dark"], lit))
        hints = [
            f"The key to the locked door is in {dark}. It is dark there: take a light.",
            f"I saw {thing} in {near}.",
        ]
        people[giver]["knowledge"] = [f"I would give a great deal for {wanted}.",
                                      f"It is in {vault}, behind a locked door."]  # fmt: skip
        people[giver]["greeting"] = f"You look able. Bring me {wanted}."
        others = [id for id in people if id != giver] or [giver]
        for n, hint in enumerate(hints):
            people[others[n % len(others)]]["knowledge"].append(hint)

    def _the(self, name: str) -> str:
        first, _, rest = name.partition(" ")
        return (
            f"the {rest}"
            if first in ("a", "an", "some")
            else (name if first == "the" else f"the {name}")
        )


def _beside(cell: Cell, way: str) -> Cell:
    dx, dy = _STEPS[way]
    return cell[0] + dx, cell[1] + dy


def _player(start: str) -> Data:
    return {
        "start": start,
        "name": "the stranger",
        "description": "Road dust, good boots and no plan to speak of.",
        "persona": "I am a stranger here. I mean to leave with more than I came with.",
        "health": 26, "strength": 2, "dexterity": 3, "damage": 2, "capacity": 30,
    }  # fmt: skip


def _story(prize: str, wanted: str, giver: str, boss: str) -> Data:
    given = {"event": "gave", "item": prize, "target": giver}
    gone = {"event": "arrived", "actor": "player", "room": "road"}
    exit = {"on": {"event": "arrived", "room": {"tag": "exit"}}, "amount": 0.5}
    loot = {"event": ["took", "stole"], "item": {"tag": "valuable"}}
    gear = {"tag": "gear"}
    return {
        "reactions": {"thanks": {"on": given, "do": [{"say": {"who": giver, "text": _THANKS}}]}},
        "quests": {
            "treasure": {
                "name": f"Find {wanted}"[:80],
                "description": f"{boss} wants {wanted}.",
                "goals": {
                    "find": {
                        "text": f"Find {wanted}.",
                        "on": {"event": "took", "actor": "player", "item": prize},
                    },
                    "bring": {"text": f"Bring it to {boss}.", "on": {**given, "actor": "player"}},
                },
                "score": 20,
            }
        },
        "roles": {
            "thief": {
                "description": "You are a thief. You take whatever is worth taking.",
                "rewards": {"loot": {"on": loot, "each": "item"}, "exit": exit},
            },
            "adventurer": {
                "description": "You are an adventurer. You arm yourself and slay monsters.",
                "rewards": {
                    "find": {"on": {"event": "took", "item": gear}, "each": "item"},
                    "don": {"on": {"event": ["wore", "wielded"], "item": gear}, "each": "item"},
                    "slay": {
                        "on": {"event": "killed", "target": {"tag": "monster"}}, "each": "target",
                    },
                    "exit": exit,
                },
            },
        },
        "endings": {
            "home": {
                "text": "You go home with a lighter conscience and a heavier purse.",
                "on": gone,
                "if": {"quest": {"id": "treasure", "is": "done"}},
            },
            "left": {"text": "You go home as you came.", "on": gone, "won": False},
        },
    }  # fmt: skip
