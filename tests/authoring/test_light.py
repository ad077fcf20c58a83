"""LIGHT's worlds come in, play by our rules and go out again as they came."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from game.authoring.light import Summary, export_light, import_light
from game.authoring.light.carrier import _QUIET
from game.authoring.load import load_world
from game.authoring.random_world import compiled
from game.authoring.writing import write_world
from game.cli.play import play
from game.cli.world import world as command
from game.engine.events import Action, Event
from game.engine.model import NOWHERE, State, World
from game.engine.rules import admissible, apply
from tests.engine.test_invariants import check_bounds, check_forest, random_play
from tests.pace import best_of, budget

ROOT = Path(__file__).parents[2]
LIGHT = ROOT.parent / "shared" / "light" / "worlds"
FILES = sorted(LIGHT.glob("*.json"))
needs_light = pytest.mark.skipif(not FILES, reason="LIGHT's worlds are not here")
each_world = pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)

#: Fields that say which node it is and where, or that the lists of the graph say.
STRUCTURE = {"agent", "room", "object", "node_id", "container_node", "contained_nodes", "neighbors"}


def brought_in(file: Path, folder: Path, player: str | None = None) -> tuple[World, Summary]:
    data, summary = import_light(file, player)
    return load_world(write_world(data, folder, "From LIGHT.")[0]), summary


# -- all eight ------------------------------------------------------------------------------------


@needs_light
@each_world
def test_every_field_is_carried_or_named(file: Path) -> None:
    data, summary = import_light(file)
    raw = json.loads(file.read_text())
    told = set(summary.carried) | {name for name, _ in summary.kept}
    for node in raw["nodes"].values():
        kind = next(k for k in ("agent", "room", "object") if node.get(k))
        for name, value in node.items():
            if name in STRUCTURE or (name in _QUIET and value in (None, _QUIET[name])):
                continue
            usual = {"classes": None, "num_wearable_items": 0, "num_wieldable_items": 0}
            if value in (None, "", [], {}, usual.get(name, ...)) or name == "classes":
                continue
            if kind == "room" and (name, value) in (
                ("size", 2000), ("surface_type", "in"), ("grid_location", [0, 0, 0]),
            ):  # fmt: skip
                continue
            shown = "exit.target_id" if name == "neighbors" else f"{kind}.{name}"
            empty_box = name in ("contain_size", "surface_type") and not node.get("container")
            assert shown in told or empty_box, (file.stem, shown, value)
    assert not summary.lost and data["rooms"].keys()


#: What must be the same when a world has been ours and is LIGHT's again, by kind of node.
ROUND_TRIP = {
    "room": "name desc extra_desc grid_location surface_type contain_size",
    "agent": "name desc persona mission char_type health damage defense strength dexterity speed "
    "aggression pacifist tags attack_tagged_agents dont_accept_gifts movement_energy_cost "
    "max_wearable_items max_wieldable_items max_distance_from_start_location quests on_events "
    "food_energy",
    "object": "name desc gettable wearable wieldable food drink container surface_type food_energy "
    "value size stats equipped locked_edge on_use",
}


def same_value(value: Any) -> Any:
    """LIGHT's ways to say no, nothing and not at all are one; so are its ways to say yes."""
    if isinstance(value, dict):
        value = {k: v for k, v in value.items() if v != 0}
    if isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    return value or None


def same_text(value: Any) -> Any:
    return value or None


def facts(node: dict[str, Any]) -> dict[str, Any]:
    """What of a LIGHT node must survive, with the ways LIGHT writes one thing made one."""
    stats = node.get("stats") or {}
    return {
        "kind": [k for k in ("room", "agent", "object") if node.get(k)],
        "texts": [
            same_text(node.get(k)) for k in ("name", "name_prefix", "desc", "persona", "mission")
        ],
        "extra_desc": same_text(node.get("extra_desc")),
        "holder": (node.get("container_node") or {}).get("target_id"),
        "exits": {
            k: (v.get("label"), v.get("examine_desc"), v.get("locked_edge"))
            for k, v in (node.get("neighbors") or {}).items()
        },
        "affordances": {
            k: bool(node.get(k, k == "gettable" and node.get("object", False)))
            for k in ("gettable", "wearable", "wieldable", "food", "drink", "container")
        },
        "stats": {k: v for k, v in stats.items() if v},
        "energy": node.get("food_energy") or 0,
        "script": [node.get(k) or None for k in ("quests", "on_use", "on_events")],
        "numbers": {
            k: node[k] for k in node if k in ("health", "damage", "defense", "dexterity",
            "strength", "speed", "aggression", "size", "value", "contain_size")
        },
        "tags": [node.get(k) or [] for k in ("tags", "attack_tagged_agents")],
    }  # fmt: skip


@needs_light
@each_world
def test_a_world_goes_out_as_it_came_in(file: Path, tmp_path: Path) -> None:
    data, _ = import_light(file)
    main = write_world(data, tmp_path / "world", "From LIGHT.")[0]
    back, summary = export_light(main)
    came = json.loads(file.read_text())
    assert back["nodes"].keys() == came["nodes"].keys()
    for kind in ("rooms", "agents", "objects"):
        assert sorted(back[kind]) == sorted(came[kind])
    assert back.get("title") == came.get("title", back.get("title"))
    for id, node in came["nodes"].items():
        was, now = facts(node), facts(back["nodes"][id])
        now["numbers"] = {k: v for k, v in now["numbers"].items() if k in was["numbers"]}
        assert now == was, id
        kind = next(k for k in ROUND_TRIP if node.get(k))
        for name in ROUND_TRIP[kind].split():
            if name in node:
                now_is = back["nodes"][id].get(name)
                assert same_value(now_is) == same_value(node[name]), (id, name)
        inner = back["nodes"][id]["contained_nodes"]
        assert inner.keys() == (node.get("contained_nodes") or {}).keys()
    assert not summary.lost


@needs_light
@each_world
def test_ten_thousand_random_steps_keep_every_invariant(file: Path, tmp_path: Path) -> None:
    world, _ = brought_in(file, tmp_path / "w")
    for seed in range(20):
        for step, (state, _) in enumerate(random_play(world, seed, 500), 1):
            if step % 100 == 0:
                check_forest(state)
                check_bounds(state)


@needs_light
def test_the_largest_loads_in_half_a_second(tmp_path: Path) -> None:
    largest = max(FILES, key=lambda f: f.stat().st_size)
    data, _ = import_light(largest)
    write_world(data, tmp_path / "w", "From LIGHT.")
    load_world(tmp_path / "w")
    assert best_of(3, lambda: load_world(tmp_path / "w")) <= budget(0.5)


@needs_light
@each_world
def test_each_is_one_command_away_from_being_played(file: Path) -> None:
    for line in ("look\n", "wait\n"):  # made into a world of yours the first time, found the next
        played = CliRunner().invoke(
            play, [str(file), "--plain", "--no-llm"], input=line, standalone_mode=False,
            catch_exceptions=False,
        )  # fmt: skip
        assert played.return_value == 0 and len(played.stdout) > 100, played.output
        assert ("made into" in played.stderr) == (line == "look\n")


@needs_light
@each_world
def test_data_and_files_are_the_same_world(file: Path, tmp_path: Path) -> None:
    data, _ = import_light(file)
    world = load_world(write_world(data, tmp_path / "w", "From LIGHT.")[0])
    direct = compiled({**data, "id": "w"})
    assert direct.hash == world.hash


# -- scripts --------------------------------------------------------------------------------------


def fetch(state: State, *things: str) -> None:
    for thing in things:
        state.move(thing, "player")
    state.scopes.clear()


def use(state: State, item: str, second: str) -> list[Event]:
    return apply(state, "player", Action("use", item, second))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    if not FILES:
        pytest.skip("LIGHT's worlds are not here")
    return brought_in(LIGHT / "test_world.json", tmp_path_factory.mktemp("small") / "w")[0]


def placed(world: World, room: str) -> State:
    state = world.initial_state(3)
    state.move("player", room)
    return state


CHURCH, CAVE = "church_entryway_1_2", "orc_cave_0_1"


def test_use_with_a_thing_makes_what_it_should_once(small: World) -> None:
    state = placed(small, CHURCH)
    refused = use(state, "shovel_5_6", "muddy_area_6_7")
    assert refused[0].type == "refused", "it has to be in one's hands"
    fetch(state, "shovel_5_6")
    events = use(state, "shovel_5_6", "muddy_area_6_7")
    assert any(e.text and e.text.startswith("You dig into the sodden mud") for e in events)
    assert state.parent["emerald_ring"] == "muddy_area_6_7"
    assert small.items["emerald_ring"].wearable == "finger"
    assert use(state, "shovel_5_6", "muddy_area_6_7")[0].type == "refused"


def test_use_on_somebody_changes_what_they_are(small: World) -> None:
    state = placed(small, CHURCH)
    fetch(state, "scroll_9_1", "scroll_9_3")
    use(state, "scroll_9_3", "kitty_3_5")
    assert state.stat("kitty_3_5", "dexterity") == 2
    assert use(state, "scroll_9_1", "muddy_area_6_7")[0].type == "refused"
    events = use(state, "scroll_9_1", "kitty_3_5")
    assert "kitty_3_5" in state.dead
    assert any(e.text and "Your target is struck with searing pain!" in e.text for e in events)


def test_rooms_and_comparisons_bind(small: World) -> None:
    state = placed(small, CHURCH)
    fetch(state, "scroll_9_4", "scroll_9_5")
    assert use(state, "scroll_9_4", "kitty_3_5")[0].type == "refused"
    state.move("player", CAVE)
    state.scopes.clear()
    use(state, "scroll_9_4", "orc_2_4")
    assert state.parent["mysterious_orb"] == "orc_2_4"
    use(state, "scroll_9_5", "orc_2_4")
    assert "orc_2_4" in state.dead
    assert use(state, "scroll_9_5", "orc_2_4")[0].type == "refused"


def test_people_answer_as_their_scripts_say(small: World) -> None:
    state = placed(small, CAVE)
    events = apply(state, "player", Action("say", text="Have you read LOTR?"))
    said = [e.text for e in events if e.type == "said" and e.actor == "orc_2_4"]
    assert said == ["One does not simply mention lotr!"]
    fetch(state, "emerald_ring")
    apply(state, "player", Action("give", "emerald_ring", "orc_2_4"))
    assert state.parent["priceless_piece_of_art_4_3"] == "player"
    smiled = apply(state, "player", Action("say", text="Smile at me."))
    assert any(e.text == "The orc smiles." for e in smiled)


@needs_light
def test_the_first_use_that_is_left_answers(tmp_path: Path) -> None:
    world, _ = brought_in(LIGHT / "complex_world.json", tmp_path / "w")
    state = placed(world, world.places["apple_tree_13"][0])
    fetch(state, "gray_stone_78")
    for n in range(7):
        told = " ".join(e.text or "" for e in use(state, "gray_stone_78", "apple_tree_13"))
        assert ("You knock an apple right off" in told) == (n < 5)
    apples = [i for i, item in world.items.items() if item.name == "delicious crisp apple"]
    assert sum(state.room_of(a) == state.parent["player"] for a in apples) == 5


@needs_light
def test_quests_are_completed_by_what_they_ask(tmp_path: Path) -> None:
    world, _ = brought_in(LIGHT / "complex_world.json", tmp_path / "w")
    (quest,) = [q for q in world.quests if q.startswith("give_some_corn")]
    cat = "half_wild_cat_123"
    state = placed(world, world.places[cat][0])
    fetch(state, "corn_137")
    apply(state, "player", Action("give", "corn_137", cat))
    assert state.quests[quest] == "done"
    assert "I really need to give some corn" in world.characters["bighorn_sheep_136"].goals[-1]


# -- who plays ------------------------------------------------------------------------------------


@needs_light
def test_the_player_is_the_one_asked_for_else_you_else_a_newcomer(tmp_path: Path) -> None:
    tutorial, _ = brought_in(LIGHT / "tutorial_world.json", tmp_path / "a")
    assert tutorial.characters["player"].name == "You"
    assert tutorial.places["boots_3"] == ("player", "in")
    orc, _ = brought_in(LIGHT / "test_world.json", tmp_path / "b", "Orc")
    assert orc.places["player"][0] == CAVE and orc.characters["player"].health == 10
    village, _ = brought_in(LIGHT / "dragon-village.json", tmp_path / "c")
    assert village.characters["player"].name == "traveller"
    reached = village.distance[village.places["player"][0]]
    assert len(reached) == max(len(table) for table in village.distance.values())


# -- our own worlds -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["interval", "village"])
def test_our_own_worlds_can_be_read_by_light(name: str, tmp_path: Path) -> None:
    ours = load_world(ROOT / "worlds" / name)
    graph, summary = export_light(ROOT / "worlds" / name / "world.yaml")
    assert ("room.dark", "LIGHT has no such thing") in summary.lost
    for node in graph["nodes"].values():
        assert node["contain_size"] >= 0
        for inner in node["contained_nodes"]:
            assert graph["nodes"][inner]["container_node"]["target_id"] == node["node_id"]
    file = tmp_path / "out.json"
    file.write_text(json.dumps(graph))
    again, _ = brought_in(file, tmp_path / "again")
    assert len(again.rooms) == len(ours.rooms)
    assert again.characters["player"].name == ours.characters["player"].name
    names = sorted(i.name for i in ours.items.values() if not i.between)
    assert sorted(i.name for i in again.items.values() if not i.between) == names
    assert {(r.name, r.description) for r in again.rooms.values()} == {
        (r.name, r.description) for r in ours.rooms.values()
    }


# -- what other files may hold --------------------------------------------------------------------


def graph(**changes: Any) -> dict[str, Any]:
    """A small LIGHT world: two rooms, a keeper with a hat, a box with a coin in it."""
    nodes: dict[str, Any] = {
        "hall_1": {
            "name": "Hall", "room": True, "desc": "A hall.",
            "neighbors": {"yard_2": {"target_id": "yard_2", "label": "a door leading outside"}},
        },
        "yard_2": {"name": "Yard", "room": True, "neighbors": {}},
        "keeper_3": {
            "name": "keeper", "agent": True, "persona": "He keeps the hall.",
            "container_node": {"target_id": "hall_1"},
        },
        "hat_4": {
            "name": "hat", "object": True, "wearable": 1.0, "equipped": True,
            "container_node": {"target_id": "keeper_3"},
        },
        "box_5": {
            "name": "box", "object": True, "container": "true", "surface_type": "in",
            "contain_size": 3, "container_node": {"target_id": "hall_1"},
        },
        "coin_6": {"name": "coin", "object": True, "container_node": {"target_id": "box_5"}},
    }  # fmt: skip
    for id, fields in changes.items():
        nodes[id] = {**nodes.get(id, {}), **fields}
    return {
        "nodes": nodes,
        **{
            kind: [id for id, node in nodes.items() if node.get(mark)]
            for kind, mark in (("rooms", "room"), ("agents", "agent"), ("objects", "object"))
        },
    }


def bring(tmp_path: Path, data: Any, player: str | None = None) -> tuple[World, Summary]:
    file = tmp_path / "some_file.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    found, summary = import_light(file, player)
    return compiled(found), summary


def test_missing_fields_have_lights_defaults(tmp_path: Path) -> None:
    world, _ = bring(tmp_path, graph())
    keeper = world.characters["keeper_3"]
    assert (keeper.health, keeper.damage, keeper.pronoun) == (2, 1, "he")
    assert world.places["hat_4"] == ("keeper_3", "worn") and world.items["hat_4"].wearable == "head"
    assert world.places["coin_6"] == ("box_5", "in") and world.items["box_5"].capacity == 4
    (way,) = world.rooms["hall_1"].exits
    assert (way.name, way.to, world.title) == ("out", "yard_2", "Some File")


@pytest.mark.parametrize("value", [True, 1.0, 1, "true", "1.0"])
@pytest.mark.parametrize("no", [False, 0.0, None, "false"])
def test_flags_are_read_however_they_are_written(value: Any, no: Any, tmp_path: Path) -> None:
    world, summary = bring(tmp_path, graph(coin_6={"food": value, "drink": no, "gettable": value}))
    coin = world.items["coin_6"]
    assert coin.food and not coin.drink and not coin.fixed
    assert not [name for name, _ in summary.kept if name in ("object.food", "object.drink")]


def test_values_of_the_wrong_kind_are_kept_and_named(tmp_path: Path) -> None:
    odd = {"health": "many", "speed": 20, "persona": ["I keep.", "I stay."], "mood_ring": {"a": 1}}
    _, summary = bring(tmp_path, graph(keeper_3=odd))
    assert summary.kept["agent.health", "is not of the kind it should be"] == 1
    assert summary.kept["agent.speed", "is out of our range"] == 1
    assert summary.kept["agent.mood_ring", "we have no such field"] == 1
    file = tmp_path / "some_file.json"
    data, _ = import_light(file)
    back, _ = export_light(write_world(data, tmp_path / "w", "x")[0])
    node = back["nodes"]["keeper_3"]
    assert {name: node[name] for name in odd} == odd


def test_the_dead_are_bodies_with_what_they_had(tmp_path: Path) -> None:
    world, _ = bring(tmp_path, graph(keeper_3={"dead": True}))
    assert "keeper_3" not in world.characters
    assert world.items["keeper_3"].name == "body of keeper"
    assert world.places["hat_4"] == ("keeper_3", "in")
    data, _ = import_light(tmp_path / "some_file.json")
    back, _ = export_light(write_world(data, tmp_path / "w", "x")[0])
    assert back["nodes"]["keeper_3"]["dead"] is True
    assert back["nodes"]["keeper_3"]["persona"] == "He keeps the hall."
    assert "hat_4" in back["nodes"]["keeper_3"]["contained_nodes"]


def test_locks_are_doors_and_boxes_with_keys(tmp_path: Path) -> None:
    lock = {"target_id": "coin_6", "is_locked": True, "locked_desc": None}
    way = {"yard_2": {"target_id": "yard_2", "label": "a gate", "locked_edge": lock}}
    world, _ = bring(
        tmp_path,
        graph(
            hall_1={"neighbors": way},
            box_5={"locked_edge": {**lock, "target_id": "hat_4"}},
        ),
    )
    (door,) = [i for i in world.items.values() if i.between]
    assert door.locked and door.keys == ("coin_6",)
    assert world.items["box_5"].locked and world.items["box_5"].keys == ("hat_4",)
    data, _ = import_light(tmp_path / "some_file.json")
    back, _ = export_light(write_world(data, tmp_path / "w", "x")[0])
    assert back["nodes"]["hall_1"]["neighbors"]["yard_2"]["locked_edge"] == lock
    assert back["nodes"]["box_5"]["locked_edge"]["target_id"] == "hat_4"


def test_what_is_nowhere_inside_itself_or_leads_nowhere_does_no_harm(tmp_path: Path) -> None:
    data = graph(
        box_5={"container_node": {"target_id": "coin_6"}},
        keeper_3={"container_node": {"target_id": "VOID"}},
        hall_1={"neighbors": {"gone_9": {"target_id": "gone_9", "label": "a gap"}}},
    )
    world, summary = bring(tmp_path, data)
    assert NOWHERE in {world.places["box_5"][0], world.places["coin_6"][0]}
    assert world.places["keeper_3"][0] in world.rooms
    assert any("inside itself" in note for note in summary.notes)
    assert any(name == "exit.target_id" for name, _ in summary.kept)


def test_tags_that_are_hunted_by_their_absence(tmp_path: Path) -> None:
    data = graph(
        keeper_3={"tags": ["Holy Man"], "attack_tagged_agents": ["!Holy Man", "rat"]},
        rat_7={"name": "rat", "agent": True, "container_node": {"target_id": "hall_1"}},
    )
    world, _ = bring(tmp_path, data)
    assert world.characters["keeper_3"].attacks == {"not_holy_man", "rat"}
    assert "not_holy_man" in world.characters["rat_7"].tags
    assert "not_holy_man" not in world.characters["keeper_3"].tags


def test_the_older_tile_maps_are_read(tmp_path: Path) -> None:
    tile = {"characters": ["7"], "objects": ["8"], "room": 1}
    data = {
        "dimensions": {"x": 2, "y": 2},
        "map": [{"name": "ground", "tiles": {"0 0": tile, "0 1": {"room": 2, "characters": []}}}],
        "entities": {
            "room": {
                "1": {"id": 1, "name": "Mill", "description": "A mill.", "backstory": "Old."},
                "2": {"id": 2, "name": "Weir", "description": "A weir."},
            },
            "character": {"7": {"name": "miller", "persona": "I grind."}},
            "object": {"8": {"name": "sack", "is_container": 1.0, "physical_description": "Full."}},
        },
    }
    world, _ = bring(tmp_path, data)
    (mill,) = [r for r in world.rooms.values() if r.name == "Mill"]
    (way,) = mill.exits
    assert way.name == "north" and world.rooms[way.to].name == "Weir"
    assert mill.background == "Old."
    assert {world.name(i) for i, (at, _) in world.places.items() if at == mill.id} >= {
        "miller",
        "sack",
    }


def test_many_things_make_several_files(tmp_path: Path) -> None:
    text = "A long description. " * 60
    more = {
        f"thing_{n}": {
            "name": f"thing {n}", "object": True, "desc": text.strip(),
            "container_node": {"target_id": "hall_1" if n % 2 else "yard_2"},
        }
        for n in range(10, 500)
    }  # fmt: skip
    data = graph(**more)
    for n in range(600, 900):
        data["nodes"][f"place_{n}"] = {"name": f"Place {n}", "room": True, "desc": text.strip()}
        data["rooms"].append(f"place_{n}")
    file = tmp_path / "big.json"
    file.write_text(json.dumps(data))
    world, _ = brought_in(file, tmp_path / "w")
    assert len(world.items) == 493 and len(world.rooms) == 302
    assert all(f.stat().st_size < 400_000 for f in (tmp_path / "w").iterdir())


# -- what is no LIGHT file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", '{"nodes": []}', '{"nodes": {"a": 1}}', '{"nodes": {"a": {}}}',
     "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "\ud7ff\x00"],
)  # fmt: skip
def test_what_is_no_light_file_is_said(text: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    result = CliRunner().invoke(command, ["import-light", str(file), "-o", str(tmp_path / "w")])
    assert result.exception is not None
    assert type(result.exception).__name__ == "WorldError" and result.exception.exit_code == 1
    assert not (tmp_path / "w").exists()


def mutated(value: Any, rng: Any, depth: int = 0) -> Any:
    """The value with something in it replaced, dropped or doubled."""
    odd: list[Any] = [
        None, True, -1, 1e308, float("inf"), "", "x" * 5000, "\x1b[2J", [], {}, [[]], "nowhere",
        {"target_id": "hall_1"}, 10**30, "café \u202e", ["a", 1], {"a": {"b": {}}}, "- {", "player",
    ]  # fmt: skip
    if depth > 0 and rng.random() < 0.15:
        return rng.choice(odd)
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        kept = {k: v for k, v in value.items() if k != key or rng.random() > 0.15}
        if key in kept:
            name = rng.choice([key, key, key, "Player", "a b'c: d", "room"])
            kept[name] = mutated(kept.pop(key), rng, depth + 1)
        return kept
    if isinstance(value, list) and value:
        n = rng.randrange(len(value))
        return [*value[:n], mutated(value[n], rng, depth + 1), *value[n + 1 :]]
    return rng.choice(odd)


SCRIPTED: dict[str, Any] = {
    "on_use": [
        {
            "remaining_uses": "40",
            "constraints": [
                {"type": "is_holding", "params": {"complement": "used_item"}},
                {"type": "used_with_item_name", "params": {"item": "box"}},
                {
                    "type": "attribute_compare_value",
                    "params": {
                        "type": "in_actor", "key": "health", "cmp_type": "eq", "list": "[1, 2]",
                    },
                },
            ],
            "events": [
                {"type": "broadcast_message", "params": {"self_view": "Hm.", "room_view": "Oh."}},
                {
                    "type": "modify_attribute",
                    "params": {"type": "in_actor", "key": "health", "value": "+2"},
                },
                {
                    "type": "create_entity",
                    "params": {"type": "in_room", "object": {"name": "pin", "desc": "A pin."}},
                },
            ],
        }
    ]
}  # fmt: skip
TALK = {
    "on_events": [[["HitEvent"], ["SayEvent", "Ow."]]],
    "quests": [{"goal_verb": "give", "object": "coin_6", "agent": "keeper_3", "text": "Give."}],
    "tags": ["a"],
    "attack_tagged_agents": ["!a"],
}


def test_mutated_files_are_worlds_or_errors(tmp_path: Path) -> None:
    import random

    from game.errors import WorldError

    rng = random.Random(11)
    base = graph(coin_6=SCRIPTED, keeper_3=TALK)
    file = tmp_path / "fuzz.json"
    played = 0
    for n in range(2500):
        data = copy.deepcopy(base)
        for _ in range(rng.randrange(1, 6)):
            data = mutated(data, rng)
        text = json.dumps(data)
        if n % 10 == 0:
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(["", "}", '"', "\\u0000"]) + text[at + 1 :]
        file.write_text(text)
        try:
            found, _ = import_light(file)
        except WorldError as error:
            assert error.message and "raceback" not in error.message
            continue
        world = compiled(found)
        played += 1
        if n % 25 == 0:
            for state, _ in random_play(world, n, 20):
                check_forest(state)
        if n % 50 == 0:
            main = write_world(found, tmp_path / f"w{n}", "Fuzz.")[0]
            assert load_world(main).rooms.keys() == world.rooms.keys()
            export_light(main)
    assert played > 1000


# -- the commands ---------------------------------------------------------------------------------


def test_the_commands_report_and_write(tmp_path: Path) -> None:
    file = tmp_path / "hall_and_yard.json"
    file.write_text(json.dumps(graph(keeper_3={"emoji": "x"})))
    folder = tmp_path / "made"
    result = CliRunner().invoke(command, ["import-light", str(file), "-o", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["rooms"], told["characters"], told["folder"]) == (2, 2, str(folder))
    assert {"field": "agent.emoji", "count": 1, "why": "we have no such field"} in told["kept"]
    again = CliRunner().invoke(command, ["import-light", str(file), "-o", str(folder)])
    assert "There is a world in" in str(again.exception)
    out = CliRunner().invoke(command, ["export-light", str(folder)])
    assert out.exit_code == 0, out.output
    assert json.loads(out.stdout)["nodes"]["keeper_3"]["emoji"] == "x"
    assert "2 rooms" in out.stderr
    nobody = ["import-light", str(file), "--player", "Nobody", "-o", str(tmp_path / "n")]
    result = CliRunner().invoke(command, nobody)
    assert "Nobody here is called" in str(result.exception)


def test_an_imported_world_is_played_from_its_start(tmp_path: Path) -> None:
    world, _ = bring(tmp_path, graph())
    state = world.initial_state(1)
    assert Action("go", "hall_1.out") in admissible(state, "player")
