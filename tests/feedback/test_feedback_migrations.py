"""Databases of every earlier version are brought up to date with their rows intact."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from game.feedback import FeedbackStore
from game.feedback.migrations import APPLICATION_ID, MIGRATIONS, migrate, version

from .conftest import GENERATION, SESSION

SESSION_ROW = (
    "INSERT INTO sessions VALUES"
    " ('old', '2026-01-01T00:00:00.000Z', 'village', 'w', '7', '0.0.1', NULL, 'tui')"
)
TURN_ROW = "INSERT INTO turns VALUES (41, 'old', 1, 'n', 'go north', 'You go.', 'inn', 's', 'now')"
# "from version N on": rows of the table that migration N made.
ROWS = [
    (1, SESSION_ROW),
    (1, TURN_ROW),
    (
        2,
        "INSERT INTO generations (id, session, turn, kind, speaker, prompt_ids, completion_ids,"
        " logprobs, kept_mass, support_counts, support_ids, sampler, seed, model_hash, adapter_id,"
        " template_hash, text, source, attempt, candidate, sentences, at, shown_at)"
        " VALUES (42, 'old', 1, 'narration', NULL, x'01000000',"
        " x'02000000', x'0000c0bf', x'0000803f', NULL, NULL, '{}', '1', 'm', NULL, 't', 'Text.',"
        " 'model', 0, 0, '[]', 'now', NULL)",
    ),
    (
        7,
        "INSERT INTO generations SELECT 45, session, turn, kind, speaker, prompt_ids,"
        " completion_ids, logprobs, kept_mass, NULL, NULL, sampler, seed, model_hash, NULL,"
        " template_hash, 'Other.', source, 0, 0, '[]', at, NULL, 42, NULL FROM generations",
    ),
    (7, "INSERT INTO edits VALUES (46, 'old', 42, 'Better.', 'player', 'now')"),
    (7, "INSERT INTO preferences VALUES (47, 'old', 45, 42, 'player', 'kept', 1, 'now')"),
    (
        3,
        "INSERT INTO decisions VALUES (43, 'old', 1, 'thief', '{}', '[\"wait\"]', 'wait', -0.5,"
        " 'p', NULL, 'now')",
    ),
    (
        4,
        "INSERT INTO votes VALUES (44, 'old', 'generation', 42, -1, 'player', '[\"dull\"]', 'now')",
    ),
]


def open_raw(path: Path) -> Database:
    path.parent.mkdir(exist_ok=True)
    return Database(sqlite3.connect(path, isolation_level=None))


@pytest.mark.parametrize("old", range(len(MIGRATIONS) + 1))
def test_an_old_database_is_upgraded_with_its_rows(path: Path, old: int) -> None:
    db = open_raw(path)
    migrate(db, MIGRATIONS[:old])
    assert version(db) == old
    for since, statement in ROWS:
        if since <= old:
            db.conn.execute(statement)
    db.close()

    with FeedbackStore(path) as store:
        if old >= 1:
            turn = store.turn(41)
            assert turn is not None and turn.plain == "You go."
        if old >= 2:
            row = store.generation(42)
            assert row is not None and row.logprobs == (-1.5,) and row.kept_mass == (1.0,)
            assert row.swipe_of is None and row.left_at is None
        if old >= 3:
            decision = store.decision(43)
            assert decision is not None and decision.admissible == ("wait",)
        if old >= 4:
            vote = store.current_vote("generation", 42)
            assert vote is not None and (vote.value, vote.tags) == (-1, ("dull",))
        if old >= 7:
            edit = store.current_edit(42)
            assert edit is not None and edit.text == "Better."
            assert [(p.chosen, p.rejected) for p in store.preferences()] == [(45, 42)]
            assert store.generation(45).swipe_of == 42  # type: ignore[union-attr]
        session = store.start_session(**SESSION)
        id = store.record_generation(session, 1, **GENERATION)
        assert store.vote("generation", id or 0, 1) is not None
        swipe = store.record_generation(session, 1, **GENERATION, swipe_of=id)
        assert store.prefer(swipe or 0, id or 0, origin="kept") is not None
        assert store.record_edit(id or 0, "In other words.") is not None
    db = open_raw(path)
    assert version(db) == len(MIGRATIONS)
    assert db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def test_a_step_that_fails_leaves_the_version_before_it(path: Path) -> None:
    def broken(db: Database) -> None:
        db.conn.execute("CREATE TABLE half_done (id INTEGER)")
        raise RuntimeError("power cut")

    db = open_raw(path)
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(db, (*MIGRATIONS[:2], broken, *MIGRATIONS[2:]))
    assert version(db) == 2
    assert "half_done" not in db.table_names()
    migrate(db)
    assert version(db) == len(MIGRATIONS)
    db.close()


def test_the_settings_that_keep_votes_safe_are_in_force(path: Path) -> None:
    with FeedbackStore(path) as store:
        wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}
        for name, value in wanted.items():
            assert store._db.conn.execute(f"PRAGMA {name}").fetchone()[0] == value
        assert store._db.conn.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
