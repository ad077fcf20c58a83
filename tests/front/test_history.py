"""Earlier commands are walked like a shell's and outlive the game."""

from __future__ import annotations

from pathlib import Path

from game.front.history import History


def test_older_and_newer_walk_and_come_back_to_the_draft() -> None:
    history = History()
    for command in ("look", "go north"):
        history.add(command)
    assert history.older("tak") == "go north"
    assert history.older("go north") == "look"
    assert history.older("look") is None
    assert history.newer() == "go north"
    assert history.newer() == "tak"
    assert history.newer() is None


def test_an_immediate_repeat_is_remembered_once() -> None:
    history = History()
    for command in ("wait", "wait", "look", "wait"):
        history.add(command)
    assert [history.older(""), history.older(""), history.older("")] == ["wait", "look", "wait"]
    assert history.older("") is None


def test_the_newest_command_with_a_prefix() -> None:
    history = History()
    for command in ("take lamp", "take Sword", "look"):
        history.add(command)
    assert history.latest("TAKE s") == "take Sword"
    assert history.latest("look") is None


def test_history_outlives_the_game(tmp_path: Path) -> None:
    file = tmp_path / "home" / "history"
    first = History(file)
    first.add("look")
    first.add("say héllo")
    assert History(file).older("") == "say héllo"


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_text("".join(f"command {n}\n" for n in range(50)))
    history = History(file, limit=10)
    assert len(file.read_text().splitlines()) == 10
    assert history.older("") == "command 49"


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history")
    history.add("look")
    assert history.older("") == "look"
