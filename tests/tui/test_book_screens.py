"""The map, the journal and the people in the app, by keyboard, in small and wide terminals."""

from __future__ import annotations

import pytest

from game.tui.screens.book import BookScreen
from game.tui.screens.journal import JournalScreen
from game.tui.screens.map import MapScreen
from game.tui.screens.people import PeopleScreen
from tests.tui.playing import Play, playing

SIZES = ((80, 24), (140, 40))


async def opened(play: Play, key: str) -> str:
    """What the screen shows that `key` opens."""
    await play.until(lambda: play.screen.book is not None)
    await play.pilot.press(key)
    await play.until(lambda: isinstance(play.app.screen, BookScreen))
    return play.text()


@pytest.mark.parametrize("size", SIZES)
async def test_the_map_shows_where_the_player_is(size: tuple[int, int]) -> None:
    async with playing(size=size) as play:
        await play.do("go east")
        text = await opened(play, "f2")
        assert isinstance(play.app.screen, MapScreen)
        assert "The Marketplace *" in text and "Herring" in text and "?" in text
        assert "* you are here" in text and "Close" in text
        assert max(len(line) for line in text.splitlines()) <= size[0]
        await play.pilot.press("escape")
        assert play.app.screen is play.screen


async def test_the_journal_is_searched_and_pinned() -> None:
    async with playing(size=(80, 24)) as play:
        await play.do("take bread")
        text = await opened(play, "f4")
        assert isinstance(play.app.screen, JournalScreen)
        assert "Goals" in text and "Close" in text
        await play.pilot.press("slash", *"you took", "enter")
        await play.until(lambda: "Goals" not in play.text())
        assert "You took the heel of bread from the bar." in play.text()
        await play.pilot.press("enter")
        await play.until(lambda: "Pinned" in play.text())
        assert "● You took the heel of bread from the bar." in play.text()
        assert len(play.stage.session.notebook.pins) == 1
        await play.pilot.press("p")
        await play.until(lambda: not play.stage.session.notebook.pins)
        await play.pilot.press("escape")
        assert play.app.screen is play.screen


async def test_no_word_of_a_long_journal_is_lost() -> None:
    async with playing(size=(80, 24)) as play:
        await play.do("go east")
        text = " ".join((await opened(play, "f4")).split())
        assert isinstance(play.app.screen, JournalScreen)
        assert "from less, by worse people. at the start" in text


@pytest.mark.parametrize("size", SIZES)
async def test_a_card_for_everybody(size: tuple[int, int]) -> None:
    async with playing(size=size) as play:
        text = await opened(play, "f9")
        assert isinstance(play.app.screen, PeopleScreen)
        assert "Bregan Toll" in text and "Old Tam" in text and "Here now" in text
        await play.pilot.press("down")
        await play.until(lambda: "A homeless man" in play.text())
        await play.pilot.press("q")
        assert play.app.screen is play.screen
