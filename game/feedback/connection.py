"""Opening feedback.db safely, and saying in plain words what SQLite's errors mean."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from game.errors import FeedbackError
from game.feedback.migrations import APPLICATION_ID, MIGRATIONS, migrate, version

if TYPE_CHECKING:
    from sqlite_utils import Database

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def connect(path: Path, busy_timeout: float) -> Database:
    """Open the database at `path`, making or upgrading it where needed.

    `busy_timeout` is how many seconds to wait for another process's write. A file that is damaged,
    not ours or from a newer version is left byte for byte as it was. Raises FeedbackError.
    """
    # Imported here because it takes 0.15 s, which `game --help` need not pay.
    from sqlite_utils import Database

    with explained(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(path) from error
        # One connection serves every thread, because the store holds a lock around each use.
        connection = sqlite3.connect(
            path, timeout=busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            db = Database(connection, execute_plugins=False)
            _check_ours(db, path)
            connection.execute("PRAGMA foreign_keys = ON")
            # FULL: a thumb that was acknowledged also survives a power cut.
            connection.execute("PRAGMA synchronous = FULL")
            # What a player asks to be forgotten is overwritten, not merely unlinked.
            connection.execute("PRAGMA secure_delete = ON")
            _use_wal(connection, busy_timeout)
            migrate(db)
        except BaseException:
            connection.close()
            raise
    return db


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into FeedbackErrors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(error, path) from error


def _check_ours(db: Database, path: Path) -> None:
    """Refuse a newer or foreign database before anything is written to it."""
    tables = db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = db.conn.execute("PRAGMA application_id").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise FeedbackError(
            f"{path} is a database of another program.",
            "Move it out of the game's home folder, or set GAME_HOME to another folder.",
        )
    if version(db) > len(MIGRATIONS):
        raise FeedbackError(
            f"{path} was written by a newer version of the game "
            f"(its format is {version(db)}, this game knows {len(MIGRATIONS)}).",
            "Update the game, or set GAME_HOME to another folder.",
        )


def _use_wal(connection: sqlite3.Connection, busy_timeout: float) -> None:
    """Switch to write-ahead logging, waiting where SQLite does not: two processes at once."""
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) not in _BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.02)


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code; the rest says which of its variants.
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _explain(error: sqlite3.Error, path: Path) -> FeedbackError:
    code = _code(error)
    if code in _BUSY:
        return FeedbackError(
            f"{path} is locked by another program.",
            "Close other programs that have it open, then try again.",
        )
    if code in _DAMAGED:
        return FeedbackError(
            f"{path} is damaged or is not a database ({error}).",
            f'It was left as it is. Move it aside, for example: mv "{path}" "{path}.damaged"; '
            "the game then starts a new one.",
        )
    if code in _UNWRITABLE:
        return _unwritable(path)
    if code in _DISK:
        return FeedbackError(
            f"{path} could not be written or read: {error}.",
            "Check that the disk is healthy and has space left.",
        )
    return FeedbackError(f"{path}: {error}.")


def _unwritable(path: Path) -> FeedbackError:
    return FeedbackError(
        f"{path} cannot be opened for writing.",
        f"Check the permissions of {path.parent}, or set GAME_HOME to a folder you can write to.",
    )
