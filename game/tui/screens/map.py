"""The map as far as the player has been, one floor at a time, the player's room in view."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Footer, Static

from game.front.atlas import UNKNOWN, Atlas, atlas_of
from game.front.book import Book
from game.front.text import one_line
from game.tui.screens.book import BookScreen


class MapScreen(BookScreen):
    """Scrolls over one floor; every time it opens, or is centred, the player's room is in view."""

    DEFAULT_CSS = """
    MapScreen { background: $background; }
    MapScreen #where { height: 1; padding: 0 1; background: $surface; color: $quiet; }
    MapScreen #sheet { height: 1fr; align: center middle; scrollbar-size-vertical: 1; }
    MapScreen #drawing { width: auto; height: auto; padding: 1 2; }
    MapScreen #signs {
        height: auto; max-height: 6; padding: 0 1; margin-bottom: 1; color: $quiet;
        border-top: solid $mark;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,q", "leave", "Close", key_display="Esc"),
        Binding("c,home", "centre", "Centre"),
        Binding("pageup,u", "floor(-1)", "Up a floor", key_display="PgUp"),
        Binding("pagedown,d", "floor(1)", "Down a floor", key_display="PgDn"),
    ]
    AUTO_FOCUS = "#sheet"

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._show_book(book)

    def _show_book(self, book: Book) -> None:
        self._atlas: Atlas = atlas_of(book)
        self._floor = self._atlas.current

    def compose(self) -> ComposeResult:
        yield Static(id="where", markup=False)
        with ScrollableContainer(id="sheet"):
            yield Static(id="drawing")
        yield Static(id="signs", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self.action_centre)

    def show(self, book: Book) -> None:
        """Draw what is known now."""
        self._show_book(book)
        self._draw()

    def _draw(self) -> None:
        atlas, floor = self._atlas, self._atlas.floors[self._floor]
        many = len(atlas.floors) > 1
        where = one_line(atlas.map.world.rooms[atlas.here].name)
        tail = f"   {floor.name} ({self._floor + 1} of {len(atlas.floors)})" if many else ""
        self.query_one("#where", Static).update(
            Content.assemble(("Map", "$primary bold"), f"   {where}{tail}")
        )
        self.query_one("#drawing", Static).update(_coloured(atlas, self._floor))
        signs = [atlas.legend(), *floor.notes]
        self.query_one("#signs", Static).update("\n".join(signs))
        self.call_after_refresh(self.action_centre)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "floor":
            step = parameters[0]
            assert isinstance(step, int)
            return 0 <= self._floor + step < len(self._atlas.floors)
        return True

    def action_floor(self, step: int) -> None:
        self._floor += step
        self._draw()
        self.refresh_bindings()

    def action_centre(self) -> None:
        """Bring the player's room, or else the middle of the floor, to the middle of the screen."""
        sheet = self.query_one("#sheet", ScrollableContainer)
        box = self._atlas.floors[self._floor].sheet.boxes.get(self._atlas.here)
        if box is None:
            sheet.scroll_to(sheet.max_scroll_x / 2, sheet.max_scroll_y / 2, animate=False)
            return
        x, y, width, height = box
        across = x + width / 2 + 2 - sheet.size.width / 2
        down = y + height / 2 + 1 - sheet.size.height / 2
        sheet.scroll_to(max(0, across), max(0, down), animate=False)


def _coloured(atlas: Atlas, number: int) -> Content:
    """The floor's lines, the player's room bright and the unknown ones dim."""
    sheet = atlas.floors[number].sheet
    content = Content("\n".join(sheet.lines))
    starts = [0]
    for line in sheet.lines:
        starts.append(starts[-1] + len(line) + 1)
    for room, (x, y, width, height) in sheet.boxes.items():
        style = "$primary bold" if room == atlas.here else ""
        style = "$faint" if room.startswith(UNKNOWN) else style
        for row in range(y, min(y + height, len(sheet.lines))) if style else ():
            line = sheet.lines[row]
            first, end = _index(line, x), _index(line, x + width)
            content = content.stylize(style, starts[row] + first, starts[row] + end)
    return content


def _index(line: str, cells: int) -> int:
    """The index of the character that begins at that cell of the line."""
    at = 0
    for index, char in enumerate(line):
        if at >= cells:
            return index
        at += cell_len(char)
    return len(line)
