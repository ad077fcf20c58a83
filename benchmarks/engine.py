"""Speed of the engine on a 10-room world of 30 things, on one core.

    python -m benchmarks.engine [--seconds 5]

Prints JSON and writes it to benchmarks/results/engine.json. `admissible_steps_per_s` counts steps
of random admissible play with the list of admissible actions and the observation built every step;
`apply_steps_per_s` counts bare `apply` on the same kinds of action. `python_loop_ns` is a fixed
pure-Python loop timed in the same run, so that results from different machines can be compared.
"""

from __future__ import annotations

import argparse
import platform
import random
import time

from benchmarks.record import record
from game.engine.events import Action
from game.engine.model import OPPOSITE, Character, Exit, Item, Manner, Room, World
from game.engine.perception import observe
from game.engine.rules import admissible, apply
from game.engine.scope import Scope

EPISODE = 100


def bench_world() -> World:
    """A 5 by 2 grid of rooms with two doors, 26 items of every kind and 4 characters."""
    exits: dict[str, list[Exit]] = {f"room{n}": [] for n in range(10)}
    for n in range(10):
        for step, name, ok in ((1, "east", n % 5 < 4), (5, "south", n < 5)):
            if ok:
                a, b = f"room{n}", f"room{n + step}"
                door = {(0, 1): "door0", (2, 7): "door1"}.get((n, n + step))
                for here, there, way in ((a, b, name), (b, a, OPPOSITE[name])):
                    exits[here].append(
                        Exit(f"{here}:{way}", here, there, way, direction=way, door=door)
                    )
    rooms = {id: Room(id, f"Room {id[4:]}", exits=tuple(ways)) for id, ways in exits.items()}
    kinds: list[dict[str, object]] = [
        {"name": "loaf", "food": True, "energy": 2},
        {"name": "sword", "wieldable": True, "damage": 3},
        {"name": "helmet", "wearable": "head", "defense": 1},
        {"name": "coin", "value": 3},
        {"name": "lamp", "light": True},
        {"name": "box", "holds": "in", "capacity": 9, "openable": True, "open": True},
        {"name": "table", "holds": "on", "capacity": 30, "fixed": True},
        {"name": "stone"},
    ]
    items, places = {}, {}
    for n in range(24):
        id = f"item{n}"
        kind = {**kinds[n % len(kinds)]}
        kind["name"] = f"{kind['name']} {n}"
        items[id] = Item(id, **kind)  # type: ignore[arg-type]
        places[id] = (f"room{n * 7 % 10}", "in")
    for n, pair in enumerate((("room0", "room1"), ("room2", "room7"))):
        items[f"door{n}"] = Item(
            f"door{n}", f"door {n}", between=pair, openable=True, fixed=True, keys=("item3",)
        )
    people = {id: Character(id, id, health=40) for id in ("player", "keeper", "fisher", "knight")}
    places |= {id: (f"room{n * 3}", "in") for n, id in enumerate(people)}
    ways: dict[str, tuple[str, Manner]] = {k: (v, "in") for k, (v, _) in places.items()}
    return World("bench", "Bench", rooms, items, people, ways, hash="bench")


def admissible_rate(world: World, seconds: float) -> float:
    """Steps a second of random admissible play, list and observation included."""
    rng = random.Random(0)
    steps = 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        state = world.initial_state(steps)
        for _ in range(EPISODE):
            actions = admissible(state, "player")
            if not actions:
                break
            observe(state, "player")
            apply(state, "player", actions[int(rng.random() * len(actions))])
            steps += 1
    return steps / (time.perf_counter() - start)


def apply_rate(world: World, seconds: float) -> float:
    """Steps a second of `apply` alone, replaying actions recorded beforehand."""
    rng = random.Random(1)
    episodes: list[tuple[int, list[Action]]] = []
    for seed in range(50):
        state = world.initial_state(seed)
        played = []
        for _ in range(EPISODE):
            actions = admissible(state, "player")
            if not actions:
                break
            played.append(rng.choice(actions))
            apply(state, "player", played[-1])
        episodes.append((seed, played))
    steps = 0
    spent = 0.0
    while spent < seconds:
        for seed, played in episodes:
            state = world.initial_state(seed)
            start = time.perf_counter()
            for action in played:
                apply(state, "player", action)
            spent += time.perf_counter() - start
            steps += len(played)
    return steps / spent


def python_loop_ns() -> float:
    """Nanoseconds for one turn of a fixed loop: the yardstick of this machine's Python."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        total = 0
        for n in range(1_000_000):
            total += n & 7
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    world = bench_world()
    state = world.initial_state()
    start = time.perf_counter()
    for _ in range(10_000):
        state.clone()
    clone_us = (time.perf_counter() - start) * 100
    start = time.perf_counter()
    for _ in range(10_000):
        Scope(state, "player")
    scope_us = (time.perf_counter() - start) * 100
    result = {
        "rooms": len(world.rooms),
        "things": len(world.items) + len(world.characters),
        "admissible_actions_at_start": len(admissible(state, "player")),
        "admissible_steps_per_s": round(admissible_rate(world, seconds)),
        "apply_steps_per_s": round(apply_rate(world, seconds)),
        "clone_us": round(clone_us, 2),
        "scope_us": round(scope_us, 2),
        "python_loop_ns": round(python_loop_ns(), 1),
        "python": platform.python_version(),
    }
    record("engine", result)


if __name__ == "__main__":
    main()
