"""The feedback store: what was told, what was chosen, and every thumb given to it, in SQLite."""

from game.feedback.rows import (
    DecisionRow,
    Edit,
    GenerationRow,
    Preference,
    Stats,
    TurnRow,
    Vote,
    Voted,
)
from game.feedback.store import FeedbackStore

__all__ = [
    "DecisionRow",
    "Edit",
    "FeedbackStore",
    "GenerationRow",
    "Preference",
    "Stats",
    "TurnRow",
    "Vote",
    "Voted",
]
