"""Self-imitation: the best games so far are learned from again (Oh et al., ICML 2018).

A lucky game that reaches what lies behind several steps in the right order is rare, and one
gradient step on it is soon undone. Where its return exceeds what the critic expects, it is done
again. Walkthroughs of the oracle can be put among the best games before the first is played.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.envs.episode import Episode, Setting
from agents.envs.oracle import walkthrough
from agents.thespian.encode import Encoder, Sample, offered
from agents.thespian.features import Lexicon
from agents.thespian.notes import Notes
from agents.thespian.rollout import Part, Steps

#: How many games of every role are kept.
KEPT = 24
#: A game paid a tenth less than the best is drawn e times less often.
PREFERENCE = 10.0


class Recalled(NamedTuple):
    """Steps of the best games: what was seen, as which head, what was done, and the return."""

    samples: list[Sample]
    roles: NDArray[np.int64]
    slots: NDArray[np.int64]
    returns: NDArray[np.float32]


class _Game(NamedTuple):
    pay: float
    samples: list[Sample]
    slots: list[int]
    returns: list[float]


class BestGames:
    """The best games of every head, from the steps of `envs` environments."""

    def __init__(self, envs: int, heads: int, gamma: float, seed: int) -> None:
        self._gamma = gamma
        self._rng = np.random.default_rng(seed)
        self._going: list[list[tuple[Sample, int, float]]] = [[] for _ in range(envs)]
        self._best: list[list[_Game]] = [[] for _ in range(heads)]

    def watch(self, played: Steps) -> None:
        """Follow the games in progress; keep those that ended well."""
        steps, n = played.roles.shape
        for t in range(steps):
            for i in range(n):
                going = self._going[i]
                step = (played.samples[t * n + i], int(played.slots[t, i]), float(played.pay[t, i]))
                going.append(step)
                if played.over[t, i]:
                    self._keep(int(played.roles[t, i]), going)
                    self._going[i] = []

    def show(self, head: int, steps: list[tuple[Sample, int, float]]) -> None:
        """Add a game that somebody else played: samples, slots and pay of its steps."""
        self._keep(head, steps)

    def _keep(self, head: int, steps: list[tuple[Sample, int, float]]) -> None:
        pay = sum(p for _, _, p in steps)
        best = self._best[head]
        if pay <= 0 or len(best) >= KEPT and pay < best[-1].pay:
            return
        returns: list[float] = []
        ahead = 0.0
        for _, _, p in reversed(steps):
            ahead = p + self._gamma * ahead
            returns.append(ahead)
        game = _Game(pay, [s for s, _, _ in steps], [a for _, a, _ in steps], returns[::-1])
        # The newest first among equals, so that the oldest of them is the one to go.
        best.insert(0, game)
        best.sort(key=lambda g: -g.pay)
        del best[KEPT:]

    def draw(self, count: int) -> Recalled:
        """About `count` steps, evenly from all heads that have games; none at first.

        A head's better games are drawn the more often, so that one lucky game among many that are
        merely good is not lost among them.
        """
        heads = [n for n, best in enumerate(self._best) if best]
        samples: list[Sample] = []
        roles, slots, returns = [], [], []
        for head in heads:
            best = self._best[head]
            weights = np.exp([PREFERENCE * (game.pay / best[0].pay - 1.0) for game in best])
            weights /= weights.sum()
            for which in self._rng.choice(len(best), count // len(heads), p=weights):
                game = best[which]
                at = int(self._rng.integers(len(game.samples)))
                samples.append(game.samples[at])
                slots.append(game.slots[at])
                returns.append(game.returns[at])
                roles.append(head)
        return Recalled(
            samples, np.array(roles, np.int64), np.array(slots, np.int64),
            np.array(returns, np.float32),
        )  # fmt: skip


def demonstration(
    setting: Setting, part: Part, lexicon: Lexicon, seed: int, max_steps: int, clock: bool
) -> list[tuple[Sample, int, float]]:
    """The oracle's walkthrough for the part's role in the game of `seed`, as its player sees it.

    It needs minutes for a large world. The exit, where the role is paid for it, comes last.
    """
    who = setting.world.player
    verbs = offered([setting.world.roles[role] for role in part.pay])
    encoder, notes = Encoder(setting.world, lexicon), Notes()
    episode = Episode(setting, {who: part.role}, seed, learn=False, verbs=verbs)
    steps: list[tuple[Sample, int, float]] = []
    score = 0.0
    for action in walkthrough(setting, part.role, who, seed, max_steps).actions:
        view = episode.view(who)
        notes.see(view.scope)
        progress = view.step / max_steps if clock else 0.0
        sample = encoder.sample(view.scope, view.actions, notes, view.heard, progress, score)
        gains = episode.step({who: action})[who]
        pay = sum(part.pay.get(role, 0.0) * gain for role, gain in gains.items())
        steps.append((sample, view.actions.index(action), pay))
        notes.did(action, pay)
        score += pay
    return steps
