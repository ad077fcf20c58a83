"""The app in a real terminal: drawn, typed into, resized, ended by signals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A tmux server of its own with one window of 80 by 24."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def tmux(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), "-f", os.devnull, *args],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        return done.stdout

    def start(self, command: str) -> None:
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", command)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def until(self, condition: Callable[[str], bool], seconds: float = 30.0) -> str:
        end = time.monotonic() + seconds
        while not condition(text := self.screen()):
            assert time.monotonic() < end, text
            time.sleep(0.05)
        return text


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path / "tmux")
    yield terminal
    terminal.tmux("kill-server")


def game(*options: str, then: Path) -> str:
    """A shell command that plays and writes the exit code to `then`."""
    words = [sys.executable, "-m", "game", "play", "village", *options]
    home = os.environ["GAME_HOME"]
    # A size in the environment, as test runners export it, would hide that of the terminal.
    sized = f"env -u COLUMNS -u LINES GAME_HOME='{home}' {' '.join(words)}"
    return f"{sized}; echo $? > '{then}'; sleep 60"


def exit_code(file: Path) -> int:
    end = time.monotonic() + 30
    while not file.exists() or not file.read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(file.read_text())


def test_a_game_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(game("--no-llm", then=tmp_path / "code"))
    terminal.until(lambda text: "Exits: east" in text)
    terminal.tmux("send-keys", "go east", "Enter")
    terminal.until(lambda text: text.startswith(" The Marketplace"))
    terminal.tmux("send-keys", "F5")
    terminal.until(lambda text: "why? F7" in text)
    terminal.tmux("resize-window", "-x", "140", "-y", "40")
    terminal.until(lambda text: "You have" in text)
    terminal.tmux("send-keys", "quit", "Enter")
    assert exit_code(tmp_path / "code") == 0


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("INT", 130)])
def test_a_signal_saves_and_gives_the_terminal_back(
    terminal: Terminal, tmp_path: Path, name: str, code: int
) -> None:
    terminal.start(game("--no-llm", then=tmp_path / "code"))
    terminal.until(lambda text: "Exits: east" in text)
    terminal.tmux("send-keys", "go east", "Enter")
    terminal.until(lambda text: text.startswith(" The Marketplace"))
    shell = int(terminal.tmux("display-message", "-p", "#{pane_pid}"))
    child = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(shell)], capture_output=True, text=True
    ).stdout.split()[0]
    subprocess.run(["kill", f"-{name}", child], check=True)
    assert exit_code(tmp_path / "code") == code
    assert "Marketplace" not in terminal.screen()
    done = subprocess.run(
        [sys.executable, "-m", "game", "play", "village", "--json", "--no-llm", "--resume"],
        input="", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert '"room": "marketplace"' in done.stdout
