"""The narrator takes up another adapter between turns, and goes on without a broken one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from game.errors import GameError
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
