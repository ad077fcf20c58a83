"""Known taste: does the cast stop stealing for a player who dislikes it, and stay itself otherwise?

    python -m benchmarks.cast_feedback --seeds 5

For each seed a simulated player watches the village, its people directed as thieves, merchants,
healers and revellers, and gives 200 thumbs to what they do: down for stealing, up for a quarter of
the rest. `game train-from-feedback --what cast` is then run on them as it is for a player. What it
made is judged in other games, which it did not see: by what both casts would do in the same moments
(`steal`: probability of stealing where one could; `others`: KL(new ‖ old) of the rest, given that
nothing is stolen), and by letting both play (`stolen`: share of thespian decisions).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.registry import Registry
from agents.thespian.actor import ThespianActor
from agents.thespian.checkpoint import load
from agents.thespian.encode import Encoder
from agents.thespian.features import Lexicon
from agents.thespian.feedback import DEFAULTS, train_cast
from agents.thespian.playbill import SHIPPED, in_use, roles_of
from agents.thespian.ppo import Stage, stage_of
from agents.thespian.scripts import of_script
from agents.thespian.tastes import Audience, decisions
from agents.thespian.thumbs import Example
from game import paths
from game.acting.company import Company
from game.authoring.load import load_world
from game.cast import Decision
from game.feedback.store import FeedbackStore

RESULTS = Path(__file__).parent / "results" / "cast_feedback.json"
PARTS = {
    "perpetua": "thief", "hob": "thief", "izzy": "thief", "tam": "0.6 thief 0.4 reveller",
    "verity": "healer", "bregan": "merchant",
}  # fmt: skip
#: Games for the judgement, of seeds that no vote was given in.
GAMES = 40
TEST_SEED = 900_000


class Quiet:
    def phase(self, text: str) -> None: ...

    def step(self, step: object) -> None: ...


def company(folder: Path) -> Company:
    return Company(roles_of(folder), lambda: ThespianActor.load(folder), patient=True)


def examples(found: Sequence[Decision], encoder: Encoder) -> list[Example]:
    made = []
    for d in found:
        script = json.loads(d.observation)["script"]
        assert d.role is not None and d.action is not None
        sample, slot = of_script(script, encoder), int(script["chosen"])
        made.append(
            Example(0, 0, "", "", "", 0, "", d.action.verb, d.who, d.policy, d.role, sample, slot,
                    (d.logprob,))
        )  # fmt: skip
    return made


@torch.no_grad()
def probabilities(stage: Stage, rows: Sequence[Example]) -> list[np.ndarray]:
    """What each of the actions offered would be done with, by example."""
    logs = [stage([row])[0].exp().numpy() for row in rows]
    return [np.asarray(p, np.float64) for p in logs]


def compared(found: Sequence[Decision], old: Stage, new: Stage, encoder: Encoder) -> dict[str, Any]:
    rows = examples(found, encoder)
    before, after = probabilities(old, rows), probabilities(new, rows)
    steal: list[tuple[float, float]] = []
    others, distances = [], []
    for d, p, q in zip(found, before, after, strict=True):
        choices = json.loads(d.observation)["script"]["choices"]
        theft = np.array([d.admissible[n].verb == "steal" for n in choices])
        if theft.any():
            steal.append((float(p[theft].sum()), float(q[theft].sum())))
        if not theft.all():
            a, b = p[~theft] / p[~theft].sum(), q[~theft] / q[~theft].sum()
            others.append(float((b * np.log(np.maximum(b, 1e-12) / np.maximum(a, 1e-12))).sum()))
            distances.append(float(np.abs(a - b).sum() / 2))
    was, now = np.mean(steal, axis=0)
    return {
        "moments": len(rows), "with_theft": len(steal), "steal_before": round(float(was), 4),
        "steal_after": round(float(now), 4), "drop": round(1 - float(now / was), 3),
        "others_kl": round(float(np.mean(others)), 4),
        "others_distance": round(float(np.mean(distances)), 4),
    }  # fmt: skip


def stolen(found: Sequence[Decision]) -> float:
    thefts = [d.action is not None and d.action.verb == "steal" for d in found]
    return round(float(np.mean(thefts)), 4)


def run(seed: int, votes: int, games: int) -> dict[str, Any]:
    world = load_world(paths.find_world("village"))
    shipped = company(SHIPPED)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GAME_HOME"] = folder
        registry = Registry(Path(folder) / "adapters")
        with FeedbackStore(Path(folder) / "feedback.db") as store:
            down = Audience(world, shipped, PARTS).vote(store, votes, seed)
            watched = time.monotonic()
            report = train_cast(
                store, registry, replace(DEFAULTS, seed=seed), Quiet(), "simulated:*"
            )
        trained = time.monotonic()
        version = registry.get(report.version)
        path = registry.path(version)
        lexicon = Lexicon()
        encoder = Encoder(world, lexicon)
        old, new = stage_of(load(SHIPPED), lexicon), stage_of(load(path), lexicon)
        played = decisions(Audience(world, shipped, PARTS), games, TEST_SEED + 1000 * seed)
        again = decisions(Audience(world, company(path), PARTS), games, TEST_SEED + 1000 * seed)
        return {
            "seed": seed, "votes": votes, "down": down, "outcome": report.verdict.outcome,
            "active": in_use(registry) == path,
            "auc": report.votes.auc and asdict(report.votes.auc),
            "held_out": report.votes.votes, "steps": len(report.run.steps),
            "stopped": report.run.stopped, "core_unchanged": old.core_hash() == new.core_hash(),
            **compared(played, old, new, encoder),
            "stolen_before": stolen(played), "stolen_after": stolen(again),
            "watch_seconds": round(watched - started, 1),
            "train_seconds": round(trained - watched, 1),
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--votes", type=int, default=200)
    parser.add_argument("--games", type=int, default=GAMES)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for seed in range(args.seeds):
        rows.append(run(seed, args.votes, args.games))
        print(json.dumps(rows[-1]), flush=True)
    means = {
        name: round(float(np.mean([row[name] for row in rows])), 4)
        for name in ("drop", "steal_before", "steal_after", "stolen_before", "stolen_after",
                     "others_kl", "others_distance", "train_seconds")
    }  # fmt: skip
    worst = {"drop": min(r["drop"] for r in rows), "others_kl": max(r["others_kl"] for r in rows)}
    found = {
        "command": f"python -m benchmarks.cast_feedback --seeds {args.seeds} --votes {args.votes}",
        "settings": asdict(DEFAULTS), "parts": PARTS, "mean": means, "worst": worst, "runs": rows,
    }  # fmt: skip
    args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(means))


if __name__ == "__main__":
    main()
