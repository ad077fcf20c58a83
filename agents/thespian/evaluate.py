"""How well roles are played: games by a policy, the heuristic actor or chance, and their scores."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agents.envs.episode import Episode, Setting
from agents.envs.oracle import BUDGET, walkthrough
from agents.thespian.features import Lexicon
from agents.thespian.network import ThespianNet
from agents.thespian.rollout import MAX_STEPS, Game, Part, Policy, Troupe, acting, at_random
from game.acting.heuristic import Heuristic
from game.acting.memory import Memory

#: Seeds of test games begin here; training never reaches them.
TEST_SEED = 700_000_000


def games(
    policy: Policy, lexicon: Lexicon, settings: Sequence[Setting], part: Part, count: int,
    seed: int = TEST_SEED, *, max_steps: int = MAX_STEPS, clock: bool = True,
    parts: Sequence[Part] | None = None,
) -> list[Game]:  # fmt: skip
    """The first `count` games of `part`, one an environment, so that short ones are not favoured.

    The number of games is rounded up to give every setting as many.
    """
    n = -(-count // len(settings)) * len(settings)
    troupe = Troupe(
        settings, [part], n, seed, lexicon, max_steps=max_steps, clock=clock, games_per_role=1
    )
    found: dict[int, Game] = {}
    while len(found) < n:
        for game in troupe.play(policy, 1).games:
            found.setdefault(game.environment, game)
    return [found[i] for i in range(n)]


def share(found: Sequence[Game], role: str, most: float) -> float:
    """The mean score in `role` as a percentage of `most`."""
    return 100.0 * float(np.mean([game.scores[role] for game in found])) / most


def oracle(setting: Setting, role: str, max_steps: int = MAX_STEPS, budget: int = BUDGET) -> float:
    """What a perfect player of the role scores (the best walkthrough that a search finds)."""
    return walkthrough(setting, role, None, 0, max_steps, budget).score


def chance(lexicon: Lexicon, settings: Sequence[Setting], part: Part, count: int) -> list[Game]:
    """Games of a player who chooses among the offered actions at random."""
    return games(at_random, lexicon, settings, part, count)


def heuristic(
    settings: Sequence[Setting], role: str, count: int, seed: int = TEST_SEED
) -> list[Game]:
    """Games of the game's own untrained actor in the role."""
    found = []
    for n in range(-(-count // len(settings)) * len(settings)):
        at = n % len(settings)
        found.append(_heuristic_game(settings[at], role, seed + n, at, n))
    return found


def _heuristic_game(setting: Setting, role: str, seed: int, at: int, environment: int) -> Game:
    who = setting.world.player
    episode = Episode(setting, {who: role}, seed, learn=False)
    rng, actor, memory = random.Random(seed), Heuristic(), Memory()
    while not episode.over(who) and episode.steps < MAX_STEPS:
        view = episode.view(who)
        memory = memory.after(view.state, who, view.heard)
        logs = actor.log_probs(view.state, who, memory, view.heard, view.actions)
        weights = [float(np.exp(log)) for log in logs]
        action = rng.choices(view.actions, weights)[0]
        memory = memory.having_done(action, view.state.turn)
        episode.step({who: action})
    scores = dict(episode.seats[who].tally.scores)
    return Game(role, scores[role], scores, episode.steps, at, environment)


def table(
    net: ThespianNet, lexicon: Lexicon, setting: Setting, parts: Sequence[Part],
    maxima: Mapping[str, float], count: int, clock: bool = True,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Rows of table 1: each part by its prompt, as percentages of every role's maximum."""
    rows = {}
    for at, part in enumerate(parts):
        found = games(acting(net, lexicon, [at]), lexicon, [setting], part, count, clock=clock)
        rows[part.name] = {role: share(found, role, most) for role, most in maxima.items()}
    return rows


class Interval(NamedTuple):
    """An interquartile mean and its 95% bootstrap interval, of `n` values."""

    mean: float
    low: float
    high: float
    n: int


def interquartile(values: Sequence[float], draws: int = 2000, seed: int = 0) -> Interval:
    """The mean of the middle half, and its percentile bootstrap interval (Agarwal et al., 2021)."""
    found = np.asarray(values, float)
    rng = np.random.default_rng(seed)
    means = [_middle(found[rng.integers(len(found), size=len(found))]) for _ in range(draws)]
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(_middle(found), float(low), float(high), len(found))


def _middle(values: np.ndarray) -> float:
    """The mean of the values between the quartiles, those at the edge in part."""
    ordered = np.sort(values)
    n = len(ordered)
    edges = np.clip(np.minimum(np.arange(1, n + 1) - n / 4, 3 * n / 4 - np.arange(n)), 0, 1)
    return float((ordered * edges).sum() / edges.sum())
