"""`game world`: what it prints and the exit codes it gives."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from game.authoring.json_schema import schema_text
from game.cli.world import world
from tests.authoring.test_errors import BASE


def test_list_names_every_world_and_its_folder() -> None:
    result = CliRunner().invoke(world, ["list"])
    assert result.exit_code == 0
    (line,) = [line for line in result.output.split("\n") if line.startswith("village\t")]
    assert (Path(line.split("\t")[1]) / "world.yaml").is_file()


def test_check_says_that_a_world_is_sound() -> None:
    result = CliRunner().invoke(world, ["check", "village"], standalone_mode=False)
    assert result.return_value == 0
    *quests, last = result.output.strip().split("\n")
    assert last.startswith("Saltmarsh End: sound. 11 rooms")
    assert [line.split(":")[0] for line in quests] == [
        "quest free_the_knight",
        "quest leave_rich",
        "quest rest",
    ]


def test_a_quest_too_long_for_the_search_is_shown_by_its_skein() -> None:
    args = ["check", "interval", "--strict", "--search", "400"]
    result = CliRunner().invoke(world, args, standalone_mode=False)
    assert result.return_value == 0, result.output
    assert "quest ring_up: as in tests/pyle.skein\n" in result.output
    assert "quest unfinished: as in tests/pyle.skein\n" in result.output


def test_check_prints_every_problem_to_stdout(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(BASE.replace("name: Cook", "nmae: Cook, helth: 3"))
    result = CliRunner().invoke(world, ["check", str(tmp_path)], standalone_mode=False)
    assert result.return_value == 1
    assert result.stdout == (
        "world.yaml:10:20 E012 unknown field 'nmae' in character 'cook' (did you mean 'name'?)\n"
        "world.yaml:10:32 E012 unknown field 'helth' in character 'cook' (did you mean 'health'?)\n"
    )
    assert "2 errors" in result.stderr


def test_check_shows_solutions_and_warnings_fail_only_when_strict(tmp_path: Path) -> None:
    quest = (
        "quests:\n  down:\n    name: Go down\n    goals:\n"
        "      down: {text: Go., on: {event: arrived, actor: player, room: cellar}}\n"
    )
    (tmp_path / "world.yaml").write_text(BASE + quest)
    result = CliRunner().invoke(world, ["check", str(tmp_path)], standalone_mode=False)
    assert result.return_value == 0
    assert "quest down: 1 command (the fewest): go north\n" in result.output
    assert "W006 rooms.hall" in result.output and "Test: sound, " in result.output
    args = ["check", str(tmp_path), "--strict", "--no-search"]
    assert CliRunner().invoke(world, args, standalone_mode=False).return_value == 1


def test_check_as_json(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(BASE.replace("name: Cook", "nmae: Cook"))
    result = CliRunner().invoke(world, ["check", str(tmp_path), "--json"], standalone_mode=False)
    assert result.return_value == 1
    record = json.loads(result.output)
    assert record["sound"] is False
    (problem,) = record["problems"]
    assert problem["code"] == "E012" and problem["level"] == "error"
    assert (problem["file"], problem["line"], problem["column"]) == ("world.yaml", 10, 20)


def test_stats_count_what_is_there() -> None:
    result = CliRunner().invoke(world, ["stats", "village", "--json"])
    numbers = json.loads(result.output)
    assert (numbers["rooms"], numbers["doors"], numbers["characters"]) == (11, 2, 14)
    assert (
        "rooms                             11"
        in CliRunner().invoke(world, ["stats", "village"]).output
    )


def test_schema_goes_to_stdout_or_a_file(tmp_path: Path) -> None:
    assert CliRunner().invoke(world, ["schema"]).output == schema_text()
    file = tmp_path / "world.json"
    CliRunner().invoke(world, ["schema", "-o", str(file)])
    assert file.read_text(encoding="utf-8") == schema_text()
    said = CliRunner().invoke(world, ["schema", "-o", str(file), "--json"])
    assert json.loads(said.output) == {"file": str(file)}
    page = CliRunner().invoke(world, ["schema", "--markdown"]).output
    assert page.startswith("# Every field of a world file")
