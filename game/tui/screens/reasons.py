"""A small popup: why this thumb?"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from game.front.text import excerpt
from game.front.thumbs import TAGS


class ReasonsScreen(ModalScreen[tuple[str, ...] | None]):
    """Choose reasons by number, arrow keys and space, or mouse. None: leave them as they were."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Leave as it was"),
        Binding("enter", "keep", "Keep", priority=True),
    ]

    def __init__(self, text: str, value: int, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._text = text
        self._sign = "▲" if value > 0 else "▼"
        # Reasons typed elsewhere stay choosable.
        self._tags = (*TAGS, *(tag for tag in chosen if tag not in TAGS))
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(id="reasons"):
            yield Static(f"{self._sign} {excerpt(self._text, 44)}", id="quoted", markup=False)
            yield SelectionList[str](
                *(
                    Selection(f"{n}  {tag}", tag, tag in self._chosen)
                    for n, tag in enumerate(self._tags, 1)
                ),
                compact=True,
            )
            yield Static("1-8 or space choose   Enter keep   Esc leave", id="keys")

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "123456789":
            number = int(event.character) - 1
            if number < len(self._tags):
                self.query_one(SelectionList).toggle(self._tags[number])
                event.stop()

    def action_keep(self) -> None:
        picked = self.query_one(SelectionList).selected
        self.dismiss(tuple(tag for tag in self._tags if tag in picked))

    def action_cancel(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.action_keep()
