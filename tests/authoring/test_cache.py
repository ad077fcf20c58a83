"""A kept world is the world, until a file or our code changes; a bad entry is no harm."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from game.authoring import cache
from game.authoring.load import load_world

VILLAGE = Path(__file__).parents[2] / "worlds" / "village"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VILLAGE, tmp_path / "village"))


def test_a_kept_world_equals_the_one_that_was_read(world: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    read = load_world(world, kept)
    (entry,) = kept.iterdir()
    assert cache.recall(kept, world / "world.yaml") == read
    assert load_world(world, kept) == read == load_world(world)
    assert [entry] == list(kept.iterdir())


def test_a_change_to_an_included_file_is_seen(world: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    before = load_world(world, kept)
    people = world / "people.yaml"
    people.write_text(people.read_text(encoding="utf-8").replace("Old Tam", "Old Sam"))
    assert cache.recall(kept, world / "world.yaml") is None
    after = load_world(world, kept)
    assert after.characters["tam"].name == "Old Sam"
    assert after.hash != before.hash


def test_a_change_to_our_code_is_seen(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    load_world(world, kept)
    monkeypatch.setattr(cache, "_code", lambda: "newer")
    assert cache.recall(kept, world / "world.yaml") is None


class Malice:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('ran')",)


@pytest.mark.parametrize("content", [b"", b"nonsense", pickle.dumps(Malice()), pickle.dumps(3)])
def test_a_damaged_entry_is_read_again_and_runs_nothing(
    content: bytes, world: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    read = load_world(world, kept)
    (entry,) = kept.iterdir()
    entry.write_bytes(content)
    assert load_world(world, kept) == read
    assert entry.read_bytes() != content


def test_where_nothing_can_be_kept_the_world_still_loads(world: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert load_world(world, tmp_path / "file" / "kept").title
