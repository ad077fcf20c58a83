"""Prototypes are filled in, descriptions follow the state, and lore is found by what is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.authoring.problems import WorldFileError
from game.engine.conditions import lore_about
from game.engine.events import Action
from game.engine.model import World
from game.session import Session

HEAD = """\
format: 1
title: Test
player: {start: hall}
flags: {storm: false}
"""
WORLD = (
    HEAD
    + """\
prototypes:
  thing: {size: 2, tags: [odd]}
  lamp:
    based_on: thing
    description: A cold lamp.
    light: unlit
    tags: [shiny]
rooms:
  hall:
    description: A hall by day.
    variants:
      - if: [{flag: storm}, {has: brass}]
        text: A hall in a storm, and you with a lamp.
      - {if: {flag: storm}, text: A hall in a storm.}
    voice: Drafty.
    exits:
      north: {to: hall, variants: {if: {lit: brass}, text: It shines.}}
    items:
      brass:
        based_on: lamp
        name: a brass lamp
        variants: {if: {lit: brass}, text: A warm lamp.}
      tin: {based_on: lamp, size: 7}
    characters:
      cook: {voice: In riddles., variants: {if: {with: cook}, text: You are seen by the cook.}}
lore:
  soup: {about: [cook, hall], text: The soup is a secret.}
  wind: {about: hall, if: {flag: storm}, text: The chimney sings.}
"""
)


def load(folder: Path, text: str) -> World:
    (folder / "world.yaml").write_text(text)
    return load_world(folder)


def test_what_is_based_on_a_prototype_has_its_fields_and_its_own(tmp_path: Path) -> None:
    items = load(tmp_path, WORLD).items
    assert (items["brass"].size, items["tin"].size) == (2, 7)
    assert items["brass"].light and items["tin"].light
    assert items["tin"].description == "A cold lamp."
    assert items["tin"].tags == {"shiny"}
    assert items["brass"].name == "brass lamp"


def test_descriptions_follow_the_state(tmp_path: Path) -> None:
    session = Session(load(tmp_path, WORLD))
    assert "A hall by day." in session.opening().plain
    assert Action("examine", "hall.north") in [
        turn.action for turn in (session.command("examine north"),)
    ]
    session.command("take brass lamp")
    session.state.flags["storm"] = True
    session.state.scopes.clear()
    assert "and you with a lamp" in session.command("look").plain
    assert "A cold lamp." in session.command("examine brass lamp").plain
    session.command("light brass lamp")
    assert "A warm lamp." in session.command("examine brass lamp").plain
    assert "It shines." in session.command("examine north").plain
    session.command("drop brass lamp")
    assert "A hall in a storm.\n" in session.command("look").plain
    assert "seen by the cook" in session.command("examine cook").plain


def test_lore_is_about_what_is_at_hand_and_true(tmp_path: Path) -> None:
    world = load(tmp_path, WORLD)
    state = world.initial_state()
    assert lore_about(state, ["cook"]) == ["The soup is a secret."]
    assert lore_about(state, ["brass"]) == []
    state.flags["storm"] = True
    assert lore_about(state, ["hall"]) == ["The soup is a secret.", "The chimney sings."]
    assert world.rooms["hall"].voice == "Drafty."
    assert world.characters["cook"].voice == "In riddles."


def test_a_mistake_in_a_prototype_is_told_where_it_is_written(tmp_path: Path) -> None:
    text = HEAD + "prototypes:\n  p: {szie: 2}\nrooms:\n  hall: {items: {a: {based_on: p}}}\n"
    with pytest.raises(WorldFileError) as caught:
        load(tmp_path, text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == ("E012", 6)


@pytest.mark.parametrize(
    ("prototypes", "code"),
    [
        ("{p: {based_on: p}}", "E034"),
        ("{p: {based_on: q}, q: {based_on: p}}", "E034"),
        ("{p: {items: {b: {based_on: p}}}}", "E034"),
        ("{q: {}}", "E034"),
        ("3", "E034"),
    ],
)
def test_prototypes_that_lead_nowhere(prototypes: str, code: str, tmp_path: Path) -> None:
    text = HEAD + f"prototypes: {prototypes}\nrooms:\n  hall: {{items: {{a: {{based_on: p}}}}}}\n"
    with pytest.raises(WorldFileError) as caught:
        load(tmp_path, text)
    assert code in [p.code for p in caught.value.problems]


def test_prototypes_cannot_multiply_without_bound(tmp_path: Path) -> None:
    lines = ["  p0: {name: x}"]
    for n in range(1, 14):
        inner = ", ".join(f"i{n}_{k}: {{based_on: p{n - 1}}}" for k in range(10))
        lines.append(f"  p{n}: {{items: {{{inner}}}}}")
    text = HEAD + "prototypes:\n" + "\n".join(lines)
    text += "\nrooms:\n  hall: {items: {a: {based_on: p13}}}\n"
    with pytest.raises(WorldFileError) as caught:
        load(tmp_path, text)
    assert "E006" in [p.code for p in caught.value.problems]
