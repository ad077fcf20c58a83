"""A small popup: why this thumb?"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from game.front.text import excerpt
from game.front.thumbs import TAGS


class ReasonsScreen(ModalScreen[tuple[str, ...] | None]):
    """Choose reasons by number, arrow keys and space, or mouse. None: leave them as they were."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Leave as it was"),
        Binding("enter", "keep", "Keep", priority=True),
        Binding("space", "tick", "Choose", priority=True),
    ]

    def __init__(self, text: str, value: int, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._text = text
        self._sign = "▲" if value > 0 else "▼"
        # Reasons typed elsewhere stay choosable.
        self._tags = (*TAGS, *(tag for tag in chosen if tag not in TAGS))
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(id="reasons"):
            yield Static(f"{self._sign} {excerpt(self._text, 44)}", id="quoted", markup=False)
            yield OptionList(
                *(Option(self._drawn(tag), id=tag) for tag in self._tags), compact=True
            )
            yield Static("1-8 or space choose   Enter keep   Esc leave", id="keys")

    def _drawn(self, tag: str) -> Content:
        """A box that says without colour, too, whether it is ticked."""
        box = ("[✓]", "$success bold") if tag in self._chosen else ("[ ]", "$quiet")
        return Content.assemble(box, f" {self._tags.index(tag) + 1}  {tag}")

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "123456789":
            number = int(event.character) - 1
            if number < len(self._tags):
                self._tick(self._tags[number])
                event.stop()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._tick(self._tags[event.option_index])

    def action_tick(self) -> None:
        """Tick the marked reason, or no longer."""
        if (at := self.query_one(OptionList).highlighted) is not None:
            self._tick(self._tags[at])

    def _tick(self, tag: str) -> None:
        self._chosen ^= {tag}
        self.query_one(OptionList).replace_option_prompt(tag, self._drawn(tag))

    def action_keep(self) -> None:
        self.dismiss(tuple(tag for tag in self._tags if tag in self._chosen))

    def action_cancel(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.action_keep()
