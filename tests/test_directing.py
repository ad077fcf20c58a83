"""The director's hand: giving characters other roles in play, and what becomes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from game.acting.company import Company
from game.authoring.load import load_world
from game.cast import Cast, company
from game.engine.model import World
from game.engine.rules import canonical
from game.front.stage import Options, Stage
from game.front.why import why, why_sections
from game.session import Session

VILLAGE = Path(__file__).parents[1] / "worlds" / "village"


@cache
def village() -> World:
    return load_world(VILLAGE)


@cache
def thespians() -> Company:
    found = company(patient=True)
    assert found is not None
    return found


def session(seed: int = 3, saves: Path | None = None) -> Session:
    return Session(village(), seed=seed, cast=Cast(village(), thespians()), saves=saves)


def test_a_directed_character_plays_the_role_from_the_next_turn_on() -> None:
    game = session()
    assert game.command(":direct perpetua").plain == "Dame Perpetua Vane plays merchant."
    assert game.command(":direct perpetua as thief").plain == (
        "Dame Perpetua Vane plays thief from now on."
    )
    assert game.state.role["perpetua"] == "merchant" and game.number == 0
    game.command("wait")
    assert game.state.role["perpetua"] == "thief"
    assert game.command(":direct perpetua").plain == "Dame Perpetua Vane plays thief."


@pytest.mark.parametrize(
    ("said", "line", "told"),
    [
        ("0.6 thief 0.4 healer", "0.6 thief 0.4 healer", "60% thief and 40% healer"),
        ("3 thief and 1 healer", "0.75 thief 0.25 healer", "75% thief and 25% healer"),
        ("thief, healer", "0.5 healer 0.5 thief", "50% healer and 50% thief"),
        ("THIEF", "thief", "thief"),
    ],
)
def test_a_role_may_be_a_blend(said: str, line: str, told: str) -> None:
    game = session()
    assert told in game.command(f":direct perpetua as {said}").plain
    game.command("wait")
    assert game.state.role["perpetua"] == line


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (":direct", "Whom?"),
        (":direct nobody at all as thief", "There is nobody called nobody at all."),
        (":direct perpetua as theif", "Did you mean thief?"),
        (":direct perpetua as wizard", "Nobody knows the role wizard."),
        (":direct perpetua as 3", "Give a role"),
        (":direct perpetua as thief 2", "Give a role"),
        (":direct perpetua as 0 thief", "Give a role"),
        (":direct player as thief", "There is nobody called player."),
    ],
)
def test_what_cannot_be_directed_is_told_and_changes_nothing(line: str, answer: str) -> None:
    game = session()
    assert answer in game.command(line).plain
    before = session()
    before.command("wait")
    game.command("wait")
    assert game.state.digest() == before.state.digest()


def test_without_a_cast_nobody_can_be_directed() -> None:
    assert "Nobody is cast" in Session(village()).command(":direct perpetua as thief").plain


def test_a_direction_is_undone_replayed_and_saved(tmp_path: Path) -> None:
    game = session(saves=tmp_path)
    game.command(":direct perpetua as thief")
    for _ in range(4):
        game.command("wait")
    after = game.state.digest()
    game.command("save with a thief")
    for _ in range(4):
        game.command("undo")
    assert game.state.role["perpetua"] == "merchant"
    assert game.command(":direct perpetua").plain.startswith("Dame Perpetua Vane plays thief")
    for _ in range(4):
        game.command("wait")
    assert game.state.digest() == after  # as what they remember is undone with them

    other = session(seed=99, saves=tmp_path)
    assert "Restored" in other.command("restore with a thief").plain
    assert other.state.digest() == after and other.state.role["perpetua"] == "thief"
    assert other.cast is not None and game.cast is not None
    assert other.cast.memory() == game.cast.memory()
    for game_ in (game, other):
        game_.command("wait")
    assert game.state.digest() == other.state.digest()


def test_another_part_is_another_policy_in_the_same_state() -> None:
    """The prompt alone is swapped: the same cast, asked in the same state as two roles."""
    state = village().initial_state(3)
    why: dict[str, dict[str, float]] = {}
    for role in ("thief", "healer"):
        state.role["perpetua"] = role
        for rng in range(40):
            state.rng = rng
            decision = Cast(village(), thespians()).decide(state, "perpetua")
            if decision.policy.startswith("thespian"):
                why[role] = dict(decision.why)
                break
    assert why["thief"] != why["healer"]


TURNCOAT = """
format: 1
title: The Turncoat
player: {start: hall}
rooms:
  hall:
    items:
      ring: {tags: valuable, value: 9}
      coin: {tags: valuable, value: 9}
    characters:
      mira: {role: keeper, speed: 10}
roles:
  keeper: {rewards: {stop: {on: {event: blocked}}}}
  thief: {rewards: {loot: {on: {event: took, item: {tag: valuable}}, each: item}}}
  healer: {rewards: {hug: {on: {event: hugged}}}}
reactions:
  tempted:
    on: {event: emoted, text: wink, target: mira}
    do: [{role: {who: mira, to: {thief: 0.9, healer: 0.1}}}]
"""


def test_a_reaction_of_the_world_gives_a_role_and_the_thespian_takes_it_up(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(TURNCOAT)
    world = load_world(tmp_path)
    game = Session(world, seed=1, cast=Cast(world, thespians()), autosave=False)
    for _ in range(12):
        game.command("wait")
    owned = {"ring", "coin"} & set(game.state.contents["mira"])
    assert game.state.role["mira"] == "keeper" and not owned
    game.command("wink at mira")
    assert game.state.role["mira"] == "0.9 thief 0.1 healer"
    for _ in range(12):
        game.command("wait")
    assert {"ring", "coin"} <= set(game.state.contents["mira"])
    game.command("undo 13")
    assert game.state.role["mira"] == "keeper"


def test_plain_mode_takes_direction(home: Path) -> None:
    lines = b":direct perpetua as thief\nwait\n:direct perpetua\nundo\n:direct perpetua\nquit\n"
    done = subprocess.run(
        [sys.executable, "-m", "game", "play", "village", "--plain", "--no-llm", "--seed", "3"],
        input=lines, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    told = done.stdout.decode()
    assert told.count("Dame Perpetua Vane plays thief from now on.") == 2  # asked for, then undone
    assert "Dame Perpetua Vane plays thief.\n" in told


def test_why_tells_the_mix_and_the_five_likeliest_as_data() -> None:
    options = Options(
        "village", "json", seed=3, resume="never", llm=False, record=False, cast="thespian"
    )
    stage = Stage.open(options)
    world = stage.session.world
    stage.session.command(":direct tam as 0.6 thief 0.4 reveller")
    for _ in range(60):
        turn = stage.session.command("wait")
        for beat in turn.beats:
            if beat.actor != "tam" or beat.why is None or not beat.why().mix:
                continue
            list(stage.tell(turn))
            told = next(t for t in stage.tellings.told if t.occasion.beat is beat)
            data = json.loads(json.dumps(why(told, world)))
            explained = data["explanation"]
            assert explained["policy"].startswith("thespian-")
            assert explained["mix"] == {"thief": 0.6, "reveller": 0.4}
            assert sum(explained["attention"].values()) == pytest.approx(1, abs=1e-3)
            chances = [option["probability"] for option in explained["options"]]
            assert 1 <= len(chances) <= 5 and chances == sorted(chances, reverse=True)
            assert isinstance(explained["hope"], float)
            page = "\n".join(line for _, rows in why_sections(data) for _, line in rows)
            assert "The mix: 60% thief, 40% reveller" in page
            done = [canonical(world, option.action) for option in beat.why().options]
            assert [option["action"] for option in explained["options"]] == done
            stage.close()
            return
    pytest.fail("Old Tam did nothing in its part before the player's eyes.")


def test_the_page_says_who_said_what_was_answered() -> None:
    stage = Stage.open(Options("village", "plain", seed=7, llm=False))
    turn = stage.session.command("ask bregan about old tam")
    list(stage.tell(turn))
    answered = next(t for t in stage.tellings.told if t.occasion.cue is not None)
    lines = [
        line for _, rows in why_sections(why(answered, stage.session.world)) for _, line in rows
    ]
    assert lines[0] == "You said: Tell me about Old Tam."
    stage.close()
