"""The tutorial teaches what it says by being played, thumbs and undo included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from game.engine.model import World
from tests.worlds.walking import Walk, shipped

ROOT = Path(__file__).parents[2]

#: What a beginner types who does as Mrs Quill says, and what she says next.
LESSONS = (
    ("look", "EXAMINE CALLBOARD"),
    ("x callboard", "TAKE KEY"),
    ("take key", "UNLOCK DOOR WITH KEY"),
    ("unlock door with key", "thought to have meant the rest"),
    ("open door", "EAST, or E"),
    ("east", "SEARCH BASKET"),
    ("search basket", "WEAR COAT"),
    ("take lamp", ""),
    ("take coat", ""),
    ("wear coat", "NORTH"),
    ("north", "LIGHT LAMP"),
    ("light lamp", "TAKE SPECTACLES"),
    ("take spectacles", ""),
    ("east", "TALK TO FITCH"),
    ("talk to fitch", "ASK FITCH ABOUT SPECTACLES"),
    ("ask fitch about his spectacles", "GIVE SPECTACLES TO FITCH"),
    ("give spectacles to fitch", "NORTH, to the stage"),
    ("north", "PRESS BUTTON"),
    ("press button", "UNDO"),
)


@pytest.fixture(scope="module")
def world() -> World:
    return shipped("tutorial")


def taught(walk: Walk) -> None:
    for line, says in LESSONS:
        assert says in walk.do(line), f"> {line}\n{walk.told}"


@pytest.mark.parametrize("seed", ["alone", 0, 1, 2, 3])
def test_every_lesson_follows_from_the_one_before(world: World, seed: int | str) -> None:
    walk = Walk(world) if seed == "alone" else Walk(world, int(seed), cast=True)
    taught(walk)
    assert walk.state.flags["pressed"]
    assert walk.session.command("undo").plain.startswith("[Undone")
    assert not walk.state.flags["pressed"]
    assert "F5, or type :up" in walk.do("x card")
    walk.do("ring bell")
    assert walk.state.ended == "beginners"
    assert walk.state.quests["rehearsal"] == "done"


def test_who_does_not_undo_gets_a_curtain_all_the_same(world: World) -> None:
    walk = Walk(world)
    taught(walk)
    walk.do("ring bell")
    assert walk.state.ended == "rubble"


def test_the_guide_keeps_up_and_forgives(world: World) -> None:
    walk = Walk(world, 5, cast=True)
    walk.do("take key", "open door", "e", "n", "e")
    assert walk.state.room_of("quill") == "green_room"
    assert "UNDO, if you please" in walk.do("hit fitch")
    assert "Not without your cue" in walk.do("n", "ring bell")


def test_it_can_be_played_and_thumbed_as_plain_lines(tmp_path: Path) -> None:
    lines = [line for line, _ in LESSONS] + ["undo", "x card", ":up funny", "ring bell", "quit"]
    played = subprocess.run(
        [sys.executable, "-m", "game", "play", "tutorial", "--plain", "--no-llm", "--seed", "7"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"GAME_HOME": str(tmp_path)},
        timeout=60,
        check=True,
    )
    assert "Thumb up (funny)" in played.stdout
    assert "Beginners, please." in played.stdout
