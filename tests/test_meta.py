"""Commands about the game itself: what they say, and what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.front.stage import Options, Stage
from game.meta import COMMANDS
from game.meta.hints import MORE
from game.saves import list_saves
from game.session import Session
from tests.engine.small_world import small_world

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def village() -> World:
    return load_world(ROOT / "worlds" / "village")


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage.open(Options("village", "plain", seed=7, resume="never", llm=False))
    yield stage
    stage.close()


def told(stage: Stage, line: str) -> str:
    return "\n".join(s.text for s in stage.tell(stage.command(line)) if s.last)


def test_the_help_page_lists_every_command() -> None:
    page = Session(small_world()).command("help").plain
    assert all(f"  {command.say}  " in page for command in COMMANDS)


@pytest.mark.parametrize("command", [c.name for c in COMMANDS if c.name != "quit"])
def test_none_takes_time_or_changes_the_world(command: str, tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    before = session.state.digest()
    for line in (command, command.upper(), f"{command}!", f"{command}."):
        turn = session.command(line)
        assert turn.plain and turn.action is None and not turn.done
    assert session.state.digest() == before


def test_a_longer_line_that_begins_like_one_is_the_parsers() -> None:
    session = Session(small_world())
    for line in ("save the keeper from himself please", "score a point", "undo the knot"):
        assert "Saved" not in session.command(line).plain
        assert "Your score" not in session.command(line).plain


# -- oops -------------------------------------------------------------------------------------


def test_oops_puts_the_strange_word_right() -> None:
    session = Session(small_world())
    assert "zkwq" in session.command("take the brass zkwq").plain
    assert session.command("oops key").canonical == "take brass key from table"
    assert "no word to put right" in session.command("oops table").plain


def test_oops_keeps_what_was_to_follow() -> None:
    session = Session(small_world())
    session.command("wave. take brass zkwq. wait")
    assert session.number == 1
    turn = session.command("oops key")
    assert turn.number == 3 and "brass_key" in session.state.contents["player"]


def test_oops_alone_and_with_nothing_wrong() -> None:
    session = Session(small_world())
    assert "no word to put right" in session.command("oops").plain
    session.command("take zkwq")
    assert 'by "zkwq"' in session.command("oops").plain
    assert "take" not in session.command("oops (.*) \\1").plain


# -- exits, score, brief ----------------------------------------------------------------------


def test_exits_say_where_one_has_been(village: World) -> None:
    session = Session(village)
    assert "east" in session.command("exits").plain
    assert "not been there yet" in session.command("exits").plain
    session.command("go east")
    text = session.command("exits").plain
    assert "): The Drowned Herring" in text and "not been there yet" in text


def test_score_counts_points_turns_and_quests(village: World) -> None:
    session = Session(village)
    assert session.command("score").plain.startswith("Your score is 0, in 0 turns.")
    session.command("wait")
    assert "in 1 turn." in session.command("score").plain


def test_brief_leaves_out_what_was_read_before(village: World, tmp_path: Path) -> None:
    session = Session(village, saves=tmp_path)
    herring = village.rooms["tavern"].description.strip()[:40]
    session.command("go east")
    assert herring in session.command("go west").plain
    session.command("brief")
    session.command("go east")
    text = session.command("go west").plain
    assert herring not in text and "The Drowned Herring" in text and "Exits:" in text
    assert herring in session.command("look").plain
    session.close()
    resumed = Session(village, saves=tmp_path)
    resumed.resume()
    assert resumed.brief
    resumed.command("verbose")
    resumed.command("go east")
    assert herring in resumed.command("go west").plain


def test_brief_describes_a_new_room_in_full(village: World) -> None:
    session = Session(village)
    session.command("brief")
    first = village.rooms["marketplace"].description.strip()[:40]
    assert first in session.command("go east").plain


# -- hints ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tutorial", "village"])
def test_hints_get_plainer_until_they_are_a_command_that_works(name: str) -> None:
    world = load_world(ROOT / "worlds" / name)
    session = Session(world, seed=2)
    hints = [session.command("hint").plain for _ in range(5)]
    plainest = next(n for n, text in enumerate(hints) if not text.endswith(MORE))
    assert len(set(hints[: plainest + 1])) == plainest + 1 >= 3
    assert set(hints[plainest:]) == {hints[plainest]}
    assert hints[plainest].startswith("Try: ")
    turn = session.command(hints[plainest].removeprefix("Try: "))
    assert turn.action is not None and turn.events[0].type != "refused"


def test_following_the_hints_completes_the_tutorial() -> None:
    session = Session(load_world(ROOT / "worlds" / "tutorial"), seed=2)
    for _ in range(60):
        if session.state.quests.get("rehearsal") == "done":
            return
        text = session.command("hint").plain
        if text.startswith("Try: "):
            session.command(text.removeprefix("Try: "))
    raise AssertionError(session.command("hint").plain)


def test_hints_without_a_quest_point_at_what_was_not_explored() -> None:
    world = small_world()
    session = Session(world)
    text = session.command("hint").plain
    assert text and session.command("hint").plain


def test_a_hint_changes_nothing_and_goes_on_where_it_was(village: World) -> None:
    session = Session(village, cast=Cast(village))
    before = session.state.digest()
    first, second = session.command("hint").plain, session.command("hint").plain
    assert first != second and session.state.digest() == before
    session.command("wait")
    assert session.command("hint").plain not in (first,)


# -- saves ------------------------------------------------------------------------------------


def test_a_named_save_is_replaced_only_when_the_player_says_so(tmp_path: Path) -> None:
    session = Session(small_world(), saves=tmp_path)
    session.command("wave")
    assert session.command("save One").plain.startswith("Saved")
    session.command("wave")
    asked = session.command("save one")
    assert asked.question and "Replace it?" in asked.plain
    assert "as it was" in session.command("no").plain
    session.command("save one")
    session.command("look")
    assert "as it was" not in session.command("no").plain  # the question is no longer open
    session.command("restore one")
    assert session.number == 1
    session.command("wave")
    session.command("save one")
    assert session.command("yes").plain.startswith("Saved")
    session.command("restore one")
    assert session.number == 2


def test_a_save_is_replaced_at_once_with_an_exclamation_mark_or_without_a_name(
    tmp_path: Path,
) -> None:
    session = Session(small_world(), saves=tmp_path)
    for line in ("save one", "save one!", "save ONE !", "save", "save"):
        assert session.command(line).plain.startswith("Saved"), line
    assert sorted(list_saves(tmp_path, "small")) == ["one", "quick"]


# -- transcripts ------------------------------------------------------------------------------


def test_a_transcript_holds_what_was_typed_and_told(stage: Stage, home: Path) -> None:
    told(stage, "look")
    assert "story.txt" in told(stage, "transcript story")
    east = told(stage, "go east")
    told(stage, "say \x1b[31m[bold]hi[/]")
    told(stage, "rewind 0")
    told(stage, "transcript off")
    told(stage, "wait")
    text = (home / "transcripts" / "story.txt").read_text()
    assert text.startswith("> transcript story\n")
    assert f"> go east\n{east}\n\n" in text
    assert "[bold]hi[/]" in text and "\x1b" not in text
    assert "--- turn 0 of main ---" in text and text.index("go east") < text.index("--- turn")
    assert "> wait" not in text


def test_a_transcript_is_appended_to_and_named_by_itself(stage: Stage, home: Path) -> None:
    told(stage, "transcript one")
    told(stage, "transcript one")
    told(stage, "transcript on")
    assert told(stage, "transcript").startswith("A transcript is being written")
    files = sorted(p.name for p in (home / "transcripts").iterdir())
    assert files[0] == "one.txt" and files[1].startswith("village-20")
    assert (home / "transcripts" / "one.txt").read_text().count("> transcript one") == 2


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "x" * 70])
def test_a_transcript_stays_in_its_folder(stage: Stage, home: Path, name: str) -> None:
    assert "cannot be the name" in told(stage, f"transcript {name}")
    assert stage.session.transcript is None


def test_no_transcript_to_end(stage: Stage) -> None:
    assert told(stage, "transcript off") == "No transcript is being written."
