"""Time limits that mean the same on every machine: scaled by how fast this one is right now."""

from __future__ import annotations

import time
from collections.abc import Callable

#: What `_errand` takes on the machine that the limits in the tests were written for.
_ERRAND_S = 0.0071

#: Room for a busy machine: the exact figures are the benchmarks' business.
_ROOM = 3.0


def _errand() -> int:
    """A fixed piece of work of the kind that the game does: dicts, strings, sorting."""
    counts: dict[str, int] = {}
    for n in range(40_000):
        word = f"w{n * 7919 % 1009}"
        counts[word] = counts.get(word, 0) + n
    return sum(sorted(counts.values()))


def best_of(
    times: int, work: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> float:
    """The seconds of the quickest of some runs: the others were held up by something else."""
    best = float("inf")
    for _ in range(times):
        start = clock()
        work()
        best = min(best, clock() - start)
    return best


def budget(seconds: float) -> float:
    """`seconds` of the reference machine, in seconds of this one, with room to spare."""
    return seconds * _ROOM * max(1.0, best_of(3, _errand) / _ERRAND_S)
