"""The writing half's foundation: one transaction at a time, and the time it happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from game.feedback.connection import explained
from game.feedback.reader import FeedbackReader
from game.feedback.rows import Record


def timestamp(at: datetime | None = None) -> str:
    """`at` (now when None; local time when it has no zone) in UTC as fixed-width ISO 8601, so that
    text order is time order."""
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class FeedbackWriter(FeedbackReader):
    """Transactions on the connection that the reader opened."""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction. It takes the write lock at once: a transaction that read first and
        wrote later would fail, without waiting, when another process wrote in between."""
        with self._lock, explained(self.path):
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.conn.execute("COMMIT")
            except BaseException:
                if self._db.conn.in_transaction:
                    self._db.conn.execute("ROLLBACK")
                raise

    def _insert(self, table: str, record: Record) -> int:
        return cast(int, self._db.table(table).insert(record).last_rowid)
