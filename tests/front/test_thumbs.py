"""Typed thumbs, and the ballot that keeps them on the telling they were meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.errors import UsageError
from game.feedback.store import FeedbackStore
from game.front.thumbs import Ballot, Target, ThumbCommand, parse_thumb


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":up", ThumbCommand(1, 1, ())),
        (":down", ThumbCommand(-1, 1, ())),
        (":clear", ThumbCommand(0, 1, ())),
        (":UP 2", ThumbCommand(1, 2, ())),
        (":up vivid", ThumbCommand(1, 1, ("vivid",))),
        (":up in character vivid", ThumbCommand(1, 1, ("in character", "vivid"))),
        (":down 3 too long, wrong", ThumbCommand(-1, 3, ("too long", "wrong"))),
        (":down dull dull", ThumbCommand(-1, 1, ("dull",))),
        (":down purple", ThumbCommand(-1, 1, ("purple",))),
        ("up", None),
        (":upward", None),
        ("say :up", None),
        ("", None),
    ],
)
def test_typed_thumbs(text: str, expected: ThumbCommand | None) -> None:
    assert parse_thumb(text) == expected


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.db")


def told(store: FeedbackStore, plain: str) -> Target:
    session = store.start_session(world="w", world_hash="h", seed=1, game_version="0", mode="plain")
    row = store.record_turn(
        session, 1, command="look", action="look", plain=plain, room="r", state_hash="s"
    )
    assert row is not None
    return Target("telling", row)


def test_a_thumb_goes_to_its_target_and_is_reported(store: FeedbackStore) -> None:
    heard: list[Target] = []
    ballot = Ballot(store, heard.append)
    first, second = told(store, "one"), told(store, "two")
    ballot.vote(first, -1, ("dull",))
    assert ballot.standing(first) == (-1, ("dull",)) and ballot.standing(second) == (0, ())
    assert heard == [first]


def test_thumbs_wait_for_training_until_they_are_taken_back(store: FeedbackStore) -> None:
    session = store.start_session(world="w", world_hash="h", seed=1, game_version="0", mode="plain")
    row = store.record_decision(
        session, 1, character="c", observation="{}", admissible=["wait"], chosen="wait",
        logprob=0.0, policy_id="p",
    )  # fmt: skip
    assert row is not None
    ballot = Ballot(store)
    assert ballot.vote(Target("decision", row), 1) == 1
    assert ballot.pending() == 1
    assert ballot.vote(Target("decision", row), 0) == 0


def test_without_a_store_a_thumb_is_refused() -> None:
    with pytest.raises(UsageError, match="off"):
        Ballot(None).vote(Target("telling", 1), 1)
    assert Ballot(None).pending() == 0


def test_a_thumb_is_refused_while_recording_is_off(store: FeedbackStore) -> None:
    target = told(store, "one")
    store.set_recording(False)
    with pytest.raises(UsageError, match="game feedback on"):
        Ballot(store).vote(target, 1)
