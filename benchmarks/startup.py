"""Time from `game play` to the first screen, in a real terminal of 80 by 24.

    python -m benchmarks.startup [--runs 7]

Prints JSON and writes it to benchmarks/results/startup.json. `drawn_s` is when the frame of the
screen stands (the footer is there), `readable_s` when the room can be read; the model is loaded and
warmed up after that, beside the game. Both are medians over fresh processes with a home folder of
their own, after one uncounted run; `*_all_s` lists every run. `load` is the machine's load average
before and after: on a busy machine the figures are too high.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from benchmarks.record import record

_ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[PX^_].*?\x1b\\|\x1b.")
MARKS = {"drawn_s": "Journal", "readable_s": "Herring"}


def start(home: Path, *options: str) -> dict[str, float]:
    """Seconds until each mark was on the screen; the game is then told to end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "GAME_HOME": str(home), "TERM": "xterm-256color"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "game", "play", "village", *options],
        stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    seen = b""
    found: dict[str, float] = {}
    try:
        while len(found) < len(MARKS) and time.perf_counter() - begun < 120:
            if not select.select([master], [], [], 1.0)[0]:
                continue
            seen += os.read(master, 65536)
            now = time.perf_counter() - begun
            shown = _ESCAPES.sub(b"", seen).decode(errors="replace")
            for name, text in MARKS.items():
                if name not in found and text in shown:
                    found[name] = round(now, 3)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            while os.read(master, 65536):
                pass
        except OSError:
            pass  # the other end is closed: the game has ended
        process.wait(timeout=30)
        os.close(master)
    if len(found) < len(MARKS):
        raise SystemExit(f"Not seen on the screen: {sorted(set(MARKS) - set(found))}")
    return found


def measure(runs: int, *options: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        start(home, *options)  # prepares the model and fills the disk cache
        times = []
        for _ in range(runs):
            shutil.rmtree(home / "games", ignore_errors=True)
            times.append(start(home, *options))
    result: dict[str, object] = {}
    for name in times[0]:
        result[name] = statistics.median(t[name] for t in times)
        result[name.replace("_s", "_all_s")] = [t[name] for t in times]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    load = os.getloadavg()[0]
    report = {
        "benchmark": "startup",
        "command": f"python -m benchmarks.startup --runs {runs}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "with_model": measure(runs),
        "no_llm": measure(runs, "--no-llm"),
    }
    report["load"] = [round(load, 1), round(os.getloadavg()[0], 1)]
    record("startup", report)


if __name__ == "__main__":
    main()
