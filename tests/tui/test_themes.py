"""Themes: WCAG 2.1 contrast of what is truly drawn. And every mouse target has a key."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from rich.color import Color
from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Footer, Input, OptionList
from textual.widgets._footer import FooterKey

from game import settings
from game.front.stage import Options, Stage
from game.settings import Settings
from game.tui.app import LimelightApp
from game.tui.keys import KEYS
from game.tui.screens.play import PlayScreen
from game.tui.screens.retelling import RetellingScreen
from game.tui.themes import THEMES
from game.tui.widgets.panel import Pane
from game.tui.widgets.transcript import Transcript
from tests.tui.playing import Play

OPTIONS = Options("village", "tui", seed=7, llm=False)
#: Least contrast of text (WCAG 1.4.3) and of signs that are no text (WCAG 1.4.11).
TEXT, SIGN = 4.5, 3.0


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [c / 255 for c in color.get_truecolor()]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: Color, other: Color) -> float:
    a, b = sorted((luminance(one), luminance(other)))
    return (b + 0.05) / (a + 0.05)


def drawn(app: LimelightApp) -> Iterator[Strip]:
    """The lines of the screen; of a popup only its own, as what is behind it is dimmed."""
    strips = app.screen._compositor.render_strips()
    if not app.screen.is_modal:
        yield from strips
        return
    for child in app.screen.children:
        region = child.region
        for strip in strips[region.y : region.bottom]:
            yield strip.crop(region.x, region.right)


def poor(app: LimelightApp) -> Iterator[str]:
    """What is drawn now with too little contrast."""
    for strip in drawn(app):
        for segment in strip:
            style, text = segment.style, segment.text.strip()
            if style is None or not text or style.color is None or style.bgcolor is None:
                continue
            words = any(c.isalnum() for c in text)
            if not words and all(unicodedata.category(c) == "So" and c in "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▔▕"
                                 for c in text):  # fmt: skip
                continue  # scrollbars and edges
            found = contrast(style.color, style.bgcolor)
            if found < (TEXT if words else SIGN):
                yield f"{found:.2f} {text!r} {style.color.name} on {style.bgcolor.name}"


def test_contrast_is_that_of_the_standard() -> None:
    black, white = Color.parse("#000000"), Color.parse("#ffffff")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(Color.parse("#767676"), white) == pytest.approx(4.54, abs=0.01)


def test_settings_offer_the_themes_there_are() -> None:
    assert list(settings.THEMES) == list(THEMES)


@pytest.mark.parametrize("theme", THEMES)
async def test_everything_on_the_screen_can_be_read(theme: str) -> None:
    app = LimelightApp(
        lambda: Stage.open(OPTIONS), options=OPTIONS, chosen=Settings(theme=theme, facts=True)
    )
    async with app.run_test(size=(140, 40)) as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.screen.bridge._stage is not None, 120)
        await play.idle()
        for command in ("go east", "frobnicate", "say hello"):
            await play.do(command)
        await pilot.press("f5", "g", "o")
        await pilot.pause()
        found = {"game": list(poor(app))}
        await play.until(lambda: play.screen.book is not None)
        for name, key in (
            ("help", "f1"), ("map", "f2"), ("journal", "f4"), ("reasons", "f7"),
            ("history", "f8"), ("people", "f9"), ("why", "ctrl+t"), ("settings", "f12"),
        ):  # fmt: skip
            await pilot.press(key)
            await play.until(lambda: app.screen is not play.screen)
            await pilot.pause()
            found[name] = list(poor(app))
            await pilot.press("escape")
            await play.until(lambda: app.screen is play.screen)
        await pilot.press("f10")
        await play.until(lambda: "Quit" in play.text())
        found["title"] = list(poor(app))
        await pilot.press("w")
        await play.until(lambda: "by The Limelight" in play.text())
        found["worlds"] = list(poor(app))
        assert not any(found.values()), found


# -- keys -------------------------------------------------------------------------------------

#: Widgets whose clicks do what a command or a key does, and which.
_KEYED: dict[type[Widget], str] = {
    Pane: "the command it plays can be typed",
    Transcript: "f5, f6, f7 and ctrl+up, ctrl+down",
    Footer: "its entries are the keys",
}


def unreachable(app: LimelightApp) -> list[str]:
    """Visible widgets that react to the mouse and to no key."""
    found = []
    for widget in app.screen.query("*"):
        if not widget.display or not widget.region:
            continue
        own = getattr(type(widget), "_on_click", None) is not Widget._on_click
        clickable = own or hasattr(type(widget), "on_click")
        if not clickable or isinstance(widget, OptionList | Input):
            continue  # these take the focus, and arrows, Enter and typing
        if widget.focusable or isinstance(widget, tuple(_KEYED)):
            continue
        if type(widget).__module__.startswith("textual"):
            continue  # scrollbars (PageUp and PageDown) and the footer's own parts
        found.append(repr(widget))
    return found


async def test_every_mouse_target_has_a_key() -> None:
    app = LimelightApp(lambda: Stage.open(OPTIONS), options=OPTIONS)
    async with app.run_test(size=(140, 40)) as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.screen.bridge._stage is not None, 120)
        await play.idle()
        await play.do("go east")
        assert unreachable(app) == []
        # What the panes play by mouse is accepted as typed.
        for pane in app.screen.query(Pane):
            for entry in pane._entries:
                if entry.command:
                    for command in (entry.command, "undo"):
                        play.screen.play(command)
                        await play.idle()
                        assert play.blocks[-1].kind != "error"
        await pilot.press("f12")
        await play.until(lambda: app.screen is not play.screen)
        assert unreachable(app) == [] and isinstance(app.focused, OptionList)
        await pilot.press("escape", "f10")
        await play.until(lambda: "Quit" in play.text())
        assert unreachable(app) == [] and isinstance(app.focused, OptionList)
        for key in ("w", "m"):
            await pilot.press(key)
            await play.until(lambda: isinstance(app.focused, OptionList))
            assert unreachable(app) == []
            await pilot.press("escape")
            await play.until(lambda: "Quit" in play.text())


def test_every_key_of_the_table_is_bound_once_and_does_something() -> None:
    owners = {"app": LimelightApp, "game": PlayScreen, "telling": RetellingScreen}
    assert len({key.key for key in KEYS}) == len(KEYS)
    for owner, bound in owners.items():
        keys = {key.key for key in KEYS if key.owner == owner}
        assert {b.key for b in bound.BINDINGS if isinstance(b, Binding)} == keys
        for key in KEYS:
            if key.owner == owner:
                assert hasattr(bound, f"action_{key.action.partition('(')[0]}"), key


async def test_the_help_page_and_the_manual_name_every_key() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "playing.md").read_text(encoding="utf-8")
    app = LimelightApp(lambda: Stage.open(OPTIONS), options=OPTIONS)
    async with app.run_test(size=(100, 80)) as pilot:
        play = Play(app, pilot)
        await pilot.press("f1")
        await play.until(lambda: "save and quit" in play.text())
        shown = play.text().split()
        for key in KEYS:
            assert key.shown in shown, key
            assert key.shown in manual, key


async def test_the_foot_of_every_screen_fits_80_columns() -> None:
    app = LimelightApp(lambda: Stage.open(OPTIONS), options=OPTIONS)
    async with app.run_test(size=(80, 24)) as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.screen.book is not None, 120)

        def fits() -> bool:
            foot = sorted((key.region for key in app.screen.query(FooterKey)), key=lambda r: r.x)
            return all(a.right <= b.x for a, b in pairwise(foot)) and foot[-1].right <= 80

        assert fits()
        for key in ("f2", "f4", "f9", "f12"):
            await pilot.press(key)
            await play.until(lambda: app.screen is not play.screen and app.screen.query(FooterKey))
            assert fits(), key
            await pilot.press("escape")
            await play.until(lambda: app.screen is play.screen)
        await pilot.press("f10")
        await play.until(lambda: "Quit" in play.text())
        assert fits()
        for key in ("w", "m"):
            await pilot.press(key)
            await play.until(lambda: len(app.screen_stack) > 2 and app.screen.query(FooterKey))
            assert fits(), key
            await pilot.press("escape")
            await play.until(lambda: "Quit" in play.text())
