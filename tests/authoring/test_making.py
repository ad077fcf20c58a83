"""Beginning, laying out, trying and watching a world."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from game.authoring.formatting import formatted
from game.authoring.load import load_world
from game.authoring.staging import begin_elsewhere, carry_over
from game.cli.world import world as group
from game.errors import UsageError, WorldError
from game.session import Session

WORLDS = Path(__file__).parents[2] / "worlds"
VILLAGE = WORLDS / "village"


def run(*args: str, **more: Any) -> Result:
    return CliRunner().invoke(
        group, list(args), standalone_mode=False, catch_exceptions=False, **more
    )


# -- new ------------------------------------------------------------------------------------------


def test_a_new_world_is_sound_tested_and_canonical(home: Path) -> None:
    output = run("new", "Old Mill").output
    folder = home / "worlds" / "old-mill"
    assert str(folder / "world.yaml") in output
    assert run("check", "old-mill", "--strict").return_value == 0
    assert run("test", "old-mill").return_value == 0
    assert run("fmt", "old-mill", "--check").return_value == 0
    assert load_world(folder).title == "Old Mill"
    schema = json.loads((folder / "schema.json").read_text())
    assert schema["title"].startswith("Limelight world")


def test_new_overwrites_nothing_and_takes_any_name(tmp_path: Path) -> None:
    run("new", 'a "quoted": name', "-o", str(tmp_path / "x"))
    assert load_world(tmp_path / "x").title == "A Quoted Name"
    with pytest.raises(WorldError, match="There is something in"):
        run("new", "again", "-o", str(tmp_path / "x"))
    with pytest.raises(UsageError, match="no name"):
        run("new", "!!!", "-o", str(tmp_path / "y"))
    assert not (tmp_path / "y").exists()


# -- fmt ------------------------------------------------------------------------------------------

UNTIDY = """\
# What it is.
format:   1
title:  'Test'   # the name


player: {start:   hall}
rooms:
      hall:
            description: >-
               Folded
               text.
            tags:
            - a   # why
            - b
            exits: {north: hall,   up: {to: hall, label: "a very long label", description: "a text \
that goes on for so long that it is past the hundredth column"}}
# the end
"""
TIDY = """\
# What it is.
format: 1
title: 'Test' # the name

player: {start: hall}
rooms:
  hall:
    description: >-
      Folded
      text.
    tags:
      - a # why
      - b
    exits: {north: hall, up: {to: hall, label: "a very long label", description: "a text \
that goes on for so long that it is past the hundredth column"}}
# the end
"""


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def test_a_file_is_laid_out_and_keeps_its_comments() -> None:
    assert squeezed(formatted(UNTIDY)) == squeezed(TIDY)
    lines = formatted(UNTIDY).split("\n")
    assert "  hall:" in lines and "    tags:" in lines
    assert any(line.startswith("      - a") for line in lines)
    assert formatted(formatted(UNTIDY)) == formatted(UNTIDY)


def test_the_village_is_laid_out_canonically() -> None:
    assert run("fmt", "village", "--check").return_value == 0


def test_layout_changes_no_world(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(VILLAGE, tmp_path / "v"))
    file = copy / "people.yaml"
    wide = re.sub(r"^( +)", r"\1\1", file.read_text(encoding="utf-8"), flags=re.M)
    file.write_text(wide, encoding="utf-8")
    before = load_world(copy)
    run("fmt", str(copy))
    assert file.read_text(encoding="utf-8") != wide
    assert load_world(copy) == before


def test_what_is_not_yaml_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("title: [\n")
    with pytest.raises(WorldError, match="is not YAML"):
        run("fmt", str(tmp_path))
    assert file.read_text() == "title: [\n"


# -- play and watch -------------------------------------------------------------------------------


def test_play_from_a_room_holding_things(home: Path) -> None:
    out = run(
        "play", "village", "--from", "crypt", "--holding", "pearl", "--holding", "long sword",
        "--json", input="open sarcophagus\n",
    ).output  # fmt: skip
    opening, opened = [json.loads(line) for line in out.splitlines()]
    assert "Marsh Family Crypt" in opening["plain"]
    held = json.dumps(opening["inventory"])
    assert "pearl" in held and "sword" in held
    assert "opened" in [e["type"] for e in opened["events"]]
    assert not list(home.rglob("*autosave*"))


def test_unknown_rooms_and_things_are_said() -> None:
    world = load_world(VILLAGE)
    with pytest.raises(UsageError, match="did you mean 'crypt'"):
        begin_elsewhere(world, "cript")
    with pytest.raises(UsageError, match="no thing 'iron_gate'"):
        begin_elsewhere(world, None, ["iron_gate"])


def changed(folder: Path, old: str, new: str) -> Path:
    for file in folder.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if old in text:
            file.write_text(text.replace(old, new), encoding="utf-8")
            return folder
    raise AssertionError(old)


def test_a_game_is_carried_over_to_a_changed_world(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VILLAGE, tmp_path / "v"))
    session = Session(load_world(folder))
    for command in ("take bread", "give bread to tam", "east", "open studded door", "take wine"):
        session.command(command)
    changed(folder, "A plank with ambitions.", "A plank without ambitions.")
    changed(folder, "      spade:\n", "      shovel:\n")
    changed(folder, "start: tavern", "start: crypt")
    changed(folder, "wine_paid: false", "wine_paid: 0")
    changed(folder, "{not: {flag: wine_paid}}", "{not: {flag: {name: wine_paid, is: 1}}}")
    changed(folder, "- set: wine_paid", "- add: {flag: wine_paid}")
    state = carry_over(session.state, load_world(folder))
    assert state.room_of("player") == "marketplace"
    assert state.parent["whistle"] == state.parent["wine"] == "player"
    assert "studded_door" in state.opened
    assert state.fired["tam_fed"] == 1 and state.score == session.state.score
    assert "shovel" in state.parent and "spade" not in state.parent
    assert state.flags["wine_paid"] == 0
    assert state.mood_of("tam") == "content"
    assert "without ambitions" in state.world.items["bar"].description
    for thing, parent in state.parent.items():
        assert thing in state.contents[parent]


NESTS = """\
format: 1
title: T
player: {start: a}
rooms:
  a: {exits: {in: b}}
  b: {exits: {out: a}}
items:
  box: {in: a, container: true}
  bag: {in: a, container: true}
"""


def test_nothing_lands_inside_itself_or_in_what_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(NESTS)
    session = Session(load_world(tmp_path))
    session.command("put bag in box. in")
    assert session.state.parent["bag"] == "box"
    assert session.state.parent["player"] == "b"
    changed_world = NESTS.replace("box: {in: a,", "box: {in: bag,").replace("in: b}}", "in: a}}")
    file.write_text(changed_world.replace("  b: {exits: {out: a}}\n", ""))
    state = carry_over(session.state, load_world(tmp_path))
    assert (state.parent["box"], state.parent["bag"]) == ("bag", "a")
    assert state.room_of("player") == "a"


def test_watching_as_json_says_what_was_read_again(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VILLAGE, tmp_path / "v"))
    game = subprocess.Popen(
        [sys.executable, "-m", "game", "world", "watch", str(folder), "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, encoding="utf-8", cwd=WORLDS.parent,
    )  # fmt: skip
    assert game.stdin is not None and game.stdout is not None
    try:
        assert json.loads(game.stdout.readline())["room"] == "tavern"
        changed(folder, "title: Saltmarsh End", "titel: Saltmarsh End")
        assert "E012" in json.loads(game.stdout.readline())["error"]["message"]
        changed(folder, "titel: Saltmarsh End", "title: Saltmarsh Edge")
        assert json.loads(game.stdout.readline())["reloaded"] == "Saltmarsh Edge"
        game.stdin.close()
        assert game.wait(timeout=60) == 0
    finally:
        game.kill()
        game.wait()


def test_watching_takes_up_changes_while_playing(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VILLAGE, tmp_path / "v"))
    game = subprocess.Popen(
        [sys.executable, "-m", "game", "world", "watch", str(folder), "--from", "marketplace"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", cwd=WORLDS.parent,
    )  # fmt: skip
    assert game.stdin is not None and game.stdout is not None

    def until(words: str) -> None:
        assert game.stdout is not None
        for line in game.stdout:
            if words in line:
                return
        raise AssertionError(f"never said: {words}")

    def say(line: str) -> None:
        assert game.stdin is not None
        game.stdin.write(line + "\n")
        game.stdin.flush()

    try:
        until("eleven pigeons")
        say("south")
        say("take pearl")
        until("You take")
        time.sleep(0.05)
        changed(folder, "Nets, floats, hooks", "Nets, boats, hooks")
        until("Nets, boats, hooks")
        changed(folder, "title: Saltmarsh End", "titel: Saltmarsh End")
        until("E012 unknown field 'titel'")
        say("inventory")
        until("pearl")
        changed(folder, "titel: Saltmarsh End", "title: Saltmarsh Edge")
        until("Read again: Saltmarsh Edge")
        say("quit")
        assert game.wait(timeout=20) == 0
    finally:
        game.kill()
        game.wait()
