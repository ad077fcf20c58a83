"""The cast in play: what a character's turn costs, and how it reads, by heuristic and by thespian.

    python -m benchmarks.cast

The same strolling player plays the same games with both casts. How much fun characters are is
judged by what shows in the transcript:

- `seen`: share of turns in which the player perceives something that a character did;
- `crowded`: share of turns with more than three such things, which is too many to read;
- `kinds`: different verbs (waiting aside), and `entropy` of how they are shared out, in bits;
- `repeats`: share of deeds that the character did before within its last four deeds;
- `pacing`: share of walks that go straight back to where the character came from;
- `earned`: reward that characters earn in their roles, a hundred turns.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from game import paths
from game.acting.company import Company
from game.authoring.load import load_world
from game.cast import Cast, Decision, company
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.rules import admissible
from game.session import Session

RESULTS = Path(__file__).parent / "results" / "cast.json"
WORLDS = ("village", "interval")
#: Verbs of a player who walks about, handles things, and harms nobody.
VERBS = ("go", "go", "take", "wave", "examine", "wait", "wait")
#: More deeds than this in one turn are too many to read.
CROWD = 3
RECENT = 4


class Watched(Cast):
    """A cast whose decisions are timed and noted."""

    def __init__(self, world: World, company: Company | None) -> None:
        super().__init__(world, company)
        self.noted: list[tuple[Decision, str, float]] = []

    def decide(self, state: State, who: str, heard: Sequence[Event] = ()) -> Decision:
        room, started = state.parent[who], time.process_time()
        made = super().decide(state, who, heard)
        self.noted.append((made, room, 1000 * (time.process_time() - started)))
        return made


def stroll(state: State, rng: random.Random) -> Action:
    verb, world = rng.choice(VERBS), state.world
    actions = [
        a
        for a in admissible(state, world.player)
        if a.verb == verb
        and not (verb == "go" and "exit" in world.rooms[world.exits[str(a.noun)].to].tags)
    ]
    return rng.choice(actions) if actions else Action("wait")


def played(world: World, found: Company | None, games: int, turns: int) -> dict[str, Any]:
    times: dict[str, list[float]] = defaultdict(list)
    verbs: Counter[str] = Counter()
    count = seen = crowded = deeds = repeats = walks = back = 0
    earned = 0.0
    for seed in range(games):
        session = Session(world, seed=seed, autosave=False)
        session.cast = cast = Watched(world, found)
        rng = random.Random(seed)
        for _ in range(turns):
            if session.done:
                break
            turn = session.act(stroll(session.state, rng))
            shown = sum(beat.kind == "character" for beat in turn.beats)
            count, seen, crowded = count + 1, seen + (shown > 0), crowded + (shown > CROWD)
        earned += sum(v for who, v in session.state.rewards.items() if who != world.player)
        done: dict[str, list[Action]] = defaultdict(list)
        rooms: dict[str, list[str]] = defaultdict(list)
        for decision, room, ms in cast.noted:
            who, action = decision.who, decision.action
            times["thespian" if decision.policy.startswith("thespian") else "heuristic"].append(ms)
            if not rooms[who] or rooms[who][-1] != room:
                rooms[who].append(room)
            if action is None or action.verb == "wait":
                continue
            deeds += 1
            verbs[action.verb] += 1
            repeats += action in done[who][-RECENT:]
            done[who].append(action)
        for path in rooms.values():
            walks += max(0, len(path) - 2)
            back += sum(a == c for a, c in zip(path, path[2:], strict=False))
    total = verbs.total() or 1
    shares = [n / total for n in verbs.values()]
    return {
        "turns": count,
        "seen": round(seen / count, 3),
        "crowded": round(crowded / count, 4),
        "deeds_a_turn": round(deeds / count, 3),
        "kinds": len(verbs),
        "entropy": round(-sum(p * math.log2(p) for p in shares), 2),
        "repeats": round(repeats / max(1, deeds), 3),
        "walks": walks,
        "pacing": round(back / max(1, walks), 3),
        "earned": round(100 * earned / count, 2),
        "verbs": dict(verbs.most_common()),
        "ms": {who: milliseconds(values) for who, values in times.items()},
    }


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    found = np.asarray(values)
    quantiles = {"median": 50, "p95": 95, "p99": 99}
    rounded = {k: round(float(np.percentile(found, q)), 2) for k, q in quantiles.items()}
    return {"decisions": len(found), "mean": round(float(found.mean()), 2), **rounded}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=10)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    thespians = company(patient=True)
    assert thespians is not None
    found: dict[str, Any] = {
        "command": f"python -m benchmarks.cast --games {args.games} --turns {args.turns}",
        "worlds": {},
    }
    for name in WORLDS:
        world = load_world(paths.find_world(name))
        found["worlds"][name] = {
            who: played(world, cast, args.games, args.turns)
            for who, cast in (("heuristic", None), ("thespian", thespians))
        }
        print(name, json.dumps(found["worlds"][name]), flush=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
