"""What an author writes becomes what the engine plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.engine.events import Match, Pattern
from game.engine.model import World

WORLD = """\
format: 1
title: The Mill
intro: You arrive.
player:
  start: yard
  persona: I came about the flour.
  carrying:
    lamp: {light: unlit, wieldable: true}
  wearing:
    hat: {wearable: head, armour: 1}
rooms:
  yard:
    name: The Yard
    names: [Courtyard]
    description: Mud.
    exits:
      north: mill
      trap door: {to: cellar, door: hatch, label: a trap door, hidden: true}
    items:
      cart:
        name: an old cart
        fixed: It has no wheels.
        surface: true
        items:
          sacks: {plural: true, size: 2, value: 3}
      chest:
        container: {capacity: 4, locked: true, key: brass_key}
        items:
          cake: {food: 3}
    characters:
      miller:
        name: Anna
        pronoun: she
        knowledge: The trap door is behind the cart.
        carrying:
          brass_key: {}
  mill: {dark: true, exits: {south: yard}}
  cellar: {exits: {up: {to: yard, door: hatch}}}
doors:
  hatch: {name: the hatch, locked: true, key: brass_key}
items:
  oil: {in: miller, drink: -2}
  crown: {in: nowhere, weapon: 1}
characters:
  dog: {in: mill, name: the dog, article: the, tags: beast, attacks: player}
flags: {rain: false, count: 0}
reactions:
  given:
    on: {event: gave, actor: player, item: {tag: gift}, target: {not: [dog, miller]}}
    if: [{has: lamp}, {not: {dead: miller}}, {any: [{flag: rain}, {score: 3}]}]
    do:
      - tell: Rain starts.
      - set: rain
      - say: {who: target, text: Thanks.}
      - move: {thing: crown, to: player}
    times: always
quests:
  bread:
    name: Bread
    goals:
      flour: {text: Find the sacks., on: {event: took, item: sacks}, count: 2}
    then: {end: fed}
endings:
  fed: {text: You eat.}
roles:
  cook:
    rewards:
      eat: {on: {event: ate, item: cake}, amount: 0.5, each: item}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "world.yaml").write_text(WORLD)
    return load_world(tmp_path)


def test_a_file_and_its_folder_are_the_same_world(world: World, tmp_path: Path) -> None:
    assert load_world(tmp_path / "world.yaml") == world
    assert world.id == tmp_path.name


def test_names_and_articles(world: World) -> None:
    assert (world.items["cart"].article, world.items["cart"].name) == ("an", "old cart")
    assert (world.items["sacks"].article, world.items["sacks"].name) == ("some", "sacks")
    assert world.items["hatch"].article == "the"
    assert (world.items["oil"].article, world.items["lamp"].article) == ("an", "a")
    assert world.items["brass_key"].name == "brass key"
    assert (world.characters["miller"].article, world.characters["dog"].article) == ("", "the")
    assert world.characters["dog"].name == "dog"
    assert world.rooms["mill"].name == "Mill"
    assert world.rooms["yard"].names == ("courtyard",)


def test_things_are_where_they_are_written(world: World) -> None:
    assert world.places["player"] == ("yard", "in")
    assert world.places["hat"] == ("player", "worn")
    assert world.places["sacks"] == ("cart", "on")
    assert world.places["cake"] == ("chest", "in")
    assert world.places["brass_key"] == ("miller", "in")
    assert world.places["oil"] == ("miller", "in")
    assert world.places["crown"] == ("", "in")
    assert world.places["dog"] == ("mill", "in")
    assert "hatch" not in world.places


def test_exits_and_doors(world: World) -> None:
    north, trap = world.rooms["yard"].exits
    assert (north.id, north.to, north.direction) == ("yard.north", "mill", "north")
    assert (trap.id, trap.name, trap.direction) == ("yard.trap_door", "trap door", None)
    assert (trap.door, trap.hidden, trap.label) == ("hatch", True, "a trap door")
    hatch = world.items["hatch"]
    assert hatch.between == ("yard", "cellar")
    assert hatch.openable and hatch.locked and not hatch.open
    assert hatch.keys == ("brass_key",)


def test_traits(world: World) -> None:
    items = world.items
    assert (items["cart"].fixed, items["cart"].fixed_reason) == (True, "It has no wheels.")
    assert (items["cart"].holds, items["chest"].holds, items["lamp"].holds) == ("on", "in", None)
    assert items["chest"].openable and items["chest"].locked and items["chest"].capacity == 4
    assert items["cake"].food and items["cake"].energy == 3
    assert items["oil"].drink and items["oil"].energy == -2
    assert items["crown"].wieldable and items["crown"].damage == 1
    assert items["lamp"].light and not items["lamp"].lit
    assert (items["hat"].wearable, items["hat"].defense) == ("head", 1)
    assert world.characters["miller"].knowledge == ("The trap door is behind the cart.",)
    assert world.characters["dog"].attacks == {"player"}
    assert "player" in world.characters["player"].tags


def test_patterns_conditions_and_consequences(world: World) -> None:
    (given,) = world.reactions
    assert given.on == Pattern(
        ("gave",),
        (
            ("actor", Match(ids=("player",))),
            ("item", Match(tags=("gift",))),
            ("target", Match(ids=("dog", "miller"), negate=True)),
        ),
    )
    has, no, either = given.when
    assert has == ("has", {"who": "player", "item": "lamp"})
    assert no == ("not", {"condition": ("dead", {"who": "miller"})})
    assert either == (
        "any",
        {"conditions": [("flag", {"name": "rain", "is": True}), ("score", {"at_least": 3})]},
    )
    assert [c.kind for c in given.do] == ["tell", "set", "say", "move"]
    assert given.do[1].args == {"flag": "rain", "to": True}
    assert given.times == 0


def test_quests_roles_and_endings(world: World) -> None:
    (goal,) = world.quests["bread"].goals
    assert (goal.id, goal.count) == ("flour", 2)
    assert world.quests["bread"].then == (("end", {"ending": "fed"}),)
    assert world.endings["fed"].on == Pattern(())
    (reward,) = world.roles["cook"].rewards
    assert reward.on.where[0] == ("actor", Match(ids=("self",)))
    assert (reward.amount, reward.times, reward.each) == (0.5, 1, "item")


def test_the_hash_is_of_the_content(world: World, tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("# a comment\n" + WORLD)
    assert load_world(tmp_path).hash == world.hash
    file.write_text(WORLD.replace("Mud.", "Dust."))
    assert load_world(tmp_path).hash != world.hash


def test_included_files_are_part_of_the_world(world: World, tmp_path: Path) -> None:
    head, tail = WORLD.split("doors:\n")
    (tmp_path / "more.yaml").write_text("doors:\n" + tail)
    (tmp_path / "world.yaml").write_text(head + "include: more.yaml\n")
    assert load_world(tmp_path).hash == world.hash
