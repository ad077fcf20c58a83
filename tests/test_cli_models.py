"""`game models` lists, names and prepares the real bundled model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from game import settings
from game.cli import main
from game.llm.bundled import bundled_model_path
from game.settings import Settings


def test_list_stars_the_bundled_model(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("* ") and lines[0].endswith(str(bundled_model_path()))
    assert not home.exists()


def test_list_stars_the_model_of_the_settings_and_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    chosen = tmp_path / "mine.gguf"
    settings.save(Settings(model=str(chosen)))
    (home / "models").mkdir()
    (home / "models" / "kept.gguf").write_bytes(b"GGUF" + bytes(2_000_000))
    assert main(["models", "list"]) == 0
    said = capsys.readouterr()
    bundled, mine, kept = said.out.splitlines()
    assert bundled.startswith("  ") and " Q4_1 " in bundled and " 8192 " in bundled
    assert mine.split() == ["*", "-", "-", "-", "-", str(chosen)]
    assert kept.split()[0] == "-" and kept.endswith("kept.gguf")
    assert "There is no model file" in said.err and "not a whole model file" in said.err


def test_a_measured_speed_is_kept_and_listed_as_json(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(["models", "measure"]) == 0
    assert capsys.readouterr().out.startswith("reads ")
    assert main(["models", "list", "--json"]) == 0
    (model,) = json.loads(capsys.readouterr().out)  # its fast copy is no model of its own
    assert model["bundled"] and model["chosen"] and model["trouble"] is None
    assert model["quantisation"] == "Q4_1" and model["context"] == 8192
    assert model["speed"]["read"] > 0 and model["speed"]["write"] > 0
    (home / "models" / "speeds.json").write_text("damaged")
    assert main(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["speed"] is None


def test_path_prepares_once_and_prints_only_the_path(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(["models", "path"]) == 0
    first = capsys.readouterr()
    path = Path(first.out.strip())
    assert path.is_file() and path.parent == home / "models"
    assert first.err
    written = path.stat().st_mtime_ns
    assert main(["models", "path"]) == 0
    again = capsys.readouterr()
    assert again.out == first.out and again.err == ""
    assert path.stat().st_mtime_ns == written


def test_a_model_that_is_missing_is_exit_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings.save(Settings(model=str(tmp_path / "none.gguf")))
    assert main(["models", "prepare"]) == 3
    captured = capsys.readouterr()
    assert "none.gguf" in captured.err and captured.out == ""
