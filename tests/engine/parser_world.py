"""A harbour whose names are hard on a parser: likenesses, prepositions, accents, plurals."""

from __future__ import annotations

from game.engine.model import Character, Exit, Item, Room, World


def parser_world() -> World:
    """Everything in sight of the player, who stands on the quay by a locked customs house."""
    rooms = [
        Room(
            "quay",
            "Quay",
            exits=(
                Exit("quay:north", "quay", "tavern", "north", direction="north",
                     label="the lamplit doorway"),
                Exit("quay:east", "quay", "customs", "east", direction="east", door="iron_door"),
                Exit("quay:alley", "quay", "alley", "crooked alley", names=("lane",),
                     description="It smells of tar."),
                Exit("quay:down", "quay", "boat", "down", direction="down", label="the ladder"),
            ),
        ),
        Room("tavern", "The Drowned Rat", names=("tavern", "inn", "pub"),
             exits=(Exit("tavern:out", "tavern", "quay", "out", direction="out"),)),
        Room("customs", "Customs House",
             exits=(Exit("customs:west", "customs", "quay", "west", direction="west",
                         door="iron_door"),)),
        Room("alley", "Crooked Alley", exits=(Exit("alley:quay", "alley", "quay", "quay"),)),
        Room("boat", "Rowing Boat",
             exits=(Exit("boat:up", "boat", "quay", "up", direction="up"),)),
    ]  # fmt: skip
    items = [
        Item("iron_door", "iron door", "an", between=("quay", "customs"), openable=True,
             open=False, locked=True, keys=("brass_key",), fixed=True),
        Item("brass_key", "brass key", names=("little key",)),
        Item("rusty_key", "rusty key"),
        Item("crate", "crate", holds="in", capacity=30, openable=True, open=False, fixed=True),
        Item("barrel", "barrel", holds="in", capacity=30, fixed=True),
        Item("bench", "bench", holds="on", capacity=30, fixed=True),
        Item("tea", "cup of tea", drink=True, energy=1),
        Item("mug", "pewter mug", names=("tankard",)),
        Item("fish", "fish", "some", food=True, energy=2),
        Item("boots", "sea boots", "some", plural=True, wearable="feet"),
        Item("coat", "oilskin coat", "an", wearable="body"),
        Item("cutlass", "cutlass", wieldable=True, damage=4),
        Item("coin_1", "silver coin"), Item("coin_2", "silver coin"), Item("coin_3", "silver coin"),
        Item("lantern", "lantern", light=True),
        Item("crepe", "crêpe", food=True),
        Item("locket", "captain's locket"),
        Item("purse", "purse"),
        Item("salt", "salt and pepper pot"),
        Item("anchor", "anchor", "an", size=90, names=("great hook",)),
        Item("secret", "zirconium orb"),
        Item("pipe", "clay pipe"),
    ]  # fmt: skip
    characters = [
        Character("player", "sailor", capacity=60),
        Character("black", "man in black", pronoun="he", names=("stranger",)),
        Character("mate", "Old Tom", "", pronoun="he", names=("mate",), capacity=60),
        Character("mona", "Mona", "", pronoun="she", names=("captain",), capacity=60),
        Character("guard_1", "tall guard", pronoun="he"),
        Character("guard_2", "short guard", pronoun="she"),
    ]
    held = dict.fromkeys(("brass_key", "rusty_key", "coat", "cutlass", "tea", "mug"), "player")
    places: dict[str, tuple[str, str]] = {
        **{c.id: ("quay", "in") for c in characters},
        **{i.id: ("quay", "in") for i in items if not i.between},
        **{i: (p, "in") for i, p in held.items()},
        "purse": ("mona", "in"),
        "pipe": ("black", "in"),
        "coin_2": ("barrel", "in"),
        "coin_3": ("bench", "on"),
        "secret": ("customs", "in"),
        "guard_2": ("quay", "in"),
    }
    return World(
        id="harbour",
        title="The Harbour",
        rooms={r.id: r for r in rooms},
        items={i.id: i for i in items},
        characters={c.id: c for c in characters},
        places=places,  # type: ignore[arg-type]
        hash="harbour-1",
    )
