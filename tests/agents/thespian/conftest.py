from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from agents.envs.episode import Setting
from agents.thespian.checkpoint import fresh
from agents.thespian.network import ThespianNet


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower on several threads, much so on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def village() -> Setting:
    return Setting("village")


@pytest.fixture
def net() -> ThespianNet:
    """An untrained thief and adventurer whose heads are large enough to prefer something."""
    net = fresh(("thief", "adventurer"), seed=1)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if "head" in name or "of_template" in name:
                parameter.mul_(10)
    return net
