"""The app in a real terminal: drawn, typed into, resized, ended by signals."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

fcntl = pytest.importorskip("fcntl", reason="pseudo-terminals are a thing of Unix")
import pty  # noqa: E402
import termios  # noqa: E402

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
LEAVES = b"\x1b[?1049l"
F5 = "\x1b[15~"


class Terminal:
    """A game in a pseudo-terminal of 80 by 24, and all that it has written there."""

    def __init__(self, *options: str) -> None:
        self.master, slave = pty.openpty()
        self._size(80, 24)
        # A size in the environment, as test runners export it, would hide that of the terminal.
        sizeless = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        self.game = subprocess.Popen(
            [sys.executable, "-m", "game", "play", "village", "--no-llm", *options],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=sizeless | {"TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(slave)
        self.written = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # how a terminal ends when nobody has it open any more
                return
            if not piece:
                return
            self.written += piece

    def _size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width: int, height: int) -> None:
        self._size(width, height)
        self.game.send_signal(signal.SIGWINCH)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def text(self, start: int = 0) -> str:
        """What was written from byte `start` on, without escape sequences."""
        return _ESCAPE.sub("", self.written[start:].decode(errors="replace"))

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 240
        while not condition():
            assert self.game.poll() is None and time.monotonic() < end, self.text()[-2000:]
            time.sleep(0.02)

    def exit_code(self) -> int:
        code = self.game.wait(240)
        self._reader.join(240)
        return code

    def close(self) -> None:
        if self.game.poll() is None:
            self.game.kill()
            self.game.wait()
        os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def saved(home: Path) -> str:
    file = home / "games" / "village.autosave.save.json"
    return file.read_text() if file.exists() else ""


def test_a_game_in_a_terminal(terminal: Terminal) -> None:
    terminal.until(lambda: "Exits: east" in terminal.text())
    terminal.type("go east\r")
    terminal.until(lambda: "The Marketplace" in terminal.text())
    terminal.type(F5)
    terminal.until(lambda: "why? F7" in terminal.text())
    narrow = len(terminal.written)
    terminal.resize(140, 40)
    terminal.until(lambda: "You have" in terminal.text(narrow))
    terminal.type("quit\r")
    assert terminal.exit_code() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_and_gives_the_terminal_back(
    terminal: Terminal, home: Path, number: signal.Signals, code: int
) -> None:
    terminal.until(lambda: "Exits: east" in terminal.text())
    terminal.type("go east\r")
    terminal.until(lambda: "The Marketplace" in terminal.text() and "go" in saved(home))
    assert LEAVES not in terminal.written
    terminal.game.send_signal(number)
    assert terminal.exit_code() == code
    assert LEAVES in terminal.written and "Traceback" not in terminal.text()
    done = subprocess.run(
        [sys.executable, "-m", "game", "play", "village", "--json", "--no-llm", "--resume"],
        input="", capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert '"room": "marketplace"' in done.stdout
