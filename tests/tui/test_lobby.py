"""The screens around the game: title, worlds, settings, models; through Pilot."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from textual.widgets import Input, OptionList

from game import settings
from game.front.stage import Options, Stage
from game.settings import Settings
from game.tui.app import LimelightApp
from game.tui.screens.dialogs import ConfirmScreen, LineScreen
from game.tui.screens.models import ModelsScreen
from game.tui.screens.settings import SettingsScreen
from game.tui.screens.title import TitleScreen
from game.tui.screens.worlds import WorldsScreen
from tests.tui.playing import Play

OPTIONS = Options("village", "tui", llm=False)
SMALL = (80, 24)


@asynccontextmanager
async def title(
    size: tuple[int, int] = SMALL,
    begin: Literal["title", "worlds"] = "title",
    chosen: Settings | None = None,
) -> AsyncIterator[Play]:
    """The app on its title screen."""
    app = LimelightApp(options=OPTIONS, begin=begin, chosen=chosen)
    async with app.run_test(size=size, notifications=True) as pilot:
        play = Play(app, pilot)
        shown = "Enter begin" if begin == "worlds" else "Quit"
        await play.until(lambda: shown in play.text())
        yield play


async def opened(play: Play) -> None:
    """Wait for the game that was entered."""
    await play.until(lambda: play.app.playing and play.screen.bridge._stage is not None, 120)
    await play.until(lambda: not play.screen.bridge._open_jobs, 120)


def shows(play: Play, *words: str) -> Callable[[], bool]:
    """Whether the screen shows them all, however its lines are broken."""
    return lambda: all(word in " ".join(play.text().split()) for word in words)


def played_once() -> None:
    """Leave a game of the village behind, one turn old."""
    stage = Stage.open(OPTIONS)
    stage.command("go east")
    stage.close()


# -- the title --------------------------------------------------------------------------------


async def test_a_first_time_offers_no_game_to_resume() -> None:
    async with title() as play:
        assert "Resume" not in play.text() and "New game" in play.text()
        await play.pilot.press("r")
        assert isinstance(play.app.screen, TitleScreen)


async def test_a_first_time_begins_with_the_tutorial() -> None:
    async with title() as play:
        assert "First steps  five minutes" in play.text()
        await play.pilot.press("enter")
        await opened(play)
        assert play.app.title == "First Rehearsal"
        await play.do("look")
    async with title() as play:
        assert "Resume" in play.text() and "First steps" not in play.text()


async def test_resume_goes_on_where_the_last_game_was_left() -> None:
    played_once()
    async with title() as play:
        await play.until(shows(play, "Saltmarsh End ·", "Marketplace", "turn 1", "just now"))
        await play.pilot.press("enter")
        await opened(play)
        assert "Your game goes on where you left it." in play.text()
        assert play.stage.session.number == 1


async def test_every_entry_has_a_letter_and_escape_leads_back() -> None:
    async with title() as play:
        for key, screen in (
            ("n", WorldsScreen), ("w", WorldsScreen), ("s", SettingsScreen), ("m", ModelsScreen),
        ):  # fmt: skip
            await play.pilot.press(key)
            await play.until(lambda screen=screen: isinstance(play.app.screen, screen))
            await play.pilot.press("escape")
            await play.until(lambda: isinstance(play.app.screen, TitleScreen))
        await play.pilot.press("q")
        await play.until(lambda: play.app.return_value == 0)


async def test_a_game_is_left_for_the_title_and_kept() -> None:
    async with title() as play:
        play.app.enter("village")
        await opened(play)
        await play.do("go east")
        await play.pilot.press("f10")
        await play.until(lambda: isinstance(play.app.screen, TitleScreen))
        assert not play.app.playing
        await play.until(shows(play, "Resume", "turn 1"))
        await play.pilot.press("r")
        await opened(play)
        assert play.stage.session.number == 1


async def test_a_game_that_cannot_be_opened_leads_back_and_says_why(home: Path) -> None:
    played_once()
    save = home / "games" / "village.autosave.save.json"
    record = json.loads(save.read_text())
    save.write_text(json.dumps(record | {"digest": "0" * 8, "world_hash": "another"}))
    async with title() as play:
        await play.pilot.press("r")
        await play.until(lambda: isinstance(play.app.screen, TitleScreen) and not play.app.playing)
        assert play.app.failure is None


# -- worlds -----------------------------------------------------------------------------------


async def test_a_world_is_chosen_by_its_poster() -> None:
    async with title() as play:
        await play.pilot.press("w")
        await play.until(shows(play, "First Rehearsal", "Saltmarsh End", "by The Limelight"))
        await play.until(shows(play, "Mrs Quill"))  # the tutorial stands first
        await play.pilot.press("enter")
        await opened(play)
        assert play.app.title == "First Rehearsal"


async def test_a_game_in_progress_is_given_up_only_after_asking() -> None:
    played_once()
    async with title(begin="worlds") as play:
        await play.until(lambda: isinstance(play.app.screen, WorldsScreen))
        await play.until(shows(play, "Saltmarsh End"))
        await play.pilot.press("end", "enter")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        assert "turn 1" in play.text()
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, WorldsScreen))
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        await play.pilot.press("y")
        await opened(play)
        assert play.stage.session.number == 0 and not play.stage.resumed


async def test_a_world_that_cannot_be_read_is_shown_and_not_entered(home: Path) -> None:
    (home / "worlds" / "broken").mkdir(parents=True)
    (home / "worlds" / "broken" / "world.yaml").write_text("title: [")
    async with title() as play:
        await play.pilot.press("w")
        await play.until(shows(play, "broken", "Saltmarsh End"))
        options = play.app.screen.query_one(OptionList)
        assert options.get_option("broken").disabled


# -- settings ---------------------------------------------------------------------------------


async def test_a_setting_is_changed_kept_and_in_force_at_once(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("# mine\nfuture = 1\n")
    async with title() as play:
        await play.pilot.press("s")
        await play.until(shows(play, "Colours of the terminal app.", "▸ evening"))
        await play.pilot.press("right")
        await play.until(shows(play, "▸ matinee"))
        assert play.app.theme == "matinee" and settings.load().theme == "matinee"
        await play.pilot.press("left", "left")
        assert play.app.theme == "programme"
        await play.pilot.press("delete")
        assert play.app.theme == "evening"
        await play.pilot.press("down", "enter")
        assert settings.load().llm is False
        text = (home / "settings.toml").read_text()
        assert text.startswith("# mine\nfuture = 1\n")


async def test_every_setting_shows_its_help() -> None:
    async with title(SMALL) as play:
        await play.pilot.press("s")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        for field in settings.FIELDS.values():
            start = str(field.metadata["help"])[:40]
            await play.until(shows(play, field.metadata["name"], start))
            await play.pilot.press("down")


async def test_a_text_is_edited_or_left() -> None:
    async with title() as play:
        await play.pilot.press("s")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        await play.pilot.press(*["down"] * list(settings.FIELDS).index("server"), "enter")
        await play.until(lambda: isinstance(play.app.screen, LineScreen))
        play.app.screen.query_one(Input).value = "http://localhost:8080"
        await play.pilot.press("enter")
        await play.until(lambda: settings.load().server == "http://localhost:8080")
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, LineScreen))
        await play.pilot.press("x", "escape")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        assert settings.load().server == "http://localhost:8080"


async def test_a_setting_that_cannot_be_kept_is_not_taken_up(home: Path) -> None:
    home.write_text("a file where the folder should be")
    async with title(chosen=Settings()) as play:
        await play.pilot.press("s")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        await play.pilot.press("right")
        await play.until(shows(play, "GAME_HOME"))
        assert play.app.settings == Settings() and play.app.theme == "evening"


async def test_settings_reach_the_game_in_progress() -> None:
    async with title() as play:
        play.app.enter("village")
        await opened(play)
        await play.pilot.press("f12")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        for key in ("facts", "autosave", "sampling"):
            options = play.app.screen.query_one(OptionList)
            options.highlighted = list(settings.FIELDS).index(key)
            await play.pilot.press("enter")
        await play.pilot.press("escape")
        await play.until(lambda: play.stage.options.sampling == "lively")
        assert play.stage.options.keep is False and play.stage.session.autosave is False
        assert play.screen.transcript.show_facts


# -- models -----------------------------------------------------------------------------------


async def test_the_bundled_model_is_listed_timed_and_marked() -> None:
    async with title() as play:
        await play.pilot.press("m")
        await play.until(shows(play, "* SmolLM2-135M", "Q4_1", "8192", "not timed"))
        await play.pilot.press("t")
        await play.until(shows(play, "tokens/s", "It came with the game"), 120)


async def test_a_model_is_chosen_and_one_that_is_none_is_not(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    from game.llm.bundled import bundled_model_path

    shutil.copy(bundled_model_path(), home / "models" / "aria.gguf")
    (home / "models" / "bad.gguf").write_bytes(b"GGUF\x03\x00\x00\x00 and no more")
    async with title() as play:
        await play.pilot.press("m")
        await play.until(shows(play, "aria", "bad", "cannot be played"))
        await play.pilot.press("end", "enter")
        await play.until(shows(play, "not a whole model file"))
        assert settings.load().model == ""
        await play.pilot.press("up", "enter")
        await play.until(lambda: settings.load().model.endswith("aria.gguf"))
        await play.until(shows(play, "* aria"))


async def test_another_model_plays_on_without_leaving_the_game(home: Path) -> None:
    from tests.tui.models import Told

    played: list[str] = []

    def open_stage() -> Stage:
        stage = Stage.open(OPTIONS)
        stage.make_model = lambda path: Told(played, str(path))
        return stage

    app = LimelightApp(open_stage, options=OPTIONS)
    async with app.run_test(size=SMALL) as pilot:
        play = Play(app, pilot)
        await opened(play)
        await play.do("go east")
        blocks = list(play.blocks)
        app.change(Settings(model="/models/one.gguf"), picked=True)
        await play.until(lambda: play.screen.ready and play.stage.performer.model is not None)
        first = play.stage.performer.model
        app.change(Settings(model="/models/two.gguf"), picked=True)
        await play.until(
            lambda: play.screen.ready and play.stage.performer.model not in (None, first)
        )
        assert played == [
            "open /models/one.gguf",
            "close /models/one.gguf",
            "open /models/two.gguf",
        ]
        assert play.blocks[: len(blocks)] == blocks
        assert play.stage.session.number == 1
