"""`game cast`: the roles there are, how well they are played, and learning another one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agents.thespian import checkpoint, lessons
from agents.thespian.playbill import SHIPPED, in_use
from agents.thespian.worlds import REPERTOIRE
from game.cast import Cast, company
from game.cli import main
from game.cli.cast import chart

VILLAGE = Path(__file__).parents[1] / "worlds" / "village"
ROGUE = """roles:
  rogue:
    description: You take what you fancy and fight for the rest.
    rewards:
      wine: {on: {event: [took, stole], item: wine}}
      sword: {on: {event: took, item: sword}}
      wield: {on: {event: wielded, item: sword}}
"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The village with a role that the cast has never played."""
    folder = tmp_path / "village"
    shutil.copytree(VILLAGE, folder)
    story = folder / "story.yaml"
    text = story.read_text("utf-8")
    assert text.count("\nroles:\n") == 1
    story.write_text(text.replace("roles:\n", ROGUE, 1), "utf-8")
    return folder


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "PROBE_GAMES", 2)
    monkeypatch.setattr(lessons, "RATING_GAMES", 2)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_shipped_roles_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cast", "list"]) == 0
    captured = capsys.readouterr()
    assert captured.out.split()[:2] == ["thief", "adventurer"] and "came with" in captured.err
    assert main(["cast", "list", "--json"]) == 0
    (found,) = told(capsys)
    assert found["version"] == "shipped" and found["learned"] == [] and found["versions"] == []


def test_a_role_is_rated_beside_the_heuristic_and_chance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["cast", "evaluate", "--role", "merchant", "--games", "2", "--json"]) == 0
    (found,) = told(capsys)
    assert found["role"] == "merchant" and found["games"] == 2 and found["most"] == 5
    assert found["cast"] > found["chance"]


def test_a_role_is_learned_kept_played_and_taken_back(
    world: Path, brief: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cast", "train", str(world), "--role", "rogue", "--steps", "80", "--json"]) == 0
    *points, report = told(capsys)
    assert [p["event"] for p in points] == ["point"] * len(points) and points
    assert report["event"] == "report" and report["version"] == "cast-1"
    assert main(["adapters", "use", "cast-1", "--what", "cast"]) == 0
    capsys.readouterr()

    assert main(["cast", "list", "--json"]) == 0
    (found,) = told(capsys)
    assert found["version"] == "cast-1" and found["learned"] == ["rogue"]
    assert main(["cast", "evaluate", str(world), "--role", "rogue", "--games", "2"]) == 0
    assert "rogue" in capsys.readouterr().out

    before, after = checkpoint.load(SHIPPED), checkpoint.load(in_use())
    assert checkpoint.digest(before.net) == checkpoint.digest(after.net) == report["core"]
    played(world)

    assert main(["adapters", "rollback", "--what", "cast"]) == 0
    assert "came with the game" in capsys.readouterr().err
    assert in_use() == SHIPPED


def played(folder: Path) -> None:
    """The learned role, alone and in a blend, decides on the stage, and says why."""
    from game.authoring.load import load_world

    world = load_world(folder)
    found = company(patient=True)
    assert found is not None
    assert found.plays(world, "rogue") and found.plays(world, "0.5 rogue 0.5 thief")
    for role in ("rogue", "0.5 rogue 0.5 thief"):
        state = world.initial_state(1)
        state.role["perpetua"] = role
        for rng in range(40):
            state.rng = rng
            cast = Cast(world, found)
            decision = cast.decide(state, "perpetua")
            if decision.policy.startswith("thespian"):
                why = cast.explain(state, decision)
                assert why.role == role and sum(why.attention.values()) == pytest.approx(
                    1, abs=1e-3
                )
                break
        else:
            pytest.fail("The role was never played.")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["train", "village", "--role", "wizard"], "has no role 'wizard'"),
        (["train", "village", "--role", "thief"], "knows the role thief already"),
        (["train", "village", "--role", "beast"], "Nothing in Saltmarsh End"),
        (["train", "nowhere", "--role", "thief"], "no world called 'nowhere'"),
        (["train", "village"], "--role"),
        (["train", "village", "--role", "x", "--steps", "9000"], "3000"),
        (["evaluate", "nowhere"], "no world called 'nowhere'"),
        (["evaluate", "--role", "wizard"], "has no role 'wizard'"),
        (["evaluate", "--games", "0"], "--games"),
    ],
)
def test_bad_input_is_told(args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cast", *args]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.out == "" and "Traceback" not in captured.err


def test_a_damaged_version_leaves_the_shipped_cast_playing(
    world: Path, brief: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cast", "train", str(world), "--role", "rogue", "--steps", "40", "--json"]) == 0
    assert main(["adapters", "use", "cast-1", "--what", "cast"]) == 0
    (in_use() / "thespian.safetensors").write_bytes(b"no")
    found = company(patient=True)
    assert found is not None and found.roles == set(REPERTOIRE)


def test_the_chart_grows_with_the_score() -> None:
    lines = chart([(0, 0.0), (250, 50.0), (500, 100.0)])
    columns = ["".join(line[7 + 3 * n] for line in lines[:-1]) for n in range(3)]
    assert [column.count("█") for column in columns] == [0, 3, 6]
    assert lines[-1].endswith("500 steps: 100%") and chart([]) == []
