"""The command line: history, and a ghost of what could be meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from game.front.history import History
from game.meta import COMMANDS


class ActionSuggester(Suggester):
    """Completes what was typed to something that would work now, or to talk about the game.

    The player's latest command comes first if it is among what would work.
    """

    META = tuple(command.name for command in COMMANDS)

    def __init__(self, history: History) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        self._history = history
        self.complete: Callable[[str], list[str]] = lambda prefix: []

    async def get_suggestion(self, value: str) -> str | None:
        start = value.casefold()
        if not start.strip():
            return None
        fitting = [
            command
            for command in (*self.complete(start), *self.META)
            if len(command) > len(start) and command.casefold().startswith(start)
        ]
        before = self._history.latest(start)
        return before if before in fitting else next(iter(fitting), None)


class CommandLine(Input):
    """An Input whose up and down walk the history and whose Tab takes the ghost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
        Binding("tab", "take", show=False),
    ]

    def __init__(self, history: History, *, id: str) -> None:
        self.suggestions = ActionSuggester(history)
        super().__init__(
            id=id,
            compact=True,
            placeholder="type what you do, or help",
            suggester=self.suggestions,
            max_length=500,
            # Coming back to it must not make the next letter replace what is already typed.
            select_on_focus=False,
        )
        self._history = history

    def offer(self, complete: Callable[[str], list[str]]) -> None:
        """From now on, suggest what `complete` makes of a beginning."""
        self.suggestions.complete = complete

    def show(self, text: str) -> None:
        """Replace what is typed, the cursor at its end."""
        self.value = text
        self.cursor_position = len(text)

    def action_older(self) -> None:
        if (line := self._history.older(self.value)) is not None:
            self.show(line)

    def action_newer(self) -> None:
        if (line := self._history.newer()) is not None:
            self.show(line)

    def action_take(self) -> None:
        """Take the suggestion; with none to take, go to the transcript."""
        if self._suggestion and self.cursor_at_end:
            self.show(self._suggestion)
        else:
            self.screen.focus_next()
