"""Every screen as text, at three sizes, told plainly and with seed 7, against what it was.

BLESS=1 pytest tests/tui/test_goldens.py      # writes what the screens look like now
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from game.front.stage import Options, Stage
from game.tui.app import LimelightApp
from game.tui.screens.play import PlayScreen
from tests.tui.playing import Play, playing

FOLDER = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (100, 30), (140, 40))
BLESS = bool(os.environ.get("BLESS"))


def check(play: Play, name: str) -> None:
    """Compare what the terminal shows with the golden `name`, or make that."""
    width, height = play.app.size
    text = "\n".join(line.rstrip() for line in play.text().splitlines()) + "\n"
    assert max(map(len, text.splitlines())) <= width and text.count("\n") == height
    file = FOLDER / f"{name}-{width}x{height}.txt"
    if BLESS:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file.name}; if it is meant: BLESS=1"


async def settled(play: Play, condition: Callable[[], object]) -> None:
    """Wait for `condition`, and until the screen does not change any more."""
    await play.until(condition)
    before = ""
    while before != (now := play.text()):
        before = now
        await play.pilot.pause(0.05)


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_game(size: tuple[int, int]) -> None:
    async with playing(size=size) as play:
        check(play, "opening")
        for command in ("take bread", "go east", "frobnicate", "say good morning to hob"):
            await play.do(command)
        await play.until(lambda: play.screen.book is not None)
        await play.pilot.press("f5", *"go")
        await settled(play, lambda: play.screen.narrator.pending == 1)
        check(play, "game")
        for name, key in (
            ("help", "f1"), ("map", "f2"), ("journal", "f4"), ("reasons", "f7"),
            ("history", "f8"), ("people", "f9"), ("why", "ctrl+t"),
        ):  # fmt: skip
            await play.pilot.press(key)
            await settled(play, lambda: play.app.screen is not play.screen)
            check(play, name)
            await play.pilot.press("escape")
            await play.until(lambda: isinstance(play.app.screen, PlayScreen))
        await play.pilot.press("f3")
        await settled(play, lambda: play.screen.transcript.show_facts)
        check(play, "facts")


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_around_a_game(size: tuple[int, int]) -> None:
    options = Options("village", "tui", seed=7, llm=False)
    stage = Stage.open(options)
    for command in ("take bread", "go east"):
        stage.command(command)
    stage.close()
    app = LimelightApp(options=options)
    async with app.run_test(size=size) as pilot:
        play = Play(app, pilot)
        await settled(play, lambda: "Saltmarsh End · " in play.text())
        check(play, "title")
        for name, keys, sign in (
            ("settings", ("s",), "Colours of the terminal app."),
            ("worlds", ("w",), "by The Limelight"),
            ("confirm", ("w", "end", "n"), "Keep my game"),
        ):
            for key in keys:
                await pilot.press(key)
                await settled(play, lambda: len(app.screen_stack) > 1)
                if key == "w":
                    await settled(play, lambda: "by The Limelight" in play.text())
            await settled(play, lambda sign=sign: sign in play.text())
            check(play, name)
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
                await pilot.pause()
