"""Training over several processes is the training of one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from agents.narrator import dataset
from game.feedback import FeedbackStore
from game.llm.llama import weights_hash
from tests.agents.apart import learnt
from tests.agents.thumbs import thumb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rows(tiny: Path, tmp_path: Path) -> Path:
    with FeedbackStore(tmp_path / "feedback.db") as store:
        thumb(store, tiny, 40)
        votes = dataset.collect(store, base=weights_hash(tiny))
    path = tmp_path / "rows.pickle"
    path.write_bytes(pickle.dumps(dataset.with_advantages(votes.examples)))
    return path


def test_two_processes_end_where_one_does(tiny: Path, rows: Path, tmp_path: Path) -> None:
    launched = subprocess.run(
        # What `accelerate launch` runs where there are GPUs; without them it starts one process.
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         "-m", "tests.agents.apart", tiny, rows, tmp_path],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert launched.returncode == 0, launched.stderr
    alone = learnt(tiny, rows)
    first, second = (torch.load(tmp_path / f"{n}.pt") for n in range(2))
    assert torch.equal(first, second)
    assert torch.allclose(first, alone, atol=1e-4)
