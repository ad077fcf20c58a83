"""Skeins: tests of a world that say what failed and what could have been done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from game.authoring.load import load_world
from game.authoring.skein import parse_skein
from game.authoring.skein_run import play_skein
from game.cli.world import world as group
from game.engine.model import World
from game.errors import WorldError
from game.front.stage import Options, Stage

WORLDS = Path(__file__).parents[2] / "worlds"
WITH_TESTS = sorted({file.parents[1] for file in WORLDS.glob("*/tests/*.skein")})


@pytest.fixture(scope="module")
def village() -> World:
    return load_world(WORLDS / "village")


def run(*args: str) -> Result:
    return CliRunner().invoke(group, list(args), standalone_mode=False)


@pytest.mark.parametrize("folder", WITH_TESTS, ids=lambda f: f.name)
def test_shipped_worlds_pass_their_own_tests(folder: Path) -> None:
    result = run("test", str(folder))
    assert result.return_value == 0, result.output


def outcome(village: World, *lines: str) -> str | None:
    """The line that failed, None when all held; a command that failed by itself is `>`."""
    failure = play_skein(village, parse_skein("\n".join(lines), "t.skein", village))
    return (failure.expected or ">") if failure else None


@pytest.mark.parametrize(
    "line",
    [
        "! {event: took, actor: player, item: bread}",
        "! {event: [took, stole]}",
        "! {event: took, item: {tag: gift}}",
        "!- {event: died}",
        "!- {event: took, item: pearl}",
        "? BREAD",
        "?- pearl",
        "= {has: bread}",
        "= {not: {has: {who: tam, item: bread}}}",
        "= {score: 0}",
    ],
)
def test_what_is_so_is_as_expected(line: str, village: World) -> None:
    assert outcome(village, "> take bread", line) is None


@pytest.mark.parametrize(
    "line",
    [
        "! {event: dropped}",
        "! {event: took, item: pearl}",
        "!- {event: took}",
        "? pearl",
        "?- bread",
        "= {has: pearl}",
    ],
)
def test_what_is_not_so_fails(line: str, village: World) -> None:
    assert outcome(village, "> take bread", line) == line


def test_a_command_alone_must_work(village: World) -> None:
    assert outcome(village, "> take bread") is None
    assert outcome(village, "> take pearl") == ">"
    assert outcome(village, "> frobnicate") == ">"
    assert outcome(village, "> take pearl", "? see") is None
    assert outcome(village, "> take bread", "> undo") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("go east", "t.skein:1: expected > ! !- ? ?- = or #"),
        ("seed: x", "t.skein:1: the seed is a whole number"),
        ("cast: maybe", "t.skein:1: cast is `on` or `off`"),
        ("! {event: took}", "t.skein:1: ! stands before any command"),
        ("> look\n!", "t.skein:2: nothing stands after !"),
        (
            "> look\n! {event: tok}",
            "t.skein:2: there is no event type 'tok' (did you mean 'took'?)",
        ),
        ("> look\n! {event: took, item: perl}", "nothing called 'perl' in this world (did you"),
        ("> look\n! {evnt: took}", "t.skein:2: event: Field required"),
        ("> look\n! [", "t.skein:2: is not a mapping"),
        ("> look\n= {flag: rain}", "t.skein:2: there is no flag 'rain'"),
        ("> look\n= {has: perl}", "nothing called 'perl'"),
        ("> look\n= {hass: pearl}", "t.skein:2: hass: Extra inputs"),
    ],
)
def test_a_malformed_skein_says_where(text: str, message: str, village: World) -> None:
    with pytest.raises(WorldError) as caught:
        parse_skein(text, "t.skein", village)
    assert message in caught.value.message


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the village with one test, which fails."""
    folder = Path(shutil.copytree(WORLDS / "village", tmp_path / "village"))
    for file in (folder / "tests").glob("*.skein"):
        file.unlink()
    (folder / "tests" / "pearl.skein").write_text(
        "# A test.\nseed: 3\n\n> east\n? pump\n> south\n> take pearl\n"
        "! {event: dropped, item: pearl}\n? pearl\n"
    )
    return folder


def test_a_failure_shows_the_step_and_what_could_have_been_done(copy: Path) -> None:
    result = run("test", str(copy))
    assert result.return_value == 1
    assert "FAIL    pearl.skein\n  pearl.skein:8: > take pearl\n" in result.output
    assert "expected  ! {event: dropped, item: pearl}" in result.output
    assert "{event: took, actor: player, item: pearl" in result.output
    assert "take grey pearl from wet counter" in result.output
    assert "0 of 1 skein as expected." in result.output


def test_a_failure_as_json(copy: Path) -> None:
    result = run("test", str(copy), "pearl", "--json")
    assert result.return_value == 1
    (skein,) = json.loads(result.output)["skeins"]
    assert (skein["ok"], skein["failure"]["line"]) == (False, 8)
    assert "go north" in skein["failure"]["could"]


def test_bless_writes_what_happens_and_keeps_the_rest(copy: Path) -> None:
    file = copy / "tests" / "pearl.skein"
    before = file.read_text().split("\n")
    assert run("test", str(copy), "--bless").return_value == 0
    after = file.read_text().split("\n")
    assert after[:7] == before[:7]
    assert "! {event: took, actor: player, item: pearl, target: counter}" in after
    assert "! {event: dropped, item: pearl}" not in after and "? pearl" in after
    assert run("test", str(copy)).return_value == 0


def test_an_unknown_skein_is_an_error(copy: Path) -> None:
    with pytest.raises(WorldError, match="There are: pearl"):
        CliRunner().invoke(
            group, ["test", str(copy), "perl"], standalone_mode=False, catch_exceptions=False
        )


@pytest.fixture
def stage(copy: Path) -> Stage:
    return Stage.open(Options(str(copy), "plain", seed=5, resume="never", keep=False, llm=False))


def test_a_play_is_kept_as_a_skein_that_holds(stage: Stage, copy: Path) -> None:
    for command in ("take bread", "give bread to tam", "undo", "look", "take stew", "east",
                    "take pearl", "say Good day, Hob!", "look at pump", "wait"):  # fmt: skip
        stage.command(command)
    told = stage.command(":skein save first").plain
    file = copy / "tests" / "first.skein"
    assert told == f"[Kept as {file}]"
    text = file.read_text()
    assert text.startswith("seed: 5\ncast: on\n\n> take heel of bread from bar\n")
    assert "give" not in text, "what was undone is not kept"
    assert "> say Good day, Hob!" in text
    assert "! {event: took, actor: player, item: bread, target: bar}" in text
    assert run("test", str(copy), "first").return_value == 0


def test_a_skein_is_never_overwritten_nor_written_elsewhere(stage: Stage, copy: Path) -> None:
    assert "Nothing has been played" in stage.command(":skein save one").plain
    stage.command("take bread")
    stage.command(":skein save one")
    assert "already" in stage.command(":skein save one").plain
    assert "letters, digits" in stage.command(":skein save ../../x").plain
    assert ":skein save NAME" in stage.command(":skein").plain
    assert sorted(p.name for p in (copy / "tests").iterdir()) == ["one.skein", "pearl.skein"]
