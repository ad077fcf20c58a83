"""The title screen: go on, begin, choose a world, change settings, leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from game import paths
from game.front import lobby
from game.front.text import one_line

if TYPE_CHECKING:
    from game.tui.app import LimelightApp

#: The title's entries: the action, the key, the word.
ENTRIES = (
    ("lesson", "f", "First steps"),
    ("resume", "r", "Resume"),
    ("new", "n", "New game"),
    ("worlds", "w", "Worlds"),
    ("settings", "s", "Settings"),
    ("models", "m", "Narrator"),
    ("leave", "q", "Quit"),
)
_WIDTH = max(len(word) for _, _, word in ENTRIES) + 2
_NOTES = {
    "lesson": "five minutes that show you how to play",
    "new": "choose a world and begin",
    "worlds": "what there is to play",
    "settings": "colours, narration, saving",
    "models": "which model tells the story",
}


class TitleScreen(Screen[None]):
    """The first screen, unless a world was named. `Resume` is there once there is a game, and
    the tutorial at the head as long as there is none."""

    AUTO_FOCUS = "#menu"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, action, word) for action, key, word in ENTRIES),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._latest: lobby.Unfinished | None = None
        self._lesson = False

    def compose(self) -> ComposeResult:
        with Vertical(id="title"):
            yield Static("L I M E L I G H T", id="banner")
            yield Static("A text adventure whose cast learns from your applause.", id="motto")
            yield OptionList(id="menu")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self.app.title = "Limelight"
        found = lobby.unfinished()
        self._latest = found[0] if found else None
        self._lesson = not found and lobby.TUTORIAL in paths.list_worlds()
        self._fill("")
        if self._latest is not None:
            self._find_title(self._latest.world)

    @work(thread=True, exit_on_error=False)
    def _find_title(self, world: str) -> None:
        """Find the world's title, which takes longer than the first screen should."""
        titles = {poster.world: poster.title for poster in lobby.posters()}
        self.app.call_from_thread(self._fill, titles.get(world, world))

    def _fill(self, title: str) -> None:
        menu = self.query_one(OptionList)
        at = menu.highlighted or 0
        menu.clear_options()
        menu.add_options(
            Option(self._label(action, key, word, title), id=action)
            for action, key, word in ENTRIES
            if self._offers(action)
        )
        menu.highlighted = at
        self.refresh_bindings()

    def _label(self, action: str, key: str, word: str, title: str) -> Text:
        variables = self.app.theme_variables
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{key}  ", variables["primary"]).append(f"{word:<{_WIDTH}}")
        note = _NOTES.get(action, "")
        if action == "resume" and (game := self._latest) is not None:
            parts: Sequence[str] = (title, f"turn {game.turn}", lobby.ago(game.saved_at), game.room)
            note = one_line(" · ".join(part for part in parts if part))
        return text.append(note, variables["quiet"])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._offers(action)

    def _offers(self, action: str) -> bool:
        if action == "lesson":
            return self._lesson
        return action != "resume" or self._latest is not None

    @on(OptionList.OptionSelected, "#menu")
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        await self.run_action(str(event.option_id))

    @property
    def _limelight(self) -> LimelightApp:
        return cast("LimelightApp", self.app)

    def action_resume(self) -> None:
        if self._latest is not None:
            self._limelight.enter(self._latest.world)

    def action_lesson(self) -> None:
        self._limelight.enter(lobby.TUTORIAL)

    def action_new(self) -> None:
        self._limelight.choose_world(anew=True)

    def action_worlds(self) -> None:
        self._limelight.choose_world()

    def action_settings(self) -> None:
        self._limelight.action_settings()

    def action_models(self) -> None:
        self._limelight.action_models()

    def action_leave(self) -> None:
        self.app.exit(0)
