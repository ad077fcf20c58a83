"""A million lines of a player who types anything, in every shipped world.

    python -m benchmarks.fuzz [--lines 1000000] [--seed 0]

Every world gets its share of the lines, in games of 500, with the cast and without. A line that
raises, an invariant that does not hold and a replay that ends elsewhere are findings; the game and
line of each are printed, and the exit code is then 1. The result goes to
benchmarks/results/fuzz.json, with how often each thing was held; it is written after every game,
so that a run that was stopped says how far it came.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import Progress

from benchmarks.typist import HELD, Typist, check, check_replay
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.session import Session

RESULT = Path(__file__).parent / "results" / "fuzz.json"
#: Lines in a game, and between two looks at the invariants.
GAME, LOOK = 500, 100
ANSWERED = "the line raised nothing and was answered in words"
REPLAYED = "back to the beginning and forward again came to the same state"


def play(world: World, seed: int, lines: int, held: Counter[str]) -> tuple[str, float]:
    """One game; what went wrong ("" for nothing), and the seconds of the slowest line.

    `held` counts what was looked at and found to hold, in the words of `HELD`.
    """
    typist, slowest, line = Typist(seed), 0.0, ""
    session = Session(world, seed=seed, cast=Cast(world) if seed % 2 else None, autosave=False)
    try:
        for n in range(lines):
            line = typist.line(session)
            started = time.perf_counter()
            turn = session.command(line)
            slowest = max(slowest, time.perf_counter() - started)
            assert turn.plain.strip(), "nothing was told"
            held[ANSWERED] += 1
            if n % LOOK == 0:
                check(session)
                held.update(HELD)
        check(session)
        held.update(HELD)
        check_replay(session)
        held[REPLAYED] += 1
    except Exception as error:
        return f"{world.id}, seed {seed}, at {line!r}: {type(error).__name__}: {error}", slowest
    return "", slowest


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    worlds = {name: load_world(file) for name, file in paths.list_worlds().items()}
    share = -(-args.lines // len(worlds))
    result: dict[str, Any] = {
        "lines": 0,
        "findings": [],
        "held": {},
        "seconds": 0.0,
        "worlds": {},
        "seed": args.seed,
        "python": platform.python_version(),
    }
    held: Counter[str] = Counter()
    started = time.perf_counter()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    text = ""
    with Progress() as bar, contextlib.suppress(KeyboardInterrupt):
        for name, world in worlds.items():
            task = bar.add_task(name, total=share)
            begun, done, seed, slowest = time.perf_counter(), 0, args.seed, 0.0
            while done < share:
                lines = min(GAME, share - done)
                wrong, slow = play(world, seed, lines, held)
                if wrong:
                    result["findings"].append(wrong)
                    bar.console.print(wrong, markup=False)
                slowest = max(slowest, slow)
                done, seed = done + lines, seed + 1
                bar.update(task, completed=done)
                result["worlds"][name] = {
                    "lines": done,
                    "games": seed - args.seed,
                    "lines_per_s": round(done / (time.perf_counter() - begun)),
                    "slowest_line_s": round(slowest, 3),
                }
                result["lines"] = sum(w["lines"] for w in result["worlds"].values())
                result["held"] = dict(held)
                result["seconds"] = round(time.perf_counter() - started, 1)
                text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
                args.out.write_text(text, encoding="utf-8")
    print(text, end="")
    if result["findings"]:
        return 1
    return 0 if result["lines"] >= args.lines else 130


if __name__ == "__main__":
    sys.exit(main())
