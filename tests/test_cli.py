"""The command line: help, version, near misses, and errors with their exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import game
from game import cli
from game.errors import GameError, ModelUnavailable, NotEnoughFeedback, SaveError, UsageError


def run(*args: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "game", *args], capture_output=True, text=True, timeout=60, **kwargs
    )  # type: ignore[call-overload]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Replaces every subcommand by one that calls the given function."""

    def install(body: Callable[[], object]) -> None:
        made = click.Command("probe", callback=body)
        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: made)

    return install


def test_version() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"limelight, version {game.__version__}\n")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, (_, _, short) in cli.COMMANDS.items():
        assert name in out and short in out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_listed_help_is_the_commands_own(name: str) -> None:
    _, _, short = cli.COMMANDS[name]
    command = cli.LazyGroup().get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.get_short_help_str(limit=200) == short


def test_an_unknown_command_offers_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["modles"]) == 2
    captured = capsys.readouterr()
    assert "Did you mean 'models'?" in captured.err and captured.out == ""


def test_no_command_plays(command: Callable[..., None]) -> None:
    played: list[bool] = []
    command(lambda: played.append(True))
    assert cli.main([]) == 0
    assert played == [True]


@pytest.mark.parametrize("kind", [GameError, SaveError, UsageError, ModelUnavailable,
                                  NotEnoughFeedback])  # fmt: skip
def test_a_game_error_shows_message_and_hint_and_its_exit_code(
    kind: type[GameError], command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise kind("The lamp is out.", "Fill it.")

    command(fail)
    assert cli.main(["play"]) == kind.exit_code
    captured = capsys.readouterr()
    assert captured.err == "game: The lamp is out.\n  Fill it.\n"
    assert captured.out == ""


def test_an_interrupt_is_130(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    command(interrupt)
    assert cli.main(["play"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_bug_keeps_its_traceback(command: Callable[..., None]) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    command(bug)
    with pytest.raises(ZeroDivisionError):
        cli.main(["play"])


def test_a_commands_integer_is_the_exit_code(command: Callable[..., None]) -> None:
    command(lambda: 1)
    assert cli.main(["play"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently")
def test_a_reader_that_leaves_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, "-m", "game", "--help"], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    assert result.returncode == 1
    assert result.stderr == ""


def test_the_command_works_from_any_folder(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    assert run("--version", cwd=tmp_path, env=environment).returncode == 0
