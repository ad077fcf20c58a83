"""docs/authoring.md, followed to the letter: its files are written, its commands run and print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from game.cli.world import world as group
from game.front.stage import Options, Stage
from tests.tui.playing import playing

PAGE = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([^\n]+)\n(.*?)^```$", PAGE, re.S | re.M)


def commands(block: str) -> list[tuple[list[str], str]]:
    """Each command of a console block, as words, and the output shown for it."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        line, _, output = part.partition("\n")
        found.append((line.split(), output.strip()))
    return found


def write(folder: Path, info: str, body: str) -> None:
    """Write the file of a block, if it is one."""
    words = info.split()
    if len(words) > 1:
        file = folder / words[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") + "\n" if words[-1] == "+" else ""
        file.write_text(before + body, encoding="utf-8")


def follow(folder: Path) -> int:
    """Write every file and run every command of the page in `folder`; how many commands ran."""
    ran = 0
    for info, body in BLOCKS:
        write(folder, info, body)
        if info != "console":
            continue
        for command, output in commands(body):
            assert command[:2] == ["game", "world"], command
            result = CliRunner().invoke(group, command[2:], standalone_mode=False)
            assert result.exception is None, command
            assert result.stdout.strip() == output, command
            ran += 1
    return ran


def test_the_tutorial_leads_to_a_tested_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert follow(tmp_path) >= 8
    (tmp_path / "mill" / "tests" / "hurry.skein").unlink()
    run = CliRunner().invoke
    assert run(group, ["check", "mill", "--strict"], standalone_mode=False).return_value == 0
    assert run(group, ["test", "mill"], standalone_mode=False).return_value == 0


def test_the_tutorials_world_can_be_won_with_its_mouse_at_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(tmp_path)
    stage = Stage.open(Options("mill", "plain", 3, "never", False, False, None, False))
    for line in ("take cheese", "give cheese to mouse", "unlock door with key", "open door",
                 "north", "take flour"):  # fmt: skip
        turn = stage.command(line)
    assert stage.session.state.ended == "noon"
    assert "bakery by noon" in turn.plain


async def test_the_tutorials_world_plays_in_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for info, body in BLOCKS:
        write(tmp_path, info, body)
    options = Options("mill", "tui", seed=3, resume="never", llm=False)
    async with playing(options=options) as app:
        assert "Nettles, a handcart" in app.text()
        await app.do("take cheese")
        assert app.stage.session.state.parent["cheese"] == "player"


def test_every_tool_is_on_the_page_and_says_json() -> None:
    for name, command in group.commands.items():
        options = [option for p in command.params for option in p.opts]
        assert "--json" in options, name
        if not name.startswith(("import", "export")) and name not in ("list", "random"):
            assert f"`game world {name}" in PAGE, name
