"""`game world`: what it prints and the exit codes it gives."""

from __future__ import annotations

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
    assert result.output.startswith("Saltmarsh End: sound. 11 rooms")


def test_check_prints_every_problem_to_stdout(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(BASE.replace("name: Cook", "nmae: Cook, helth: 3"))
    result = CliRunner().invoke(world, ["check", str(tmp_path)], standalone_mode=False)
    assert result.return_value == 1
    assert result.stdout == (
        "world.yaml:10:20 E012 unknown field 'nmae' in character 'cook' (did you mean 'name'?)\n"
        "world.yaml:10:32 E012 unknown field 'helth' in character 'cook' (did you mean 'health'?)\n"
    )
    assert "2 problems" in result.stderr


def test_schema_goes_to_stdout_or_a_file(tmp_path: Path) -> None:
    assert CliRunner().invoke(world, ["schema"]).output == schema_text()
    file = tmp_path / "world.json"
    CliRunner().invoke(world, ["schema", "-o", str(file)])
    assert file.read_text(encoding="utf-8") == schema_text()
