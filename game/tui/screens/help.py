"""What one can type, and what every key does."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from game.tui.keys import GROUPS, Row


class HelpScreen(ModalScreen[None]):
    """The help page; the arrows read on, and any of its keys closes it."""

    AUTO_FOCUS = "#help-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q,space", "dismiss", "Close"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            with VerticalScroll(id="help-scroll"):
                for title, rows in GROUPS:
                    yield Static(title, classes="help-title", markup=False)
                    yield Static(self._table(rows), classes="help-rows")
            yield Static("↑ ↓ read on   Esc close", classes="page-keys")

    def _table(self, rows: tuple[Row, ...]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=15, no_wrap=True, style=self.app.theme_variables["primary"])
        table.add_column(ratio=1)
        for row in rows:
            table.add_row(row.shown, row.does)
        return table
