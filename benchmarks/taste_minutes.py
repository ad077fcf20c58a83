"""How long each way to learn takes with the votes of one reader, one after the other.

    python -m benchmarks.taste_minutes

Writes benchmarks/results/taste_minutes.json: minutes of scoring and training on all cores of this
machine, and their ratio to those of offline PPO with as many votes. The tellings are those of
`benchmarks.taste`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from rich.progress import Progress

from benchmarks.record import record
from benchmarks.taste import ADAPTER, ALGORITHMS, ARMS, OTHER_VOTES, VOTES, Bench, Cell
from game import paths

TASTE, SEED = "sensory", 0


def main() -> None:
    rows = []
    asked = [(v, arm) for v in sorted((VOTES, *OTHER_VOTES)) for arm in ALGORITHMS if ARMS[arm]]
    with tempfile.TemporaryDirectory(prefix="limelight-taste-") as scratch, Progress() as bar:
        task = bar.add_task("trainings", total=len(asked))
        bench = Bench(
            ADAPTER, paths.home() / "taste", Path(scratch),
            lambda text: bar.update(task, description=text),
        )  # fmt: skip
        for votes, name in asked:
            arm = ARMS[name]
            assert arm is not None
            made = bench.trained(Cell(TASTE, name, votes, SEED), arm)
            rows.append({"arm": name, "votes": votes, "steps": len(made.run.steps),
                         "minutes": made.seconds / 60})  # fmt: skip
            bar.advance(task)
        bench.player.close()
    ppo = {r["votes"]: r["minutes"] for r in rows if r["arm"] == "ppo"}
    for r in rows:
        r["beside_ppo"] = round(r["minutes"] / ppo[r["votes"]], 2)
        r["minutes"] = round(r["minutes"], 2)
    record("taste_minutes", {"taste": TASTE, "seed": SEED, "cores": os.cpu_count(), "rows": rows})


if __name__ == "__main__":
    main()
