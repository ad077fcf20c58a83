"""The feedback store: what was told, what was chosen, and every thumb given to it, in SQLite."""

from game.feedback.rows import DecisionRow, GenerationRow, Stats, TurnRow, Vote, Voted
from game.feedback.store import FeedbackStore

__all__ = [
    "DecisionRow",
    "FeedbackStore",
    "GenerationRow",
    "Stats",
    "TurnRow",
    "Vote",
    "Voted",
]
