"""A small world with one of everything, built without a world file."""

from __future__ import annotations

from game.engine.conditions import Condition
from game.engine.consequences import Consequence
from game.engine.events import Match, Pattern
from game.engine.model import Character, Exit, Item, Room, World
from game.engine.reactions import Ending, Goal, Quest, Reaction, Reward, Role


def exit(room: str, name: str, to: str, **more: object) -> Exit:
    compass = {"north", "south", "east", "west", "up", "down", "in", "out"}
    direction = name if name in compass else None
    return Exit(f"{room}:{name}", room, to, name, direction=direction, **more)  # type: ignore[arg-type]


def small_world() -> World:
    rooms = [
        Room(
            "hall",
            "Hall",
            "A draughty hall.",
            exits=(
                exit("hall", "north", "study", door="oak_door"),
                exit("hall", "down", "cellar"),
                exit("hall", "garden path", "garden", description="It winds."),
            ),
        ),
        Room("study", "Study", "Books.", exits=(exit("study", "south", "hall", door="oak_door"),)),
        Room(
            "cellar",
            "Cellar",
            "Cold.",
            dark=True,
            exits=(exit("cellar", "up", "hall"), exit("cellar", "west", "vault", hidden=True)),
        ),
        Room("vault", "Vault", "Bare.", exits=(exit("vault", "east", "cellar"),)),
        Room("garden", "Garden", "Roses.", exits=(exit("garden", "hall", "hall"),)),
    ]
    items = [
        Item("oak_door", "oak door", "an", between=("hall", "study"), openable=True, open=False,
             locked=True, keys=("brass_key",), fixed=True),
        Item("brass_key", "brass key"),
        Item("rusty_key", "rusty key"),
        Item("chest", "chest", fixed=True, holds="in", capacity=10, openable=True, open=False),
        Item("table", "table", fixed=True, holds="on", capacity=20),
        Item("coin", "gold coin", value=5, tags=frozenset({"valuable"})),
        Item("lamp", "lamp", light=True),
        Item("bread", "bread", "some", food=True, energy=3),
        Item("ale", "ale", "some", drink=True, energy=1),
        Item("poison", "poison", "some", drink=True, energy=-50),
        Item("sword", "sword", wieldable=True, damage=5, size=3),
        Item("helmet", "helmet", wearable="head", defense=2, size=2),
        Item("hat", "hat", wearable="head"),
        Item("boulder", "boulder", size=50),
        Item("dagger", "dagger", wieldable=True, damage=2, hidden=True),
        Item("pendant", "silver pendant", value=9, tags=frozenset({"valuable"}), wearable="neck"),
        Item("bag", "bag", holds="in", capacity=5, size=2),
        Item("jar", "glass jar", holds="in", capacity=2, openable=True, open=False,
             transparent=True),
        Item("bell", "bell", fixed=True),
        Item("scroll_a", "scroll"),
        Item("scroll_b", "scroll"),
        Item("ghostly_light", "ghostly light"),
    ]  # fmt: skip
    characters = [
        Character("player", "traveller", pronoun="they", dexterity=2, role="thief"),
        Character("keeper", "keeper", pronoun="he", health=6, tags=frozenset({"villager"}),
                  refuses_gifts=True, aggression=2, greeting="Good evening."),
        Character("cat", "Mittens", "", pronoun="she", pacifist=True, size=3, capacity=1,
                  tether=1, health=3),
        Character("troll", "troll", pronoun="it", health=12, damage=4, attacks=frozenset({"*"}),
                  aggression=9, move_cost=1),
    ]  # fmt: skip
    places = {
        "player": "hall", "keeper": "hall", "cat": "garden", "troll": "vault",
        "brass_key": "table", "rusty_key": "hall", "chest": "hall", "table": "hall",
        "coin": "chest", "lamp": "hall", "bread": "table", "ale": "study", "poison": "study",
        "sword": "study", "helmet": "garden", "hat": "player", "boulder": "garden",
        "dagger": "garden", "pendant": "keeper", "bag": "garden", "jar": "garden",
        "bell": "hall", "scroll_a": "study", "scroll_b": "jar", "ghostly_light": "",
    }  # fmt: skip
    on = {"brass_key", "bread"}

    def match(**where: Match) -> tuple[tuple[str, Match], ...]:
        return tuple(where.items())

    player = Match(ids=("player",))
    return World(
        id="small",
        title="A Small World",
        rooms={r.id: r for r in rooms},
        items={i.id: i for i in items},
        characters={c.id: c for c in characters},
        places={t: (p, "on" if t in on else "in") for t, p in places.items()},
        hash="small-1",
        reactions=(
            Reaction(
                "bell",
                Pattern(("used",), match(item=Match(ids=("bell",)))),
                (
                    Consequence("tell", {"text": "The bell rings."}),
                    Consequence("move", {"thing": "ghostly_light", "to": "hall"}),
                    Consequence("mood", {"who": "keeper", "to": "uneasy"}),
                ),
                times=2,
            ),
            Reaction(
                "theft_seen",
                Pattern(("caught",), match(target=Match(ids=("keeper",)))),
                (Consequence("say", {"who": "keeper", "text": "Thief!"}),),
                (Condition("alive", {"who": "keeper"}),),
                times=0,
            ),
        ),
        quests={
            "fetch": Quest(
                "fetch",
                "Fetch the coin",
                goals=(
                    Goal("get", "Take the coin", Pattern(("took",), match(
                        actor=player, item=Match(ids=("coin",))))),
                ),
                score=5,
                xp=10,
            )
        },
        roles={
            "thief": Role(
                "thief",
                "Takes what is not theirs.",
                (
                    Reward("steal", Pattern(("stole",), match(
                        actor=Match(ids=("self",)), item=Match(tags=("valuable",)))), 5.0,
                        each="item"),
                ),
            )
        },
        endings={
            "away": Ending("away", "Away", "You leave it all behind.", Pattern(
                ("arrived",), match(actor=player, room=Match(ids=("vault",)))), score=10)
        },
    )  # fmt: skip
