"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from game.atomic import replacing, write_text
from tests.disk import full_disk


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    for text in ("first", "zweite Fassung: Ähren"):
        write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert [*tmp_path.iterdir()] == [path]


def test_who_may_read_it_is_as_with_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    write_text(tmp_path / "whole", "x")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "whole")}
    assert len(modes) == 1


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as part:
        part.write_text("half of the n")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "notes"
    write_text(path, "old")
    with pytest.raises(OSError, match="File too large"), full_disk(100):
        write_text(path, "new" * 100)
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_writers_at_once_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    texts = {f"{n}" * 100_000 for n in range(8)}
    writers = [threading.Thread(target=write_text, args=(path, text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in texts and [*tmp_path.iterdir()] == [path]
