"""What is behind a telling: events, a character's reasons, the guard's verdicts, the sampler."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from game.front.text import clean, one_line


class WhyScreen(ModalScreen[str | None]):
    """Shows the data of `game.front.why.why`. Closes with "context", "edit" or None."""

    AUTO_FOCUS = "#why-scroll"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+t,q,enter", "dismiss", "Close"),
        Binding("c", "then('context')", "What the model was given"),
        Binding("e", "then('edit')", "Edit"),
    ]

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()
        self._data = data

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            with VerticalScroll(id="why-scroll"):
                yield Static(self._text(), markup=False)
            yield Static(
                "↑ ↓ read on   c what the model got   e edit   Esc close", classes="page-keys"
            )

    def _text(self) -> Text:
        from game.front.why import why_sections  # with it comes the engine, which starts later

        text = Text()
        signs = {
            "✓": self.app.theme_variables.get("success"),
            "✗": self.app.theme_variables["error"],
        }
        title = f"bold {self.app.theme_variables['primary']}"
        for heading, rows in why_sections(self._data):
            text.append(f"{heading}\n", title)
            for sign, line in rows:
                if sign:
                    text.append(f"{sign} ", signs[sign])
                # Clean and built as data: nothing a model or a world wrote is read as markup.
                text.append(clean(line) if not sign else one_line(line))
                text.append("\n")
            text.append("\n")
        text.rstrip()
        return text

    def action_then(self, view: str) -> None:
        self.dismiss(view)
