"""A disk that is full, for as long as a block lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@contextlib.contextmanager
def full_disk(most: int = 10_000) -> Iterator[None]:
    """No file of this process may grow past `most` bytes: writing fails with EFBIG."""
    resource = pytest.importorskip("resource", reason="this system has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def on_a_full_disk(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work` as it goes when the disk is full, and nothing around it."""

    def limited(*args: Any, **kwargs: Any) -> Any:
        with full_disk():
            return work(*args, **kwargs)

    return limited
