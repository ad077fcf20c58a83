"""The heuristic actor: a softmax over what readable considerations wish for.

A consideration looks at the moment and yields (action, utility). An action keeps the highest
utility that any consideration gives it; one that none wishes for is out of the question and has
probability 0. Utilities are natural logs of weights: waiting weighs e^WAIT, and a group of
interchangeable actions shares one weight, so that a crowded room does not mean more gesturing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from game.acting.conduct import CONDUCT
from game.acting.memory import Memory
from game.acting.moment import WAIT, Moment
from game.acting.role import fancy_valuables, play_role
from game.engine.events import Action, Event
from game.engine.model import State

TEMPERATURE = 1.0
CONSIDERATIONS = (*CONDUCT, play_role, fancy_valuables)


def repetition(m: Moment, action: Action) -> float:
    """What is taken off for having just done the same: blows may be repeated, little else."""
    if action.verb in ("wait", "hit"):
        return 0.0
    return 1.5 * sum(a == action for a in m.memory.recent)


class Heuristic:
    """The actor that needs no training. Its probabilities are exact."""

    policy = "heuristic-1"

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:
        """Log-probability of each admissible action, in their order; -inf for the unthinkable."""
        moment = Moment(state, who, memory, heard, admissible)
        utilities = {Action("wait"): WAIT}
        for consideration in CONSIDERATIONS:
            for action, utility in consideration(moment):
                if utility > utilities.get(action, -math.inf):
                    utilities[action] = utility
        scores = [
            (utilities[a] - repetition(moment, a)) / TEMPERATURE if a in utilities else -math.inf
            for a in admissible
        ]
        top = max(scores)
        total = top + math.log(sum(math.exp(s - top) for s in scores))
        return [s - total for s in scores]
