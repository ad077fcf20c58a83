"""Many episodes in one process, stepped together on structured observations: what agents train on.

The form is that of Gymnasium's vector environments with same-step autoreset, but observations are
Views (ids, the engine's scope, admissible actions as tuples) instead of arrays, and nothing is put
into words unless asked (`agents.envs.render`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.envs.episode import Episode, Others, Setting, View
from game.engine.events import Action


class Finished(NamedTuple):
    """An episode that just ended: its last view, and the score it reached in every role."""

    view: View
    seed: int
    steps: int
    scores: dict[str, float]
    digest: str


class Batch(NamedTuple):
    """One step of n environments. Rewards are float32[n] of the played roles; flags are bool[n].

    `views[i]` is what environment i shows now: where its episode ended, the first view of the
    next one, and `finished[i]` has the last of the old one. `gains[i]` is what the step earned in
    each role that was paid at all.
    """

    views: list[View]
    rewards: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    gains: list[dict[str, float]]
    finished: list[Finished | None]


class VectorEnv:
    """n environments, one played character in each.

    Environment i plays `settings[i % len(settings)]`, and in its k-th episode the role
    `roles[(i + k // games_per_role) % len(roles)]` (the paper plays two games before it changes).
    `actor` None is each world's player. The first episode of environment i has the seed
    `seed + i`, exactly as `Limelight-v0` after `reset(seed=seed + i)`, and so have all later ones.
    `learn` keeps the knowledge graph in the views; without it steps are faster. With `verbs`, only
    actions of these verbs are offered.
    """

    def __init__(
        self,
        settings: Sequence[Setting],
        roles: Sequence[str],
        n: int,
        *,
        actor: str | None = None,
        others: Others = "none",
        games_per_role: int = 1,
        max_steps: int = 100,
        random_start: bool = False,
        learn: bool = True,
        verbs: frozenset[str] | None = None,
    ) -> None:
        self.n = n
        self.settings = [settings[i % len(settings)] for i in range(n)]
        self.roles = tuple(roles)
        self.actors = [actor or setting.world.player for setting in self.settings]
        for setting, who in zip(self.settings, self.actors, strict=True):
            for role in self.roles:
                setting.check(who, role)
        self.max_steps = max_steps
        self._others: Others = others
        self._games_per_role = games_per_role
        self._random_start = random_start
        self._learn = learn
        self._verbs = verbs
        self._games = [0] * n
        self._seeds = [0] * n
        self._rngs: list[np.random.Generator] = []
        self._episodes: list[Episode] = []
        self._views: list[View] = []

    def reset(self, seed: int = 0) -> list[View]:
        """Begin n episodes, those of `seed`, with the first role again."""
        self._rngs = [np.random.default_rng(seed + i) for i in range(self.n)]
        self._games = [0] * self.n
        self._seeds = [seed + i for i in range(self.n)]
        self._episodes = [self._begin(i) for i in range(self.n)]
        self._views = [e.view(who) for e, who in zip(self._episodes, self.actors, strict=True)]
        return list(self._views)

    def step(self, actions: Sequence[int]) -> Batch:
        """Play `actions[i]`, an index into `views[i].actions`, in every environment i."""
        rewards = np.zeros(self.n, np.float32)
        terminated = np.zeros(self.n, np.bool_)
        truncated = np.zeros(self.n, np.bool_)
        gains: list[dict[str, float]] = []
        finished: list[Finished | None] = [None] * self.n
        for i, chosen in enumerate(actions):
            episode, who, view = self._episodes[i], self.actors[i], self._views[i]
            action: Action = view.actions[chosen]
            earned = episode.step({who: action})[who]
            gains.append(earned)
            if earned:
                rewards[i] = earned.get(view.role, 0.0)
            over = episode.over(who)
            if over or episode.steps >= self.max_steps:
                terminated[i], truncated[i] = over, not over
                finished[i] = self._finish(i)
            self._views[i] = self._episodes[i].view(who)
        return Batch(list(self._views), rewards, terminated, truncated, gains, finished)

    def _begin(self, i: int) -> Episode:
        role = self.roles[(i + self._games[i] // self._games_per_role) % len(self.roles)]
        return Episode(
            self.settings[i],
            {self.actors[i]: role},
            self._seeds[i],
            others=self._others,
            random_start=self._random_start,
            learn=self._learn,
            verbs=self._verbs,
        )

    def _finish(self, i: int) -> Finished:
        """Note how the episode ended and begin the next."""
        episode, who = self._episodes[i], self.actors[i]
        done = Finished(
            episode.view(who),
            self._seeds[i],
            episode.steps,
            dict(episode.seats[who].tally.scores),
            episode.state.digest(),
        )
        self._games[i] += 1
        self._seeds[i] = next_seed(self._rngs[i])
        self._episodes[i] = self._begin(i)
        return done


def next_seed(rng: np.random.Generator) -> int:
    """The seed of the next episode of an environment that is not told one."""
    return int(rng.integers(2**31))
