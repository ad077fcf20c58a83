"""What a key press costs in the app, and how its memory grows, as the story on screen gets long.

    python -m benchmarks.transcript [--turns 1000] [--presses 100]

Prints JSON and writes it to benchmarks/results/transcript.json. The village is played through the
app itself, told plainly, in a terminal of 100 by 30, by walking to and fro and looking. At every
stop so many keys of each kind are pressed: `ms` is the time from the key event until the screen has
been drawn again, `median` and `p95` over the presses. The kinds: a letter into the command line,
marking an earlier telling, scrolling a page up. The app draws 60 times a second at the most, so 17
ms is the least there can be. `resident_mb` is the whole process, the story, the journal and all
that undo needs with it, `story_mb` what the transcript alone holds.
`load` is the machine's load average before and after: on a busy machine the times are too high.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from benchmarks.record import record
from game.front.stage import Options, Stage
from game.tui.app import LimelightApp
from game.tui.screens.play import PlayScreen

STOPS = (10, 200, 600, 1000)
WALK = ("go east", "look", "examine stall", "go west", "inventory")


def resident_mb() -> float:
    """Memory of this process now, in MB; Linux only, elsewhere 0."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def story_mb(screen: PlayScreen) -> float:
    """Memory of the transcript's blocks, lines and rows, counted object by object."""
    seen: set[int] = set()
    todo: list[Any] = [screen.transcript.blocks, screen.transcript._rows, screen.transcript._tops]
    size = 0
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        size += sys.getsizeof(item)
        if isinstance(item, list | tuple):
            todo += item
        elif hasattr(type(item), "__slots__"):
            todo += [getattr(item, name) for name in type(item).__slots__ if hasattr(item, name)]
    return round(size / 1e6, 2)


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise SystemExit("The app did not answer within a minute.")
        await asyncio.sleep(0)


async def press(screen: PlayScreen, key: str, state: Callable[[], object]) -> float:
    """Milliseconds from the key until `state` has changed and the screen is drawn again."""
    before = state()
    begun = time.perf_counter()
    screen.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await until(lambda: state() != before)
    drawn = asyncio.Event()
    screen.call_after_refresh(drawn.set)
    await drawn.wait()
    return (time.perf_counter() - begun) * 1000


async def presses(screen: PlayScreen, count: int) -> dict[str, dict[str, float]]:
    """The time of `count` presses of each kind of key, from the end of the story."""
    story, line = screen.transcript, screen.command
    kinds: dict[str, tuple[str, Callable[[], object]]] = {
        "letter": ("x", lambda: line.value),
        "mark": ("ctrl+up", lambda: story.current),
        "page": ("pageup", lambda: round(story.scroll_y)),
    }
    found = {}
    for name, (key, state) in kinds.items():
        times = []
        for _ in range(count):
            if name == "page" and story.scroll_y <= 0:
                story.action_follow()
                await asyncio.sleep(0)
            if name == "mark" and story.current is next(b for b in story.blocks if b.markable):
                story.set_current(next(b.key for b in reversed(story.blocks) if b.markable))
            times.append(await press(screen, key, state))
        ordered = sorted(times)
        found[name] = {
            "median": round(statistics.median(ordered), 2),
            "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        }
        line.clear()
        story.action_follow()
    return found


async def play(pilot: Pilot[int], screen: PlayScreen, commands: list[str]) -> None:
    for command in commands:
        screen.play(command)
        await until(lambda: screen.ready)
    await pilot.pause()


async def measure(turns: int, count: int) -> list[dict[str, Any]]:
    options = Options("village", "tui", seed=7, resume="never", llm=False)
    app = LimelightApp(lambda: Stage.open(options))
    stops: list[dict[str, Any]] = []
    async with app.run_test(size=(100, 30)) as pilot:
        screen = app.play_screen
        await until(lambda: screen.ready)
        walk, told = cycle(WALK), 0
        for stop in [stop for stop in STOPS if stop <= turns]:
            await play(pilot, screen, list(islice(walk, stop - told)))
            told = stop
            gc.collect()
            memory = {"resident_mb": resident_mb(), "story_mb": story_mb(screen)}
            shown = {"turns": stop, "blocks": len(screen.transcript.blocks)}
            stops.append({**shown, "ms": await presses(screen, count), **memory})
            print(json.dumps(stops[-1]), file=sys.stderr)
    return stops


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=STOPS[-1])
    parser.add_argument("--presses", type=int, default=100)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        os.environ["GAME_HOME"] = home
        stops = asyncio.run(measure(arguments.turns, arguments.presses))
    report = {
        "benchmark": "transcript",
        "command": f"python -m benchmarks.transcript --turns {arguments.turns}"
        f" --presses {arguments.presses}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "stops": stops,
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
    }
    record("transcript", report)


if __name__ == "__main__":
    main()
