"""The history of the game: every turn and branch, to go back to, play on from, and name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from game.front.tree import TreeRow

_KEYS = "↑ ↓ choose   Enter go there   n name its branch   Esc leave"
_NAMING = "Enter keep the name   Esc leave it"


class HistoryScreen(ModalScreen[str | None]):
    """Choose a turn. Closes with the command to play: to go there or to name its branch."""

    DEFAULT_CSS = """
    HistoryScreen { align: center middle; background: $background 60%; }
    HistoryScreen #tree {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface;
    }
    HistoryScreen OptionList {
        background: $surface; height: auto; max-height: 1fr; border: none; padding: 0;
    }
    HistoryScreen #heading { color: $primary; text-style: bold; margin-bottom: 1; }
    HistoryScreen #keys { color: $quiet; margin-top: 1; }
    HistoryScreen Input { display: none; margin-top: 1; }
    HistoryScreen.-naming Input { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", priority=True),
        Binding("n", "name", "Name"),
        Binding("f8,q", "leave", show=False),
    ]

    def __init__(self, rows: Sequence[TreeRow]) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        with Vertical(id="tree"):
            yield Static("History", id="heading")
            yield OptionList(*(Option(_drawn(row)) for row in self._rows), compact=True)
            yield Input(max_length=30, compact=True)
            yield Static(_KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        turns = self.query_one(OptionList)
        turns.highlighted = next(n for n, row in enumerate(self._rows) if row.here)
        turns.focus()

    @property
    def chosen(self) -> TreeRow:
        return self._rows[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionSelected)
    def _go(self, event: OptionList.OptionSelected) -> None:
        row = self._rows[event.option_index]
        self.dismiss(None if row.here else row.command)

    def action_name(self) -> None:
        """Ask for a name of the branch that the chosen turn is on."""
        self.add_class("-naming")
        field = self.query_one(Input)
        field.placeholder = f"another name for {self.chosen.branch}"
        field.focus()
        self.query_one("#keys", Static).update(_NAMING)

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        name = "-".join(event.value.split())
        self.dismiss(f"branch {self.chosen.branch} {name}" if name else None)

    def action_leave(self) -> None:
        if not self.has_class("-naming"):
            self.dismiss(None)
            return
        self.remove_class("-naming")
        self.query_one(Input).clear()
        self.query_one("#keys", Static).update(_KEYS)
        self.query_one(OptionList).focus()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)


def _drawn(row: TreeRow) -> Content:
    # Assembled rather than written as markup: a deed may hold any words of the player's.
    return Content.assemble(
        ("▶ " if row.here else "  ", "$primary bold"),
        (f"{row.depth:>3}  ", "$quiet"),
        (row.lines, "$quiet"),
        (row.deed, "bold" if row.here else ""),
        ("".join(f"  ◂ {name}" for name in row.ends), "$accent"),
    )
