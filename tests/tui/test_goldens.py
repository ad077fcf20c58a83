"""Every screen as text, at three sizes, against what it was.

BLESS=1 pytest tests/tui/test_goldens.py      # writes what the screens look like now

They show a world of their own, told plainly, in which nobody does anything unasked: neither what is
written for the shipped worlds nor how their people behave changes a screen.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from game import paths
from game.audition import Pair
from game.front import lobby
from game.front.stage import Options, Stage
from game.front.training import Progress
from game.tui.app import LimelightApp
from game.tui.screens.audition import AuditionScreen
from game.tui.screens.play import PlayScreen
from game.tui.screens.training import TrainingScreen
from tests.tui.playing import Play, playing

FOLDER = Path(__file__).parent / "goldens"
WORLD = Path(__file__).parent / "worlds" / "lamp"
SIZES = ((80, 24), (100, 30), (140, 40))
BLESS = bool(os.environ.get("BLESS"))
OPTIONS = Options("lamp", "tui", seed=7, llm=False)


@pytest.fixture(autouse=True)
def world(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The world of the goldens, and no other; every game was left just now."""
    shutil.copytree(WORLD, home / "worlds" / "lamp")
    monkeypatch.setattr(paths, "list_worlds", lambda: {"lamp": home / "worlds" / "lamp"})
    monkeypatch.setattr(lobby, "ago", lambda saved_at: "just now")


def check(play: Play, name: str) -> None:
    """Compare what the terminal shows with the golden `name`, or make that."""
    width, height = play.app.size
    lines = play.text().split("\n")
    assert len(lines) == height and max(map(len, lines)) <= width
    text = "\n".join(lines) + "\n"
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
    async with playing(size=size, options=OPTIONS) as play:
        check(play, "opening")
        for command in ("take matches", "north", "frobnicate", "examine pike"):
            await play.do(command)
        await play.until(lambda: play.screen.book is not None)
        await play.pilot.press("f5", *"go")
        await settled(play, lambda: "why? F7" in play.text())
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


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_around_a_game(size: tuple[int, int]) -> None:
    stage = Stage.open(OPTIONS)
    for command in ("take matches", "north"):
        stage.command(command)
    stage.close()
    app = LimelightApp(options=OPTIONS)
    async with app.run_test(size=size) as pilot:
        play = Play(app, pilot)
        await settled(play, lambda: "Gull Rock ·" in play.text())
        check(play, "title")
        for name, keys, sign in (
            ("settings", ("s",), "Colours of the terminal app."),
            ("worlds", ("w",), "by The tests"),
            ("confirm", ("w", "n"), "Keep my game"),
        ):
            for key in keys:
                await pilot.press(key)
                await settled(play, lambda: len(app.screen_stack) > 1)
                if key == "w":
                    await settled(play, lambda: "by The tests" in play.text())
            await settled(play, lambda sign=sign: sign in play.text())
            check(play, name)
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
                await pilot.pause()


#: A training as it stands from step to step, by the name of its golden.
TRAININGS = {
    "training": Progress("training", 12, 40, (("loss", 0.512), ("kl", 0.004)), 95.0),
    "trained": Progress(
        "done", outcome="candidate", version="narrator-2",
        lines=("12 of 20 held-out votes agree, which may be chance.",),
        tellings=(
            ("wave", "You wave.", "You wave, and the sleeve of your oilskin creaks."),
            ("take matches", "You take the matches from the shelf, and they rattle.",
             "The matches come off the shelf into your hand, dry and light as you had hoped."),
        ),
    ),
    "untrained": Progress(
        outcome="failed",
        lines=(
            "There is not enough feedback to learn from: 3 votes: 2 up, 1 down, from 1 session.",
            "Missing: 61 more votes, 14 more thumbs up, 15 more thumbs down.",
        ),
    ),
}  # fmt: skip
PAIR = Pair(
    3, "take matches", "You take the matches from the shelf.",
    "You take the matches from the shelf, and they rattle.",
    "The matches come off the shelf into your hand, dry and light as you had hoped.", "left", {},
)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
async def test_the_panels_of_learning(size: tuple[int, int]) -> None:
    async with playing(size=size, options=OPTIONS) as play:
        for name, progress in TRAININGS.items():
            play.app.learning = progress
            play.app.push_screen(TrainingScreen())
            await settled(play, lambda: isinstance(play.app.screen, TrainingScreen))
            check(play, name)
            await play.pilot.press("escape")
            await play.until(lambda: isinstance(play.app.screen, PlayScreen))
        asked: list[object] = []
        screen = AuditionScreen(asked.append, None)  # type: ignore[arg-type]
        play.app.push_screen(screen)
        await play.until(lambda: asked)
        screen.post_message(screen.Heard(PAIR))
        await settled(play, lambda: "light as you had hoped" in " ".join(play.text().split()))
        check(play, "audition")
