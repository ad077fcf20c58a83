"""Twenty thousand lines of a player who types anything: nothing breaks, and all stays true."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.typist import Typist, check, check_replay
from game.authoring.load import load_world
from game.cast import Cast
from game.session import Session
from tests.engine.small_world import small_world

WORLDS = Path(__file__).parents[1] / "worlds"
#: Lines for each world, and how many of them make a game.
LINES = {"small": 8_000, "tutorial": 6_000, "village": 3_500, "interval": 3_000}
GAME = 500


@pytest.mark.parametrize("name", LINES)
def test_whatever_is_typed_nothing_breaks(name: str, tmp_path: Path) -> None:
    world = small_world() if name == "small" else load_world(WORLDS / name)
    for seed in range(LINES[name] // GAME):
        typist = Typist(seed)
        session = Session(
            world, seed=seed, cast=Cast(world) if seed % 2 else None, saves=tmp_path,
            autosave=False,
        )  # fmt: skip
        for n in range(GAME):
            line = typist.line(session)
            try:
                turn = session.command(line)
                assert turn.plain.strip() and "\x1b" not in turn.plain
                if n % 50 == 0:
                    check(session)
            except Exception as error:
                raise AssertionError(f"{name}, seed {seed}, line {n}: {line!r}") from error
        check(session)
        if seed % 4 == 0:
            check_replay(session)


def test_there_are_twenty_thousand() -> None:
    assert sum(LINES.values()) >= 20_000
