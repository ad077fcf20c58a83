"""The solver finds ways that the rules accept, the shortest when it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.authoring.solver import Search, _Solver, complete_quest
from game.engine.events import Action
from game.engine.model import World
from game.session import Session

HEAD = """\
format: 1
title: T
player: {start: a, capacity: 2, strength: 9, dexterity: 9}
rooms:
  a: {exits: {east: {to: b, door: gate}, west: c}}
  b: {exits: {west: {to: a, door: gate}, down: cellar}}
  c: {exits: {east: a}}
  cellar: {dark: true, exits: {up: b}}
doors: {gate: {locked: true, key: big_key}}
characters:
  ogre: {in: c, health: 3, carrying: {ruby: {}}}
  sage: {in: c}
items:
  big_key: {in: nest}
  nest: {in: c, container: {closed: true}}
  lamp: {in: a, light: unlit, hidden: true}
  pearl: {in: cellar}
  stone: {in: a, size: 2}
  crown: {in: nowhere}
flags: {told: false}
reactions:
  password:
    on: {event: said, actor: player, text: {contains: [mellon, friend]}}
    do: {set: told}
  gift:
    on: {event: gave, actor: player, item: pearl, target: sage}
    if: {flag: told}
    do: {move: {thing: crown, to: player}}
quests:
  q: {name: Q, goals: {g: {text: G., on: GOAL}}}
"""


def solved(folder: Path, goal: str, extra: str = "", limit: int = 4000) -> tuple[World, Search]:
    (folder / "world.yaml").write_text(HEAD.replace("GOAL", goal) + extra)
    world = load_world(folder)
    return world, complete_quest(world, "q", limit)


@pytest.mark.parametrize(
    ("goal", "steps"),
    [
        ("{event: arrived, actor: player, room: c}", 1),
        ("{event: emoted, actor: player, text: wave}", 1),
        ("{event: said, actor: player, text: {contains: mellon}}", 1),
        ("{event: told, actor: player, target: sage, text: {contains: hello}}", 2),
        ("{event: dropped, item: stone}", 2),
        ("{event: arrived, actor: player, room: b}", 7),
        ("{event: took, item: pearl}", 13),
        ("{event: died, actor: ogre}", 2),
        ("{event: [stole, took], item: ruby}", 2),
        ("{event: received, item: crown}", None),
    ],
)
def test_every_kind_of_goal(goal: str, steps: int | None, tmp_path: Path) -> None:
    world, found = solved(tmp_path, goal)
    assert found.actions is not None
    if steps is not None:
        assert (len(found.actions), found.shortest) == (steps, True), found.commands(world)


@pytest.mark.parametrize(
    "goal",
    [
        "{event: took, item: pearl}",
        "{event: received, item: crown}",
        "{event: arrived, actor: player, room: cellar}",
    ],
)
def test_the_commands_of_a_solution_play(goal: str, tmp_path: Path) -> None:
    world, found = solved(tmp_path, goal)
    session = Session(world, seed=1)
    for command in found.commands(world):
        session.command(command)
    assert session.state.quests["q"] == "done"


def test_hands_that_are_full_are_emptied(tmp_path: Path) -> None:
    world, found = solved(tmp_path, "{event: took, item: pearl}")
    assert found.actions is not None
    assert "drop big key" in found.commands(world)


def test_a_way_is_shown_without_its_detours(tmp_path: Path) -> None:
    world, found = solved(tmp_path, "{event: arrived, actor: player, room: b}")
    assert found.actions is not None
    solver = _Solver(world.quests["q"], world.initial_state(1))
    there, back = Action("go", "a.west"), Action("go", "c.east")
    take, drop = Action("take", "stone"), Action("drop", "stone")
    silly = (there, back, take, there, Action("hug", "sage"), back, drop, *found.actions)
    assert solver.without_detours(silly) == found.actions


def test_what_cannot_be_done_is_not_found(tmp_path: Path) -> None:
    _, found = solved(tmp_path, "{event: ate, item: stone}", limit=1000)
    assert found.actions is None


def test_a_bound_is_kept(tmp_path: Path) -> None:
    _, found = solved(tmp_path, "{event: received, item: crown}", limit=40)
    assert found.actions is None and not found.exhausted and found.states <= 60
