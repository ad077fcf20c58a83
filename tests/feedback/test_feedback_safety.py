"""Crashes, two games at once, and files that cannot be used: no vote lost, nothing overwritten."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from game.errors import FeedbackError
from game.feedback import FeedbackStore
from game.feedback.migrations import MIGRATIONS

from .conftest import GENERATION, SESSION

# A game that votes on every line and says so on stdout once the vote has been acknowledged.
WRITER = f"""
import sys
from game.feedback import FeedbackStore
store = FeedbackStore(sys.argv[1])
session = store.start_session(**{SESSION!r})
for turn in range(int(sys.argv[2])):
    generation = store.record_generation(session, turn, **{GENERATION!r})
    print(generation, store.vote("generation", generation, 1), flush=True)
    store.vote("generation", 1, -1 if turn % 2 else 1)
"""
ROOT = Path(__file__).parents[2]


def start_writer(path: Path, turns: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(turns)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def pairs(output: str) -> list[tuple[int, int]]:
    return [(int(g), int(v)) for g, v in (line.split() for line in output.splitlines())]


def check_integrity(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_games_that_start_and_play_at_once_lose_no_vote(path: Path) -> None:
    # The database does not exist yet, so they also race to make it.
    writers = [start_writer(path, 150) for _ in range(3)]
    said = [pair for w in writers for pair in pairs(w.communicate(timeout=120)[0])]
    assert [w.returncode for w in writers] == [0, 0, 0]
    assert len(said) == len(set(said)) == 450
    check_integrity(path)
    with FeedbackStore(path) as store:
        standing = {(v.target, v.id) for v in store.current_votes() if v.target != 1}
        assert standing == {pair for pair in said if pair[0] != 1}
        assert store.stats().rows.generations == 450
        # The line they all kept changing their minds about has every change in its history.
        history = [vote.value for vote in store.vote_history("generation", 1)]
        assert len(history) > 100 and all(
            a != b for a, b in zip(history, history[1:], strict=False)
        )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_game_keeps_every_acknowledged_vote(path: Path) -> None:
    said: list[tuple[int, int]] = []
    for stop_after in (20, 57, 101):
        writer = start_writer(path, 100_000)
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(stop_after)]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
        writer.wait()
        whole = "".join(lines) + rest
        said += pairs(whole[: whole.rfind("\n") + 1])
        check_integrity(path)
    assert len(said) >= 178
    with FeedbackStore(path) as store:
        for generation, vote in said:
            assert vote in {v.id for v in store.vote_history("generation", generation)}
            row = store.generation(generation)
            assert row is not None and len(row.logprobs) == len(row.completion_ids) == 3


def test_a_locked_database_is_named_after_the_wait(store: FeedbackStore, path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with (
        FeedbackStore(path, busy_timeout=0.1) as second,
        pytest.raises(FeedbackError, match="locked") as failure,
    ):
        second.start_session(**SESSION)
    assert "Close other programs" in failure.value.hint
    holder.execute("ROLLBACK")
    holder.close()
    assert store.start_session(**SESSION)


def test_a_new_database_that_is_locked_is_named_too(path: Path) -> None:
    path.parent.mkdir()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FeedbackError, match="locked"):
        FeedbackStore(path, busy_timeout=0.1)
    holder.close()


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"dear diary, " * 1000)
    with pytest.raises(FeedbackError, match="damaged or is not a database") as failure:
        FeedbackStore(path)
    assert f'mv "{path}" "{path}.damaged"' in failure.value.hint
    assert path.read_bytes() == b"dear diary, " * 1000
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_damage_inside_the_file_is_named_and_left_alone(path: Path) -> None:
    with FeedbackStore(path) as store:
        session = store.start_session(**SESSION)
        for turn in range(300):
            store.record_generation(session, turn, **GENERATION)
    whole = bytearray(path.read_bytes())
    whole[20_000:] = b"\xa5" * (len(whole) - 20_000)
    path.write_bytes(whole)
    with pytest.raises(FeedbackError, match="damaged"), FeedbackStore(path) as store:
        list(store.iter_generations())
    assert path.read_bytes() == whole


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(FeedbackError, match="another program"):
        FeedbackStore(path)
    assert path.read_bytes() == before


def test_a_database_from_a_newer_game_is_left_alone(path: Path) -> None:
    FeedbackStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(FeedbackError, match="newer version") as failure:
        FeedbackStore(path)
    assert "Update the game" in failure.value.hint
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with FeedbackStore(path) as store:
        assert store.stats().rows.sessions == 0


def test_a_home_that_is_a_file_is_said_to_be_unusable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(FeedbackError, match="cannot be opened for writing") as failure:
        FeedbackStore(tmp_path / "home" / "feedback.db")
    assert "GAME_HOME" in failure.value.hint


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom file permissions stop: they do not stop root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_read_only_home_is_said_to_be_unwritable() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o555)
        with unprivileged(), pytest.raises(FeedbackError, match="cannot be opened for writing"):
            FeedbackStore(home / "feedback.db")
        assert list(home.iterdir()) == []
        home.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_read_only_database_is_said_to_be_unwritable() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        path = home / "feedback.db"
        FeedbackStore(path).close()
        path.chmod(0o444)
        home.chmod(0o555)
        with unprivileged(), pytest.raises(FeedbackError, match="cannot be opened for writing"):
            FeedbackStore(path).start_session(**SESSION)
        home.chmod(0o755)
