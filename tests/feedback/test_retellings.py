"""Several tellings of one turn: the one that stands, edits, and preferences between them."""

from __future__ import annotations

import sqlite3

import pytest

from game.errors import FeedbackError
from game.feedback import FeedbackStore
from game.feedback.export import exported

from .conftest import GENERATION, SESSION


def swipes(store: FeedbackStore, count: int = 2) -> list[int]:
    session = store.start_session(**SESSION)
    first = store.record_generation(session, 1, **GENERATION)
    assert first is not None
    more = [
        store.record_generation(session, 1, **GENERATION, swipe_of=first) for _ in range(count - 1)
    ]
    return [first, *(id for id in more if id is not None)]


def pairs(store: FeedbackStore) -> list[tuple[int, int, str]]:
    return [(p.chosen, p.rejected, p.origin) for p in store.preferences()]


def test_swipes_belong_to_the_first_and_one_of_them_stands(store: FeedbackStore) -> None:
    first, second, third = swipes(store, 3)
    store.mark_chosen(third, [first, second])
    store.mark_chosen(second, [third])
    rows = [store.generation(id) for id in (first, second, third)]
    assert [row.swipe_of for row in rows if row] == [None, first, first]
    assert [row.left_at is None for row in rows if row] == [False, True, False]


def test_an_edit_stands_beside_its_generation(store: FeedbackStore) -> None:
    (id, _) = swipes(store)
    before = store.generation(id)
    store.record_edit(id, "One wording.")
    store.record_edit(id, "A better wording.")
    edit = store.current_edit(id)
    assert edit is not None and edit.text == "A better wording."
    assert [e.text for e in store.edits("player")] == ["A better wording."]
    assert store.generation(id) == before


def test_an_edit_back_to_the_original_is_no_edit(store: FeedbackStore) -> None:
    (id, _) = swipes(store)
    store.record_edit(id, "One wording.")
    store.record_edit(id, GENERATION["text"])
    assert store.current_edit(id) is None and store.edits() == []


def test_a_preference_can_turn_and_be_withdrawn(store: FeedbackStore) -> None:
    one, other = swipes(store)
    row = store.prefer(one, other, origin="kept")
    assert store.prefer(one, other, origin="kept") == row
    assert pairs(store) == [(one, other, "kept")]
    store.prefer(other, one, origin="thumbs")
    assert pairs(store) == [(other, one, "thumbs")]
    store.withdraw_preference(one, other)
    assert pairs(store) == []
    store.withdraw_preference(one, other)
    store.prefer(one, other, origin="thumbs")
    assert pairs(store) == [(one, other, "thumbs")]


def test_simulated_preferences_stay_apart(store: FeedbackStore) -> None:
    one, other = swipes(store)
    store.prefer(one, other, origin="thumbs", source="simulated:terse")
    store.prefer(other, one, origin="thumbs")
    assert len(pairs(store)) == 2
    assert [p.chosen for p in store.preferences("player")] == [other]
    with pytest.raises(ValueError, match="a vote's source"):
        store.prefer(one, other, origin="thumbs", source="simulated:")


@pytest.mark.parametrize("table", ["edits", "preferences"])
def test_history_cannot_be_rewritten(store: FeedbackStore, table: str) -> None:
    one, other = swipes(store)
    store.record_edit(one, "One wording.")
    store.prefer(one, other, origin="kept")
    with pytest.raises(sqlite3.IntegrityError, match="history"):
        store._db.conn.execute(f"UPDATE {table} SET source = 'simulated:x'")


def test_nothing_is_kept_while_recording_is_off(store: FeedbackStore) -> None:
    one, other = swipes(store)
    store.set_recording(False)
    assert store.record_edit(one, "One wording.") is None
    assert store.prefer(one, other, origin="kept") is None
    store.mark_chosen(other, [one])
    assert store.edits() == [] and pairs(store) == []
    row = store.generation(one)
    assert row is not None and row.left_at is None


def test_what_was_forgotten_cannot_be_edited_or_preferred(store: FeedbackStore) -> None:
    one, other = swipes(store)
    store.record_edit(one, "One wording.")
    store.prefer(one, other, origin="kept")
    counts = store.forget()
    assert (counts.edits, counts.preferences) == (1, 1)
    assert store.edits() == [] and pairs(store) == []
    with pytest.raises(FeedbackError, match="no generation"):
        store.record_edit(one, "Again.")
    with pytest.raises(FeedbackError, match="no generation"):
        store.prefer(one, other, origin="kept")


def test_the_export_tells_of_swipes_and_edits(store: FeedbackStore) -> None:
    one, other = swipes(store)
    store.record_edit(other, "One wording.")
    store.mark_chosen(other, [one])
    for id in (one, other):
        store.vote("generation", id, 1)
    first, second = exported(store)
    assert (first["swipe_of"], first["edit"]) == (None, None) and first["left_at"]
    assert (second["swipe_of"], second["edit"]) == (one, "One wording.")
    assert second["left_at"] is None
