"""What the store keeps, what it refuses, and which votes stand."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from game.errors import FeedbackError
from game.feedback import FeedbackStore
from game.feedback.store import timestamp

from .conftest import DECISION, GENERATION, SESSION, TURN

Record = Callable[..., int]


def test_a_generation_comes_back_as_it_was_recorded(
    store: FeedbackStore, session: str, generate: Record
) -> None:
    row = store.generation(generate(turn=3, speaker="keeper", attempt=1, candidate=2))
    assert row is not None
    assert (row.session, row.turn, row.kind, row.speaker) == (session, 3, "narration", "keeper")
    assert row.prompt_ids == (1, 5, 49151) and row.completion_ids == (10, 11, 2)
    assert row.logprobs == (-0.25, -1.5, 0.0)
    assert row.kept_mass == pytest.approx((0.9, 0.75, 1.0), rel=1e-6)
    assert row.support == ((10, 12), (11, 13, 14), None)
    assert row.sampler == GENERATION["sampler"] and row.seed == 2**64 - 1
    assert (row.model_hash, row.adapter_id, row.template_hash) == ("m1", "narrator-3", "t1")
    assert (row.source, row.attempt, row.candidate) == ("model", 1, 2)
    assert row.sentences == tuple(GENERATION["sentences"])
    assert row.shown_at is None and row.trainable


def test_a_decision_and_a_turn_come_back(
    store: FeedbackStore, session: str, decide: Record, tell: Record
) -> None:
    decision = store.decision(decide())
    assert decision is not None
    for name, value in DECISION.items():
        assert getattr(decision, name) == (tuple(value) if name == "admissible" else value)
    turn = store.turn(tell(number=4, action=None))
    assert turn is not None
    assert (turn.session, turn.number, turn.action, turn.plain) == (session, 4, None, TURN["plain"])


def test_text_survives_whatever_it_holds(store: FeedbackStore, generate: Record) -> None:
    text = "‘Ça va?’ \x1b[31m\n'); DROP TABLE votes; -- 🎭"
    row = store.generation(generate(text=text))
    assert row is not None and row.text == text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logprobs": [-0.1]}, "3 completion ids but 1 of logprobs"),
        ({"kept_mass": [1.0] * 4}, "3 completion ids but 4 of kept_mass"),
        ({"support": [None]}, "3 completion ids but 1 of support"),
        ({"logprobs": [-0.1, 0.5, -0.1]}, "log-prob 1"),
        ({"logprobs": [-0.1, -0.1, float("nan")]}, "log-prob 2"),
        ({"logprobs": [-0.1, -0.1, float("-inf")]}, "log-prob 2"),
        ({"kept_mass": [0.0, 1.0, 1.0]}, "kept mass 0"),
        ({"support": [(10,), (99,), None]}, "outside its own support"),
        ({"sampler": {"temperature": float("nan")}}, "JSON"),
    ],
)
def test_a_generation_that_would_poison_training_is_refused(
    store: FeedbackStore, generate: Record, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        generate(**changes)
    assert store.stats().rows.generations == 0


def test_a_generation_without_log_probs_is_kept_but_not_trainable(
    store: FeedbackStore, generate: Record
) -> None:
    id = generate(completion_ids=(), logprobs=(), kept_mass=(), support=None)
    row = store.generation(id)
    assert row is not None and not row.trainable
    assert store.stats().trainable == 0


def test_a_choice_must_be_among_the_admissible(decide: Record) -> None:
    with pytest.raises(ValueError, match="fly"):
        decide(chosen="fly")


def test_the_first_showing_counts(store: FeedbackStore, generate: Record) -> None:
    id = generate()
    first = datetime(2026, 7, 4, 12, tzinfo=UTC)
    store.mark_shown(id, first)
    store.mark_shown(id, first + timedelta(hours=1))
    row = store.generation(id)
    assert row is not None and row.shown_at == "2026-07-04T12:00:00.000Z"


def test_the_newest_vote_stands_and_the_others_are_history(
    store: FeedbackStore, generate: Record
) -> None:
    id = generate()
    for value in (1, -1, 0, 1):
        store.vote("generation", id, value, tags=["dull"] if value < 0 else [])
    vote = store.current_vote("generation", id)
    assert vote is not None and vote.value == 1 and vote.tags == ()
    assert [v.value for v in store.vote_history("generation", id)] == [1, -1, 0, 1]


def test_a_vote_taken_back_no_longer_stands(store: FeedbackStore, generate: Record) -> None:
    id = generate()
    store.vote("generation", id, -1)
    store.vote("generation", id, 0)
    assert store.current_vote("generation", id) is None
    assert store.current_votes() == [] and store.pending_count() == 0
    assert len(store.vote_history("generation", id)) == 2


def test_repeating_the_standing_vote_adds_nothing(store: FeedbackStore, generate: Record) -> None:
    id = generate()
    assert store.vote("generation", id, 1, tags=["funny"]) == store.vote(
        "generation", id, 1, tags=[" funny ", "funny"]
    )
    assert store.vote("generation", id, 1, tags=["vivid"]) is not None
    assert len(store.vote_history("generation", id)) == 2


def test_sources_vote_apart(store: FeedbackStore, generate: Record) -> None:
    id = generate()
    store.vote("generation", id, 1)
    store.vote("generation", id, -1, source="simulated:amiable")
    player = store.current_vote("generation", id)
    other = store.current_vote("generation", id, "simulated:amiable")
    assert player is not None and player.value == 1 and not player.simulated
    assert other is not None and other.value == -1 and other.simulated
    assert store.pending_count() == store.pending_count("simulated:amiable") == 1
    assert [v.source for v in store.current_votes(source="player")] == ["player"]


@pytest.mark.parametrize("source", ["", "me", "simulated", "simulated:", "simulated: x", "Player"])
def test_a_vote_cannot_hide_its_origin(store: FeedbackStore, generate: Record, source: str) -> None:
    with pytest.raises(ValueError, match="simulated:<name>"):
        store.vote("generation", generate(), 1, source=source)


def test_the_database_itself_refuses_to_relabel_a_simulated_vote(
    store: FeedbackStore, path: Path, generate: Record
) -> None:
    store.vote("generation", generate(), 1, source="simulated:amiable")
    outside = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="history"):
        outside.execute("UPDATE votes SET source = 'player'")
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        outside.execute(
            "INSERT INTO votes (session, target_kind, target, value, source, tags, at)"
            " SELECT session, target_kind, target, value, 'someone', tags, at FROM votes"
        )
    outside.close()


def test_a_vote_needs_a_known_kind_value_tags_and_target(
    store: FeedbackStore, generate: Record
) -> None:
    id = generate()
    with pytest.raises(ValueError, match="generation, decision, telling"):
        store.vote("votes", id, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1, -1 or 0"):
        store.vote("generation", id, 2)
    with pytest.raises(ValueError, match="one string"):
        store.vote("generation", id, 1, tags="funny")
    with pytest.raises(ValueError, match="empty"):
        store.vote("generation", id, 1, tags=[" "])
    with pytest.raises(FeedbackError, match="no generation 99"):
        store.vote("generation", 99, 1)


def test_a_plain_telling_can_be_thumbed_but_does_not_wait_for_training(
    store: FeedbackStore, tell: Record, decide: Record
) -> None:
    store.vote("telling", tell(), -1)
    assert store.pending_count() == 0
    store.vote("decision", decide(), 1)
    assert store.pending_count() == 1
    assert [v.target_kind for v in store.current_votes()] == ["telling", "decision"]
    assert len(store.current_votes("decision")) == 1


def test_training_uses_votes_up_until_they_change(store: FeedbackStore, generate: Record) -> None:
    ids = [generate(), generate()]
    votes = [store.vote("generation", id, 1) for id in ids]
    store.mark_trained([v for v in votes if v], part="narrator", adapter_id="narrator-4")
    assert store.pending_count() == 0
    assert all(vote.trained for vote in store.current_votes())
    store.vote("generation", ids[0], -1)
    assert store.pending_count() == 1
    assert [v.trained for v in store.vote_history("generation", ids[0])] == [True, False]


def test_marking_an_unknown_vote_trained_leaves_nothing_behind(
    store: FeedbackStore, generate: Record
) -> None:
    vote = store.vote("generation", generate(), 1)
    with pytest.raises(FeedbackError):
        store.mark_trained([vote or 0, 999], part="narrator", adapter_id="narrator-4")
    assert store.pending_count() == 1 and store.stats().trainings == 0


def test_generations_are_iterated_in_order_by_session_and_kind(
    store: FeedbackStore, session: str, generate: Record
) -> None:
    ids = [generate(turn=i, kind="speech" if i % 3 == 0 else "narration") for i in range(450)]
    other = store.start_session(**SESSION)
    last = store.record_generation(other, 0, **GENERATION)
    assert [row.id for row in store.iter_generations()] == [*ids, last]
    assert [row.id for row in store.iter_generations(session=session, kind="speech")] == ids[::3]
    assert [row.id for row in store.iter_generations(session=other)] == [last]


def test_voted_rows_come_with_their_targets(
    store: FeedbackStore, generate: Record, decide: Record, tell: Record
) -> None:
    store.vote("generation", generate(), 1)
    store.vote("decision", decide(), -1)
    store.vote("telling", tell(), 1)
    voted = list(store.iter_voted())
    assert [row.target.text for row in voted] == [
        GENERATION["text"], DECISION["chosen"], TURN["plain"],
    ]  # fmt: skip
    assert {row.world for row in voted} == {"village"}
    assert [row.vote.target_kind for row in store.iter_voted(limit=1)] == ["telling"]


def test_off_records_nothing_and_on_resumes_in_the_same_session(
    store: FeedbackStore, path: Path, generate: Record
) -> None:
    before = generate()
    with FeedbackStore(path) as command_line:
        command_line.set_recording(False)
    late = store.start_session(**SESSION)
    assert store.record_turn(late, 0, **TURN) is None
    assert store.record_generation(late, 0, **GENERATION) is None
    assert store.record_decision(late, 0, **DECISION) is None
    assert store.vote("generation", before, 1) is None
    store.mark_shown(before)
    row = store.generation(before)
    assert row is not None and row.shown_at is None
    counts = store.stats().rows
    assert (counts.sessions, counts.generations, counts.votes) == (1, 1, 0)

    store.set_recording(True)
    assert store.record_turn(late, 1, **TURN) is not None
    assert store.stats().rows.sessions == 2


def test_on_and_off_outlive_the_process(path: Path) -> None:
    with FeedbackStore(path) as store:
        store.set_recording(False)
    with FeedbackStore(path) as store:
        assert not store.recording


def test_forgetting_a_session_takes_all_of_it_and_leaves_no_bytes(
    store: FeedbackStore, path: Path, session: str, generate: Record, decide: Record, tell: Record
) -> None:
    kept = store.start_session(**SESSION)
    kept_id = store.record_generation(kept, 0, **GENERATION)
    store.vote("generation", kept_id or 0, 1)
    secret = "the-duchess-was-never-here"
    id = generate(text=secret)
    vote = store.vote("generation", id, 1, tags=[secret])
    store.mark_trained([vote or 0], part="narrator", adapter_id="narrator-4")
    store.vote("telling", tell(plain=secret), 1)
    decide(observation=secret)

    doomed = store.forgettable(session=session)
    assert store.forget(session=session) == doomed
    assert (doomed.sessions, doomed.turns, doomed.generations, doomed.decisions, doomed.votes) == (
        1, 1, 1, 1, 2,
    )  # fmt: skip
    assert store.generation(id) is None and store.generation(kept_id or 0) is not None
    assert len(store.current_votes()) == 1
    for file in path.parent.iterdir():
        assert secret.encode() not in file.read_bytes(), file.name


def test_ids_are_not_used_again_after_forgetting(store: FeedbackStore, generate: Record) -> None:
    first = generate()
    store.forget()
    assert generate() > first


def test_playing_goes_on_after_everything_is_forgotten(
    store: FeedbackStore, path: Path, generate: Record
) -> None:
    old = generate()
    with FeedbackStore(path) as command_line:
        command_line.forget()
    with pytest.raises(FeedbackError, match="forgotten"):
        store.vote("generation", old, 1)
    assert store.vote("generation", generate(), 1) is not None


def test_forgetting_by_date_takes_sessions_begun_before_it(
    store: FeedbackStore, session: str
) -> None:
    assert store.forget(before=datetime.now(UTC) - timedelta(hours=1)).sessions == 0
    assert store.forget(before=datetime.now(UTC) + timedelta(hours=1)).sessions == 1
    with pytest.raises(ValueError, match="not both"):
        store.forget(session=session, before=datetime.now(UTC))


def test_a_session_that_was_never_begun_is_refused(store: FeedbackStore) -> None:
    with pytest.raises(FeedbackError):
        store.record_turn("nobody", 0, **TURN)


def test_timestamps_are_utc_and_sort_as_text() -> None:
    early = datetime(2026, 7, 4, 9, 59, 59, 999_999, tzinfo=UTC)
    assert timestamp(early) == "2026-07-04T09:59:59.999Z"
    assert timestamp(early) < timestamp(early + timedelta(milliseconds=1))


def test_any_thread_may_record(store: FeedbackStore, session: str) -> None:
    failures: list[BaseException] = []

    def play(name: str) -> None:
        try:
            for turn in range(40):
                id = store.record_generation(session, turn, **{**GENERATION, "text": name})
                store.vote("generation", id or 0, 1 if turn % 2 else -1)
                store.pending_count()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=play, args=[f"thread {i}"]) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.pending_count() == 240
    assert {row.text for row in store.iter_generations()} == {f"thread {i}" for i in range(6)}


def test_a_reader_in_mid_iteration_does_not_stop_a_writer(
    store: FeedbackStore, path: Path, generate: Record
) -> None:
    for _ in range(5):
        generate()
    reading = store.iter_generations()
    next(reading)
    with FeedbackStore(path, busy_timeout=0.2) as other:
        other.set_recording(True)
        other.vote("generation", 1, 1)
    assert len(list(reading)) == 4
