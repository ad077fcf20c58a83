"""Rollout workers: the same troupes in this process, in others, or on a Ray cluster.

    with company(plan, "processes") as workers:
        played = workers.play(net.state_dict(), steps=8)

Each worker keeps its environments from call to call. Everything follows from the plan's seeds, so
the backends give the same steps, to the bit.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from agents.envs.episode import Setting
from agents.executor import Backend, ray_cluster
from agents.thespian.encode import Encoder
from agents.thespian.features import Lexicon
from agents.thespian.network import Shape, ThespianNet
from agents.thespian.rollout import Part, Steps, Troupe, acting

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Plan:
    """What the workers play, all together: `envs` environments, split evenly among `workers`.

    `heads` are the places of the heads that play the parts, by default in their order.
    """

    settings: tuple[Setting, ...]
    parts: tuple[Part, ...]
    shape: Shape
    envs: int
    seed: int
    workers: int = 1
    max_steps: int = 100
    random_start: bool = False
    clock: bool = True
    heads: tuple[int, ...] | None = None


def lexicon_of(settings: Sequence[Setting]) -> Lexicon:
    """The lexicon of some worlds; the same for the same worlds in the same order."""
    lexicon = Lexicon()
    for setting in settings:
        Encoder(setting.world, lexicon)
    return lexicon


class Worker:
    """One share of a plan. `at` says which."""

    def __init__(self, plan: Plan, at: int) -> None:
        self._net = ThespianNet(plan.shape)
        self._lexicon = lexicon_of(plan.settings)
        self._heads = plan.heads
        shares = [plan.envs * n // plan.workers for n in range(plan.workers + 1)]
        first = shares[at] % len(plan.settings)
        settings = plan.settings[first:] + plan.settings[:first]
        self._troupe = Troupe(
            settings, plan.parts, shares[at + 1] - shares[at], plan.seed * 100_003 + shares[at],
            self._lexicon, max_steps=plan.max_steps, random_start=plan.random_start,
            clock=plan.clock,
        )  # fmt: skip

    def play(self, weights: Weights, steps: int) -> Steps:
        self._net.load_state_dict(weights)
        return self._troupe.play(acting(self._net, self._lexicon, self._heads), steps)


class Workers(Protocol):
    """All workers of a plan. `play` gives the steps of all, environments in the plan's order."""

    def play(self, weights: Weights, steps: int) -> Steps: ...


@contextlib.contextmanager
def company(plan: Plan, backend: Backend = "here") -> Iterator[Workers]:
    """The workers of `plan`; they are dismissed on leaving.

    Raises UsageError for Ray where it is not installed.
    """
    opened: Any = {"here": _Here, "processes": _Processes, "ray": _Ray}[backend](plan)
    try:
        yield opened
    finally:
        opened.close()


def merged(played: Sequence[Steps]) -> Steps:
    """Steps played side by side as one, the environments of the first first."""
    if len(played) == 1:
        return played[0]
    steps = len(played[0].roles)
    samples = []
    for t in range(steps):
        for one in played:
            n = one.roles.shape[1]
            samples += one.samples[t * n : (t + 1) * n]

    def wide(field: str) -> Any:
        return np.concatenate([getattr(one, field) for one in played], 1)

    return Steps(
        samples, wide("roles"), wide("slots"), wide("pay"), wide("fresh"), wide("over"),
        [sample for one in played for sample in one.next],
        np.concatenate([one.next_roles for one in played]),
        [game for one in played for game in one.games],
    )  # fmt: skip


class _Here:
    def __init__(self, plan: Plan) -> None:
        self._workers = [Worker(plan, at) for at in range(plan.workers)]

    def play(self, weights: Weights, steps: int) -> Steps:
        return merged([worker.play(weights, steps) for worker in self._workers])

    def close(self) -> None:
        self._workers = []


class _Processes:
    """Fresh processes, for a fork would inherit the threads of torch."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Any] = []
        self._processes: list[Any] = []
        for at in range(plan.workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, plan, at), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def play(self, weights: Weights, steps: int) -> Steps:
        # As arrays: tensors would travel by shared memory, which outlives a process that is killed.
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in weights.items()}
        for pipe in self._pipes:
            pipe.send((arrays, steps))
        return merged([pipe.recv() for pipe in self._pipes])

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join()


def _serve(pipe: Any, plan: Plan, at: int) -> None:
    torch.set_num_threads(1)
    worker = Worker(plan, at)
    with contextlib.suppress(EOFError):
        while True:
            arrays, steps = pipe.recv()
            weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
            pipe.send(worker.play(weights, steps))


class _Ray:
    """One actor a worker, on the cluster of RAY_ADDRESS or on one that is started here."""

    def __init__(self, plan: Plan) -> None:
        self._closing = contextlib.ExitStack()
        ray = self._ray = self._closing.enter_context(ray_cluster())
        actor: Any = ray.remote(num_cpus=1)(_RayWorker)
        shared = ray.put(plan)
        self._workers: list[Any] = [actor.remote(shared, at) for at in range(plan.workers)]

    def play(self, weights: Weights, steps: int) -> Steps:
        arrays = self._ray.put({name: t.detach().cpu().numpy() for name, t in weights.items()})
        return merged(self._ray.get([w.play.remote(arrays, steps) for w in self._workers]))

    def close(self) -> None:
        for worker in self._workers:
            self._ray.kill(worker)
        self._closing.close()


class _RayWorker:
    def __init__(self, plan: Plan, at: int) -> None:
        torch.set_num_threads(1)
        self._worker = Worker(plan, at)

    def play(self, arrays: Mapping[str, Any], steps: int) -> Steps:
        return self._worker.play({n: torch.tensor(a) for n, a in arrays.items()}, steps)
