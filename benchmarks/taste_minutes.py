"""How long each way to learn takes with the votes of one reader, one after the other.

    python -m benchmarks.taste_minutes

Writes benchmarks/results/taste_minutes.json: minutes of scoring and training on all cores of this
machine with 300 votes, and their ratio to those of offline PPO. The tellings are those of
`benchmarks.taste`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from rich.progress import Progress

from benchmarks.record import record
from benchmarks.taste import ADAPTER, ALGORITHMS, ARMS, VOTES, Bench, Cell
from game import paths

TASTE, SEED = "sensory", 0


def main() -> None:
    arms = {name: arm for name in ALGORITHMS if (arm := ARMS[name]) is not None}
    minutes = {}
    with tempfile.TemporaryDirectory(prefix="limelight-taste-") as scratch, Progress() as bar:
        task = bar.add_task("trainings", total=len(arms))
        bench = Bench(
            ADAPTER, paths.home() / "taste", Path(scratch),
            lambda text: bar.update(task, description=text),
        )  # fmt: skip
        for name, arm in arms.items():
            minutes[name] = bench.trained(Cell(TASTE, name, VOTES, SEED), arm).seconds / 60
            bar.advance(task)
        bench.player.close()
    record(
        "taste_minutes",
        {
            "taste": TASTE, "votes": VOTES, "seed": SEED, "cores": os.cpu_count(),
            "minutes": {name: round(taken, 2) for name, taken in minutes.items()},
            "beside_ppo": {
                name: round(taken / minutes["ppo"], 2) for name, taken in minutes.items()
            },
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
