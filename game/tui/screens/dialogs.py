"""Two small popups: a question with two answers, and a line of text to edit."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


class ConfirmScreen(ModalScreen[bool]):
    """True for yes. The harmless answer is marked first; escape gives it, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(id="confirm"):
            yield Static(self._question, markup=False)
            yield OptionList(Option(f"n  {self._no}", id="no"), Option(f"y  {self._yes}", id="yes"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class LineScreen(ModalScreen[str | None]):
    """The text as it stands after Enter; None after escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Leave as it was")]

    def __init__(self, help: str, value: str) -> None:
        super().__init__()
        self._help, self._value = help, value

    def compose(self) -> ComposeResult:
        with Vertical(id="line"):
            yield Static(self._help, markup=False)
            yield Input(self._value, select_on_focus=False)
            yield Static("Enter keep   Esc leave", classes="note")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        self.dismiss(None)
