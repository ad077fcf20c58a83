"""Reading the feedback: rows, the votes that stand, and counts."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, cast

from game.feedback.connection import connect, explained
from game.feedback.rows import (
    PLAYER,
    Counts,
    DecisionRow,
    Edit,
    GenerationRow,
    Preference,
    Record,
    SessionRow,
    Stats,
    TargetKind,
    TurnRow,
    Vote,
    Voted,
    decision_from,
    generation_from,
    vote_from,
)

_BATCH = 200


class FeedbackReader:
    """The reading half of the store; it owns the connection and the lock around each use of it."""

    def __init__(self, path: Path | str, busy_timeout: float) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._db = connect(self.path, busy_timeout)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def recording(self) -> bool:
        """Whether anything is recorded; another process's change counts from the next record."""
        rows = self._rows("SELECT value FROM settings WHERE name = 'recording'")
        return not rows or rows[0]["value"] == "on"

    def generation(self, id: int) -> GenerationRow | None:
        rows = self._rows("SELECT * FROM generations WHERE id = ?", [id])
        return generation_from(rows[0]) if rows else None

    def decision(self, id: int) -> DecisionRow | None:
        rows = self._rows("SELECT * FROM decisions WHERE id = ?", [id])
        return decision_from(rows[0]) if rows else None

    def turn(self, id: int) -> TurnRow | None:
        rows = self._rows("SELECT * FROM turns WHERE id = ?", [id])
        return TurnRow(**rows[0]) if rows else None

    def sessions(self) -> list[SessionRow]:
        """All sessions, oldest first."""
        rows = self._rows("SELECT * FROM sessions ORDER BY started, id")
        return [SessionRow(**{**row, "seed": int(row["seed"])}) for row in rows]

    def turns(self, session: str) -> list[TurnRow]:
        """The turns of a session in the order they were played."""
        rows = self._rows("SELECT * FROM turns WHERE session = ? ORDER BY id", [session])
        return [TurnRow(**row) for row in rows]

    def iter_generations(
        self, *, session: str | None = None, kind: str | None = None
    ) -> Iterator[GenerationRow]:
        """Generations in the order they were made, read in batches so that nothing stays locked."""
        last = 0
        while rows := self._rows(
            "SELECT * FROM generations WHERE id > :last"
            " AND (:session IS NULL OR session = :session) AND (:kind IS NULL OR kind = :kind)"
            f" ORDER BY id LIMIT {_BATCH}",
            {"last": last, "session": session, "kind": kind},
        ):
            yield from map(generation_from, rows)
            last = rows[-1]["id"]

    def current_vote(
        self, target_kind: TargetKind, target: int, source: str = PLAYER
    ) -> Vote | None:
        """The vote that stands, or None where there is none or it was taken back."""
        rows = self._rows(
            "SELECT * FROM current_votes WHERE target_kind = ? AND target = ? AND source = ?",
            [target_kind, target, source],
        )
        return vote_from(rows[0]) if rows else None

    def current_votes(
        self, target_kind: TargetKind | None = None, source: str | None = None
    ) -> list[Vote]:
        """The votes that stand, oldest first; of one kind and source, or (None) of all."""
        rows = self._rows(
            "SELECT * FROM current_votes WHERE (:kind IS NULL OR target_kind = :kind)"
            " AND (:source IS NULL OR source = :source) ORDER BY id",
            {"kind": target_kind, "source": source},
        )
        return [vote_from(row) for row in rows]

    def vote_history(self, target_kind: TargetKind, target: int) -> list[Vote]:
        """Every vote ever given to the target, oldest first, the ones taken back included."""
        rows = self._rows(
            "SELECT *, EXISTS (SELECT 1 FROM training_votes t WHERE t.vote = votes.id) AS trained"
            " FROM votes WHERE target_kind = ? AND target = ? ORDER BY id",
            [target_kind, target],
        )
        return [vote_from(row) for row in rows]

    def iter_voted(
        self,
        target_kind: TargetKind | None = None,
        source: str | None = None,
        *,
        limit: int | None = None,
    ) -> Iterator[Voted]:
        """The votes that stand with their targets, oldest first; `limit` keeps the newest ones."""
        votes = self.current_votes(target_kind, source)
        worlds = {row["id"]: row["world"] for row in self._rows("SELECT id, world FROM sessions")}
        read = {"generation": self.generation, "decision": self.decision, "telling": self.turn}
        for vote in votes if limit is None else votes[max(0, len(votes) - limit) :]:
            target = read[vote.target_kind](vote.target)
            if target is not None:  # forgotten by another process since the votes were read
                yield Voted(vote, target, worlds[vote.session])

    def current_edit(self, generation: int, source: str = PLAYER) -> Edit | None:
        """The wording that stands in place of the generation's own, or None."""
        rows = self._rows(
            "SELECT * FROM current_edits WHERE generation = ? AND source = ?", [generation, source]
        )
        return Edit(**rows[0]) if rows else None

    def edits(self, source: str | None = None) -> list[Edit]:
        """The edits that stand, oldest first; of one source, or (None) of all."""
        rows = self._rows(
            "SELECT * FROM current_edits WHERE :source IS NULL OR source = :source ORDER BY id",
            {"source": source},
        )
        return [Edit(**row) for row in rows]

    def preferences(self, source: str | None = None) -> list[Preference]:
        """The preferences that stand, oldest first; of one source, or (None) of all."""
        rows = self._rows(
            "SELECT id, session, chosen, rejected, source, origin, at FROM current_preferences"
            " WHERE :source IS NULL OR source = :source ORDER BY id",
            {"source": source},
        )
        return [Preference(**row) for row in rows]

    def pending_count(self, source: str = PLAYER) -> int:
        """How many of the source's standing votes on generations and decisions (a plain telling
        has nothing to train) no training run has used."""
        return self._count(
            "current_votes WHERE source = ? AND target_kind <> 'telling' AND NOT trained", [source]
        )

    def stats(self) -> Stats:
        with self._lock:
            votes = self.current_votes()
            kinds = self._rows("SELECT kind, count(*) AS n FROM generations GROUP BY kind")
            span = self._rows("SELECT min(started) AS first, max(started) AS last FROM sessions")
            (pages,) = self._rows(
                "SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size"
            )
            return Stats(
                recording=self.recording,
                rows=self._counts(),
                generations_by_kind={row["kind"]: row["n"] for row in kinds},
                trainable=self._count("generations WHERE length(logprobs) > 0"),
                up=_tally(vote.source for vote in votes if vote.value > 0),
                down=_tally(vote.source for vote in votes if vote.value < 0),
                tags=_tally(tag for vote in votes for tag in vote.tags),
                pending=self.pending_count(),
                trainings=self._count("trainings"),
                first=span[0]["first"],
                last=span[0]["last"],
                bytes=pages["n"],
            )

    # --- inside ---

    def _rows(self, sql: str, parameters: Sequence[Any] | Record = ()) -> list[Record]:
        with self._lock, explained(self.path):
            return list(self._db.query(sql, parameters))

    def _count(self, table: str, parameters: Sequence[Any] = ()) -> int:
        return cast(int, self._rows(f"SELECT count(*) AS n FROM {table}", parameters)[0]["n"])

    def _counts(self, where: str = "1", parameters: Sequence[Any] = ()) -> Counts:
        inside = f"session IN (SELECT id FROM sessions WHERE {where})"
        return Counts(
            sessions=self._count(f"sessions WHERE {where}", parameters),
            turns=self._count(f"turns WHERE {inside}", parameters),
            generations=self._count(f"generations WHERE {inside}", parameters),
            decisions=self._count(f"decisions WHERE {inside}", parameters),
            votes=self._count(f"votes WHERE {inside}", parameters),
            edits=self._count(f"edits WHERE {inside}", parameters),
            preferences=self._count(f"preferences WHERE {inside}", parameters),
        )


def _tally(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
