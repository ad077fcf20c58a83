"""Character cards: everybody the player has met, one card at a time."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from game.front.book import Book
from game.front.people import Card, cards_of
from game.front.text import one_line
from game.tui.screens.book import BookScreen


class PeopleScreen(BookScreen):
    """Names at the left, those who are here first; the chosen one's card at the right."""

    DEFAULT_CSS = """
    PeopleScreen { background: $background; }
    PeopleScreen #heading { height: 1; padding: 0 1; background: $surface; color: $quiet; }
    PeopleScreen #names, PeopleScreen #names:focus {
        width: 28; height: 1fr; border: none; padding: 1 1; background: $surface 50%;
        background-tint: transparent;
    }
    PeopleScreen #card { width: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f9,q", "leave", "Close", key_display="Esc"),
        Binding("pageup,space", "page(-1)", "Read up", show=False),
        Binding("pagedown", "page(1)", "Read on", key_display="PgDn"),
    ]
    AUTO_FOCUS = "#names"

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._cards = cards_of(book)

    def compose(self) -> ComposeResult:
        yield Static(Content.styled("People you have met", "$primary bold"), id="heading")
        with Horizontal():
            yield OptionList(id="names", compact=True)
            with VerticalScroll(id="card", can_focus=False):
                yield Static(id="text")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._list()

    def show(self, book: Book) -> None:
        """List who is known now, with the same card open."""
        chosen = self._chosen()
        self._cards = cards_of(book)
        self._list(chosen.id if chosen else "")

    def _list(self, chosen: str = "") -> None:
        names = self.query_one("#names", OptionList)
        names.clear_options()
        names.add_options(Option(_name(card)) for card in self._cards)
        if not self._cards:
            self.query_one("#text", Static).update("You have met nobody yet.")
            return
        ids = [card.id for card in self._cards]
        names.highlighted = ids.index(chosen) if chosen in ids else 0

    def _chosen(self) -> Card | None:
        at = self.query_one("#names", OptionList).highlighted
        return self._cards[at] if at is not None and at < len(self._cards) else None

    @on(OptionList.OptionHighlighted)
    def _opened(self, event: OptionList.OptionHighlighted) -> None:
        card = self._cards[event.option_index]
        self.query_one("#text", Static).update(_drawn(card))
        self.query_one("#card", VerticalScroll).scroll_home(animate=False)

    def action_page(self, step: int) -> None:
        card = self.query_one("#card", VerticalScroll)
        if step < 0:
            card.scroll_page_up(animate=False)
        else:
            card.scroll_page_down(animate=False)


def _name(card: Card) -> Content:
    return Content.assemble((one_line(card.name), "$accent" if card.here else ""))


def _drawn(card: Card) -> Content:
    # Assembled rather than written as markup: what people said may hold any words of the player's.
    parts: list[Content | str | tuple[str, str]] = [(f"{card.name}\n", "$primary bold")]
    parts += [f"{card.look}\n\n"] if card.look else []
    parts += [(f"{card.standing}\n", "$accent"), (f"{card.seen}\n", "$quiet")]
    for title, lines in card.sections():
        parts.append((f"\n{title}\n", "$primary"))
        for line in lines:
            mark = "● " if line.pinned else "· "
            parts += [mark, line.text, (f"  turn {line.turn}\n", "$faint")]
    return Content.assemble(*parts)
