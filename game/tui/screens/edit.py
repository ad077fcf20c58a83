"""The player's wording of a telling."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from game.front.text import one_line


class EditScreen(ModalScreen[str | None]):
    """Rewrite the model's words; None: leave them. The facts around them stay as they are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave as it was", priority=True),
        Binding("enter", "keep", "Keep", priority=True),
        Binding("ctrl+r", "original", "The model's words", priority=True),
    ]

    def __init__(self, text: str, original: str) -> None:
        super().__init__()
        self._text = text
        self._original = original

    def compose(self) -> ComposeResult:
        with Vertical(id="edit"):
            yield Static(Text("Your words in the place of the narrator's"), id="edit-title")
            yield TextArea(self._text, soft_wrap=True, compact=True)
            yield Static(
                "Enter keep   ctrl+R the narrator's words   Esc leave", classes="page-keys"
            )

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_keep(self) -> None:
        self.dismiss(one_line(self.query_one(TextArea).text) or None)

    def action_original(self) -> None:
        self.query_one(TextArea).text = self._original

    def action_leave(self) -> None:
        self.dismiss(None)
