"""The heuristic actor: a softmax over what readable considerations wish for.

A consideration looks at the moment and yields (action, utility). An action keeps the highest
utility that any consideration gives it; one that none wishes for is out of the question and has
probability 0. Utilities are natural logs of weights: waiting weighs e^WAIT, and a group of
interchangeable actions shares one weight, so that a crowded room does not mean more gesturing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from game.acting.conduct import CONDUCT
from game.acting.explanation import Explanation, Option, likeliest
from game.acting.memory import Memory
from game.acting.moment import WAIT, Moment
from game.acting.role import fancy_valuables, hoped_reward, play_role
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
        return _log_softmax(moment, _wishes(moment))

    def explain(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Explanation:
        """The likeliest actions, each with the consideration that wished for it most."""
        moment = Moment(state, who, memory, heard, admissible)
        wishes = _wishes(moment)
        logs = _log_softmax(moment, wishes)
        options = tuple(
            Option(a, math.exp(logs[i]), wishes[a][1], hoped_reward(moment, a))
            for i in likeliest(logs)
            for a in (admissible[i],)
        )
        role = moment.role
        aims = role.description if role is not None else ""
        return Explanation(self.policy, state.role.get(who), aims, options)


def _wishes(moment: Moment) -> dict[Action, tuple[float, str]]:
    """For each action that is wished for, its highest utility and the consideration behind it."""
    wishes = {Action("wait"): (WAIT, "bide its time")}
    for consideration in CONSIDERATIONS:
        reason = consideration.__name__.replace("_", " ")
        for action, utility in consideration(moment):
            if action not in wishes or utility > wishes[action][0]:
                wishes[action] = (utility, reason)
    return wishes


def _log_softmax(moment: Moment, wishes: Mapping[Action, tuple[float, str]]) -> list[float]:
    scores = [
        (wishes[a][0] - repetition(moment, a)) / TEMPERATURE if a in wishes else -math.inf
        for a in moment.admissible
    ]
    top = max(scores)
    total = top + math.log(sum(math.exp(s - top) for s in scores))
    return [s - total for s in scores]
