"""`game adapters` lists, shows, chooses, takes back, removes, exports and imports versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.registry import Registry
from agents.versions import Version
from game import settings
from game.cli import main
from game.llm.llama import weights_hash
from game.settings import Settings
from tests.agents.tiny import write_tiny_model


@pytest.fixture
def model(tmp_path: Path, home: Path) -> Path:
    """A tiny model that the settings choose, so that nothing big is prepared."""
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    settings.save(Settings(model=str(path)))
    return path


@pytest.fixture
def two(model: Path, tmp_path: Path) -> list[Version]:
    """Two narrators for the model of the settings."""
    made = tmp_path / "made.gguf"
    versions: list[Version] = []
    for name in ("one", "two"):
        made.write_bytes(b"GGUF" + name.encode())
        versions.append(
            Registry().add(
                made,
                what="narrator",
                base=weights_hash(model),
                base_name=model.name,
                parent=versions[-1].id if versions else None,
                seed=3,
                data={"votes": 300, "source": "simulated:terse"},
                metrics={"auc": {"value": 0.7, "low": 0.6, "high": 0.8}, "verdict": "candidate"},
            )  # fmt: skip
        )
    return versions


def listed(capsys: pytest.CaptureFixture[str], *args: str) -> list[dict]:
    capsys.readouterr()
    assert main(["adapters", "list", "--json", *args]) == 0
    rows: list[dict] = json.loads(capsys.readouterr().out)
    return [row for row in rows if row["id"] != "shipped"]


def test_nothing_trained_yet(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    assert listed(capsys) == []
    assert main(["adapters", "show", "narrator-1"]) == 2
    assert "no version 'narrator-1'" in capsys.readouterr().err
    assert main(["adapters", "rollback"]) == 1
    assert "no earlier narrator" in capsys.readouterr().err


def test_use_and_rollback_move_the_star(
    capsys: pytest.CaptureFixture[str], two: list[Version]
) -> None:
    assert [row["active"] for row in listed(capsys)] == [False, False]
    assert main(["adapters", "use", "narrator-1"]) == 0
    assert main(["adapters", "use", "narrator-2"]) == 0
    assert "Now playing: the narrator narrator-2." in capsys.readouterr().err
    assert [row["active"] for row in listed(capsys)] == [False, True]
    assert main(["adapters", "list"]) == 0
    lines = [x for x in capsys.readouterr().out.splitlines() if " narrator-" in x]
    assert lines[0].startswith("  narrator-1 ") and lines[1].startswith("* narrator-2 ")
    assert lines[1].endswith("from narrator-1, 300 votes of simulated:terse, candidate")
    assert main(["adapters", "rollback"]) == 0
    assert "Now playing: the narrator narrator-1." in capsys.readouterr().err
    assert main(["adapters", "use", "none"]) == 0
    assert "Now playing: the model as it came." in capsys.readouterr().err
    assert [row["active"] for row in listed(capsys)] == [False, False]


def test_show_tells_what_it_was_trained_from(
    capsys: pytest.CaptureFixture[str], two: list[Version], model: Path
) -> None:
    assert main(["adapters", "show", "narrator-2", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parent"] == "narrator-1" and shown["base"] == weights_hash(model)
    assert (shown["seed"], shown["data"]["votes"]) == (3, 300)
    (Path(shown["path"]) / "report.md").write_text("# narrator-2")
    assert main(["adapters", "show", "narrator-2"]) == 0
    rows = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    told = {name: value.strip() for name, value in rows.items()}
    assert (told["data: votes"], told["active"]) == ("300", "no")
    assert told["metrics: auc"] == "0.700 [0.600, 0.800]"
    assert told["report"] == str(Path(shown["path"]) / "report.md")


def test_the_active_version_stays_and_others_go(
    capsys: pytest.CaptureFixture[str], two: list[Version]
) -> None:
    assert main(["adapters", "use", "narrator-1"]) == 0
    assert main(["adapters", "remove", "narrator-1"]) == 1
    assert "game adapters rollback" in capsys.readouterr().err
    assert main(["adapters", "remove", "narrator-2"]) == 0
    assert [row["id"] for row in listed(capsys)] == ["narrator-1"]
    assert main(["adapters", "remove", "narrator-2"]) == 2


def test_export_and_import(
    capsys: pytest.CaptureFixture[str],
    two: list[Version],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archive = tmp_path / "mine.zip"
    assert main(["adapters", "export", "narrator-2", str(archive)]) == 0
    assert main(["adapters", "import", str(archive)]) == 1
    assert "is here already, as narrator-2" in capsys.readouterr().err
    monkeypatch.setenv("GAME_HOME", str(tmp_path / "friend"))
    assert main(["adapters", "import", str(archive)]) == 0
    assert capsys.readouterr().out == "narrator-1\n"
    assert main(["adapters", "import", str(tmp_path / "none.zip")]) == 2
    archive.write_bytes(b"no zip")
    assert main(["adapters", "import", str(archive)]) == 1
    assert "holds no exported version" in capsys.readouterr().err


def test_a_version_for_another_model_is_refused(
    capsys: pytest.CaptureFixture[str], two: list[Version], tmp_path: Path
) -> None:
    other = write_tiny_model(tmp_path / "other.gguf", "llama", seed=1)
    assert main(["adapters", "use", "narrator-1", "--model", str(other)]) == 1
    captured = capsys.readouterr().err
    assert "trained on another model (tiny.gguf)" in captured
    settings.save(Settings(model=str(other)))
    assert main(["adapters", "use", "narrator-1", "--model", str(tmp_path / "tiny.gguf")]) == 0
    assert [row["active"] for row in listed(capsys)] == [False, False]
    assert main(["adapters", "list"]) == 0
    assert "candidate, for tiny.gguf" in capsys.readouterr().out


def test_without_a_model_versions_are_still_listed(
    capsys: pytest.CaptureFixture[str], two: list[Version], tmp_path: Path
) -> None:
    settings.save(Settings(model=str(tmp_path / "gone.gguf")))
    assert main(["adapters", "list"]) == 0
    captured = capsys.readouterr()
    assert "narrator-1" in captured.out and "Which narrator plays is unknown" in captured.err
    assert main(["adapters", "use", "narrator-1"]) == 3


def test_a_damaged_version_is_named(
    capsys: pytest.CaptureFixture[str], two: list[Version], home: Path
) -> None:
    (home / "adapters" / "narrator-1" / "version.json").write_text("{")
    assert main(["adapters", "list"]) == 0
    assert "game adapters remove narrator-1" in capsys.readouterr().err
    assert main(["adapters", "show", "narrator-1"]) == 1
    assert main(["adapters", "remove", "narrator-1"]) == 0
    assert [row["id"] for row in listed(capsys)] == ["narrator-2"]
