"""Independent jobs, run by one function: in this process, in others, or on a Ray cluster.

    for rows in run(rollout, jobs, "ray", workers=8): ...

What a job gives depends on the job alone, so every backend gives the same.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from game.errors import UsageError

Backend = Literal["here", "processes", "ray"]
Job = TypeVar("Job")
Result = TypeVar("Result")


def run(
    work: Callable[[Job], Result], jobs: Sequence[Job], backend: Backend = "here", workers: int = 1
) -> Iterator[Result]:
    """The results of `work` on each job, in the order of the jobs, as they come.

    `workers` bounds how many run at once outside this process. `work` and the jobs must be
    picklable for that. Raises UsageError for Ray where it is not installed.
    """
    if backend == "here":
        yield from map(work, jobs)
    elif backend == "processes":
        # Fresh processes, for a fork would inherit the threads of torch and llama.cpp.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
            yield from pool.map(work, jobs)
    else:
        with ray_cluster() as ray:
            remote: Any = ray.remote(num_cpus=1)(work)
            waiting: list[Any] = []
            for job in jobs:
                waiting.append(remote.remote(job))
                if len(waiting) == workers:
                    yield ray.get(waiting.pop(0))
            for one in waiting:
                yield ray.get(one)


@contextmanager
def ray_cluster() -> Iterator[Any]:
    """The module `ray`, connected: to the cluster this process is connected to, to that of
    RAY_ADDRESS (`ray start --head` makes one), or to one that is started here and ends with it.

    Raises UsageError where Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "Ray is not installed.", "Install it with `pip install 'limelight[ray]'`."
        ) from error
    started = not ray.is_initialized()
    if started:
        ray.init(include_dashboard=False, log_to_driver=False)
    try:
        yield ray
    finally:
        if started:
            ray.shutdown()
