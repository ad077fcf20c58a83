"""What the model was given for a telling: its parts as bars, and the text of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from game.front.text import clean

if TYPE_CHECKING:
    from game.narrator.context import Context


class ContextScreen(ModalScreen[None]):
    """Up and down choose a part, whose text is shown below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._given = context

    def compose(self) -> ComposeResult:
        from game.front.why import context_lines  # with it comes the engine, which starts later

        *parts, total = context_lines(self._given)
        with Vertical(classes="page"):
            yield OptionList(*(Option(Text(line)) for line in parts), id="parts", compact=True)
            yield Static(f"  {total}", id="total", markup=False)
            with VerticalScroll(id="part-scroll", can_focus=False):
                yield Static("", id="part", markup=False)
            yield Static("↑ ↓ part   PageUp PageDown its text   Esc close", classes="page-keys")

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        part = self._given.parts[event.option_index]
        shown = clean(part.text) or "(vectors, which have no text)"
        self.query_one("#part", Static).update(Text(shown))
        self.query_one("#part-scroll", VerticalScroll).scroll_home(animate=False)

    def action_page(self, step: int) -> None:
        scroll = self.query_one("#part-scroll", VerticalScroll)
        if step < 0:
            scroll.scroll_page_up(animate=False)
        else:
            scroll.scroll_page_down(animate=False)
