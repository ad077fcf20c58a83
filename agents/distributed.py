"""Data-parallel training, as `accelerate launch` starts it: every process holds the whole learner,
scores its share of each batch, and steps by the gradients of all.

Started without it, a process is alone, and nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TypeVar

import torch
from accelerate import PartialState
from torch import Tensor, distributed

T = TypeVar("T")


@cache
def _state() -> PartialState:
    # The learner's formats and its parity with the sampler are tested on these two.
    return PartialState(cpu=not torch.cuda.is_available())


def is_main() -> bool:
    """Whether this process speaks and writes for all."""
    return bool(_state().is_main_process)


def device() -> torch.device:
    """Where this process learns: its GPU if there is one, else the processor."""
    found: torch.device = _state().device
    return found


def share(rows: Sequence[T]) -> Sequence[T]:
    """This process's part of a batch; the parts of all are the batch, and some may be empty."""
    state = _state()
    return rows[state.process_index :: state.num_processes]


def sum_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace the gradients by their sums over the processes."""
    if _state().num_processes == 1:
        return
    for parameter in parameters:
        if parameter.grad is None:  # this process's share of the batch was empty
            parameter.grad = torch.zeros_like(parameter)
        distributed.all_reduce(parameter.grad)


def total(sums: Mapping[str, float]) -> dict[str, float]:
    """Each number's sum over the processes."""
    if _state().num_processes == 1:
        return dict(sums)
    values = torch.tensor(list(sums.values()), dtype=torch.float64, device=_state().device)
    distributed.all_reduce(values)
    return dict(zip(sums, values.tolist(), strict=True))


def agreed(value: float) -> float:
    """The main process's number, for what all must decide alike."""
    return total({"value": value if is_main() else 0.0})["value"]
