"""The home folder is found and made; worlds are found by name, folder or file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from game import paths
from game.errors import SaveError, UsageError


@pytest.fixture
def worlds(home: Path) -> Path:
    folder = home / "worlds"
    for name in ("harbour", "lighthouse"):
        (folder / name).mkdir(parents=True)
        (folder / name / "world.yaml").write_text("format: 1\n")
    (folder / "notes").mkdir()
    return folder


def test_game_home_overrides(home: Path) -> None:
    assert paths.home() == home


def test_relative_game_home_becomes_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAME_HOME", "mine")
    assert paths.home() == tmp_path / "mine"


def test_home_in_a_checkout_is_its_saves_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAME_HOME")
    root = Path(__file__).parents[1]
    assert paths.checkout() == root
    assert paths.home() == root / "saves"


def test_home_of_an_installed_game_is_the_platforms_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GAME_HOME")
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "site-packages" / "game")
    assert paths.checkout() is None
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        assert paths.home() == tmp_path / "data" / "limelight"
    assert "limelight" in str(paths.home())


def test_asking_where_home_is_makes_nothing(home: Path) -> None:
    paths.home(), paths.settings_file(), paths.worlds_dirs(), paths.list_worlds()
    assert not home.exists()


def test_folders_are_made_when_needed(home: Path) -> None:
    for folder in (paths.saves_dir(), paths.models_dir(), paths.adapters_dir()):
        assert folder.is_dir() and folder.parent == home
    assert paths.feedback_db().parent == home and paths.log_file().parent == home


def test_a_file_in_the_way_of_home_says_what_to_do(home: Path) -> None:
    home.write_text("not a folder")
    with pytest.raises(SaveError, match="Cannot write to .*GAME_HOME"):
        paths.saves_dir()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_home_says_what_to_do(home: Path) -> None:
    home.mkdir()
    home.chmod(0o500)
    with pytest.raises(SaveError, match="GAME_HOME"):
        paths.saves_dir()
    with pytest.raises(SaveError, match="GAME_HOME"):
        paths.feedback_db()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is read-only even for root")
def test_a_home_that_cannot_be_made_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAME_HOME", "/proc/limelight")
    with pytest.raises(SaveError, match="Cannot write to /proc/limelight.*GAME_HOME"):
        paths.feedback_db()


def test_worlds_are_folders_with_a_world_file(worlds: Path) -> None:
    listed = paths.list_worlds()
    assert listed["harbour"] == worlds / "harbour"
    assert "notes" not in listed
    assert list(listed) == sorted(listed)


def test_a_world_is_found_by_name_folder_or_file(worlds: Path) -> None:
    file = worlds / "harbour" / "world.yaml"
    for name in ("harbour", str(worlds / "harbour"), str(file)):
        assert paths.find_world(name) == file


def test_an_unknown_world_offers_the_nearest(worlds: Path) -> None:
    with pytest.raises(UsageError, match="'harbor'.*Did you mean harbour") as caught:
        paths.find_world("harbor")
    assert caught.value.exit_code == 2


def test_an_unknown_world_far_from_all_lists_what_there_is(worlds: Path) -> None:
    with pytest.raises(UsageError, match="Worlds here: harbour, interval, lighthouse"):
        paths.find_world("zzz")


def test_the_players_world_comes_before_one_of_the_same_name(
    worlds: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packaged = tmp_path / "game" / "worlds" / "harbour"
    packaged.mkdir(parents=True)
    (packaged / "world.yaml").write_text("format: 1\n")
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "game")
    assert paths.find_world("harbour") == worlds / "harbour" / "world.yaml"
    assert paths.worlds_dirs() == [worlds, tmp_path / "game" / "worlds"]
