"""The learner is on its device, whole: seen on tensors without data, which need no GPU.

A tensor that stays behind on the CPU raises as soon as it meets one that did not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv

from agents.envs.episode import Setting
from agents.thespian import a2c
from agents.thespian.a2c import Args, Learner
from agents.thespian.encode import collate
from agents.thespian.network import Shape, ThespianNet, on_device
from agents.thespian.rollout import Part, Steps, acting
from agents.thespian.workers import Plan, company, lexicon_of

#: A device that every build of torch knows, and no machine has.
ELSEWHERE = "lazy"
ROLES = ("thief", "adventurer")


def made_elsewhere(monkeypatch: pytest.MonkeyPatch) -> ThespianNet:
    """A network on that device; weights without data cannot be moved there."""
    monkeypatch.setattr(ThespianNet, "to", lambda self, _device: self)
    with torch.device(ELSEWHERE):
        return ThespianNet(Shape(ROLES))


@pytest.fixture
def played(village: Setting, net: ThespianNet) -> Steps:
    plan = Plan((village,), tuple(map(Part.of, ROLES)), net.shape, 4, 0)
    with company(plan) as workers:
        return workers.play(net.state_dict(), 4)


def test_an_update_is_computed_on_the_device(
    village: Setting, played: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, width = played.roles.shape
    criticised: list[str] = []

    def estimates(values: torch.Tensor, *_: Any) -> Any:
        """Of values without data nothing can be made but zeros."""
        criticised.append(values.device.type)
        zeros = np.zeros((steps, width), np.float32)
        return zeros, values.new_zeros(steps * width), np.ones(len(ROLES), np.float32)

    monkeypatch.setattr(a2c, "estimates", estimates)
    lexicon = lexicon_of([village])
    with FakeTensorMode(shape_env=ShapeEnv()):
        learner = Learner(made_elsewhere(monkeypatch), lexicon, Args(device=ELSEWHERE))
        told = learner.update(played, 0.1)
        for parameter in learner.net.parameters():
            assert parameter.device.type == ELSEWHERE
            assert parameter.grad is not None and parameter.grad.device.type == ELSEWHERE
    assert criticised == [ELSEWHERE] and "grad_norm" in told


def test_a_network_plays_from_wherever_it_is(
    village: Setting, played: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon = lexicon_of([village])
    with FakeTensorMode():
        policy = acting(made_elsewhere(monkeypatch), lexicon)
        batch = on_device(collate(played.next))
        logs = policy(batch, torch.from_numpy(played.next_roles))
        assert logs.device.type == "cpu" and len(logs) == len(played.next)
