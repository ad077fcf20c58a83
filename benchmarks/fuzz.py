"""A million lines of a player who types anything, in every shipped world.

    python -m benchmarks.fuzz [--lines 1000000] [--seed 0]

Every world gets its share of the lines, in games of 500, with the cast and without. A line that
raises, an invariant that does not hold and a replay that ends elsewhere are findings; the command
that reproduces each is printed, and the exit code is then 1. The result goes to
benchmarks/results/fuzz.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

from rich.progress import Progress

from benchmarks.typist import Typist, check, check_replay
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.session import Session

RESULT = Path(__file__).parent / "results" / "fuzz.json"
#: Lines in a game, and between two looks at the invariants.
GAME, LOOK = 500, 100


def play(world: World, seed: int, lines: int) -> tuple[str, float]:
    """One game; what went wrong ("" for nothing), and the seconds of the slowest line."""
    typist, slowest, line = Typist(seed), 0.0, ""
    session = Session(world, seed=seed, cast=Cast(world) if seed % 2 else None, autosave=False)
    try:
        for n in range(lines):
            line = typist.line(session)
            started = time.perf_counter()
            turn = session.command(line)
            slowest = max(slowest, time.perf_counter() - started)
            assert turn.plain.strip(), "nothing was told"
            if n % LOOK == 0:
                check(session)
        check(session)
        check_replay(session)
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
    per_world: dict[str, dict[str, Any]] = {}
    findings: list[str] = []
    started, played = time.perf_counter(), 0
    with Progress() as bar:
        for name, world in worlds.items():
            task = bar.add_task(name, total=share)
            begun, done, seed, slowest = time.perf_counter(), 0, args.seed, 0.0
            while done < share:
                lines = min(GAME, share - done)
                wrong, slow = play(world, seed, lines)
                if wrong:
                    findings.append(wrong)
                    bar.console.print(wrong, markup=False)
                slowest = max(slowest, slow)
                done, seed = done + lines, seed + 1
                bar.update(task, completed=done)
            seconds = time.perf_counter() - begun
            per_world[name] = {
                "lines": done,
                "games": seed - args.seed,
                "lines_per_s": round(done / seconds),
                "slowest_line_s": round(slowest, 3),
            }
            played += done
    result = {
        "lines": played,
        "findings": findings,
        "seconds": round(time.perf_counter() - started, 1),
        "worlds": per_world,
        "seed": args.seed,
        "python": platform.python_version(),
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
