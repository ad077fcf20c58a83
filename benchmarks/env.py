"""Speed of the environments on the village, and of TextWorld and TextWorldExpress in the same run.

    python -m benchmarks.env [--seconds 3] [--rounds 3]

Prints JSON and writes it to benchmarks/results/env.json. All play at random for episodes of 100
steps with the admissible actions listed at every step. `steps_per_s` is by wall time, the median of
rounds in which they take turns, so that a busy machine slows all alike; `steps_per_cpu_s` is by the
CPU time of this process, what one core of its own would give (TextWorldExpress does its work in
another process, a Java one, and is left out).

`single` is `Limelight-v0` as `gymnasium.make` gives it: four texts, knowledge graph, commands,
state hash. `vector` steps 16 environments on structured views with the knowledge graph, and
`vector_without_graph` without it. Most admissible actions are gestures and looks, which change
nothing and are cheap; `vector_lively` never chooses one, and is the harder test.

TextWorld plays a generated game of 10 rooms and 30 objects with description, inventory and
admissible commands; TextWorldExpress its CookingWorld of 11 places through its Python interface.
Neither is a dependency: where one is not installed its figure is null. To have them:

    python -m venv DIR && DIR/bin/pip install textworld textworld-express    # the latter needs Java
    PYTHONPATH=DIR/lib/python3.11/site-packages python -m benchmarks.env
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium

import agents.env  # noqa: F401 (registers Limelight-v0)
from agents.envs.episode import Setting, View
from agents.envs.vector import VectorEnv
from benchmarks.engine import python_loop_ns
from benchmarks.record import record
from game.engine.verbs import VERBS

EPISODE = 100
ENVIRONMENTS = 16
#: Plays for about so many seconds and says how many steps that were.
Player = Callable[[float], int]


def single() -> Player:
    env = gymnasium.make("Limelight-v0", world="village", role="thief", max_steps=EPISODE)
    rng = random.Random(0)
    seen, _ = env.reset(seed=0)

    def play(seconds: float) -> int:
        nonlocal seen
        steps, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            seen, _, terminated, truncated, _ = env.step(rng.randrange(len(seen["admissible"])))
            steps += 1
            if terminated or truncated:
                seen, _ = env.reset()
        return steps

    return play


def vector(learn: bool, lively: bool = False) -> Player:
    env = VectorEnv([Setting("village")], ["thief"], ENVIRONMENTS, learn=learn, max_steps=EPISODE)
    rng = random.Random(0)
    views = env.reset()
    changing = {name for name, verb in VERBS.items() if not verb.idle}

    def choose(view: View) -> int:
        chosen = int(rng.random() * len(view.actions))
        while lively and view.actions[chosen].verb not in changing:
            chosen = int(rng.random() * len(view.actions))
        return chosen

    def play(seconds: float) -> int:
        nonlocal views
        steps, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            views = env.step([choose(view) for view in views]).views
            steps += ENVIRONMENTS
        return steps

    return play


def textworld(folder: Path) -> Player | None:
    try:
        import textworld
    except ImportError:
        return None
    options = textworld.GameOptions()
    options.nb_rooms, options.nb_objects, options.quest_length = 10, 30, 5
    options.seeds, options.path = 1, str(folder / "game.z8")
    game, _ = textworld.make(options)
    wanted = textworld.EnvInfos(admissible_commands=True, description=True, inventory=True)
    env = textworld.start(game, wanted)
    rng = random.Random(0)

    def play(seconds: float) -> int:
        steps, end = 0, time.perf_counter() + seconds
        state = env.reset()
        while time.perf_counter() < end:
            state, _, done = env.step(rng.choice(state.admissible_commands))
            steps += 1
            if done or steps % EPISODE == 0:
                state = env.reset()
        return steps

    return play


def textworld_express() -> Player | None:
    try:
        from textworld_express import TextWorldExpressEnv
    except ImportError:
        return None
    env = TextWorldExpressEnv(envStepLimit=EPISODE)
    env.load(gameName="cookingworld", gameParams="numLocations=11")
    rng = random.Random(0)
    episode = 0

    def begin() -> Any:
        nonlocal episode
        episode += 1
        return env.reset(seed=episode, gameFold="train", generateGoldPath=False)[1]

    def play(seconds: float) -> int:
        steps, end = 0, time.perf_counter() + seconds
        info = begin()
        while time.perf_counter() < end:
            _, _, done, info = env.step(rng.choice(info["validActions"]))
            steps += 1
            if done or steps % EPISODE == 0:
                info = begin()
        return steps

    return play


def rates(
    players: dict[str, Player], seconds: float, rounds: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Steps a second of wall time and of this process's CPU time, the medians of `rounds`."""
    wall: dict[str, list[float]] = {name: [] for name in players}
    cpu: dict[str, list[float]] = {name: [] for name in players}
    for play in players.values():
        play(seconds / 10)
    for _ in range(rounds):
        for name, play in players.items():
            start, worked = time.perf_counter(), time.process_time()
            steps = play(seconds)
            cpu[name].append(steps / (time.process_time() - worked))
            wall[name].append(steps / (time.perf_counter() - start))
    return _medians(wall), _medians(cpu)


def _medians(values: dict[str, list[float]]) -> dict[str, int]:
    return {name: round(statistics.median(found)) for name, found in values.items()}


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        candidates: dict[str, Player | None] = {
            "single": single(),
            "vector": vector(learn=True),
            "vector_without_graph": vector(learn=False),
            "vector_lively": vector(learn=True, lively=True),
            "textworld": textworld(Path(folder)),
            "textworld_express": textworld_express(),
        }
        measured, worked = rates(
            {name: play for name, play in candidates.items() if play}, args.seconds, args.rounds
        )
    steps = {name: measured.get(name) for name in candidates}
    others = {name: steps[name] for name in ("textworld", "textworld_express")}
    result = {
        "steps_per_s": steps,
        "steps_per_cpu_s": {n: r for n, r in worked.items() if n != "textworld_express"},
        "times_as_fast": {
            ours: {
                theirs: round(measured[ours] / rate, 1) if rate else None
                for theirs, rate in others.items()
            }
            for ours in ("single", "vector", "vector_lively")
        },
        "versions": {name: version(name) for name in ("textworld", "textworld-express")},
        "python_loop_ns": round(python_loop_ns(), 1),
        "python": platform.python_version(),
    }
    record("env", result)


if __name__ == "__main__":
    main()
