"""`game models` lists, names and prepares the real bundled model."""

from __future__ import annotations

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


def test_list_stars_the_model_of_the_settings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    chosen = tmp_path / "mine.gguf"
    settings.save(Settings(model=str(chosen)))
    (home / "models").mkdir()
    (home / "models" / "kept.gguf").write_bytes(b"GGUF" + bytes(2_000_000))
    assert main(["models", "list"]) == 0
    bundled, mine, kept = capsys.readouterr().out.splitlines()
    assert bundled.startswith("  ")
    assert mine.split() == ["*", "-", str(chosen)]
    assert kept.split()[0] == "2" and kept.endswith("kept.gguf")


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
