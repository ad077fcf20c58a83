"""A training in a process of its own, beside the game: what it says, and how to end it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

#: How much the game goes before the training where both want the processor.
NICENESS = 15
#: Seconds to end by itself before it is killed.
GRACE = 10.0
#: How many turns are shown as they were told before and after.
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """How a training stands. `phase` is what it does now; `step` of `steps` and `numbers` (loss, KL
    and so on, by name) come with the training proper, `left` is how many seconds of that are left.

    `outcome` is set at the end: what the report says ("promoted", "candidate", "rejected"), or
    "failed" or "cancelled". `lines` are the verdict or the error, `version` the new version, and
    `tellings` a few turns that it tells otherwise: command, before and after."""

    phase: str = "starting"
    step: int = 0
    steps: int = 0
    numbers: tuple[tuple[str, float], ...] = ()
    left: float | None = None
    outcome: str = ""
    version: str = ""
    parent: str = ""
    lines: tuple[str, ...] = ()
    tellings: tuple[tuple[str, str, str], ...] = ()

    @property
    def done(self) -> bool:
        return bool(self.outcome)


class Training:
    """Runs `game train-from-feedback` with little claim on the processor.

    `on_progress` is called from another thread, the last time when it has ended. It ends with the
    game: nothing is kept of a training that is cut short, and no vote is lost.
    """

    def __init__(
        self, on_progress: Callable[[Progress], object], options: Sequence[str] = ()
    ) -> None:
        self._on_progress = on_progress
        self._cancelled = False
        self._progress = Progress()
        command = [sys.executable, "-m", "game", "train-from-feedback", "--json", *options]
        # What it writes there is the reason when it fails; a pipe would have to be read meanwhile.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the reader)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            **_apart(),
        )
        _yield_to_others(self._process.pid)
        self._reader = threading.Thread(target=self._read, name="training", daemon=True)
        self._reader.start()

    @property
    def progress(self) -> Progress:
        return self._progress

    def cancel(self) -> None:
        """Ask it to end; it says so through `on_progress` once it has."""
        self._cancelled = True
        if self._process.poll() is None:
            # As with Ctrl-C, for which it cleans up after itself.
            self._process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)

    def close(self) -> None:
        """End it and wait until it has; kill it when it takes too long."""
        self.cancel()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                self._now(heard(self._progress, event))
        code = self._process.wait()
        with self._errors:
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", errors="replace").strip()
        if not self._progress.done:
            outcome = "cancelled" if self._cancelled else "failed"
            text = "Nothing was kept, and no vote was lost." if self._cancelled else said
            # In a terminal the name says who speaks; in a panel it is one word too many.
            text = text.removeprefix("game: ")
            # A traceback would fill the screen; its last line says what it was.
            lines_said = text.splitlines()[-3:] or [f"It ended with code {code}."]
            self._now(replace(self._progress, outcome=outcome, lines=tuple(lines_said)))

    def _now(self, progress: Progress) -> None:
        self._progress = progress
        self._on_progress(progress)


def heard(progress: Progress, event: dict[str, Any]) -> Progress:
    """`progress` after an event that `train-from-feedback --json` wrote."""
    if event["event"] == "phase":
        return replace(progress, phase=event["text"], left=None)
    if event["event"] == "step":
        each = event["seconds"] / event["step"]
        names = ("loss", "kl", "clipped", "ratio")
        return replace(
            progress,
            step=event["step"],
            steps=event["steps"],
            numbers=tuple((name, float(event[name])) for name in names),
            left=each * (event["steps"] - event["step"]),
        )
    if event["event"] == "report":
        verdict = event["verdict"]
        return replace(
            progress,
            phase="done",
            outcome=verdict["outcome"],
            version=event["version"],
            parent=event["parent"],
            lines=tuple(verdict["reasons"]),
            tellings=_changed(event.get("tellings", {}).get("pairs", ())),
        )
    return progress


def _changed(pairs: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str, str], ...]:
    told = ((pair["command"], pair["before"], pair["after"]) for pair in pairs)
    return tuple(itertools.islice((t for t in told if t[1] != t[2]), SHOWN))


def _apart() -> dict[str, Any]:
    """Keys pressed in the game's terminal are the game's, not the training's."""
    if sys.platform == "win32":
        below = subprocess.BELOW_NORMAL_PRIORITY_CLASS
        return {"creationflags": below | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _yield_to_others(pid: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it has ended already, which its reader will see
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def model_option(model: Path | None) -> list[str]:
    """The option that names the model that plays, where it is not that of the settings."""
    return [] if model is None else ["--model", str(model)]
