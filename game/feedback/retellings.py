"""Several tellings of one turn: which one stands, the player's own wording, what was preferred."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from game.errors import FeedbackError
from game.feedback.rows import PLAYER, Record, check_source
from game.feedback.writer import FeedbackWriter, timestamp


class RetellingStore(FeedbackWriter):
    """The part of the store that keeps what players do with tellings beyond a thumb."""

    def mark_chosen(self, chosen: int, left: Iterable[int]) -> None:
        """Note that of several tellings of one turn `chosen` stands now, and not those `left`."""
        with self._writing():
            if not self.recording:
                return
            update = "UPDATE generations SET left_at = ? WHERE id = ?"
            self._db.conn.execute(update, [None, chosen])
            self._db.conn.executemany(update, [(timestamp(), id) for id in left])

    def record_edit(self, generation: int, text: str, source: str = PLAYER) -> int | None:
        """Keep the wording that the player gave a generation; the generation stays as it was.

        The newest edit of a source counts; one that is the generation's own text takes the edit
        back. Raises FeedbackError when the generation has been forgotten.
        """
        check_source(source)
        with self._writing():
            if not self.recording:
                return None
            record = {"generation": generation, "text": text, "source": source}
            return self._insert("edits", self._beside(generation, record))

    def prefer(
        self, chosen: int, rejected: int, *, origin: str, source: str = PLAYER
    ) -> int | None:
        """Keep that generation `chosen` was preferred to `rejected`, and how that showed.

        The newest word of a source on a pair counts, whichever way it goes; saying again what
        stands adds nothing. Raises FeedbackError when `chosen` has been forgotten.
        """
        check_source(source)
        with self._writing():
            if not self.recording:
                return None
            standing = self._rows(
                "SELECT id FROM current_preferences"
                " WHERE chosen = ? AND rejected = ? AND origin = ? AND source = ?",
                [chosen, rejected, origin, source],
            )
            if standing:
                return cast(int, standing[0]["id"])
            return self._insert_preference(chosen, rejected, origin, source, stands=1)

    def withdraw_preference(self, one: int, other: int, source: str = PLAYER) -> None:
        """Note that neither of two generations is preferred any more, if one was."""
        with self._writing():
            standing = self._rows(
                "SELECT * FROM current_preferences WHERE source = :source AND ("
                "(chosen = :one AND rejected = :other) OR (chosen = :other AND rejected = :one))",
                {"one": one, "other": other, "source": source},
            )
            if standing and self.recording:
                row = standing[0]
                self._insert_preference(
                    row["chosen"], row["rejected"], row["origin"], source, stands=0
                )

    def _beside(self, generation: int, record: Record) -> Record:
        """`record` with the session of the generation that it belongs to, and the time."""
        found = self._rows("SELECT session FROM generations WHERE id = ?", [generation])
        if not found:
            raise FeedbackError(
                f"There is no generation {generation} in the feedback any more.",
                "It may have been forgotten; choose a newer line.",
            )
        return {"session": found[0]["session"], **record, "at": timestamp()}

    def _insert_preference(
        self, chosen: int, rejected: int, origin: str, source: str, *, stands: int
    ) -> int:
        record = {"chosen": chosen, "rejected": rejected, "source": source, "origin": origin}
        return self._insert("preferences", self._beside(chosen, {**record, "stands": stands}))
