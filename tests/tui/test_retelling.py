"""Retry, swipes, edits, why and context in the app, through Pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.widgets import OptionList, TextArea

from game.front.stage import Options, Stage
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.scripted import ScriptedModel
from game.tui.screens.context import ContextScreen
from game.tui.screens.edit import EditScreen
from game.tui.screens.why import WhyScreen
from tests.tui.playing import Play, playing

WALK = "You walk east into the Marketplace."
OTHER = "You go east, out into the Marketplace."


@asynccontextmanager
async def told(*replies: str, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Play]:
    """The village told by a model that says `replies`, after one step east."""

    def open_stage() -> Stage:
        stage = Stage.open(Options("village", "tui", seed=7))
        model = ScriptedModel([*replies])
        stage.make_model = lambda path: model
        return stage

    async with playing(open_stage, size=size) as play:
        await play.until(lambda: play.stage.warm)
        await play.do("go east")
        yield play


def shown(play: Play) -> str:
    return play.last("telling").text


async def test_a_retry_is_a_swipe_and_leaves_the_world_alone() -> None:
    async with told(WALK, OTHER) as play:
        assert WALK in shown(play)
        before = play.stage.session.state.digest()
        await play.pilot.press("ctrl+r")
        await play.until(lambda: OTHER in shown(play))
        assert "◂ 2 of 2 ▸" in play.text()
        assert play.stage.session.state.digest() == before
        await play.pilot.press("ctrl+left")
        await play.until(lambda: WALK in shown(play))
        assert "◂ 1 of 2 ▸" in play.text()
        await play.pilot.press("ctrl+right")
        await play.until(lambda: OTHER in shown(play))


async def test_every_swipe_has_a_thumb_of_its_own() -> None:
    async with told(WALK, OTHER) as play:
        block = play.last("telling")
        await play.pilot.press("f6")
        await play.until(lambda: block.value == -1)
        await play.pilot.press("ctrl+r")
        await play.until(lambda: OTHER in block.text)
        assert block.value == 0
        await play.pilot.press("f5")
        await play.until(lambda: play.stage.ballot.standing(block.target) == (1, ()))
        await play.pilot.press("ctrl+left")
        await play.until(lambda: WALK in block.text)
        assert block.value == -1


async def test_left_of_the_first_is_nothing_and_the_line_keeps_its_keys() -> None:
    async with told(WALK, OTHER) as play:
        await play.pilot.press("ctrl+left")
        await play.idle()
        assert WALK in shown(play)
        await play.pilot.press("g", "o", "ctrl+left")
        await play.idle()
        assert play.screen.command.cursor_position == 0


async def test_a_click_on_the_arrows_swipes() -> None:
    async with told(WALK, OTHER) as play:
        await play.pilot.press("ctrl+r")
        await play.until(lambda: "◂ 2 of 2 ▸" in play.text())
        lines = play.text().splitlines()
        y = next(n for n, line in enumerate(lines) if "◂" in line)
        await play.pilot.click(offset=(lines[y].index("◂"), y))
        await play.until(lambda: WALK in shown(play))


async def test_a_retry_that_finds_nothing_leaves_the_telling_and_says_so() -> None:
    async with told(WALK, *["The moon falls down."] * 12) as play:
        await play.pilot.press("ctrl+r")
        await play.until(lambda: not play.last("telling").growing)
        await play.idle()
        assert WALK in shown(play) and play.last("telling").takes == 1


async def test_an_edit_is_typed_and_kept() -> None:
    async with told(WALK) as play:
        await play.type("edit")
        await play.until(lambda: isinstance(play.app.screen, EditScreen))
        assert play.app.screen.query_one(TextArea).text == WALK
        await play.pilot.press("backspace", "exclamation_mark", "enter")
        await play.until(lambda: WALK[:-1] + "!" in shown(play))
        assert "edited" in play.text()
        store = play.stage.ballot.store
        assert store is not None and [e.text for e in store.edits()] == [WALK[:-1] + "!"]
        await play.type("edit")
        await play.until(lambda: isinstance(play.app.screen, EditScreen))
        await play.pilot.press("ctrl+r", "enter")
        await play.until(lambda: WALK in shown(play))
        assert store.edits() == [] and "edited" not in play.text()


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_why_and_context_show_what_is_behind(size: tuple[int, int]) -> None:
    async with told("You walk into the moon.", WALK, WALK, size=size) as play:
        await play.pilot.press("ctrl+t")
        await play.until(lambda: isinstance(play.app.screen, WhyScreen))
        await play.pilot.pause()
        text = play.text()
        assert "What happened" in text and "went" in text
        await play.pilot.press("end")
        await play.until(lambda: "✗ You walk into the moon." in play.text())
        await play.pilot.press("c")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        await play.until(lambda: "You are the narrator" in play.text())
        text = play.text()
        assert "rules" in text and "examples" in text and "█" in text and "of 2048" in text
        parts = play.app.screen.query_one(OptionList)
        await play.pilot.press(*["down"] * (parts.option_count - 2))
        await play.pilot.press("escape")
        assert not isinstance(play.app.screen, ContextScreen)


async def test_a_character_s_reasons_are_one_key_away() -> None:
    async with playing() as play:
        await play.do("hug old tam")
        block = play.last("character")
        play.screen.transcript.set_current(block.key)
        await play.pilot.press("ctrl+t")
        await play.until(lambda: isinstance(play.app.screen, WhyScreen))
        await play.pilot.pause()
        assert "Why it was done" in play.text() and "Policy: heuristic" in play.text()


async def test_typed_asides_are_no_commands_of_the_world() -> None:
    async with told(WALK, OTHER) as play:
        turn = play.stage.session.number
        await play.do("retry")
        await play.until(lambda: OTHER in shown(play))
        await play.do("swipe left")
        await play.until(lambda: WALK in shown(play))
        await play.do("edit My own way of saying it.")
        await play.until(lambda: "My own way" in shown(play))
        await play.do("why 99")
        assert play.stage.session.number == turn
        assert not any(b.text == "retry" for b in play.blocks)


async def test_the_bundled_model_tells_a_turn_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine must not decide whether the test passes.
    for name in ("PATIENCE", "PATIENCE_FOR_BETTER", "DEADLINE"):
        monkeypatch.setattr(f"game.narrator.telling.{name}", 300.0)

    def open_stage() -> Stage:
        stage = Stage.open(Options("village", "tui", seed=7))
        stage.make_model = lambda path: LlamaModel(bundled_model_path(), context=1024, threads=1)
        stage.warm = True  # warming every family takes long on a slow machine
        return stage

    async with playing(open_stage) as play:
        await play.until(lambda: play.stage.performer.model is not None, 120.0)
        await play.type("go east")
        await play.until(lambda: not play.screen.bridge._open_jobs, 400.0)
        block = play.last("telling")
        await play.pilot.press("ctrl+r")
        await play.until(lambda: not play.screen.bridge._open_jobs, 400.0)
        if block.takes == 2:
            first, second = (take.words for take in play.stage.tellings.last().takes)
            assert first != second
            store = play.stage.ballot.store
            assert store is not None and block.target is not None
            row = store.generation(block.target.id)
            assert row is not None and len(row.logprobs) == len(row.completion_ids) > 0
        await play.pilot.press("ctrl+t")
        await play.until(lambda: isinstance(play.app.screen, WhyScreen))
        await play.pilot.press("c")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        context = play.stage.tellings.last().take.context
        assert context is not None and context.window == 1024
