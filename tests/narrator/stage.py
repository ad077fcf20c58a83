"""A small world with one of everything that the tellers must put into words."""

from __future__ import annotations

from game.engine.model import Character, Exit, Item, Manner, Room, World


def stage() -> World:
    """A tavern, a street north of it and a dark cellar below, behind a trapdoor."""
    rooms = [
        Room(
            "tavern",
            "Tavern",
            "A low room that smells of smoke and beer. A fire burns in the hearth.",
            exits=(
                Exit("tavern.north", "tavern", "street", "north", direction="north"),
                Exit("tavern.down", "tavern", "cellar", "down", direction="down", door="trapdoor"),
            ),
        ),
        Room(
            "street",
            "Market Street",
            "Stalls line both sides of the cobbled street.",
            exits=(
                Exit("street.south", "street", "tavern", "south", direction="south"),
                Exit(
                    "street.arch", "street", "cellar", "arch", label="a crumbling arch", hidden=True
                ),
            ),
        ),
        Room(
            "cellar",
            "Cellar",
            "Barrels stand along the walls.",
            dark=True,
            exits=(Exit("cellar.up", "cellar", "tavern", "up", direction="up", door="trapdoor"),),
        ),
    ]
    items = [
        Item("coin", "copper coin", value=1, description="A worn copper coin."),
        Item("key", "brass key", description="A small brass key."),
        Item("bread", "bread", article="some", food=True, energy=2),
        Item("boots", "leather boots", article="some", plural=True, wearable="feet"),
        Item("knife", "knife", wieldable=True, damage=2),
        Item("club", "club", wieldable=True, damage=1),
        Item("lantern", "lantern", light=True),
        Item(
            "chest", "oak chest", article="an", fixed=True, holds="in", capacity=10, openable=True,
            open=False, locked=True, keys=("key",),
        ),
        Item("table", "table", fixed=True, holds="on", capacity=20),
        Item("trapdoor", "trapdoor", between=("tavern", "cellar"), openable=True, open=False),
        Item("ring", "silver ring", hidden=True, wearable="finger", value=20),
        Item("gem", "Star of Sarnath", article="the", value=90),
        Item("sword", "Dawnbringer", article="", wieldable=True, damage=4),
        Item("ale", "ale", article="some", drink=True, energy=1),
    ]  # fmt: skip
    characters = [
        Character("player", "adventurer", description="An adventurer in a worn cloak."),
        Character(
            "keeper", "keeper", pronoun="she", description="A broad woman with flour on her hands.",
            persona="I keep the tavern. I am warm to honest guests and hard on thieves.",
            mood="cheerful", greeting="Welcome in. Sit by the fire.",
            knowledge=(
                "The cellar below the tavern is full of rats.",
                "My brass key opens the oak chest.",
                "Nadia sells fish on Market Street.",
            ),
        ),
        Character("nadia", "Nadia", article="", pronoun="she", pacifist=True),
        Character("rat", "rat", article="a", pronoun="it", health=2),
        Character("guards", "guards", article="the", plural=True),
    ]  # fmt: skip
    places: dict[str, tuple[str, Manner]] = {
        "player": ("tavern", "in"), "keeper": ("tavern", "in"), "nadia": ("street", "in"),
        "rat": ("cellar", "in"), "guards": ("street", "in"), "coin": ("tavern", "in"),
        "key": ("player", "in"), "bread": ("table", "on"), "boots": ("player", "worn"),
        "knife": ("tavern", "in"), "club": ("keeper", "wielded"), "lantern": ("tavern", "in"),
        "chest": ("tavern", "in"), "table": ("tavern", "in"), "trapdoor": ("", "in"),
        "ring": ("tavern", "in"), "gem": ("chest", "in"), "sword": ("street", "in"),
        "ale": ("table", "on"),
    }  # fmt: skip
    return World(
        "stage",
        "The Stage",
        {r.id: r for r in rooms},
        {i.id: i for i in items},
        {c.id: c for c in characters},
        places,
        voice="Dry and warm.",
        hash="stage",
    )
