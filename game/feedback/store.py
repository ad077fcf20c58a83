"""The store itself: every record is one committed transaction, from any thread or process."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from game.errors import FeedbackError
from game.feedback.arrays import Support
from game.feedback.connection import explained
from game.feedback.retellings import RetellingStore
from game.feedback.rows import (
    PLAYER,
    TARGET_TABLES,
    Counts,
    Record,
    TargetKind,
    as_json,
    check_source,
    check_tags,
    generation_record,
)
from game.feedback.writer import timestamp


class FeedbackStore(RetellingStore):
    """The feedback database at `path`, made or upgraded on opening.

    Safe to call from several threads and to open in several processes. Recording methods return
    the new row's id, or None while the player has turned feedback off. `busy_timeout` is how many
    seconds to wait for another process's write. Every method can raise FeedbackError (the file is
    locked, damaged, not writable, foreign or from a newer version).
    """

    def __init__(self, path: Path | str, busy_timeout: float = 5.0) -> None:
        super().__init__(path, busy_timeout)
        self._sessions: dict[str, Record] = {}

    # --- on and off ---

    def set_recording(self, on: bool) -> None:
        with self._writing():
            self._db.conn.execute(
                "INSERT OR REPLACE INTO settings VALUES ('recording', ?)", ["on" if on else "off"]
            )

    # --- recording ---

    def start_session(
        self,
        *,
        world: str,
        world_hash: str,
        seed: int,
        game_version: str,
        model_hash: str | None = None,
        mode: str,
    ) -> str:
        """Begin a session and return its id (its start in UTC, then eight random hex digits).

        The id is valid while recording is off: its row is written with the first thing recorded.
        """
        now = datetime.now(UTC)
        session = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._sessions[session] = {
            "id": session,
            "started": timestamp(now),
            "world": world,
            "world_hash": world_hash,
            "seed": str(seed),
            "game_version": game_version,
            "model_hash": model_hash,
            "mode": mode,
        }
        with self._writing():
            if self.recording:
                self._ensure_session(session)
        return session

    def record_turn(
        self,
        session: str,
        number: int,
        *,
        command: str,
        action: str | None,
        plain: str,
        room: str,
        state_hash: str,
    ) -> int | None:
        """Keep a turn; its id is the target of a vote on the plain telling ("telling")."""
        return self._record(
            "turns",
            session,
            number=number,
            command=command,
            action=action,
            plain=plain,
            room=room,
            state_hash=state_hash,
        )

    def record_generation(
        self,
        session: str,
        turn: int,
        *,
        kind: str,
        text: str,
        prompt_ids: Sequence[int],
        completion_ids: Sequence[int],
        logprobs: Sequence[float],
        kept_mass: Sequence[float],
        support: Support | None = None,
        sampler: Mapping[str, Any],
        seed: int,
        model_hash: str,
        adapter_id: str | None = None,
        template_hash: str,
        speaker: str | None = None,
        source: str = "model",
        attempt: int = 0,
        candidate: int = 0,
        sentences: Sequence[Mapping[str, Any]] = (),
        swipe_of: int | None = None,
    ) -> int | None:
        """Keep a sampled text (fields as in GenerationRow; `turn` is the turn's number).

        Raises ValueError when the per-token lists differ in length, a log-prob or kept mass is
        impossible, or a sampled token lies outside its own support.
        """
        packed = generation_record(
            prompt_ids=prompt_ids,
            completion_ids=completion_ids,
            logprobs=logprobs,
            kept_mass=kept_mass,
            support=support,
            sampler=sampler,
            sentences=sentences,
        )
        return self._record(
            "generations",
            session,
            turn=turn,
            kind=kind,
            speaker=speaker,
            seed=str(seed),
            model_hash=model_hash,
            adapter_id=adapter_id,
            template_hash=template_hash,
            text=text,
            source=source,
            attempt=attempt,
            candidate=candidate,
            swipe_of=swipe_of,
            **packed,
        )

    def mark_shown(self, generation: int, at: datetime | None = None) -> None:
        """Note when the player first saw the text: only then does a missing vote mean anything."""
        with self._writing():
            if self.recording:
                self._db.conn.execute(
                    "UPDATE generations SET shown_at = ? WHERE id = ? AND shown_at IS NULL",
                    [timestamp(at), generation],
                )

    def record_decision(
        self,
        session: str,
        turn: int,
        *,
        character: str,
        observation: str,
        admissible: Sequence[str],
        chosen: str,
        logprob: float | None,
        policy_id: str,
        role: str | None = None,
    ) -> int | None:
        """Keep a character's choice (fields as in DecisionRow; `turn` is the turn's number).

        Raises ValueError when `chosen` is not in `admissible`.
        """
        if chosen not in admissible:
            raise ValueError(f"{chosen!r} is not among the {len(admissible)} admissible actions")
        return self._record(
            "decisions",
            session,
            turn=turn,
            character=character,
            observation=observation,
            admissible=as_json(list(admissible)),
            chosen=chosen,
            logprob=logprob,
            policy_id=policy_id,
            role=role,
        )

    def vote(
        self,
        target_kind: TargetKind,
        target: int,
        value: int,
        source: str = PLAYER,
        tags: Sequence[str] = (),
    ) -> int | None:
        """Thumb a generation, decision or plain telling: 1, -1, or 0 to take the thumb back.

        The newest vote of a source on a target counts; older ones stay as history. Giving the vote
        that already stands adds nothing and returns that vote's id. Raises ValueError for an
        unknown kind, value or source, FeedbackError when the target has been forgotten.
        """
        if value not in (-1, 0, 1):
            raise ValueError(f"a vote is 1, -1 or 0, not {value!r}")
        table = _table_of(target_kind)
        check_source(source)
        tags = check_tags(tags)
        with self._writing():
            if not self.recording:
                return None
            found = self._rows(f"SELECT session FROM {table} WHERE id = ?", [target])
            if not found:
                raise FeedbackError(
                    f"There is no {target_kind} {target} in the feedback any more.",
                    "It may have been forgotten; vote on a newer line.",
                )
            standing = self.current_vote(target_kind, target, source)
            if standing and (standing.value, standing.tags) == (value, tags):
                return standing.id
            return self._insert(
                "votes",
                {
                    "session": found[0]["session"],
                    "target_kind": target_kind,
                    "target": target,
                    "value": value,
                    "source": source,
                    "tags": as_json(tags),
                    "at": timestamp(),
                },
            )

    def mark_trained(self, votes: Iterable[int], *, part: str, adapter_id: str) -> int:
        """Note that a training run of `part` (say "narrator") used these votes; returns its id.

        A used vote no longer counts as pending; changing it afterwards makes it pending again.
        """
        with self._writing():
            record = {"part": part, "adapter_id": adapter_id, "at": timestamp()}
            training = self._insert("trainings", record)
            self._db.conn.executemany(
                "INSERT INTO training_votes (training, vote) VALUES (?, ?)",
                [(training, vote) for vote in votes],
            )
        return training

    # --- forgetting ---

    def forgettable(self, session: str | None = None, before: datetime | None = None) -> Counts:
        """What `forget` would delete with the same arguments."""
        return self._counts(*_sessions_where(session, before))

    def forget(self, session: str | None = None, before: datetime | None = None) -> Counts:
        """Delete one session, those begun before a moment, or (neither given) all, for good.

        The deleted bytes are overwritten. Ids are never used again. Returns what was deleted.
        """
        where, parameters = _sessions_where(session, before)
        with self._writing():
            counts = self._counts(where, parameters)
            self._db.conn.execute(f"DELETE FROM sessions WHERE {where}", parameters)
        with self._lock, explained(self.path):
            # Copies of the old pages also live in the write-ahead log until it is emptied; another
            # game in mid-read only delays that to its own next checkpoint.
            self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return counts

    # --- inside ---

    def _record(self, table: str, session: str, **record: Any) -> int | None:
        with self._writing():
            if not self.recording:
                return None
            self._ensure_session(session)
            return self._insert(table, {"session": session, **record, "at": timestamp()})

    def _ensure_session(self, session: str) -> None:
        """Write our session's row if it is missing: recording was off when it began, or the player
        had the past forgotten while still playing."""
        begun = self._sessions.get(session)
        if begun is not None and not self._count("sessions WHERE id = ?", [session]):
            self._insert("sessions", begun)


def _table_of(target_kind: str) -> str:
    table = TARGET_TABLES.get(target_kind)
    if table is None:
        raise ValueError(f"a vote goes to one of {', '.join(TARGET_TABLES)}, not {target_kind!r}")
    return table


def _sessions_where(session: str | None, before: datetime | None) -> tuple[str, list[str]]:
    if session is not None and before is not None:
        raise ValueError("forget by session or by date, not both")
    if session is not None:
        return "id = ?", [session]
    if before is not None:
        return "started < ?", [timestamp(before)]
    return "1", []
