"""Maps: rooms stand where their exits point, and what hinders a walker is visible."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from click.testing import CliRunner
from rich.cells import cell_len

from game.authoring.load import load_world
from game.authoring.mapping import layout, mermaid, svg, terminal
from game.cli.world import world as group
from game.engine.model import World

VILLAGE = Path(__file__).parents[2] / "worlds" / "village"
WORLD = """\
format: 1
title: Tower & <Moat>
player: {start: yard}
rooms:
  yard:
    name: Yard
    exits:
      north: {to: hall, door: gate}
      east: {to: moat, one_way: true}
      secret: {to: vault, hidden: true}
      up: loft
  hall: {name: 大広間, exits: {south: {to: yard, door: gate}, in: yard2}}
  yard2: {name: Yard again, exits: {out: hall, south: yard3, west: hall}}
  yard3: {name: A third yard with a long name, exits: {north: yard2}}
  moat: {name: Moat, dark: true, exits: {west: moat2}}
  moat2: {name: More moat, exits: {east: moat}}
  vault: {name: Vault, exits: {secret: yard}}
  loft: {name: Loft, exits: {down: yard, north: attic}}
  attic: {name: Attic, exits: {south: loft}}
  island: {name: Island}
doors:
  gate: {name: the gate, locked: true, key: big_key}
items:
  big_key: {in: yard}
"""


def load(folder: Path) -> World:
    (folder / "world.yaml").write_text(WORLD)
    return load_world(folder)


def test_rooms_stand_where_their_exits_point(tmp_path: Path) -> None:
    spots = layout.lay_out(load(tmp_path)).spots
    assert len(set(spots.values())) == len(spots) == 10
    yard, hall, moat = spots["yard"], spots["hall"], spots["moat"]
    assert (hall.x, hall.y) == (yard.x, yard.y - 1)
    assert (moat.x > yard.x, moat.y) == (True, yard.y)
    assert spots["loft"].floor == 1 and spots["attic"].y < spots["loft"].y


def test_every_room_of_the_village_is_drawn_once_and_boxes_are_whole() -> None:
    world = load_world(VILLAGE)
    text = terminal.draw(layout.lay_out(world))
    assert text.count("┌") == text.count("┘") == len(world.rooms)
    assert "The Marketplace" in text and "The Drowned" in text
    assert "iron gate: heavy iron key" in text
    assert "│─────│" in text and "▼" in text and "□" in text
    assert "The Graveyard ─ down ─▶ The Marsh Family Crypt (iron gate, locked)" in text


def test_boxes_of_wide_letters_are_straight(tmp_path: Path) -> None:
    text = terminal.draw(layout.lay_out(load(tmp_path)))
    lines = text.split("\n")
    row = next(n for n, line in enumerate(lines) if "大広間" in line)
    box = lines[row].index("大広間")
    above = next(line for line in reversed(lines[:row]) if "┌" in line)
    right = cell_len(lines[row][: lines[row].index("│", box)])
    assert above[right] == "┐"


def test_a_spoiler_free_map_keeps_its_secrets(tmp_path: Path) -> None:
    world = load(tmp_path)
    full, free = layout.lay_out(world), layout.lay_out(world, spoilers=False)
    assert "vault" in full.spots and "island" in full.spots
    assert "vault" not in free.spots and "island" not in free.spots
    for secret in ("Vault", "locked", "big key", "◐", "Island"):
        assert secret in terminal.draw(full)
        assert secret not in terminal.draw(free) + mermaid.draw(free)
    for secret in ("Vault", "door locked", "room dark", "Island"):
        assert f'{secret}"' in svg.draw(full) or f">{secret}<" in svg.draw(full)
        assert f'{secret}"' not in svg.draw(free) and f">{secret}<" not in svg.draw(free)


def test_the_picture_is_well_formed_and_has_every_room(tmp_path: Path) -> None:
    for world in (load(tmp_path), load_world(VILLAGE)):
        picture = ElementTree.fromstring(svg.draw(layout.lay_out(world)))
        rooms = [r for r in picture.iter() if r.get("class", "").split()[:1] == ["room"]]
        assert len(rooms) == len(world.rooms)
        width = float(picture.get("width") or 0)
        assert all(float(r.get("x") or 0) + float(r.get("width") or 0) <= width for r in rooms)


def test_the_flowchart_names_every_room_and_way(tmp_path: Path) -> None:
    world = load(tmp_path)
    text = mermaid.draw(layout.lay_out(world))
    for room in world.rooms:
        assert f"    r_{room}" in text
    assert 'r_yard -->|"east"| r_moat' in text
    assert 'r_yard ---|"north / south, gate (locked)"| r_hall' in text
    assert 'r_yard -.-|"secret / secret"| r_vault' in text


def test_the_command_draws_in_every_way(tmp_path: Path) -> None:
    load(tmp_path)
    run = CliRunner().invoke
    assert "Yard *↑" in run(group, ["graph", str(tmp_path)]).output
    assert run(group, ["graph", str(tmp_path), "--mermaid"]).output.startswith("flowchart TB")
    file = tmp_path / "map.svg"
    assert run(group, ["graph", str(tmp_path), "--svg", str(file)]).output == ""
    assert file.read_text(encoding="utf-8").startswith("<svg")
    record = json.loads(run(group, ["graph", str(tmp_path), "--json", "--spoiler-free"]).output)
    yard = next(room for room in record["rooms"] if room["id"] == "yard")
    assert (yard["name"], yard["floor"], record["start"]) == ("Yard", 0, "yard")
    assert all(not way["hidden"] and not way["locked"] for way in record["ways"])
