"""What both line modes share: commands from stdin, and a clean end on a signal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from game.errors import GameError, UsageError
from game.front.stage import Stage
from game.front.text import excerpt
from game.front.thumbs import ThumbCommand


class Terminated(BaseException):
    """SIGTERM came. Not an Exception, so that nothing on the way mistakes it for a failure."""


@contextmanager
def terminating() -> Iterator[None]:
    """Turn SIGTERM into Terminated, as Python turns SIGINT into KeyboardInterrupt."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def read_commands(prompt: str = "") -> Iterator[str]:
    """Lines of stdin until it ends, bytes that are no text replaced; `prompt` goes to stdout."""
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    while True:
        if prompt:
            print(prompt, end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            if prompt:
                print()
            return
        yield line.strip()


def thumb(stage: Stage, command: ThumbCommand) -> str:
    """Carry out a typed thumb and say what was done, or why not."""
    try:
        told = stage.tellings.last(command.back)
        if told.target is None:
            raise UsageError("Thumbs are off.", "Turn them on with: game feedback on")
        stage.ballot.vote(told.target, command.value, command.tags)
    except GameError as error:
        return str(error)
    done = {1: "Thumb up", -1: "Thumb down", 0: "Thumb taken back"}[command.value]
    why = f" ({', '.join(command.tags)})" if command.tags else ""
    return f"{done}{why}: {excerpt(told.text)}"
