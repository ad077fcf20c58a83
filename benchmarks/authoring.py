"""What an author waits for: checking a large world, loading the largest of LIGHT's.

    python -m benchmarks.authoring [--light FOLDER]

Prints JSON and writes it to benchmarks/results/authoring.json. Times are CPU seconds of one core,
the best of three; `check_100_rooms_s` is the whole check but for playing the quests through. Every
LIGHT world also takes 10,000 random admissible steps, from 20 seeds, with the engine's invariants
looked at every 100 steps; `python_loop_ns` is as in benchmarks.engine.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.record import record
from game.authoring.check import check_world
from game.authoring.light import import_light
from game.authoring.load import load_world
from game.authoring.writing import write_world
from tests.engine.test_invariants import check_bounds, check_forest, random_play

ROOT = Path(__file__).parents[1]
LIGHT = ROOT.parent / "shared" / "light" / "worlds"
SEEDS, STEPS = 20, 500


def large_world(rooms: int) -> str:
    """A row of described rooms with two things and a person in each."""
    lines = ["format: 1", "title: Large", "player: {start: r0}", "rooms:"]
    for n in range(rooms):
        ways = [f"east: r{n + 1}"] if n + 1 < rooms else []
        ways += [f"west: r{n - 1}"] if n else []
        lines += [
            f"  r{n}:",
            f"    name: Room {n}",
            f"    description: Room number {n} of many.",
            f"    exits: {{{', '.join(ways)}}}",
            "    items:",
            f"      a{n}: {{value: 1, description: A.}}",
            f"      b{n}: {{food: 1, description: B.}}",
            f"    characters: {{c{n}: {{name: Nr {n}, description: C., goals: Go on.}}}}",
        ]
    return "\n".join(lines) + "\n"


def random_steps(file: Path, folder: Path) -> int:
    """Bring in a LIGHT file and play it at random; returns how many steps kept every invariant."""
    data, _ = import_light(file)
    world = load_world(write_world(data, folder, "From LIGHT.")[0])
    steps = 0
    for seed in range(SEEDS):
        for state, _ in random_play(world, seed, STEPS):
            steps += 1
            if steps % 100 == 0:
                check_forest(state)
                check_bounds(state)
    return steps


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return round(min(times), 3)


def _python_loop_ns() -> float:
    start = time.process_time()
    total = 0
    for n in range(2_000_000):
        total += n
    return round((time.process_time() - start) / 2e6 * 1e9, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--light", type=Path, default=LIGHT, help="a folder of LIGHT's worlds")
    files = sorted(parser.parse_args().light.glob("*.json"))
    result: dict[str, Any] = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "python_loop_ns": _python_loop_ns(),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "world.yaml").write_text(large_world(100))
        result["check_100_rooms_s"] = _best(lambda: check_world(folder, search=0))
        if files:
            largest = max(files, key=lambda f: f.stat().st_size)
            main_file = write_world(import_light(largest)[0], folder / "largest", "LIGHT.")[0]
            result["largest_light_world"] = largest.name
            result["load_largest_light_world_s"] = _best(lambda: load_world(main_file))
            result["light_steps"] = {f.stem: random_steps(f, folder / f.stem) for f in files}
    record("authoring", result)


if __name__ == "__main__":
    main()
