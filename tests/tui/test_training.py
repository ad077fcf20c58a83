"""Training and auditions inside the app: the game goes on, and the player decides what plays."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agents.registry import Registry
from game import paths, settings
from game.audition import Contender
from game.cli.play import RegisteredAdapters
from game.cli.versions import RegisteredVersions
from game.errors import GameError
from game.feedback import FeedbackStore
from game.front.stage import Stage
from game.front.training import NICENESS, Progress, Training, heard
from game.llm.llama import weights_hash
from game.narrator.adapters import NarratorAdapter
from game.settings import Settings
from game.tui.app import LimelightApp
from game.tui.screens.audition import AuditionScreen
from game.tui.screens.training import TrainingScreen
from tests.agents.thumbs import thumb
from tests.agents.tiny import write_tiny_model
from tests.hearings import Echo, play
from tests.tui.playing import OPTIONS, Play

FAST = ["--turns", "10", "--dtype", "fp32", "--epochs", "1"]
LONG = ["--turns", "10", "--dtype", "fp32", "--epochs", "500", "--kl-stop", "100"]


@pytest.fixture
def model(tmp_path: Path, home: Path) -> Path:
    """A tiny model that the settings choose, with 96 thumbs on its lines."""
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    settings.save(Settings(model=str(path)))
    with FeedbackStore(paths.feedback_db()) as store:
        thumb(store, path, 96)
    return path


def mine() -> list[str]:
    return [v.id for v in Registry().versions("narrator") if v.id != "shipped"]


def active(model: Path) -> str | None:
    version = Registry().active_version("narrator", weights_hash(model))
    return version.id if version else None


@asynccontextmanager
async def app(
    versions: Callable[[Path | None], object], open_stage: Callable[[], Stage] | None = None
) -> AsyncIterator[Play]:
    """The village with the versions that `versions` gives."""
    found = LimelightApp(
        open_stage or (lambda: Stage.open(OPTIONS)),
        versions=versions,  # type: ignore[arg-type]
        adapters=RegisteredAdapters,
    )
    async with found.run_test(size=(100, 30), notifications=True) as pilot:
        playing = Play(found, pilot)
        await playing.until(lambda: playing.screen.bridge._stage is not None)
        await playing.idle()
        yield playing


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the app's training is told besides the model; to be changed in place."""
    found: list[str] = []
    given = "game.front.training.model_option"
    monkeypatch.setattr(given, lambda model: [*found, *(["--model", str(model)] if model else [])])
    return found


async def test_a_training_runs_beside_the_game_and_offers_what_it_made(
    model: Path, options: list[str]
) -> None:
    options += FAST
    async with app(RegisteredVersions) as play:
        await play.until(lambda: "96 thumbs: ctrl+N trains" in play.text())
        await play.pilot.press("ctrl+n")
        await play.until(lambda: isinstance(play.app.screen, TrainingScreen))
        training = play.app._training
        assert training is not None
        assert os.getpriority(os.PRIO_PROCESS, training._process.pid) == NICENESS
        await play.pilot.press("escape")
        await play.do("look")
        assert "learning" in play.text()
        await play.until(lambda: play.app.learning is not None and play.app.learning.done, 300)
        await play.until(lambda: isinstance(play.app.screen, TrainingScreen))
        progress = play.app.learning
        assert progress is not None and progress.steps == 5
        assert progress.version == "narrator-1" and mine() == ["narrator-1"]
        if progress.outcome == "promoted":
            assert active(model) == "narrator-1"
        else:
            await play.pilot.press("u")
            await play.until(lambda: active(model) == "narrator-1")
        await play.until(lambda: "learning" not in play.text() and "thumbs" not in play.text())
        if isinstance(play.app.screen, TrainingScreen):
            await play.pilot.press("escape")
        await play.pilot.press("ctrl+b")
        await play.until(lambda: active(model) is None)


async def test_a_training_that_is_stopped_keeps_nothing(model: Path, options: list[str]) -> None:
    options += LONG
    async with app(RegisteredVersions) as play:
        await play.pilot.press("ctrl+n")
        await play.until(lambda: play.app.learning is not None and play.app.learning.steps, 300)
        assert "step" in play.text()
        await play.pilot.press("c")
        await play.until(lambda: play.app.learning is not None and play.app.learning.done, 120)
        assert "Nothing was kept, and no vote was lost." in play.text()
        assert mine() == []


def test_closing_the_game_ends_its_training(model: Path) -> None:
    heard_all: list[Progress] = []
    begun = threading.Event()

    def on_progress(progress: Progress) -> None:
        heard_all.append(progress)
        begun.set()

    training = Training(on_progress, LONG)
    begun.wait(300)
    training.close()
    assert training._process.poll() is not None and heard_all[-1].outcome == "cancelled"
    assert mine() == []


async def test_too_few_thumbs_are_said_to_be_too_few(home: Path, tmp_path: Path) -> None:
    settings.save(Settings(model=str(write_tiny_model(tmp_path / "tiny.gguf", "llama"))))
    async with app(RegisteredVersions) as play:
        await play.pilot.press("ctrl+n")
        await play.until(lambda: play.app.learning is not None and play.app.learning.done, 300)
        assert "There is not enough feedback" in play.text() and "64 more votes" in play.text()
        assert "game:" not in play.text()


def test_progress_is_what_the_training_says() -> None:
    progress = heard(Progress(), {"event": "phase", "text": "training"})
    step = {"event": "step", "step": 2, "steps": 10, "seconds": 4.0}
    progress = heard(progress, step | {"loss": 0.5, "kl": 0.01, "clipped": 0.1, "ratio": 1.0})
    assert (progress.phase, progress.step, progress.left) == ("training", 2, 16.0)
    assert progress.numbers[0] == ("loss", 0.5) and not progress.done
    verdict = {"outcome": "candidate", "reasons": ["Not clear."]}
    pairs = [
        {"command": "wait", "before": "You wait.", "after": text}
        for text in ("You wait.", "Time passes.", "You stay.", "You stand still.")
    ]
    report = {
        "event": "report",
        "verdict": verdict,
        "version": "narrator-2",
        "parent": "none",
        "tellings": {"pairs": pairs},
    }
    done = heard(progress, report)
    assert [after for _, _, after in done.tellings] == ["Time passes.", "You stay."]
    assert done.done and (done.version, done.lines) == ("narrator-2", ("Not clear.",))


class Shelf:
    """Two versions, of which the test sees what is chosen."""

    enough = 64

    def __init__(self, model: Path | None = None) -> None:
        self.used: list[str] = []

    def contenders(self, candidate: str | None) -> tuple[Contender, Contender]:
        if candidate == "gone":
            raise GameError("There is no version 'gone'.")
        other = Contender("narrator-1", NarratorAdapter(Path("one.gguf"), False), "one.gguf")
        return Contender("none"), other

    def use(self, version: str) -> None:
        self.used.append(version)

    def rollback(self) -> str:
        raise GameError("There is no earlier narrator to go back to for this model.")


def told() -> Stage:
    """The village told by an Echo."""
    stage = Stage.open(replace(OPTIONS, llm=True))
    stage.make_model = lambda path: Echo()
    return stage


async def test_an_audition_is_played_with_the_games_own_model() -> None:
    with FeedbackStore(paths.feedback_db()) as store:
        play(store, 40)
    shelf = Shelf()
    async with app(lambda model: shelf, told) as playing:
        await playing.until(lambda: playing.stage.warm)
        playing.app.audition()
        screen = playing.app.screen
        assert isinstance(screen, AuditionScreen)
        while not screen._over:
            await playing.until(lambda: screen._pair is not None or screen._over, 300)
            if (pair := screen._pair) is not None:
                await playing.pilot.press("left" if pair.left.startswith("Now") else "right")
        text = playing.text()
        assert "narrator-1 was preferred to the model as it came in 12 of 12" in " ".join(
            text.split()
        )
        assert shelf.used == ["narrator-1"]
        await playing.pilot.press("escape")
        assert playing.app.screen is playing.screen
        await playing.do("wait")
        assert playing.stage.performer.model is not None
    with FeedbackStore(paths.feedback_db()) as store:
        assert len(store.preferences("player")) == 12


async def test_an_audition_that_is_stopped_says_how_it_stands() -> None:
    with FeedbackStore(paths.feedback_db()) as store:
        play(store, 40)
    shelf = Shelf()
    async with app(lambda model: shelf, told) as playing:
        await playing.until(lambda: playing.stage.warm)
        playing.app.audition()
        screen = playing.app.screen
        assert isinstance(screen, AuditionScreen)
        await playing.until(lambda: screen._pair, 300)
        await playing.pilot.press("n")
        await playing.until(lambda: screen._pair, 300)
        await playing.pilot.press("escape")
        assert "No verdict before 12 votes" in playing.text() and shelf.used == []
        await playing.pilot.press("escape")
        assert playing.app.screen is playing.screen


async def test_what_keeps_an_audition_from_beginning_is_said() -> None:
    async with app(Shelf, told) as playing:
        await playing.until(lambda: playing.stage.warm)
        for candidate, reason in (("gone", "no version 'gone'"), (None, "12 pairs are the least")):
            playing.app.audition(candidate)
            await playing.until(lambda: "Esc back" in playing.text())
            assert reason in playing.text()
            await playing.pilot.press("escape")
        await playing.pilot.press("ctrl+b")
        await playing.until(lambda: "no earlier narrator" in playing.text())
