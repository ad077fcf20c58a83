"""The schema's history: an ordered list of steps; `PRAGMA user_version` counts those applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

# Marks the file as ours (ASCII "Lime"), so that a foreign database is never migrated.
APPLICATION_ID = 0x4C696D65

Migration = Callable[["Database"], None]


def sessions_and_turns(db: Database) -> None:
    # Seeds are decimal text: SQLite's integers are signed and cannot hold every 64-bit seed.
    db.conn.execute(
        """CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            started TEXT NOT NULL,
            world TEXT NOT NULL,
            world_hash TEXT NOT NULL,
            seed TEXT NOT NULL,
            game_version TEXT NOT NULL,
            model_hash TEXT,
            mode TEXT NOT NULL
        )"""
    )
    # AUTOINCREMENT: an id that a player forgot must never come back meaning something else.
    db.conn.execute(
        """CREATE TABLE turns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            command TEXT NOT NULL,
            action TEXT,
            plain TEXT NOT NULL,
            room TEXT NOT NULL,
            state_hash TEXT NOT NULL,
            at TEXT NOT NULL
        )"""
    )
    db.conn.execute("CREATE INDEX turns_of_session ON turns(session, number)")


def generations(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE generations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            turn INTEGER NOT NULL,
            kind TEXT NOT NULL,
            speaker TEXT,
            prompt_ids BLOB NOT NULL,
            completion_ids BLOB NOT NULL,
            logprobs BLOB NOT NULL,
            kept_mass BLOB NOT NULL,
            support_counts BLOB,
            support_ids BLOB,
            sampler TEXT NOT NULL,
            seed TEXT NOT NULL,
            model_hash TEXT NOT NULL,
            adapter_id TEXT,
            template_hash TEXT NOT NULL,
            text TEXT NOT NULL,
            source TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            candidate INTEGER NOT NULL,
            sentences TEXT NOT NULL,
            at TEXT NOT NULL,
            shown_at TEXT,
            CHECK (length(logprobs) = length(completion_ids)),
            CHECK (length(kept_mass) = length(completion_ids)),
            CHECK ((support_counts IS NULL) = (support_ids IS NULL))
        )"""
    )
    db.conn.execute("CREATE INDEX generations_of_session ON generations(session, turn)")


def decisions(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE decisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            turn INTEGER NOT NULL,
            character TEXT NOT NULL,
            observation TEXT NOT NULL,
            admissible TEXT NOT NULL,
            chosen TEXT NOT NULL,
            logprob REAL,
            policy_id TEXT NOT NULL,
            role TEXT,
            at TEXT NOT NULL
        )"""
    )
    db.conn.execute("CREATE INDEX decisions_of_session ON decisions(session, turn)")


def votes(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE votes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            target_kind TEXT NOT NULL CHECK (target_kind IN ('generation', 'decision', 'telling')),
            target INTEGER NOT NULL,
            value INTEGER NOT NULL CHECK (value IN (-1, 0, 1)),
            source TEXT NOT NULL CHECK (source = 'player' OR source GLOB 'simulated:?*'),
            tags TEXT NOT NULL,
            at TEXT NOT NULL
        )"""
    )
    db.conn.execute("CREATE INDEX votes_of_target ON votes(target_kind, target, source, id)")
    db.conn.execute("CREATE INDEX votes_of_session ON votes(session)")
    # History is only ever added to, so a simulated vote cannot be relabelled as a player's.
    db.conn.execute(
        """CREATE TRIGGER votes_are_history BEFORE UPDATE ON votes
        BEGIN SELECT RAISE(ABORT, 'votes are history: add a newer one instead'); END"""
    )


def trainings(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE trainings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            part TEXT NOT NULL,
            adapter_id TEXT NOT NULL,
            at TEXT NOT NULL
        )"""
    )
    db.conn.execute(
        """CREATE TABLE training_votes (
            training INTEGER NOT NULL REFERENCES trainings(id) ON DELETE CASCADE,
            vote INTEGER NOT NULL REFERENCES votes(id) ON DELETE CASCADE,
            PRIMARY KEY (vote, training)
        )"""
    )
    db.conn.execute(
        """CREATE VIEW current_votes AS
        SELECT v.*, EXISTS (SELECT 1 FROM training_votes t WHERE t.vote = v.id) AS trained
        FROM votes v
        WHERE v.value <> 0 AND v.id = (
            SELECT max(n.id) FROM votes n
            WHERE n.target_kind = v.target_kind AND n.target = v.target AND n.source = v.source
        )"""
    )


def settings(db: Database) -> None:
    db.conn.execute("CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)")


def retellings(db: Database) -> None:
    """Several tellings of one turn, the player's own wording, and which of two was preferred."""
    db.conn.execute(
        "ALTER TABLE generations ADD COLUMN swipe_of INTEGER"
        " REFERENCES generations(id) ON DELETE CASCADE"
    )
    db.conn.execute("ALTER TABLE generations ADD COLUMN left_at TEXT")
    db.conn.execute("CREATE INDEX generations_of_swipe ON generations(swipe_of)")
    db.conn.execute(
        """CREATE TABLE edits (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            generation INTEGER NOT NULL REFERENCES generations(id) ON DELETE CASCADE,
            text TEXT NOT NULL,
            source TEXT NOT NULL CHECK (source = 'player' OR source GLOB 'simulated:?*'),
            at TEXT NOT NULL
        )"""
    )
    db.conn.execute("CREATE INDEX edits_of_generation ON edits(generation, source, id)")
    db.conn.execute(
        """CREATE TABLE preferences (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
            chosen INTEGER NOT NULL REFERENCES generations(id) ON DELETE CASCADE,
            rejected INTEGER NOT NULL REFERENCES generations(id) ON DELETE CASCADE,
            source TEXT NOT NULL CHECK (source = 'player' OR source GLOB 'simulated:?*'),
            origin TEXT NOT NULL CHECK (origin <> ''),
            stands INTEGER NOT NULL CHECK (stands IN (0, 1)),
            at TEXT NOT NULL,
            CHECK (chosen <> rejected)
        )"""
    )
    db.conn.execute("CREATE INDEX preferences_by_chosen ON preferences(chosen, rejected, source)")
    db.conn.execute("CREATE INDEX preferences_by_rejected ON preferences(rejected, chosen, source)")
    for table in ("edits", "preferences"):
        # History is only ever added to, as with votes.
        db.conn.execute(
            f"""CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} are history: add a newer one instead'); END"""
        )
    db.conn.execute(
        """CREATE VIEW current_preferences AS
        SELECT p.* FROM preferences p
        WHERE p.stands AND NOT EXISTS (
            SELECT 1 FROM preferences n
            WHERE n.id > p.id AND n.source = p.source AND (
                (n.chosen = p.chosen AND n.rejected = p.rejected)
                OR (n.chosen = p.rejected AND n.rejected = p.chosen))
        )"""
    )
    db.conn.execute(
        """CREATE VIEW current_edits AS
        SELECT e.* FROM edits e JOIN generations g ON g.id = e.generation
        WHERE e.text <> g.text AND e.id = (
            SELECT max(n.id) FROM edits n
            WHERE n.generation = e.generation AND n.source = e.source
        )"""
    )


# Only ever append: a released step is never edited, moved or removed.
MIGRATIONS: tuple[Migration, ...] = (
    sessions_and_turns,
    generations,
    decisions,
    votes,
    trainings,
    settings,
    retellings,
)


def version(db: Database) -> int:
    """How many migrations the file has had (0: an empty file)."""
    return int(db.conn.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply what is missing, each step with its version number in one transaction.

    The version is read again inside the write lock, so that two games starting at once on an
    empty home do not both create the tables.
    """
    while version(db) < len(migrations):
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            done = version(db)
            if done < len(migrations):
                migrations[done](db)
                db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.conn.execute(f"PRAGMA user_version = {done + 1}")
            db.conn.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            raise
