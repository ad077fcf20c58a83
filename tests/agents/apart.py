"""A training as one of several processes: `torchrun -m tests.agents.apart MODEL ROWS OUT`.

Every process writes the weights it ends with to a file of its own.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import torch

from agents import distributed, lm
from agents.narrator import ppo
from agents.narrator.learners import learner_for

#: Ten rows a batch, shared by two, and at last a batch of one, of which one process has nothing.
ALGORITHMS: tuple[ppo.Algorithm, ...] = ("kto", "ppo")
ARGS = ppo.Args(epochs=1, batch=10, learning_rate=1e-3, warmup=1, kl_stop=10.0, dtype="fp32")
ROWS = 31


def learnt(model: Path, rows: Path) -> torch.Tensor:
    """What each algorithm saw and the LoRA's weights after it, as one vector."""
    torch.set_num_threads(1)
    return torch.cat([_learnt(model, rows, algo) for algo in ALGORITHMS])


def _learnt(model: Path, rows: Path, algo: ppo.Algorithm) -> torch.Tensor:
    a = replace(ARGS, algo=algo)
    learner = lm.load(model, dtype="fp32", device=distributed.device())
    learner.attach_lora(rank=4, seed=1)
    steps: list[ppo.Step] = []
    ppo.train(
        learner, pickle.loads(rows.read_bytes())[:ROWS], a, learner_for(a), on_step=steps.append
    )
    seen = torch.tensor([[s.loss, s.kl, s.clipped, s.ratio] for s in steps]).flatten()
    weights = [p.detach().flatten() for p in learner.lora_parameters()]
    return torch.cat([seen.double(), *(w.double() for w in weights)])


if __name__ == "__main__":
    model, rows, out = map(Path, sys.argv[1:])
    found = learnt(model, rows)
    torch.save(found, out / f"{os.environ['RANK']}.pt")
