"""What one can type, and what every key does."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

#: What there is to know by group: what is typed or pressed, and what it does.
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Play: type what you want to do",
        (
            ("look, go north", "as in take the lamp, ask keeper about sword, inventory"),
            ("actions, goals", "what is possible now; what to aim for"),
            ("undo", "takes a turn back; every turn is saved by itself"),
            ("save NAME", "keeps a place, restore NAME goes back to it"),
        ),
    ),
    (
        "The command line",
        (
            ("↑ ↓", "earlier commands"),
            ("→ or Tab", "takes the grey suggestion"),
            ("Tab", "on an empty line: to the story, where ↑ ↓ mark a telling, + - thumb it, "
             "Enter says why, ← → leaf through its tellings; any letter leads back"),
            ("Esc", "stops the narrator; the plain facts stand"),
        ),
    ),
    (
        "Applaud: the bar ▌ marks a telling",
        (
            ("F5 F6", "▲ you like it, ▼ you do not; the same again takes it back"),
            ("F7", "say why"),
            ("ctrl+↑ ctrl+↓", "mark another telling"),
            ("ctrl+R", "have it told another way; ctrl+← ctrl+→ on an empty line go from one to "
             "the other"),
            ("ctrl+T", "what is behind it; there c: what the model was given, e: edit it"),
            ("ctrl+N ctrl+B", "learn from your thumbs now; go back to the narrator before"),
        ),
    ),
    (
        "Read and know",
        (
            ("PageUp PageDown", "scroll; ctrl+End: the newest"),
            ("F2", "map of where you have been"),
            ("F3", "what truly happened, under every telling"),
            ("F4", "journal of what you know: / searches, Enter pins"),
            ("F8", "your turns: go back to any of them and play on; n names a branch"),
            ("F9", "people you have met"),
        ),
    ),
    (
        "The game",
        (
            ("F1", "this page"),
            ("F10", "title screen; the game is kept"),
            ("F12", "settings"),
            ("ctrl+P", "every command by name"),
            ("ctrl+Q", "save and quit"),
        ),
    ),
)  # fmt: skip


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

    def _table(self, rows: tuple[tuple[str, str], ...]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=15, no_wrap=True, style=self.app.theme_variables["primary"])
        table.add_column(ratio=1)
        for keys, what in rows:
            table.add_row(keys, what)
        return table
