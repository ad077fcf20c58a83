"""Five thousand damaged world files: each is an error message or a world that plays, and cheap."""

from __future__ import annotations

import multiprocessing
import random
import re
import resource
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from game.authoring.load import load_world
from game.authoring.problems import WorldFileError
from game.engine.model import World
from game.engine.rules import admissible, apply, pass_turn
from tests.authoring.test_errors import BASE
from tests.authoring.test_load import WORLD
from tests.pace import budget

FILES = 5_000
WORKERS = 2
VILLAGE = Path(__file__).parents[2] / "worlds" / "village"
#: Damage of a kind that no slip of the hand does.
BOMBS = (
    "a: " + "[" * 5_000,
    "a: " + "{a: " * 40,
    "&a [*a, *a]",
    "\n".join(["x0: &x0 [1, 1]", *(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 40))]),
    "<<: &a {<<: *a}",
    "a: !!python/object/apply:os.system [x]",
    "? [a, b]\n: c",
    "%YAML 1.1\n---\na: 1\n---\nb: 2",
    "a: " + "9" * 4_000,
    "a: 1e999999999",
    "a: 0o" + "7" * 2_000,
    "prototypes: {p: {based_on: p}}",
    "include: [world.yaml, ., .., /etc/passwd]",
    "\ufeff\u2028\u0085: \x00",
)


@dataclass
class Tally:
    """What came of some files: how many of each outcome; the slowest, in CPU seconds; the memory
    at its peak, in MB."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    peak_mb: float = 0.0


def mutate(text: str, rng: random.Random) -> str:
    """The text with one to four small accidents of the kind that editors and people have."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(text))
        end = min(len(text), at + rng.randint(1, 30))
        lines = text.split("\n")
        line = rng.randrange(len(lines))
        match rng.randrange(9):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + rng.choice("{}[]:,-&*!|>'\"%@`#?\t\n ~") + text[at:]
            case 2:
                text = text[:at] + text[end:] + text[at:end]
            case 3:
                text = "\n".join(lines[:line] + lines[line + 1 :])
            case 4:
                text = "\n".join([*lines[:line], lines[rng.randrange(len(lines))], *lines[line:]])
            case 5:
                text = "\n".join([*lines[:line], "  " + lines[line], *lines[line + 1 :]])
            case 6:
                other = rng.choice(["null", "3", "true", "[]", "{}", "-1.5", "'x'", "*a", "&a b"])
                text = "\n".join(
                    [*lines[:line], lines[line].split(":")[0] + ": " + other, *lines[line + 1 :]]
                )
            case 7 if rng.random() < 0.2:
                text = "\n".join([*lines[:line], rng.choice(BOMBS), *lines[line:]])
            case 7:
                text = text[:at] + rng.choice("aeiou019_ ") + text[at + 1 :]
            case _:
                text = text[:at] + chr(rng.choice([0, 27, 0x202E, 0xD7FF, 0x1F600])) + text[at:]
        text = text or " "
    return text


def outcome(file: Path) -> World | None:
    """The world, or None for a WorldFileError that says something; other exceptions pass."""
    try:
        return load_world(file)
    except WorldFileError as error:
        assert error.problems and all(p.place.line >= 1 for p in error.problems)
        return None


def played(world: World, rng: random.Random, steps: int) -> None:
    """A few steps of what is admissible."""
    state = world.initial_state(1)
    for _ in range(steps):
        if state.ended or not (actions := admissible(state, world.player)):
            return
        apply(state, world.player, rng.choice(actions))
        pass_turn(state)


def damage(folder: Path, seed: int, files: int) -> Tally:
    """Load `files` damaged files, in a process of its own with two gigabytes to its name."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    rng = random.Random(seed)
    folder.mkdir()
    for path in VILLAGE.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    village = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}
    tally = Tally()
    for n in range(files):
        large = n % 250 == 249  # the village now and then: its files are a hundred times as long
        name = sorted(village)[n // 250 % len(village)] if large else f"{n % 2}.yaml"
        text = mutate(village[name] if large else (BASE, WORLD)[n % 2], rng)
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
        start = time.process_time()
        world = outcome(folder / "world.yaml" if large else folder / name)
        if world is not None and n % 5 == 0:
            played(world, rng, 4)
        tally.slowest = max(tally.slowest, time.process_time() - start)
        tally.outcomes["an error" if world is None else "a world"] += 1
        if large:
            (folder / name).write_text(village[name], encoding="utf-8")
    tally.peak_mb = peak_mb()
    return tally


def peak_mb() -> float:
    """The most memory this process had; `ru_maxrss` would count what its parent had at the fork."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def test_no_damage_to_a_world_is_a_traceback_or_costs_much(tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")  # so that the peak is the loader's own
    with ProcessPoolExecutor(WORKERS, mp_context=fresh) as pool:
        parts = [
            pool.submit(damage, tmp_path / str(seed), seed, FILES // WORKERS)
            for seed in range(WORKERS)
        ]
        tallies = [part.result() for part in parts]
    outcomes = sum((tally.outcomes for tally in tallies), Counter[str]())
    assert outcomes.total() == FILES and min(outcomes.values()) > 150, outcomes
    assert max(tally.peak_mb for tally in tallies) <= 500
    assert max(tally.slowest for tally in tallies) <= budget(2.0)
