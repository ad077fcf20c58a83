"""`game doctor`: well when all is well, and each thing broken is found with what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from game import health, settings
from game.cli import main
from game.health import Finding
from game.llm.bundled import bundled_model_path
from game.settings import Settings


def findings(check: str) -> dict[str, Finding]:
    """What one check finds, by name; as `game doctor` does, failures included."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "CHECKS", {check: health.CHECKS[check]})
        return {finding.name: finding for finding in health.examine()}


def test_all_is_well_and_json_says_so(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["doctor", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["ok"]
    states = {f["name"]: f["state"] for f in record["findings"]}
    assert {
        "terminal",
        "colours",
        "characters",
        "Python",
        "compiler",
        "cmake",
        "llama.cpp",
        "home",
        "disk",
        "settings",
        "model",
        "database",
        "saves",
        "worlds",
        "adapters",
    } <= set(states)
    assert "bad" not in states.values()
    assert all(f["remedy"] or f["state"] == "ok" for f in record["findings"])


def test_something_broken_is_exit_1_with_its_remedy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings.save(Settings(model=str(tmp_path / "gone.gguf")))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ model      There is no model file at" in out and "→ Check the path" in out


def test_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("NO_COLOR", raising=False)
    found = findings("terminal")
    assert found["colours"].state == "warning" and "--plain" in found["colours"].remedy
    monkeypatch.setenv("TERM", "xterm-256color")
    assert findings("terminal")["colours"].state == "ok"


def test_missing_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = findings("tools")
    for name in ("compiler", "cmake"):
        assert found[name].state == "warning" and "Install" in found[name].remedy


def test_a_home_that_is_a_file(home: Path) -> None:
    home.write_text("")
    assert findings("home")["home"].state == "bad"
    assert "GAME_HOME" in findings("home")["home"].remedy


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((10**7, "bad"), (10**8, "warning"), (10**10, "ok")):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path, free=free: shutil._ntuple_diskusage(free, 0, free)
        )
        assert findings("home")["disk"].state == state


def test_settings_that_are_none(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("theme = 'noir'\n")
    assert findings("settings")["settings"].state == "bad"
    (home / "settings.toml").write_text("them = 'evening'\n")
    found = findings("settings")["settings"]
    assert found.state == "warning" and "Did you mean theme?" in found.found


def cut(path: Path) -> None:
    path.write_bytes(bundled_model_path().read_bytes()[:5_000_000])


def not_gguf(path: Path) -> None:
    path.write_text("a model, honestly")


def empty(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize("make", [cut, not_gguf, empty])
def test_a_model_that_is_none(tmp_path: Path, make: Callable[[Path], None]) -> None:
    model = tmp_path / "model.gguf"
    make(model)
    settings.save(Settings(model=str(model)))
    found = findings("model")["model"]
    assert found.state == "bad" and found.remedy
    assert "GGUF" in found.found or "cut short" in found.found


def test_a_prepared_copy_that_is_damaged(home: Path) -> None:
    from game.llm.prepare import prepared_path

    copy = prepared_path(home, bundled_model_path())
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"GGUF and nothing else")
    found = findings("model")["model"]
    assert found.state == "bad" and f"Delete {copy}" in found.remedy


def test_a_server_that_is_not_there() -> None:
    settings.save(Settings(server="http://127.0.0.1:9"))
    found = findings("model")["model"]
    assert found.state == "bad" and "cannot be reached" in found.found


def test_a_damaged_database(home: Path) -> None:
    home.mkdir()
    (home / "feedback.db").write_bytes(b"no database " * 500)
    found = findings("database")["database"]
    assert found.state == "bad" and "Move" in found.remedy


def test_a_database_of_another_program(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "feedback.db") as connection:
        connection.execute("CREATE TABLE recipes (cake)")
    connection.close()
    assert findings("database")["database"].state == "bad"


def test_a_damaged_save(home: Path) -> None:
    (home / "games").mkdir(parents=True)
    (home / "games" / "village.autosave.save.json").write_text("{")
    found = findings("saves")["saves"]
    assert found.state == "warning" and "Delete it" in found.remedy


def test_a_world_that_cannot_be_read(home: Path) -> None:
    (home / "worlds" / "broken").mkdir(parents=True)
    (home / "worlds" / "broken" / "world.yaml").write_text("title: [")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "CHECKS", {"worlds": health.CHECKS["worlds"]})
        broken, good = health.examine()
    assert broken.state == "warning" and "game world check broken" in broken.remedy
    assert good.state == "ok" and "village" in good.found


def test_a_damaged_adapter(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    from game.cli import doctor

    (home / "adapters" / "narrator-1").mkdir(parents=True)
    (home / "adapters" / "narrator-1" / "version.json").write_text("{")
    found = list(doctor._adapters())
    assert found[0].state == "warning" and "game adapters remove narrator-1" in found[0].remedy
