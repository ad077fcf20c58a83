"""The journal: all that the player knows, to be searched and pinned."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from game.front.book import Book
from game.front.journal import Fact, journal_of
from game.tui.screens.book import BookScreen
from game.tui.widgets.wrap import wrap


class JournalScreen(BookScreen):
    """Facts under their groups. `pin` is called with the key of a fact that is pinned, or no more;
    the book that comes of it is handed to `show`."""

    DEFAULT_CSS = """
    JournalScreen { background: $background; }
    JournalScreen #heading { height: 1; padding: 0 1; background: $surface; color: $quiet; }
    JournalScreen Input, JournalScreen Input:focus {
        height: 1; padding: 0 1; border: none; background: $surface;
    }
    JournalScreen #search { padding: 0 1; }
    JournalScreen OptionList, JournalScreen OptionList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background;
        background-tint: transparent; scrollbar-size-vertical: 1;
        scrollbar-gutter: stable; /* the lines are broken for the width beside it */
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", key_display="Esc"),
        Binding("f4", "leave", show=False),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("enter,p", "pin", "Pin", key_display="Enter"),
    ]
    AUTO_FOCUS = "#facts"

    def __init__(self, book: Book, pin: Callable[[str], None]) -> None:
        super().__init__()
        self._book = book
        self._pin = pin
        self._rows: list[Fact | None] = []  # None: a group's heading

    def compose(self) -> ComposeResult:
        title = ("Journal", "$primary bold")
        kept = "   a pinned memory is always in its owner's mind"
        yield Static(Content.assemble(title, kept), id="heading")
        yield Input(placeholder="search: / then words", id="search", compact=True)
        yield OptionList(id="facts", compact=True)
        yield Footer(compact=True)

    def on_resize(self) -> None:
        # The lines are broken by hand, and the width is known only when all is laid out.
        self.call_after_refresh(lambda: self.show(self._book))

    def show(self, book: Book) -> None:
        """List what is known now, with the same line chosen."""
        chosen = self.chosen
        self._book = book
        self._list(chosen.key if chosen else "")

    @property
    def chosen(self) -> Fact | None:
        at = self.query_one("#facts", OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def _list(self, key: str = "") -> None:
        facts = journal_of(self._book, self.query_one("#search", Input).value)
        width = self.query_one("#facts", OptionList).scrollable_content_region.width
        self._rows = []
        options: list[Option] = []
        group = ""
        for fact in facts:
            if fact.group != group:
                group = fact.group
                self._rows.append(None)
                options.append(Option(Content.styled(group, "$primary bold"), disabled=True))
            self._rows.append(fact)
            options.append(Option(_drawn(fact, width)))
        listed = self.query_one("#facts", OptionList)
        listed.clear_options()
        listed.add_options(options)
        keys = [fact.key if fact else "" for fact in self._rows]
        if facts:
            listed.highlighted = keys.index(key) if key and key in keys else 1
        else:
            listed.add_option(Option(Content("Nothing like that."), disabled=True))

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        self._list()

    @on(Input.Submitted)
    def _found(self, event: Input.Submitted) -> None:
        self.query_one("#facts", OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.action_pin()

    def on_key(self, event: events.Key) -> None:
        if event.key == "down" and self.query_one("#search", Input).has_focus:
            self.query_one("#facts", OptionList).focus()
            event.stop()

    def action_pin(self) -> None:
        if self.chosen is not None:
            self._pin(self.chosen.key)

    def action_search(self) -> None:
        self.query_one("#search", Input).focus()

    def action_leave(self) -> None:
        field = self.query_one("#search", Input)
        if field.has_focus and field.value:
            field.clear()
        else:
            self.dismiss()


def _drawn(fact: Fact, width: int) -> Content:
    """The fact in lines of `width` cells, all but the mark indented by the mark's room."""
    # Assembled rather than written as markup: a fact may hold any words of the player's.
    mark = ("● ", "$accent bold") if fact.pinned else ("  ", "")
    said = Content.assemble(fact.text, (f"  {fact.when}", "$quiet"))
    lines = [said[start:end] for start, end in wrap(said.plain, max(10, width - 2))]
    return Content.assemble(mark, Content("\n  ").join(lines))
