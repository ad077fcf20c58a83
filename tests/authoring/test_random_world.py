"""Random worlds hang together, can be won, and are the same again for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from game.authoring.load import load_world
from game.authoring.random_world import FEWEST, random_data, random_world
from game.authoring.solver import complete_quest
from game.authoring.stock import KINDS, load_stock
from game.cli.world import world as command
from game.engine.model import OPPOSITE, World
from game.errors import UsageError, WorldError
from tests.engine.test_invariants import check_bounds, check_forest, random_play
from tests.pace import best_of, budget

LIGHT = Path(__file__).parents[3] / "shared" / "light" / "inventory"
SIZES = ((FEWEST, 1), (8, 2), (12, 3), (25, 4), (40, 5))
inventories = pytest.mark.parametrize(
    "inventory",
    [
        None,
        pytest.param(
            LIGHT,
            marks=pytest.mark.skipif(not LIGHT.is_dir(), reason="LIGHT's inventory is not here"),
        ),
    ],
    ids=["ours", "light"],
)
sizes = pytest.mark.parametrize(("rooms", "seed"), SIZES)


def made(rooms: int, seed: int, inventory: Path | None = None) -> World:
    return random_world(rooms, seed, inventory)


@inventories
@sizes
def test_the_quest_can_be_completed_by_the_rules(
    rooms: int, seed: int, inventory: Path | None
) -> None:
    world = made(rooms, seed, inventory)
    found = complete_quest(world, "treasure")
    assert found.actions is not None
    verbs = Counter(action.verb for action in found.actions)
    assert verbs["light"] and verbs["unlock"] and verbs["open"] and verbs["give"] == 1


@inventories
@sizes
def test_the_map_is_one_and_a_grid(rooms: int, seed: int, inventory: Path | None) -> None:
    world = made(rooms, seed, inventory)
    assert len(world.rooms) == rooms
    start = world.places["player"][0]
    assert set(world.distance[start]) == set(world.rooms)
    step = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
    at = {start: (0, 0)}
    queue = [start]
    for here in queue:
        for exit in world.rooms[here].exits:
            if exit.direction not in step:
                continue
            back = [e for e in world.rooms[exit.to].exits if e.direction == OPPOSITE[exit.name]]
            assert [e.to for e in back] == [here] and back[0].door == exit.door
            there = tuple(a + b for a, b in zip(at[here], step[exit.name], strict=True))
            assert at.setdefault(exit.to, there) == there  # type: ignore[arg-type]
            if exit.to not in queue:
                queue.append(exit.to)
    assert len(set(at.values())) == len(at) == rooms - 1


@inventories
def test_there_is_work_for_both_roles(inventory: Path | None) -> None:
    for seed in range(8):
        world = made(10, seed, inventory)
        tags = Counter(t for thing in (*world.items.values(), *world.characters.values())
                       for t in thing.tags)  # fmt: skip
        assert tags["valuable"] >= 4 and tags["gear"] >= 2 and tags["monster"] >= 1
        assert set(world.roles) == {"thief", "adventurer"}
        carried = [i for i, (at, _) in world.places.items() if at in world.characters]
        assert carried, "somebody has something to steal"
        for who in world.characters.values():
            assert who.persona or "monster" in who.tags
        assert world.rooms["road"].tags == {"exit"}
        start = world.places["player"][0]
        assert not [c for c in world.characters.values() if "monster" in c.tags
                    and world.places[c.id][0] == start]  # fmt: skip


def test_the_same_seed_gives_the_same_world_and_another_another() -> None:
    assert made(12, 7).hash == made(12, 7).hash
    assert len({made(12, seed).hash for seed in range(20)}) == 20
    assert random_data(9, 3) == random_data(9, 3)


def test_things_and_people_fit_their_rooms() -> None:
    """What stands about shares a word with its room far more often than with another."""
    stock = load_stock()
    rooms = {card.name: card for card in stock.rooms.cards}
    cards = {c.name.partition(" ")[2]: c for shelf in stock.things.values() for c in shelf.cards}
    own = other = 0
    for seed in range(10):
        world = made(12, seed)
        places = [r for r in world.rooms.values() if r.name in rooms]
        for id, (room, _) in world.places.items():
            if room not in world.rooms or id not in world.items:
                continue
            card = cards.get(world.items[id].name)
            if card is None or card.kind not in ("clutter", "container", "surface"):
                continue
            own += bool(card.words.keys() & rooms[world.rooms[room].name].words.keys())
            elsewhere = places[(seed + len(id)) % len(places)]
            other += bool(card.words.keys() & rooms[elsewhere.name].words.keys())
    assert own > 2 * other


@inventories
def test_a_world_takes_less_than_a_third_of_a_second(inventory: Path | None) -> None:
    limit = budget(0.3)
    for rooms, seed in SIZES:
        assert best_of(2, lambda size=rooms, seed=seed: made(size, seed + 100, inventory)) < limit


@inventories
def test_random_play_keeps_every_invariant(inventory: Path | None) -> None:
    for seed in range(6):
        for step, (state, _) in enumerate(random_play(made(10, seed, inventory), seed, 200)):
            if step % 50 == 0:
                check_forest(state)
                check_bounds(state)


def test_our_inventory_is_large_and_told() -> None:
    stock = load_stock()
    assert len(stock.rooms.cards) >= 40
    assert len(stock.people.cards) + len(stock.monsters.cards) >= 60
    things = [card for shelf in stock.things.values() for card in shelf.cards]
    assert len(things) >= 120 and set(stock.things) == set(KINDS)
    for card in (*stock.rooms.cards, *stock.people.cards, *stock.monsters.cards, *things):
        assert 12 <= len(card.description) <= 300 and card.description[-1] in ".!?", card.name
    names = [card.name for card in (*stock.rooms.cards, *stock.people.cards, *things)]
    assert len(names) == len(set(names))


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot have 2 rooms"):
        random_world(2, 1)
    with pytest.raises(UsageError, match="Choose from 6 to"):
        random_world(1000, 1)
    with pytest.raises(WorldError, match="There is no inventory"):
        random_world(8, 1, tmp_path)
    for name in ("rooms", "characters", "objects"):
        (tmp_path / f"{name}.json").write_text('[{"name": 3}, 4]')
    with pytest.raises(WorldError, match="holds no inventory"):
        random_world(8, 1, tmp_path)


def test_the_command_writes_a_world_that_is_sound(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    args = ["random", "--rooms", "9", "--seed", "4", "-o", str(folder), "--json"]
    result = CliRunner().invoke(command, args)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    world = load_world(folder)
    assert told["rooms"] == len(world.rooms) == 9 and told["title"] == world.title
    assert world.hash == made(9, 4).hash
    checked = CliRunner().invoke(command, ["check", str(folder)], standalone_mode=False)
    assert checked.return_value == 0 and "sound." in checked.output
