"""Playing: a troupe of environments stepped together, each in its role, by one network."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.envs.episode import Setting, View
from agents.envs.vector import Finished, VectorEnv
from agents.thespian.encode import Encoder, Sample, collate, offered
from agents.thespian.features import Lexicon
from agents.thespian.network import Tensors, ThespianNet, log_probs, moved, on_device
from agents.thespian.notes import Notes

#: The longest game, in steps.
MAX_STEPS = 100


@dataclass(frozen=True)
class Part:
    """A head of the network in training: what it is called, the world's role that it plays, and
    what it is paid, as weights of the roles of the world (usually the played role's alone)."""

    name: str
    role: str
    pay: Mapping[str, float]

    @classmethod
    def of(cls, role: str) -> Part:
        return cls(role, role, {role: 1.0})


class Game(NamedTuple):
    """A finished game: the part played, its pay in total, and the score in every role."""

    part: str
    pay: float
    scores: Mapping[str, float]
    steps: int
    setting: int
    environment: int


@dataclass
class Steps:
    """`t` steps of `n` environments. Rows are time-major; `slots` are places among the actions
    offered. `next` are the moments after the last step, for the bootstrap."""

    samples: list[Sample]
    roles: NDArray[np.int64]  # [t, n]
    slots: NDArray[np.int64]  # [t, n]
    pay: NDArray[np.float32]  # [t, n]
    fresh: NDArray[np.float32]  # [t, n]: how novel what was seen, owned or done is
    over: NDArray[np.bool_]  # [t, n]
    next: list[Sample]
    next_roles: NDArray[np.int64]  # [n]
    games: list[Game]


#: Chooses for a batch: (batch, role of each sample) -> log-probabilities [n, most actions].
Policy = Callable[[Tensors, Tensor], Tensor]


class Troupe:
    """n environments and what the agent in each remembers.

    The k-th game of environment i has part `parts[(i + k // 2) % len(parts)]`: the role changes
    every two games (section 4.1 of the paper). Everything follows from `seed`. With `clock` the
    agent observes how much of the game is over, which it must not where games have no end.
    """

    def __init__(
        self,
        settings: Sequence[Setting],
        parts: Sequence[Part],
        n: int,
        seed: int,
        lexicon: Lexicon,
        *,
        max_steps: int = MAX_STEPS,
        random_start: bool = False,
        clock: bool = True,
        games_per_role: int = 2,
    ) -> None:
        self.n = n
        self.parts = list(parts)
        self.max_steps = max_steps
        self._clock = clock
        self._part = {part.role: at for at, part in enumerate(parts)}
        encoders = {id(s.world): Encoder(s.world, lexicon) for s in settings}
        self._of_setting = [i % len(settings) for i in range(n)]
        self.lexicon = lexicon
        self._env = VectorEnv(
            settings, [p.role for p in parts], n, max_steps=max_steps, learn=False,
            games_per_role=games_per_role, random_start=random_start,
            verbs=offered(s.world.roles[r] for s in settings for part in parts for r in part.pay),
        )  # fmt: skip
        self._encoders = [encoders[id(s.world)] for s in self._env.settings]
        self._rng = np.random.default_rng(seed)
        self._views = self._env.reset(seed)
        self._notes = [Notes() for _ in range(n)]
        self._pay = np.zeros(n)
        self._found: list[Counter[str]] = [Counter() for _ in settings]
        self._samples = [self._sample(i) for i in range(n)]

    @property
    def roles(self) -> NDArray[np.int64]:
        """The place of the part played in each environment now."""
        return np.array([self._part[view.role] for view in self._views])

    def _sample(self, i: int) -> Sample:
        view, notes = self._views[i], self._notes[i]
        notes.see(view.scope)
        progress = view.step / self.max_steps if self._clock else 0.0
        return self._encoders[i].sample(
            view.scope, view.actions, notes, view.heard, progress, self._pay[i]
        )

    def play(self, policy: Policy, steps: int) -> Steps:
        """Play on for so many steps."""
        n = self.n
        samples: list[Sample] = []
        roles = np.zeros((steps, n), np.int64)
        slots = np.zeros((steps, n), np.int64)
        pay = np.zeros((steps, n), np.float32)
        fresh = np.zeros((steps, n), np.float32)
        over = np.zeros((steps, n), np.bool_)
        games: list[Game] = []
        for t in range(steps):
            roles[t] = self.roles
            samples += self._samples
            batch = on_device(collate(self._samples))
            with torch.no_grad():
                logs = policy(batch, torch.from_numpy(roles[t])).numpy()
            # Gumbel-max: one draw from each row's distribution.
            slots[t] = (logs + self._rng.gumbel(size=logs.shape)).argmax(1)
            done = slots[t].tolist()
            before = self._views
            stepped = self._env.step(done)
            self._views = stepped.views
            for i in range(n):
                gains = stepped.gains[i]
                if gains:
                    part = self.parts[roles[t, i]]
                    pay[t, i] = sum(part.pay.get(role, 0.0) * gain for role, gain in gains.items())
                self._follow(i, before[i], done[i], float(pay[t, i]), stepped.finished[i], games)
                over[t, i] = stepped.finished[i] is not None
            self._samples = [self._sample(i) for i in range(n)]
            fresh[t] = [0.0 if over[t, i] else self._novelty(i) for i in range(n)]
        return Steps(samples, roles, slots, pay, fresh, over, self._samples, self.roles, games)

    def _novelty(self, i: int) -> float:
        """What environment i found for the first time in its game, the rarer in all games of that
        world so far, the more: the sum of 1 / sqrt(times found) (Bellemare et al., 2016)."""
        found, total = self._found[self._of_setting[i]], 0.0
        for fact in self._notes[i].fresh:
            found[fact] += 1
            total += 1.0 / math.sqrt(found[fact])
        return total

    def _follow(
        self, i: int, view: View, done: int, pay: float, finished: Finished | None,
        games: list[Game],
    ) -> None:  # fmt: skip
        """Note what came of the step; where the game is over, begin new notes."""
        self._pay[i] += pay
        self._notes[i].did(view.actions[done], pay)
        if finished is not None:
            part = self.parts[self._part[view.role]]
            total = float(self._pay[i])
            setting = self._of_setting[i]
            games.append(Game(part.name, total, finished.scores, finished.steps, setting, i))
            self._notes[i] = Notes()
            self._pay[i] = 0.0


class Rows:
    """The lexicon's table as embedded by a network whose weights stay as they are."""

    def __init__(self, net: ThespianNet, lexicon: Lexicon) -> None:
        self.net = net
        self.lexicon = lexicon
        self._rows = torch.zeros(0)

    def __call__(self) -> Tensor:
        if len(self._rows) != len(self.lexicon.table):
            with torch.no_grad():
                table = torch.from_numpy(self.lexicon.table).to(self.net.device)
                self._rows = self.net.embed(table)
        return self._rows


def acting(
    net: ThespianNet,
    lexicon: Lexicon,
    heads: Sequence[int] | None = None,
    prompts: Tensor | None = None,
) -> Policy:
    """The network as a policy, wherever its weights are; `heads[part]` is the head that plays the
    part (its own place), and `prompts` float[heads, prompt] are used for the learned ones."""
    rows = Rows(net, lexicon)
    to = None if heads is None else torch.tensor(list(heads))

    def policy(batch: Tensors, roles: Tensor) -> Tensor:
        played = (roles if to is None else to[roles]).to(net.device)
        logs, _ = net(rows(), moved(batch, net.device), played, prompts)
        return logs.cpu()  # type: ignore[no-any-return]

    return policy


def at_random(batch: Tensors, roles: Tensor) -> Tensor:
    """The policy that prefers nothing."""
    return log_probs(torch.zeros(len(batch.actions_of)), batch)
