"""The turn loop: what a command brings about, undo, saves, answers and what is recorded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.errors import SaveError
from game.feedback import FeedbackStore
from game.saves import list_saves, read_save, save_path
from game.session import AUTOSAVE, Session
from tests.engine.small_world import small_world

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def village() -> World:
    return load_world(ROOT / "worlds" / "village")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    with FeedbackStore(tmp_path / "feedback.db") as store:
        yield store


def commands(session: Session, *lines: str) -> list[str]:
    return [session.command(line).plain for line in lines]


def test_the_opening_shows_the_intro_and_the_room(village: World) -> None:
    opening = Session(village).opening()
    assert village.intro.strip()[:40] in opening.plain
    assert village.rooms[village.places["player"][0]].name in opening.plain
    assert opening.number == 0 and not opening.done


def test_a_turn_tells_what_was_done_and_time_passes() -> None:
    session = Session(small_world())
    turn = session.command("take the brass key")
    assert turn.canonical == "take brass key from table"
    assert turn.plain == "You take the brass key from the table."
    assert [b.kind for b in turn.beats] == ["player"] and turn.number == 1


def test_questions_about_oneself_and_refusals_take_no_time() -> None:
    session = Session(small_world())
    for line in ("inventory", "status", "goals", "actions", "help", "go north", "frobnicate"):
        turn = session.command(line)
        assert turn.plain and turn.number == 0
        assert {b.kind for b in turn.beats} == {"notice"}
    assert not session.journal


def test_the_parser_asks_and_takes_the_answer() -> None:
    session = Session(small_world())
    asked = session.command("take key")
    assert asked.question and "brass key" in asked.question and asked.action is None
    assert session.command("the rusty one").canonical == "take rusty key"


def test_undo_brings_back_everything(village: World) -> None:
    session = Session(village, seed=3, cast=Cast(village))
    digests = [session.state.digest()]
    for line in ("wait", "east", "look", "search", "west"):
        session.command(line)
        digests.append(session.state.digest())
    for digest in reversed(digests[:-1]):
        assert session.command("undo").plain.startswith("[Undone")
        assert session.state.digest() == digest
    assert session.command("undo").plain == "There is nothing to undo."
    assert session.journal == []


def test_whose_a_thing_is_decides_what_is_said_of_it(village: World) -> None:
    session = Session(village, seed=3)
    assert session.command("take rag").plain == (
        "The bar rag is not yours. Ask for it, or steal it."
    )
    assert session.command("where is the bread").plain == "The heel of bread is right here."
    session.command("take bread")
    assert session.command("where is the bread").plain == "You have the heel of bread with you."


def test_undo_takes_back_as_many_turns_as_it_is_told(village: World) -> None:
    session = Session(village, seed=3)
    before = session.state.digest()
    for line in ("wait", "east", "look"):
        session.command(line)
    assert session.command("undo 2").plain.count("[Undone") == 2
    assert session.command("undo 9").plain.count("[Undone") == 1
    assert session.state.digest() == before
    assert session.command("undo 2").plain == "There is nothing to undo."


def test_undo_leads_to_the_same_future(village: World) -> None:
    session = Session(village, seed=5, cast=Cast(village))
    session.command("wait")
    first = session.command("wait")
    after = session.state.digest()
    session.command("undo")
    assert session.command("wait").plain == first.plain
    assert session.state.digest() == after


def test_again_repeats_the_last_command() -> None:
    session = Session(small_world())
    session.command("wave")
    assert session.command("g").canonical == "wave"


def test_saves_hold_the_whole_game(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=11, cast=Cast(village), saves=tmp_path)
    commands(session, "wait", "east", "save before the storm")
    digest = session.state.digest()
    commands(session, "wait", "west")
    assert "Restored" in session.command("restore before the storm").plain
    assert session.state.digest() == digest
    session.command("undo")
    session.command("undo")
    assert session.state.digest() == village.initial_state(11).digest()
    assert "before the storm" in session.command("saves").plain


def test_a_game_is_resumed_where_it_was_left(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=2, cast=Cast(village), saves=tmp_path)
    commands(session, "east", "wait", "quit")
    assert session.quitting
    other = Session(village, cast=Cast(village), saves=tmp_path)
    assert other.resume()
    assert other.state.digest() == session.state.digest() and other.seed == 2
    assert not Session(village, saves=tmp_path / "none").resume()


def test_playing_on_after_resuming_is_playing_on(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=2, cast=Cast(village), saves=tmp_path)
    commands(session, "east", "wait")
    other = Session(village, cast=Cast(village), saves=tmp_path, autosave=False)
    other.resume()
    for line in ("wait", "west", "wait"):
        session.command(line)
        other.command(line)
    assert other.state.digest() == session.state.digest()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[: len(text) // 2], "not a save"),
        (lambda text: "", "not a save"),
        (lambda text: "[]", "not a save"),
        (lambda text: text.replace('"format":2', '"format":3'), "newer version"),
        (lambda text: text.replace('"world_hash":"', '"world_hash":"0'), "has changed"),
        (lambda text: text.replace('"digest":"', '"digest":"0'), "does not lead to"),
        (lambda text: text.replace('"nodes":[', '"nodes":[7,'), "not a save"),
    ],
)
def test_a_bad_save_is_refused_and_the_game_goes_on(
    tmp_path: Path, damage: object, says: str
) -> None:
    session = Session(small_world(), saves=tmp_path)
    commands(session, "wave", "save one")
    path = save_path(tmp_path, "small", "one")
    damaged = damage(path.read_text())  # type: ignore[operator]
    path.write_text(damaged)
    before = session.state.digest()
    assert says in session.command("restore one").plain
    assert session.state.digest() == before
    assert path.read_text() == damaged


def test_save_names_are_file_names(tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    assert "cannot be the name" in session.command("save ../up").plain
    assert "no save called" in session.command("restore nothing").plain
    assert list_saves(tmp_path, "small") == []


def test_a_home_that_cannot_be_written_is_said_once_and_play_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    session = Session(small_world(), saves=blocked)
    first, second = session.command("wave"), session.command("wave")
    assert "could not be saved" in first.plain and "could not be saved" not in second.plain
    assert session.number == 2
    with pytest.raises(SaveError):
        session.save("one")


def test_kill_minus_nine_loses_at_most_the_turn_in_progress(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from game.session import Session\n"
        "from tests.engine.small_world import small_world\n"
        f"session = Session(small_world(), saves=Path({str(tmp_path)!r}))\n"
        "while True:\n"
        "    session.command('wave')\n"
        "    print(session.number, flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    told = 0
    for line in process.stdout:
        told = int(line)
        if told >= 25:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    saved = read_save(save_path(tmp_path, "small", AUTOSAVE))
    assert saved.turn >= told
    assert Session(small_world(), saves=tmp_path).resume()


def test_who_is_spoken_to_answers(village: World) -> None:
    session = Session(small_world())
    turn = session.command("say hello to the keeper")
    assert [cue.character for cue in turn.speech] == ["keeper"]
    assert turn.speech[0].heard.lower().startswith("hello") and turn.speech[0].plain
    assert not session.command("shout hello").speech
    assert session.command("say good evening").speech[0].character == "keeper"


def test_turns_and_decisions_are_recorded(village: World, store: FeedbackStore) -> None:
    session = Session(village, seed=1, cast=Cast(village), store=store, mode="plain")
    seen = []
    for line in ("wait", "east", "wait", "wait", "west", "wait", "inventory"):
        turn = session.command(line)
        assert turn.row is not None
        row = store.turn(turn.row)
        assert row.command == line and row.plain == turn.plain
        assert row.state_hash == session.state.digest()
        seen += [b for b in turn.beats if b.kind == "character"]
    assert seen, "the cast did nothing that the player saw"
    for beat in seen:
        assert beat.decision is not None
        decision = store.decision(beat.decision)
        assert decision.character == beat.actor and decision.chosen in decision.admissible
        assert decision.logprob is not None and decision.logprob <= 0
        json.loads(decision.observation)


def test_control_characters_and_endless_lines_are_harmless() -> None:
    session = Session(small_world())
    for line in ("", "   ", "\x1b[31mlook\x07", "x" * 10_000, "<|im_start|>system", "[bold]look"):
        assert session.command(line).plain
    assert session.number <= 1
