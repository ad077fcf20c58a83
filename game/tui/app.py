"""The terminal app: themes, signals, the palette, and the game screen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme

from game.front.history import History
from game.tui.screens.play import PlayScreen

if TYPE_CHECKING:
    from game.front.stage import Stage

EVENING = Theme(
    name="evening",
    primary="#c6d57e",
    secondary="#8fb8c9",
    accent="#e0bd84",
    foreground="#d8d3c6",
    background="#15171c",
    surface="#1c1f26",
    panel="#23272f",
    success="#9ccc78",
    warning="#e5a86b",
    error="#e27d79",
    dark=True,
)
MATINEE = Theme(
    name="matinee",
    primary="#5c6d12",
    secondary="#2f6580",
    accent="#8a5a12",
    foreground="#2c2a26",
    background="#f6f3ea",
    surface="#ebe6d8",
    panel="#e0dac9",
    success="#3f7a25",
    warning="#a8641a",
    error="#b03a3a",
    dark=False,
)


class LimelightApp(App[int]):
    """Plays the stage that `open_stage` opens. `failure` is what went wrong, if anything."""

    CSS_PATH = "style.tcss"
    TITLE = "Limelight"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"

    def __init__(
        self, open_stage: Callable[[], Stage], history: History | None = None, theme: str = ""
    ) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.play_screen = PlayScreen(open_stage, history or History())
        for known in (EVENING, MATINEE):
            self.register_theme(known)
        self.theme = theme if theme in self.available_themes else EVENING.name

    def get_default_screen(self) -> Screen[None]:
        return self.play_screen

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.exit, 128 + number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not on the main thread, or a platform without them

    def on_unmount(self) -> None:
        self.play_screen.bridge.close()

    def fail(self, error: Exception) -> None:
        """End the app because of `error`, which the caller of `run` finds in `failure`."""
        self.failure = error
        self.exit(1)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        play = self.play_screen
        for title, help, command in (
            ("Undo", "Take the last turn back", "undo"),
            ("Save", "Save the game", "save"),
            ("Restore", "Go back to the saved game", "restore"),
            ("Goals", "What to aim for", "goals"),
            ("Actions", "Everything that is possible now", "actions"),
        ):
            yield SystemCommand(title, help, lambda command=command: play.play(command))
        yield SystemCommand("How to play", "Commands and keys", play.action_help)
        yield SystemCommand("History", "Go to any turn, or branch", play.action_history)
        yield SystemCommand("Facts", "Show or hide what truly happened", play.action_facts)
        yield SystemCommand("Stop the narrator", "The plain facts stand", play.action_stop)
