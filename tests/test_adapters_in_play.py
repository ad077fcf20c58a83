"""The narrator takes up another adapter between turns, and goes on without a broken one."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.registry import Registry
from game import paths
from game.cli import main
from game.errors import GameError
from game.feedback import FeedbackStore
from game.llm.scripted import ScriptedModel
from game.narrator.adapters import NarratorAdapter
from game.performance import Performer
from game.session import Session
from tests.engine.small_world import small_world


@dataclass
class Shelf:
    """An adapter registry that the test changes."""

    chosen: NarratorAdapter | None = None
    turn: int = 0
    broken: bool = False

    def stamp(self) -> object:
        return self.turn

    def active(self, base: str) -> NarratorAdapter | None:
        if self.broken:
            raise GameError("The adapter is damaged.", "Go back with: game adapters rollback")
        return self.chosen


class Recording(ScriptedModel):
    """The scripted model, remembering which adapter it was last told to use."""

    now: str | None = None

    def use_adapter(self, path: str | None) -> None:
        self.now = path


def tellings(performer: Performer, session: Session, line: str) -> list[str]:
    turn = session.command(line)
    return [p.final.prose for p in performer.perform(turn) if p.final is not None]


def test_the_next_turn_is_told_with_the_adapter_that_became_active() -> None:
    session = Session(small_world())
    model = Recording(["You wave at the hall."] * 60)
    shelf = Shelf()
    performer = Performer(session, model, adapters=shelf)
    tellings(performer, session, "wave")
    assert model.now is None
    shelf.chosen, shelf.turn = NarratorAdapter(Path("one.gguf"), schooled=True), 1
    tellings(performer, session, "wave")
    assert model.now == "one.gguf"
    shelf.chosen, shelf.turn = None, 2
    tellings(performer, session, "wave")
    assert model.now is None


def test_a_broken_adapter_is_named_and_the_bare_model_goes_on() -> None:
    session = Session(small_world())
    model = Recording(["You wave at the hall."] * 60)
    performer = Performer(session, model, adapters=Shelf(broken=True, turn=3))
    assert tellings(performer, session, "wave")
    assert "game adapters rollback" in performer.trouble and model.now is None


@pytest.mark.slow
def test_a_running_game_takes_up_what_another_process_chose(home: Path) -> None:
    """The model that comes with the game, first in the house style and then as it came."""
    game = subprocess.Popen(
        [sys.executable, "-m", "game", "play", "village", "--json", "--seed", "7"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert game.stdin is not None and game.stdout is not None
    game.stdout.readline()  # the opening

    def told(*lines: str) -> set[str | None]:
        """The adapters that wrote the tellings of these turns."""
        assert game.stdin is not None and game.stdout is not None
        numbers = []
        for line in lines:
            game.stdin.write(f"{line}\n")
            game.stdin.flush()
            numbers.append(json.loads(game.stdout.readline())["generation"])
        with FeedbackStore(paths.feedback_db()) as store:
            found = [store.generation(number) for number in numbers if number is not None]
        return {row.adapter_id for row in found if row is not None}

    try:
        assert told("wave", "bow", "nod", "shrug") == {Registry().get("shipped").adapter_hash}
        assert main(["adapters", "use", "none"]) == 0
        assert told("wave", "bow", "nod", "shrug") == {None}
        game.communicate(timeout=120)
        assert game.returncode == 0
    finally:
        game.kill()
