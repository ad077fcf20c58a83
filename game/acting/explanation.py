"""Why a character does what it does: its policy's own account, for those who watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from game.engine.events import Action

#: How many actions an explanation names.
OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Option:
    """An action that was open: how likely it was, what for, and the reward hoped for.

    `reward` is in the units of the character's role, discounted as the policy does (None: it has no
    role, or the policy looks at no reward).
    """

    action: Action
    probability: float
    reason: str
    reward: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `policy` weighed: the role, its aims in words, and the options, likeliest first.

    `mix` are the weights of the roles it was asked to play, `attention` the share of each in the
    likeliest action; both sum to 1, or are empty where the policy knows no roles. `hope` is the
    reward it expects to come from here on, in the role's units.
    """

    policy: str
    role: str | None
    aims: str
    options: tuple[Option, ...]
    mix: Mapping[str, float] = field(default_factory=dict)
    attention: Mapping[str, float] = field(default_factory=dict)
    hope: float | None = None


def likeliest(log_probs: Sequence[float]) -> list[int]:
    """The indices of the options to name: likeliest first, the earlier of equals first."""
    possible = [i for i, log in enumerate(log_probs) if log > float("-inf")]
    return sorted(possible, key=lambda i: -log_probs[i])[:OPTIONS]
