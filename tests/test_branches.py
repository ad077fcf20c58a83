"""Rewinding, branches and what they survive."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.moment import RECENT
from game.saves import read_save, save_path
from game.session import AUTOSAVE, Session
from game.timeline import ROOT, Timeline
from tests.engine.small_world import small_world

ROOT_FOLDER = Path(__file__).parents[1]
FORMAT_1 = Path(__file__).parent / "data" / "small-format-1.save.json"


@pytest.fixture(scope="module")
def village() -> World:
    return load_world(ROOT_FOLDER / "worlds" / "village")


def do(session: Session, *lines: str) -> list[str]:
    return [session.command(line).plain for line in lines]


def mind(session: Session) -> object:
    """Everything that decides what happens next."""
    assert session.cast is not None
    heard = {who: seen for who, seen in session._heard.items() if seen}
    return session.state.digest(), session.cast.memory(), heard, dict(session.knowledge.facts)


_HARMLESS = ("go", "take", "wait", "wave")


def stroll(session: Session, turns: int, seed: int) -> list[object]:
    """Random play that does not end the story; the mind before the first turn and after each."""
    rng = random.Random(seed)
    minds = [mind(session)]
    while session.timeline.depth < turns:
        options = [
            c for c in session.admissible() if c.split()[0] in ("go", "take", "wait", "wave")
        ]
        before = session.timeline.depth
        session.command(rng.choice(options))
        if session.done:
            session.command("undo")
        elif session.timeline.depth > before:
            minds.append(mind(session))
    return minds


# -- rewinding --------------------------------------------------------------------------------


def test_every_turn_can_be_gone_back_to_exactly(village: World) -> None:
    """Those whose moment is kept and those that are replayed, to the last thing remembered."""
    session = Session(village, seed=4, cast=Cast(village))
    turns = RECENT + 30
    minds = stroll(session, turns, 1)
    order = list(range(turns + 1))
    random.Random(2).shuffle(order)
    for depth in order:
        assert session.command(f"rewind {depth}").plain.startswith(f"--- turn {depth} of main")
        assert mind(session) == minds[depth], depth


def test_a_resumed_game_goes_back_exactly_too(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=4, cast=Cast(village), saves=tmp_path)
    minds = stroll(session, 30, 3)
    session.close()
    other = Session(village, cast=Cast(village), saves=tmp_path)
    assert other.resume()
    assert mind(other) == minds[30]
    for depth in (29, 3, 0, 17):
        other.command(f"rewind {depth}")
        assert mind(other) == minds[depth]


def test_a_rewind_leads_to_the_same_future_and_onto_the_same_branch(village: World) -> None:
    session = Session(village, seed=5, cast=Cast(village))
    told = do(session, "wait", "go east", "wait")
    after = mind(session)
    do(session, "rewind 0")
    assert do(session, "wait", "go east", "wait") == told
    assert mind(session) == after
    assert list(session.timeline.heads) == ["main"] and len(session.timeline.nodes) == 4


def test_a_rewind_marks_the_cut_and_says_where_one_is() -> None:
    session = Session(small_world())
    do(session, "wave", "take brass key", "wait")
    text = session.command("rewind 2").plain
    assert text.splitlines()[0] == "--- turn 2 of main, after: take brass key from table ---"
    assert session.room_text() in text
    assert session.command("rewind -2").plain.startswith("--- turn 0 of main ---")
    assert session.command("rewind 3").plain.startswith("--- turn 3 of main, after: wait")
    assert session.number == 3


@pytest.mark.parametrize(
    "line", ["rewind", "rewind soon", "rewind 4", "rewind 99999", "rewind 2.5"]
)
def test_a_turn_that_is_not_there_is_named_and_nothing_changes(line: str) -> None:
    session = Session(small_world())
    do(session, "wave", "wait", "wave")
    before = session.state.digest()
    text = session.command(line).plain
    assert "Which turn?" in text or "There is no turn" in text
    assert session.state.digest() == before


# -- branches ---------------------------------------------------------------------------------


def test_playing_on_from_an_earlier_turn_begins_a_branch_and_keeps_the_other() -> None:
    session = Session(small_world())
    do(session, "wave", "wait", "wait", "rewind 1")
    assert session.timeline.branch == "main"
    do(session, "take brass key")
    assert session.timeline.branch == "branch-2" and session.timeline.depth == 2
    listed = session.command("branches").plain
    assert "  main      3 turns, the last: wait" in listed
    assert "* branch-2  2 turns, the last: take brass key from table" in listed
    assert session.command("switch main").plain.startswith("--- turn 3 of main, after: wait ---")
    assert "brass_key" not in session.state.contents["player"]
    session.command("switch branch-2")
    assert "brass_key" in session.state.contents["player"]
    shown = session.command("history").plain
    assert ">   2  take brass key from table" in shown and "(from here: main)" in shown


def test_a_branch_is_named() -> None:
    session = Session(small_world())
    do(session, "wave", "wait")
    assert "main is now called Greeting".lower() in session.command("branch Greeting").plain.lower()
    do(session, "rewind 1")
    assert "begins here" in session.command("branch the quiet life").plain
    do(session, "take brass key")
    assert session.timeline.branch == "the-quiet-life"
    assert set(session.timeline.heads) == {"greeting", "the-quiet-life"}
    assert "already" in session.command("branch greeting").plain
    assert "letters, digits" in session.command("branch [red]").plain
    session.command("branch greeting hello")
    assert set(session.timeline.heads) == {"hello", "the-quiet-life"}
    assert session.command("switch hello 1").plain.startswith("--- turn 1 of hello")
    assert "Which branch?" in session.command("switch nowhere").plain
    assert "has fewer" in session.command("switch hello 7").plain


def test_switching_a_lamp_on_is_no_branch() -> None:
    session = Session(small_world())
    for line in ("switch on the lamp", "switch lamp on", "switch lamp off"):
        assert "Which branch?" not in session.command(line).plain
    assert "Which branch?" in session.command("switch").plain


def test_undo_forgets_what_nothing_hangs_from_and_keeps_the_rest() -> None:
    session = Session(small_world())
    do(session, "wave", "wait", "undo")
    assert len(session.timeline.nodes) == 2
    do(session, "wait", "rewind 1", "take brass key", "undo", "undo")
    assert session.timeline.at == ROOT
    do(session, "switch main")
    assert session.timeline.depth == 2


def test_what_one_branch_did_the_other_does_not_know(village: World) -> None:
    session = Session(village, seed=9, cast=Cast(village))
    do(session, "wait")
    apart = mind(session)
    do(session, "hit old tam", "wait", "rewind 1")
    assert mind(session) == apart


# -- kept -------------------------------------------------------------------------------------


def test_the_tree_survives_quitting(tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    do(session, "wave", "wait", "branch calm", "rewind 1", "take brass key", "branch theft", "quit")
    session.close()
    other = Session(small_world(), saves=tmp_path)
    other.resume()
    assert other.timeline.heads == session.timeline.heads
    assert other.timeline.branch == "theft" and other.timeline.depth == 2
    other.command("switch calm")
    assert other.journal[-2][1] is not None and other.journal[-2][1].verb == "wait"


def test_a_restored_save_brings_its_branches_and_loses_none(tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    do(session, "wave", "save early", "wait", "rewind 0", "take brass key", "wait")
    do(session, "restore early")
    assert session.timeline.depth == 1 and session.timeline.branch == "main"
    assert {n: session.timeline.nodes[h].depth for n, h in session.timeline.heads.items()} == {
        "main": 2, "branch-2": 2,
    }  # fmt: skip
    assert session.command("switch branch-2").plain.startswith("--- turn 2")
    assert "brass_key" in session.state.contents["player"]


def test_branches_of_one_name_are_both_kept(tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    do(session, "wave", "save one")
    do(session, "undo", "take brass key", "restore one")
    lasts = {session.timeline.nodes[h].entries[0][1] for h in session.timeline.heads.values()}
    assert {a.verb for a in lasts if a} == {"wave", "take"}
    assert session.journal[0][1] is not None and session.journal[0][1].verb == "wave"


def test_kill_minus_nine_keeps_the_tree(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from game.session import Session\n"
        "from tests.engine.small_world import small_world\n"
        f"session = Session(small_world(), saves=Path({str(tmp_path)!r}))\n"
        "n = 0\n"
        "while True:\n"
        "    for line in ('wave', 'wait', f'branch b{n}', 'rewind -1'):\n"
        "        session.command(line)\n"
        "        print(len(session.timeline.nodes), len(session.timeline.heads), flush=True)\n"
        "    session.command('take brass key' if n % 2 else 'drop brass key')\n"
        "    n += 1\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT_FOLDER
    )
    assert process.stdout is not None
    told = (0, 0)
    for n, line in enumerate(process.stdout):
        nodes, heads = line.split()
        told = int(nodes), int(heads)
        if n == 40:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    kept = read_save(save_path(tmp_path, "small", AUTOSAVE)).timeline
    assert len(kept.nodes) >= told[0] and len(kept.heads) >= told[1] > 2
    session = Session(small_world(), saves=tmp_path)
    assert session.resume()
    for name in kept.heads:
        assert session.command(f"switch {name}").plain.startswith("--- turn")


# -- the file ---------------------------------------------------------------------------------


def test_a_save_of_format_1_still_loads(village: World, tmp_path: Path) -> None:
    """A file as version 1 of the format was written, its world's hash put right."""
    old = json.loads(FORMAT_1.read_text())
    assert old["format"] == 1
    session = Session(small_world(), saves=tmp_path)
    save_path(tmp_path, "small", "old").write_text(
        json.dumps(old | {"world_hash": session.world.hash, "world": "small"})
    )
    assert "Restored" in session.command("restore old").plain
    assert session.timeline.depth == 3 and session.state.digest() == old["digest"]
    assert session.command("undo").plain.startswith("[Undone")
    assert session.timeline.depth == 2
    session.command("save new")
    assert json.loads(save_path(tmp_path, "small", "new").read_text())["format"] == 2


def test_a_tree_is_read_as_it_was_written() -> None:
    session = Session(small_world())
    do(session, "wave", 'say [bold]“hé”[/] <|im_end|> \\ "', "rewind 1", "wait", "branch two")
    written = json.loads("{" + session.timeline.as_json() + "}")
    again = Timeline.from_json(written)
    assert again.nodes == session.timeline.nodes and again.heads == session.timeline.heads
    assert (again.branch, again.at) == (session.timeline.branch, session.timeline.at)


def one_turn(actor: str, action: list[object]) -> dict[str, object]:
    return {"nodes": [[1, 0, [[actor, action]]]], "heads": {"main": 1}, "at": 1}


@pytest.mark.parametrize(
    "damage",
    [
        {"at": 77},
        {"branch": "none"},
        {"heads": {"main": 9}},
        {"nodes": [[1, 5, [["player", ["wave", None, None, None]]]]]},
        {"nodes": [[1, 0, [["player", ["wave"]]]], [1, 0, []]]},
        one_turn("nobody", ["wave", None, None, None]),
        one_turn("player", ["fly", 7, None, None]),
        one_turn("player", ["take", "moon", None, None]),
        one_turn("player", ["juggle", None, None, None]),
        {"nodes": "none"},
    ],
)
def test_a_damaged_tree_is_refused_and_the_game_goes_on(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    session = Session(small_world(), saves=tmp_path)
    do(session, "wave", "save one", "wait")
    path = save_path(tmp_path, "small", "one")
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    before = session.state.digest()
    text = session.command("restore one").plain
    assert "not a save" in text or "does not lead to" in text
    assert session.state.digest() == before and session.timeline.depth == 2
    assert session.command("undo").plain == "[Undone: wait]\n" + session.room_text()
