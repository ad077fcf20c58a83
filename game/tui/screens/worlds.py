"""The world picker: every world with what it says of itself, and the game in progress there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from game.front import lobby
from game.front.text import one_line
from game.tui.screens.dialogs import ConfirmScreen


@dataclass(frozen=True, slots=True)
class Choice:
    """The world to play, from its beginning or where it was left."""

    world: str
    anew: bool


class WorldsScreen(Screen[Choice | None]):
    """Choose a world. Enter goes on with the game in progress there, if there is one, or begins;
    with `anew` it always begins. A game in progress is given up only after asking."""

    AUTO_FOCUS = "#worlds"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "anew", "Begin anew"),
        Binding("escape,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, anew: bool = False) -> None:
        super().__init__()
        self._anew = anew
        self._posters: dict[str, lobby.Poster] = {}
        self._games: dict[str, lobby.Unfinished] = {}

    def compose(self) -> ComposeResult:
        yield Static("New game: choose a world" if self._anew else "Worlds", classes="heading")
        with Horizontal(classes="body"):
            yield OptionList(id="worlds", classes="list")
            with VerticalScroll(id="about", can_focus=False):
                yield Static("", id="poster", markup=False)
        yield Static(
            "↑ ↓ choose   Enter begin" if self._anew else "↑ ↓ choose   Enter play", classes="note"
        )
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._games = {game.world: game for game in lobby.unfinished()}
        self._read()

    @work(thread=True, exit_on_error=False)
    def _read(self) -> None:
        found = lobby.posters()
        self.app.call_from_thread(self._show, found)

    def _show(self, found: list[lobby.Poster]) -> None:
        self._posters = {poster.world: poster for poster in found}
        worlds = self.query_one(OptionList)
        worlds.add_options(
            Option(Text(one_line(p.title)), id=p.world, disabled=bool(p.trouble)) for p in found
        )
        worlds.highlighted = 0 if found else None
        if not found:
            self._say(Text("There are no worlds here. Write one: game world new NAME"))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        poster = self._posters[str(event.option_id)]
        quiet = self.app.theme_variables["quiet"]
        text = Text().append(one_line(poster.title), "bold")
        if poster.author:
            text.append(f"\nby {one_line(poster.author)}", quiet)
        if poster.intro:
            text.append(f"\n\n{one_line(poster.intro)}")
        if (game := self._games.get(poster.world)) is not None:
            left = f"Your game: {one_line(game.room)}, turn {game.turn}, {lobby.ago(game.saved_at)}"
            text.append(f"\n\n{left}", self.app.theme_variables["accent"])
        self._say(text)

    def _say(self, text: Text) -> None:
        self.query_one("#poster", Static).update(text)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._play(str(event.option_id), self._anew)

    def action_anew(self) -> None:
        worlds = self.query_one(OptionList)
        if worlds.highlighted is not None:
            self._play(str(worlds.get_option_at_index(worlds.highlighted).id), True)

    def _play(self, world: str, anew: bool) -> None:
        game = self._games.get(world)
        if not anew or game is None:
            self.dismiss(Choice(world, anew))
            return

        def begin(sure: bool | None) -> None:
            if sure:
                self.dismiss(Choice(world, True))

        question = f"Your game at turn {game.turn} will be gone. Begin anew?"
        self.app.push_screen(ConfirmScreen(question, "Begin anew", "Keep my game"), begin)
