"""`game feedback …`: data on stdout, notes on stderr, exit codes."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from game import cli
from game.cli.feedback import feedback
from game.feedback import FeedbackStore

from .conftest import DECISION, GENERATION, SESSION, TURN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(home: Path) -> Path:
    """The player's own database, where the command looks for it."""
    return home / "feedback.db"


@pytest.fixture
def played(store: FeedbackStore) -> Iterator[str]:
    """A session with a thumb of every kind; yields its id."""
    session = store.start_session(**SESSION)
    generation = store.record_generation(session, 1, **{**GENERATION, "text": "A\x1b[2J\nb  é."})
    decision = store.record_decision(session, 1, **DECISION)
    telling = store.record_turn(session, 1, **TURN)
    assert generation and decision and telling
    store.vote("generation", generation, 1, tags=["vivid", "funny"])
    store.vote("decision", decision, -1, source="simulated:amiable")
    store.vote("telling", telling, -1)
    yield session


def invoke(*args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(feedback, args, input=input)


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_list_shows_each_thumb_on_one_printable_line(played: str) -> None:
    result = invoke("list")
    assert result.exit_code == 0 and result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == f"session {played}, village"
    assert lines[1].endswith("up   [vivid, funny] narration: A[2J b é.")
    assert lines[2].endswith("down (simulated:amiable) thief: steal pendant from player")
    assert lines[3].endswith("down plain telling: You go north.")
    assert len(lines) == 4


def test_list_keeps_the_newest(played: str) -> None:
    result = invoke("list", "--limit", "1", "--json")
    (row,) = json.loads(result.stdout)
    assert (row["target_kind"], row["value"], row["by"]) == ("telling", -1, "plain telling")
    assert row["session"] == played and row["simulated"] is False


def test_list_of_nothing_is_a_note() -> None:
    result = invoke("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No thumbs yet" in result.stderr
    assert json.loads(invoke("list", "--json").stdout) == []


def test_stats_count_simulated_votes_apart(played: str, path: Path) -> None:
    counted = json.loads(invoke("stats", "--json").stdout)
    assert counted["path"] == str(path) and counted["recording"] is True
    assert counted["up"] == {"player": 1}
    assert counted["down"] == {"player": 1, "simulated:amiable": 1}
    assert counted["tags"] == {"funny": 1, "vivid": 1} and counted["pending"] == 1
    assert counted["rows"] == {
        "sessions": 1, "turns": 1, "generations": 1, "decisions": 1, "votes": 3,
            "edits": 0, "preferences": 0,
    }  # fmt: skip
    text = invoke("stats").stdout
    assert "  player: 1 up, 1 down\n" in text and "  simulated:amiable: 0 up, 1 down\n" in text
    assert "Waiting for training: 1 vote of yours\n" in text


def test_export_gives_learning_everything(played: str) -> None:
    result = invoke("export", "--jsonl")
    assert result.exit_code == 0 and result.stderr == "2 votes exported.\n"
    told, chosen = rows(result)
    assert (told["format"], told["vote"], told["source"]) == (1, 1, "player")
    assert told["simulated"] is False and told["tags"] == ["vivid", "funny"]
    for name in ("prompt_ids", "completion_ids", "logprobs", "sampler", "seed", "model_hash"):
        assert told[name] == GENERATION[name]
    assert told["adapter"] == "narrator-3" and told["template_hash"] == "t1"
    assert told["support"] == [[10, 12], [11, 13, 14], None]
    assert [struct.pack("<f", mass) for mass in told["kept_mass"]] == [
        struct.pack("<f", mass) for mass in GENERATION["kept_mass"]
    ]
    assert (told["session"], told["world"], told["target"]) == (played, "village", "generation")

    assert (chosen["target"], chosen["vote"], chosen["source"]) == (
        "decision", -1, "simulated:amiable",
    )  # fmt: skip
    assert chosen["simulated"] is True
    for name in ("character", "observation", "admissible", "chosen", "logprob", "role"):
        assert chosen[name] == DECISION[name]
    assert chosen["policy"] == "thespian-1"


def test_export_has_the_fields_the_documentation_lists(played: str) -> None:
    listed = (ROOT / "docs" / "feedback.md").read_text(encoding="utf-8")
    for row in rows(invoke("export", "--jsonl")):
        for name in row:
            assert f"| `{name}` |" in listed, name


def test_export_to_a_file_replaces_it_whole(played: str, tmp_path: Path) -> None:
    file = tmp_path / "votes.jsonl"
    file.write_text("older")
    result = invoke("export", "--jsonl", str(file))
    assert result.exit_code == 0 and result.stdout == ""
    assert file.read_text(encoding="utf-8") == invoke("export", "--jsonl", "-").stdout
    assert [entry.name for entry in tmp_path.iterdir() if "votes" in entry.name] == [file.name]


def test_export_to_a_missing_folder_says_so(
    played: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["feedback", "export", "--jsonl", str(tmp_path / "no" / "votes.jsonl")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_export_says_which_format(played: str) -> None:
    assert invoke("export").exit_code == 2


def test_forget_asks_first(store: FeedbackStore, played: str) -> None:
    result = invoke("forget", "--all", input="n\n")
    assert "Delete 1 session, 1 turn, 1 generation, 1 decision and 3 votes" in result.stderr
    assert "Nothing was forgotten." in result.stderr
    assert store.stats().rows.votes == 3
    result = invoke("forget", "--all", input="y\n")
    assert result.exit_code == 0 and store.stats().rows.sessions == 0


def test_declining_to_forget_is_exit_code_1(played: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert cli.main(["feedback", "forget", "--all"]) == 1


def test_forget_one_session(store: FeedbackStore, played: str) -> None:
    other = store.start_session(**SESSION)
    assert invoke("forget", "--session", played, "--yes").exit_code == 0
    counts = store.stats().rows
    assert (counts.sessions, counts.votes) == (1, 0)
    assert store.forgettable(session=other).sessions == 1


def test_forget_before_a_day(store: FeedbackStore, played: str) -> None:
    result = invoke("forget", "--before", "2000-01-01", "--yes")
    assert result.exit_code == 0 and "Nothing to forget." in result.stderr
    assert invoke("forget", "--before", "2999-01-01", "--yes").exit_code == 0
    assert store.stats().rows.sessions == 0


@pytest.mark.parametrize(
    "args", [[], ["--all", "--session", "x"], ["--all", "--before", "2026-01-01"]]
)
def test_forget_needs_exactly_one_choice(args: list[str]) -> None:
    result = invoke("forget", *args, "--yes")
    assert result.exit_code == 2 and "one of --session" in result.stderr


def test_forget_of_an_unknown_session_is_a_usage_error(
    played: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["feedback", "forget", "--session", "x", "--yes"]) == 2
    assert "There is no session x." in capsys.readouterr().err


def test_off_and_on(store: FeedbackStore) -> None:
    result = invoke("off")
    assert result.exit_code == 0 and result.stdout == "" and "nothing is recorded" in result.stderr
    assert not store.recording
    assert "Feedback is off." in invoke("stats").stdout
    assert invoke("on").exit_code == 0 and store.recording


def test_path_prints_only_the_path(path: Path) -> None:
    assert invoke("path").stdout == f"{path}\n"


def test_a_damaged_database_is_an_error_with_a_way_out(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all " * 100)
    assert cli.main(["feedback", "stats"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "damaged" in captured.err and "mv " in captured.err


def test_a_real_process_reads_what_a_game_that_is_running_wrote(store: FeedbackStore) -> None:
    session = store.start_session(**SESSION)
    id = store.record_generation(session, 1, **GENERATION)
    store.vote("generation", id or 0, -1)
    command = [sys.executable, "-m", "game", "feedback"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *args], capture_output=True, text=True, env=environment, timeout=60
        )

    exported = run("export", "--jsonl")
    assert exported.returncode == 0
    row = json.loads(exported.stdout)
    assert row["vote"] == -1 and row["logprobs"] == GENERATION["logprobs"]
    refused = run("forget", "--all")  # no terminal and no --yes: nothing may be deleted
    assert refused.returncode != 0 and store.current_votes() != []
    assert run("off").returncode == 0
    assert store.record_generation(session, 2, **GENERATION) is None


def test_the_command_line_module_is_light() -> None:
    heavy = "torch textual llama_cpp sqlite_utils numpy"
    code = (
        f"import sys, game.cli.feedback, game.feedback;"
        f"print([m for m in {heavy!r}.split() if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.stdout == "[]\n"


def test_the_documented_query_works(store: FeedbackStore, played: str, path: Path) -> None:
    documentation = (ROOT / "docs" / "feedback.md").read_text(encoding="utf-8")
    query = documentation.split("```sql\n")[1].split("```")[0]
    connection = sqlite3.connect(path)
    assert connection.execute(query).fetchall() == [("vivid", 1), ("funny", 1)]
    connection.close()
