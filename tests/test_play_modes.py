"""`game play --plain` and `--json` as a screen reader, a pipe or a program meets them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from game.feedback.store import FeedbackStore
from game.front.json_mode import FIELDS
from game.llm.bundled import bundled_model_path
from tests.llm.servers import llama_server

GAME = [sys.executable, "-m", "game", "play"]


def play(lines: str | bytes, *args: str, expect: int = 0) -> subprocess.CompletedProcess[bytes]:
    given = lines.encode() if isinstance(lines, str) else lines
    done = subprocess.run(
        [*GAME, "village", "--no-llm", *args], input=given, capture_output=True, timeout=120
    )
    assert done.returncode == expect, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done


def objects(lines: str | bytes, *args: str, expect: int = 0) -> list[dict[str, Any]]:
    out = play(lines, "--json", *args, expect=expect).stdout
    return [json.loads(line) for line in out.splitlines()]


# -- JSON -------------------------------------------------------------------------------------


def test_json_is_one_object_for_the_opening_and_one_for_every_command() -> None:
    told = objects("look\ninventory\nquit\n", "--seed", "7")
    assert [o["command"] for o in told] == ["", "look", "inventory", "quit"]
    assert all(tuple(o) == FIELDS for o in told)
    assert [o["action"] for o in told] == [None, "look", "inventory", None]
    assert [o["done"] for o in told] == [False, False, False, True]
    assert "Drowned Herring" in told[0]["plain"] and told[0]["prose_source"] == "plain"
    assert all(o["generation"] is None for o in told)
    assert told[1]["events"][0]["type"] == "looked"
    assert told[0]["room"] == "tavern" and "go east" in told[0]["admissible"]


def test_json_is_the_same_byte_for_byte(home: Path) -> None:
    lines = "look\ntake bread\ngo east\nsay hello\n:up vivid\nwait\nwait\nfrobnicate\nquit\n"
    first = play(lines, "--json", "--seed", "7").stdout
    assert play(lines, "--json", "--seed", "7").stdout == first
    assert play(lines, "--json", "--seed", "8").stdout != first


def test_every_admissible_string_is_accepted_as_that_action() -> None:
    (opening,) = objects("")
    commands = [c for c in opening["admissible"] if not c.startswith("go ")]
    for command in commands[:: max(1, len(commands) // 12)]:
        told = objects(command + "\n")[1]
        assert told["action"] == command, command
        assert "refused" not in [e["type"] for e in told["events"]], command


def test_a_question_is_in_its_field() -> None:
    told = objects("examine\nfrobnicate the bar\n")
    assert told[1]["question"] and told[1]["action"] is None
    assert told[2]["question"] is None and "frobnicate" in told[2]["plain"]


def test_json_writes_nothing_else_and_ends_at_the_end_of_input() -> None:
    done = play("look", "--json")
    assert len(done.stdout.splitlines()) == 2 and done.stderr == b""


def test_hostile_bytes_stay_one_object_a_line() -> None:
    told = objects(b"\xff\xfe \x1b[2J\x00 \xe2\x80\xa8 hi\n\n" + b"a" * 20_000 + b"\n")
    assert len(told) == 4


def test_an_unknown_world_is_an_error_object_and_exit_code_2() -> None:
    done = subprocess.run(
        [*GAME, "nowhere", "--json", "--no-llm"], input=b"", capture_output=True, timeout=60
    )
    assert done.returncode == 2
    (error,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert error["error"]["exit_code"] == 2 and "nowhere" in error["error"]["message"]


def test_a_model_that_is_not_there_is_an_error_object_and_exit_code_3(tmp_path: Path) -> None:
    done = subprocess.run(
        [*GAME, "village", "--json", "--model", str(tmp_path / "none.gguf")],
        input=b"", capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["exit_code"] == 3


def test_a_server_tells_the_story_of_a_game() -> None:
    with llama_server(bundled_model_path(), alias="bundled") as url:
        done = subprocess.run(
            [*GAME, "village", "--json", "--seed=7", f"--server={url}", "--server-model=bundled"],
            input=b"take bread\ngo east\nquit\n", capture_output=True, timeout=600,
        )  # fmt: skip
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [o["action"] for o in told[1:3]] == ["take heel of bread from bar", "go east"]
    assert "model" in [o["prose_source"] for o in told]


def test_thumbs_in_json_are_kept(home: Path) -> None:
    told = objects("go east\n:up vivid, in character\n:down 2 dull\n:up 99\n")
    assert told[2]["plain"].startswith("Thumb up (vivid, in character): ")
    assert told[3]["plain"].startswith("Thumb down (dull): ")
    assert "no telling that far back" in told[4]["plain"]
    with FeedbackStore(home / "feedback.db") as store:
        assert [(v.value, v.tags) for v in store.current_votes()] == [
            (1, ("vivid", "in character")),
            (-1, ("dull",)),
        ]


# -- plain ------------------------------------------------------------------------------------


def test_plain_has_no_escape_sequences_and_no_prompt_in_a_pipe() -> None:
    done = play("look\nsay \x1b[31mred\nquit\n", "--plain")
    text = done.stdout.decode()
    assert "\x1b" not in text and not any(line.startswith("> ") for line in text.splitlines())
    assert text.count("The Drowned Herring\n") >= 2
    assert done.stderr == b""


def test_plain_is_chosen_where_there_is_no_terminal() -> None:
    done = play("quit\n")
    assert b"Drowned Herring" in done.stdout and b"plain lines" in done.stderr


def test_plain_thumbs_say_what_they_are_on_and_can_be_taken_back(home: Path) -> None:
    text = play("go east\n:up 1 vivid\n:clear\n:down\n", "--plain").stdout.decode()
    thumbs = [line for line in text.splitlines() if line.startswith("Thumb")]
    assert [t.split(":")[0] for t in thumbs] == ["Thumb up (vivid)", "Thumb taken back",
                                                 "Thumb down"]  # fmt: skip
    with FeedbackStore(home / "feedback.db") as store:
        assert [v.value for v in store.current_votes()] == [-1]


def test_plain_asks_with_a_prompt_on_a_terminal() -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*GAME, "village", "--plain", "--no-llm"], stdin=slave, stdout=subprocess.PIPE
    )
    os.write(master, b"look\nquit\n")
    out, _ = process.communicate(timeout=60)
    os.close(slave)
    os.close(master)
    assert process.returncode == 0
    assert out.decode().count("> ") == 2


# -- saves and signals ------------------------------------------------------------------------


def test_pipes_begin_anew_and_leave_the_players_game_alone(home: Path) -> None:
    play("go east\n", "--plain", "--resume")
    play("wait\nwait\n", "--plain")
    (opening,) = objects("")
    assert opening["room"] == "tavern"
    (resumed,) = objects("", "--resume")
    assert resumed["room"] == "marketplace" and resumed["turn"] == 1


def test_a_named_save_is_gone_on_with() -> None:
    play("go east\nsave noon\n", "--plain")
    (resumed,) = objects("", "--resume", "noon")
    assert resumed["room"] == "marketplace"
    (error,) = objects("", "--resume", "midnight", expect=1)
    assert "midnight" in error["error"]["message"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("mode", ["--plain", "--json"])
def test_a_signal_ends_the_game_cleanly_and_the_turn_is_saved(
    number: signal.Signals, code: int, mode: str
) -> None:
    process = subprocess.Popen(
        [*GAME, "village", mode, "--no-llm", "--resume"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(b"go east\n")
    process.stdin.flush()
    while b"Marketplace" not in process.stdout.readline():
        pass
    time.sleep(0.3)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in err
    assert objects("", "--resume")[0]["room"] == "marketplace"


def test_contradicting_options_are_refused() -> None:
    assert b"exclude" in play("", "--plain", "--json", expect=2).stderr
    assert b"exclude" in play("", "--plain", "--new", "--resume", expect=2).stderr
