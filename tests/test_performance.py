"""Turns performed: what is told by whom, in which order, and what is kept for learning."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from game.errors import FeedbackError
from game.feedback.store import FeedbackStore
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.scripted import ScriptedModel
from game.performance import Performer, Piece
from game.session import Session
from tests.narrator.stage import stage
from tests.worlds.walking import Walk, shipped


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    found = FeedbackStore(tmp_path / "feedback.db")
    yield found
    found.close()


def perform(session: Session, performer: Performer, command: str) -> list[Piece]:
    return list(performer.perform(session.command(command)))


def test_without_a_model_everything_is_plain(store: FeedbackStore) -> None:
    session = Session(stage(), store=store)
    pieces = perform(session, Performer(session, None, store), "take copper coin")
    assert [p.text for p in pieces] == ["You take the copper coin."]
    assert all(p.final is not None and p.final.source == "plain" for p in pieces)


def test_a_generation_is_kept_with_its_log_probs_and_marked_as_shown(store: FeedbackStore) -> None:
    session = Session(stage(), store=store)
    model = ScriptedModel(["You pick up the copper coin."] * 4)
    (piece,) = perform(session, Performer(session, model, store), "take copper coin")
    assert piece.final is not None and piece.final.source == "model"
    assert piece.final.generation is not None
    row = store.generation(piece.final.generation)
    assert row is not None
    assert row.text == "You pick up the copper coin."
    assert len(row.logprobs) == len(row.completion_ids) == len(row.kept_mass) > 0
    assert row.kind == "narration" and row.model_hash == "scripted" and row.shown_at
    assert any(s["used"] for s in row.sentences)
    assert "seed" not in row.sampler


def test_a_store_that_fails_in_the_middle_of_a_telling_loses_no_telling(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(stage(), store=store)
    replies = ["You pick up the copper coin.", *["You stoop and take the copper coin."] * 20]
    performer = Performer(session, ScriptedModel(replies), store)
    turn = session.command("take copper coin")
    asked: list[object] = []

    def full(*args: object, **fields: object) -> int:
        asked.append(args)
        raise FeedbackError("The disk is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(store, "record_generation", full)
        (piece,) = performer.perform(turn)
        assert piece.occasion is not None
        assert performer.retell(piece.occasion, [piece.text]).source == "model"
    assert piece.final is not None and piece.final.source == "model"
    assert piece.text == "You pick up the copper coin." and piece.final.generation is None
    assert len(asked) == 1  # a try may wait for a lock, so there is one a turn
    session.command("drop copper coin")
    (piece,) = perform(session, performer, "take copper coin")
    assert piece.final is not None and piece.final.generation is not None


def test_notices_and_refusals_are_never_retold(store: FeedbackStore) -> None:
    session = Session(stage(), store=store)
    model = ScriptedModel([])
    performer = Performer(session, model, store)
    for command in ("inventory", "take chest", "frobnicate", "help"):
        turn = session.command(command)
        assert not performer.narrates(turn)
        assert [p.text for p in performer.perform(turn)] == [b.plain for b in turn.beats]
    assert model.prompts == []


def test_what_using_a_thing_comes_to_and_the_end_of_a_story_are_the_authors() -> None:
    walk = Walk(shipped("interval"))
    performer = Performer(walk.session, ScriptedModel([]))
    assert performer.narrates(walk.session.command("take prompt book"))
    assert not performer.narrates(walk.session.command("ring bell"))
    walk.do("n", "n", "e", "e")
    last = walk.session.command("go to belling")
    assert last.done and not performer.narrates(last)


def test_what_a_character_knows_is_told_in_its_voice_after_the_beats() -> None:
    session = Session(stage())
    model = ScriptedModel(["Rats, the cellar below the tavern is full of them."] * 4)
    performer = Performer(session, model)
    session.command("tell keeper hello")
    pieces = perform(session, performer, "ask keeper about the cellar")
    assert pieces[0].text == 'You say to the keeper, "Tell me about the cellar."'
    last = pieces[-1].final
    assert last is not None and last.kind == "speech" and last.speaker == "keeper"
    assert last.prose == 'The keeper says, "Rats, the cellar below the tavern is full of them."'


def test_cancelling_leaves_the_plain_facts() -> None:
    session = Session(stage())
    cancel = threading.Event()
    cancel.set()
    performer = Performer(session, ScriptedModel(["You pick up the copper coin."] * 4))
    (piece,) = performer.perform(session.command("take copper coin"), cancel=cancel)
    assert piece.text == "You take the copper coin."


def test_the_real_model_tells_most_of_a_walk(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine must not decide whether the test passes.
    for name in ("PATIENCE", "PATIENCE_FOR_BETTER", "DEADLINE"):
        monkeypatch.setattr(f"game.narrator.telling.{name}", 120.0)
    model = LlamaModel(bundled_model_path(), context=1024, threads=1)
    try:
        session = Session(stage(), seed=2, store=store)
        performer = Performer(session, model, store)
        finals = []
        for command in ("north", "take dawnbringer", "wave", "south", "take knife", "drop knife"):
            finals += [p.final for p in perform(session, performer, command) if p.final]
    finally:
        model.close()
    told = [t for t in finals if t.source == "model"]
    assert len(told) >= 4
    for telling in told:
        assert telling.generation is not None
        row = store.generation(telling.generation)
        assert row is not None and len(row.logprobs) == len(row.completion_ids) > 0
