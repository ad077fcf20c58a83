"""The history screen: the tree of turns, gone back into, switched about in and named by keys."""

from __future__ import annotations

from textual.widgets import Input, OptionList

from game.authoring.load import load_world
from game.front.tree import tree_rows
from game.paths import find_world
from game.session import Session
from game.tui.screens.history import HistoryScreen
from tests.engine.small_world import small_world
from tests.tui.playing import Play, playing


async def opened(play: Play) -> HistoryScreen:
    await play.pilot.press("f8")
    await play.until(lambda: isinstance(play.app.screen, HistoryScreen))
    await play.pilot.pause()
    assert isinstance(play.app.screen, HistoryScreen)
    return play.app.screen


async def closed(play: Play) -> None:
    await play.until(lambda: not isinstance(play.app.screen, HistoryScreen))
    await play.idle()


def test_the_tree_has_every_turn_and_the_branches_beside_it() -> None:
    session = Session(small_world())
    for line in ("wave", "wait", "wait", "rewind 1", "take brass key", "rewind 1", "smile",
                 "branch smiling", "switch main"):  # fmt: skip
        session.command(line)
    rows = tree_rows(session.world, session.timeline)
    assert [f"{r.lines}{r.deed}" for r in rows] == [
        "the beginning", "wave", "├─take brass key from table", "├─smile", "wait", "wait",
    ]  # fmt: skip
    assert [r.ends for r in rows] == [(), (), ("branch-2",), ("smiling",), (), ("main",)]
    assert [r.here for r in rows] == [False] * 5 + [True]
    for row in rows:
        session.command(row.command)
        assert session.timeline.depth == row.depth


def test_a_thousand_turns_make_a_thousand_rows() -> None:
    session = Session(load_world(find_world("tutorial")), autosave=False)
    for n in range(120):
        session.command("wait" if n % 2 else "wave")
        if n % 10 == 9:
            session.command("rewind -5")
            session.command("smile")
    assert len(tree_rows(session.world, session.timeline)) == len(session.timeline.nodes)


async def test_a_turn_is_gone_back_to_and_the_story_keeps_what_was_told() -> None:
    async with playing() as play:
        await play.do("go east")
        told = play.last("telling").text
        await play.do("go west")
        screen = await opened(play)
        text = play.text()
        assert "the beginning" in text and "▶   2  go west" in text and "◂ main" in text
        assert screen.chosen.deed == "go west"
        await play.pilot.press("up", "enter")
        await closed(play)
        await play.until(lambda: play.stage.session.timeline.depth == 1)
        await play.idle()
        assert "--- turn 1 of main, after: go east ---" in play.last("notice").text
        assert any(b.text == told for b in play.blocks)
        assert play.text().startswith(" The Marketplace")
        await play.do("wait")
        assert play.stage.session.timeline.branch == "branch-2"


async def test_a_branch_is_named_and_switched_to() -> None:
    async with playing() as play:
        for line in ("wait", "go east", "rewind 1", "wave"):
            await play.do(line)
        screen = await opened(play)
        assert screen.chosen.branch == "branch-2"
        await play.pilot.press("n", *"polite", "space", *"me", "enter")
        await closed(play)
        await play.until(lambda: "polite-me" in play.stage.session.timeline.heads)
        screen = await opened(play)
        await play.pilot.press("home")
        while "main" not in screen.chosen.ends:
            await play.pilot.press("down")
        await play.pilot.press("enter")
        await closed(play)
        await play.until(lambda: play.stage.session.timeline.branch == "main")
        assert play.stage.session.timeline.depth == 2


async def test_escape_leaves_the_naming_first_and_then_the_screen() -> None:
    async with playing(size=(80, 24)) as play:
        await play.do("wait")
        screen = await opened(play)
        await play.pilot.press("n")
        assert screen.query_one(Input).has_focus
        await play.pilot.press("n", "q", "escape")
        assert screen.query_one(OptionList).has_focus and play.app.screen is screen
        await play.pilot.press("escape")
        await closed(play)
        assert play.stage.session.timeline.depth == 1
        assert list(play.stage.session.timeline.heads) == ["main"]


async def test_choosing_where_one_is_does_nothing() -> None:
    async with playing() as play:
        await play.do("wait")
        blocks = len(play.blocks)
        await opened(play)
        await play.pilot.press("enter")
        await closed(play)
        assert len(play.blocks) == blocks


async def test_words_of_the_players_are_shown_as_they_are() -> None:
    async with playing() as play:
        await play.do("say [bold]hi")
        await opened(play)
        assert "say [bold]hi" in play.text()
