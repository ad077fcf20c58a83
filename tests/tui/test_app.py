"""Every flow of the terminal app, on the real village, through Pilot."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.command import CommandPalette

from game.errors import UsageError
from game.front.history import History
from game.front.says import Says
from game.front.stage import Options, Stage
from game.session import Turn
from game.tui.app import LimelightApp
from game.tui.screens.help import HelpScreen
from game.tui.screens.reasons import ReasonsScreen
from game.tui.widgets.command import CommandLine
from game.tui.widgets.narrator import NarratorLine
from game.tui.widgets.panel import Pane, SidePanel
from game.tui.widgets.transcript import Transcript
from tests.tui.playing import OPTIONS, Play, playing


async def test_the_opening_is_on_the_screen_without_a_key() -> None:
    async with playing() as play:
        text = play.text()
        assert "The Drowned Herring" in text and "Exits:" in text
        assert play.app.title == "Saltmarsh End"


async def test_a_command_is_told() -> None:
    async with playing() as play:
        await play.do("go east")
        assert play.last("command").text == "go east"
        assert "You go east." in play.last("telling").text
        assert play.text().splitlines()[0].startswith(" The Marketplace")


async def test_an_empty_line_is_no_command() -> None:
    async with playing() as play:
        before = len(play.blocks)
        await play.do("   ")
        assert len(play.blocks) == before


async def test_markup_in_a_command_is_shown_literally() -> None:
    async with playing() as play:
        await play.do("say [bold]hi")
        assert "❯ say [bold]hi" in play.text()


# -- the command line -------------------------------------------------------------------------


async def test_up_and_down_walk_the_history() -> None:
    async with playing() as play:
        await play.do("look")
        await play.do("inventory")
        line = play.screen.query_one(CommandLine)
        await play.pilot.press("g", "up", "up")
        assert line.value == "look"
        await play.pilot.press("down", "down")
        assert line.value == "g"


async def test_a_suggestion_is_taken_with_tab_or_right() -> None:
    async with playing() as play:
        line = play.screen.query_one(CommandLine)
        for key in ("tab", "right"):
            await play.pilot.press("g", "o", "space", "e", "a")
            await play.until(lambda: line._suggestion)
            assert line._suggestion == "go east"
            await play.pilot.press(key)
            assert line.value == "go east"
            line.clear()


async def test_tab_with_nothing_to_take_goes_to_the_story_and_letters_come_back() -> None:
    async with playing() as play:
        await play.pilot.press("tab")
        assert isinstance(play.app.focused, Transcript)
        await play.pilot.press("l", "o")
        line = play.screen.query_one(CommandLine)
        assert play.app.focused is line and line.value == "lo"


# -- thumbs -----------------------------------------------------------------------------------


def standing(play: Play) -> tuple[int, tuple[str, ...]] | None:
    """The thumb in the database on what is marked."""
    block = play.screen.transcript.current
    store = play.stage.ballot.store
    assert block is not None and block.target is not None and store is not None
    vote = store.current_vote(block.target.kind, block.target.id)
    return None if vote is None else (vote.value, vote.tags)


async def test_a_thumb_by_key_is_given_changed_and_taken_back() -> None:
    async with playing() as play:
        await play.do("go east")
        block = play.screen.transcript.current
        assert block is play.last("telling")
        await play.pilot.press("f5")
        await play.until(lambda: standing(play) == (1, ()))
        assert block.value == 1
        await play.pilot.press("f6")
        await play.until(lambda: standing(play) == (-1, ()))
        assert block.value == -1
        await play.pilot.press("f6")
        await play.until(lambda: standing(play) is None)
        assert block.value == 0


async def test_a_thumb_by_mouse() -> None:
    async with playing() as play:
        await play.do("go east")
        lines = play.text().splitlines()
        y = next(n for n, line in enumerate(lines) if "You go east." in line)
        await play.pilot.click(offset=(lines[y].index("▼"), y))
        await play.until(lambda: standing(play) == (-1, ()))
        assert play.last("telling").value == -1


async def test_an_earlier_telling_is_thumbed_not_the_last_one() -> None:
    async with playing() as play:
        await play.do("go east")
        earlier = play.last("telling")
        await play.do("go west")
        while play.screen.transcript.current is not earlier:
            await play.pilot.press("ctrl+up")
        await play.pilot.press("f5")
        await play.until(lambda: standing(play) == (1, ()))
        assert [b.value for b in play.blocks if b.value] == [1] and earlier.value == 1


async def test_a_characters_action_is_thumbed_as_its_decision() -> None:
    async with playing() as play:
        await play.do("hug old tam")
        block = play.last("character")
        assert block.target is not None and block.target.kind == "decision"
        play.screen.transcript.set_current(block.key)
        await play.pilot.press("f5")
        narrator = play.screen.query_one(NarratorLine)
        await play.until(lambda: narrator.pending == 1)
        assert "1 thumb" in play.text()
        assert standing(play) == (1, ())


async def test_reasons_are_chosen_by_number() -> None:
    async with playing() as play:
        await play.do("go east")
        await play.pilot.press("f5", "f7")
        await play.until(lambda: isinstance(play.app.screen, ReasonsScreen))
        await play.pilot.press("1", "3", "enter")
        await play.until(lambda: standing(play) == (1, ("vivid", "funny")))
        assert "vivid, funny" in play.text()
        await play.pilot.press("f7")
        await play.until(lambda: isinstance(play.app.screen, ReasonsScreen))
        await play.pilot.press("1", "escape")
        await play.idle()
        assert standing(play) == (1, ("vivid", "funny"))


async def test_a_typed_thumb_goes_to_the_last_telling_or_the_one_counted_back() -> None:
    async with playing() as play:
        await play.do("go east")
        first = play.last("telling")
        await play.do("go west")
        await play.do(":down 1 dull")
        await play.until(lambda: standing(play) == (-1, ("dull",)))
        votable = [b for b in play.blocks if b.target]
        back = len(votable) - votable.index(first)
        await play.do(f":up {back} in character")
        await play.until(lambda: first.tags == ("in character",))
        assert play.screen.transcript.current is first
        assert not any(b.text.startswith(":") for b in play.blocks)


async def test_a_reason_needs_a_thumb_first() -> None:
    async with playing() as play:
        await play.do("go east")
        await play.pilot.press("f7")
        assert not isinstance(play.app.screen, ReasonsScreen)


async def test_a_thumb_that_cannot_be_kept_is_not_shown() -> None:
    async with playing() as play:
        await play.do("go east")
        assert play.stage.ballot.store is not None
        play.stage.ballot.store.set_recording(False)
        await play.pilot.press("f5")
        await play.until(lambda: play.last("telling").value == 0)


# -- the narrator -----------------------------------------------------------------------------


class Paced(Stage):
    """A stage whose tellings come a sentence at a time, each when the test lets it."""

    SENTENCES = ("The door sighs.", "The lamp winks.", "Somewhere a herring laughs.")
    gate: threading.Semaphore

    def narrates(self, turn: Turn) -> bool:
        return True

    def tell(self, turn: Turn, cancel: threading.Event | None = None) -> Iterator[Says]:
        for says in super().tell(turn):
            if says.kind != "telling" or not says.last:
                yield says
                continue
            yield Says(says.part, "telling", "", False)
            for sentence in self.SENTENCES:
                while not self.gate.acquire(timeout=0.01):
                    if cancel is not None and cancel.is_set():
                        break
                if cancel is not None and cancel.is_set():
                    yield says
                    break
                yield Says(says.part, "telling", sentence, False)
            else:
                prose = " ".join(self.SENTENCES)
                yield Says(says.part, "telling", prose, True, says.facts, "model", says.target)


@pytest.fixture
def gate() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture
def paced(gate: threading.Semaphore) -> Iterator[type[Paced]]:
    Paced.gate = gate
    yield Paced


async def test_prose_streams_and_the_facts_are_one_key_away(
    paced: type[Paced], gate: threading.Semaphore
) -> None:
    async with playing(lambda: paced.open(OPTIONS)) as play:
        await play.type("go east")
        await play.until(lambda: play.blocks[-1].growing)
        gate.release()
        await play.until(lambda: play.blocks[-1].text == "The door sighs.")
        assert play.blocks[-1].growing and "writing" in play.text()
        gate.release(2)
        await play.idle()
        told = play.last("telling")
        assert told.text == " ".join(Paced.SENTENCES) and not told.growing
        assert "You go east." not in play.text()
        await play.pilot.press("f3")
        assert "= You go east." in play.text()


async def test_escape_stops_the_model_and_the_plain_text_stands(
    paced: type[Paced], gate: threading.Semaphore
) -> None:
    async with playing(lambda: paced.open(OPTIONS)) as play:
        await play.type("go east")
        gate.release()
        await play.until(lambda: play.blocks[-1].text == "The door sighs.")
        await play.pilot.press("escape")
        await play.idle()
        assert play.last("telling").text.startswith("You go east.")
        assert not play.last("telling").growing


async def test_the_next_command_cuts_the_telling_short_and_loses_nothing(
    paced: type[Paced], gate: threading.Semaphore
) -> None:
    async with playing(lambda: paced.open(OPTIONS)) as play:
        await play.type("go east")
        await play.until(lambda: play.blocks[-1].growing)
        await play.type("go west")
        await play.until(lambda: sum(b.text == "go west" for b in play.blocks) == 1)
        await play.until(lambda: play.stage.session.number == 2)
        gate.release(3)
        await play.idle()
        told = [b for b in play.blocks if b.kind in ("command", "telling")]
        assert [b.text.split("\n")[0] for b in told][-4:] == [
            "go east",
            "You go east.",
            "go west",
            " ".join(Paced.SENTENCES),
        ]


async def test_the_scroll_position_is_kept_while_prose_streams(
    paced: type[Paced], gate: threading.Semaphore
) -> None:
    async with playing(lambda: paced.open(OPTIONS), size=(80, 24)) as play:
        for command in ["inventory"] * 5:
            await play.do(command)
        await play.type("go east")
        gate.release()
        await play.until(lambda: play.blocks[-1].text == "The door sighs.")
        await play.pilot.press("pageup")
        await play.pilot.pause()
        before = [line[:70] for line in play.text().splitlines()[1:-3]]
        gate.release(2)
        await play.idle()
        after = [line[:70] for line in play.text().splitlines()[1:-3]]
        assert after == before
        assert "↓ new" in play.text()
        await play.pilot.press("ctrl+end")
        await play.pilot.pause()
        assert "herring laughs" in play.text() and "↓ new" not in play.text()


async def test_a_resize_while_prose_streams(paced: type[Paced], gate: threading.Semaphore) -> None:
    async with playing(lambda: paced.open(OPTIONS), size=(140, 40)) as play:
        await play.type("go east")
        gate.release()
        await play.until(lambda: play.blocks[-1].text == "The door sighs.")
        for size in ((80, 24), (20, 6), (140, 40)):
            await play.pilot.resize_terminal(*size)
        gate.release(2)
        await play.idle()
        assert "herring laughs" in play.text()


# -- layout -----------------------------------------------------------------------------------


async def test_one_column_at_80_by_24_and_two_at_140_by_40() -> None:
    async with playing(size=(80, 24)) as play:
        panel = play.screen.query_one(SidePanel)
        assert not panel.display
        lines = play.text().splitlines()
        assert lines[0].startswith(" The Drowned Herring  east") and "♥ 26" in lines[0]
        assert max(len(line) for line in lines) <= 80
        await play.pilot.resize_terminal(140, 40)
        await play.pilot.pause()
        assert panel.display
        text = play.text()
        assert "You have" in text and "Goals" in text and "Here" in text
        await play.pilot.resize_terminal(80, 24)
        await play.pilot.pause()
        assert not panel.display


async def test_a_click_on_an_exit_goes_there() -> None:
    async with playing(size=(140, 40)) as play:
        pane = play.screen.query_one("#pane-exits", Pane)
        await play.pilot.click(pane, offset=(1, 1))
        await play.idle()
        assert play.last("command").text == "go east"
        assert play.text().startswith(" The Marketplace")


async def test_colours_go_when_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with playing() as play:
        assert play.app.no_color
        colours = {
            segment.style.color.triplet
            for strip in play.app.screen._compositor.render_strips()
            for segment in strip.apply_filter(play.app._filters[0], play.app.background_colors[0])
            if segment.style and segment.style.color and segment.style.color.triplet
        }
        assert colours and all(c.red == c.green == c.blue for c in colours)
        os.environ.pop("NO_COLOR", None)


# -- palette, help, end -----------------------------------------------------------------------


async def test_the_palette_opens_and_undoes() -> None:
    async with playing() as play:
        await play.do("go east")
        await play.pilot.press("ctrl+p")
        assert isinstance(play.app.screen, CommandPalette)
        await play.pilot.press(*"undo")
        await play.pilot.pause(0.5)
        await play.pilot.press("enter")
        await play.until(lambda: play.blocks[-1].text.startswith("[Undone"))
        assert play.stage.session.number == 0


async def test_help_opens_and_closes() -> None:
    async with playing() as play:
        await play.pilot.press("f1")
        assert isinstance(play.app.screen, HelpScreen)
        await play.pilot.press("escape")
        assert not isinstance(play.app.screen, HelpScreen)


@pytest.mark.parametrize("how", ["quit", "ctrl+q"])
async def test_quitting_leaves_a_game_that_goes_on(how: str) -> None:
    async with playing() as play:
        await play.do("go east")
        if how == "quit":
            await play.type("quit")
        else:
            await play.pilot.press(how)
        await play.pilot.pause()
    assert play.app.return_code == 0
    assert not play.screen.bridge._player.is_alive()
    resumed = Options("village", "tui", llm=False, resume="auto")
    async with playing(options=resumed) as play:
        assert "Your game goes on" in play.text()
        assert play.stage.session.number == 1
        assert play.text().startswith(" The Marketplace")


async def test_a_world_that_cannot_be_opened_ends_the_app_with_its_error() -> None:
    app = LimelightApp(lambda: Stage.open(Options("nowhere", "tui", llm=False)))
    async with app.run_test() as pilot:
        for _ in range(200):
            if app.failure is not None:
                break
            await pilot.pause(0.01)
    assert isinstance(app.failure, UsageError)


async def test_history_is_kept_between_games(tmp_path: Path) -> None:
    file = tmp_path / "history"
    app = LimelightApp(lambda: Stage.open(OPTIONS), History(file))
    async with app.run_test() as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.screen.bridge._stage is not None)
        await play.do("look")
    assert file.read_text() == "look\n"


async def test_the_real_model_tells_in_the_app_and_its_telling_is_thumbed() -> None:
    options = Options("village", "tui", seed=7, resume="never")
    async with playing(options=options) as play:
        assert "Drowned Herring" in play.text()  # before there is a model
        await play.until(lambda: play.stage.performer.model is not None, 120)
        for command in ("go east", "go west", "go east", "go north", "go south"):
            await play.type(command)
            await play.until(lambda: not play.screen.bridge._open_jobs, 120)
            block = play.screen.transcript.current
            if block is not None and block.facts:
                break
        assert block is not None and block.target is not None and block.facts
        assert block.target.kind == "generation" and block.text != block.facts
        await play.pilot.press("f5")
        await play.until(lambda: standing(play) == (1, ()))
        store = play.stage.ballot.store
        assert store is not None
        generation = store.generation(block.target.id)
        assert generation is not None and generation.shown_at is not None
        assert len(generation.logprobs) == len(generation.completion_ids) > 0
        assert play.screen.query_one(NarratorLine).pending == 1


async def test_a_model_that_cannot_be_loaded_leaves_a_plain_game(tmp_path: Path) -> None:
    options = Options("village", "tui", seed=7, resume="never", model=tmp_path / "none.gguf")
    async with playing(options=options) as play:
        await play.until(lambda: any(b.kind == "error" for b in play.blocks))
        assert "none.gguf" in play.last("error").text
        await play.do("go east")
        assert "You go east." in play.last("telling").text
        assert play.screen.query_one(NarratorLine).state == "failed"
