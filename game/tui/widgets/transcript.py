"""The story so far: one widget that draws only the lines on screen, however long the game is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from game.tui.widgets.block import Block, Line

#: The widest line of prose, in cells: longer ones are tiring to read.
MEASURE = 76
_GUTTER = 2
_MARKS = "▲ ▼"
_GAP = 2
_MARKS_ROOM = _GAP + len(_MARKS) + 1


class Transcript(ScrollView, can_focus=True):
    """Blocks of text, the newest last, with marks to thumb them.

    It follows what is added, without scrolling the beginning of a turn off the screen, until the
    reader scrolls up; from then on nothing but the reader (or `follow`) moves it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "select(-1)", "Earlier", show=False),
        Binding("down,j", "select(1)", "Later", show=False),
        Binding("left", "swipe(-1)", "Telling before", show=False),
        Binding("right", "swipe(1)", "Telling after", show=False),
        Binding("plus,equals_sign", "thumb(1)", "Like", show=False),
        Binding("minus", "thumb(-1)", "Dislike", show=False),
        Binding("enter", "reasons", "Why", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "follow", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transcript--{name}"
        for name in (
            "command", "prompt", "heading", "telling", "spoken", "notice", "error", "facts",
            "waiting", "tags", "mark", "hover", "up", "down", "bar",
        )
    }  # fmt: skip

    @dataclass
    class Thumbed(Message):
        """The reader gave `value` (1 or -1) to the block `key`."""

        key: int
        value: int

    @dataclass
    class Swiped(Message):
        """The reader wants the take before (-1) or after (1) that of the block `key`."""

        key: int
        step: int

    @dataclass
    class ReasonsWanted(Message):
        """The reader wants to say why the block `key` has its thumb."""

        key: int

    @dataclass
    class Positioned(Message):
        """Whether there is more below the screen, and whether it came while reading higher up."""

        more: bool
        new: bool

    @dataclass
    class Typed(Message):
        """A character typed here, which belongs in the command line."""

        character: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.blocks: list[Block] = []
        self.show_facts = False
        self._index: dict[int, int] = {}
        self._rows: list[tuple[int, Line]] = []
        self._tops: list[int] = []
        self._current: int | None = None
        self._turn_start = 0
        self._following = True
        self._moving = False
        self._unread = False
        self._hover: tuple[int, int] | None = None
        self._width = 0

    # -- content ------------------------------------------------------------------------------

    def add(self, block: Block, before: int | None = None) -> None:
        """Append `block`, or put it before the one with the key `before`.

        A command begins a turn: it is followed from its beginning.
        """
        at = len(self.blocks) if before is None else self._index[before]
        self.blocks.insert(at, block)
        self._reindex(at)
        if block.kind == "command":
            self._turn_start = at
            self.set_current(None)
        elif at <= self._turn_start and before is not None:
            self._turn_start += 1
        self._relayout(at)

    def block(self, key: int) -> Block:
        """The block with that key; KeyError when there is none."""
        return self.blocks[self._index[key]]

    def changed(self, key: int) -> None:
        """Show what was changed in the block `key`.

        A turn's first telling or answer that can be thumbed becomes current. Waiting for the turn's
        own blocks keeps a late thumb from landing on another telling than the marked one.
        """
        index = self._index[key]
        block = self.blocks[index]
        told = block.markable and block.kind != "character" and index >= self._turn_start
        if self._current is None and told:
            self._current = key
        self._relayout(index)

    def end_turn(self) -> None:
        """No more of the turn will come: if nothing better was told, what a character did is
        current."""
        if self._current is None:
            turn = self.blocks[self._turn_start :]
            self.set_current(next((block.key for block in turn if block.markable), None))

    def discard(self, key: int) -> None:
        """Take the block `key` away: a telling that turned out to have nothing to tell."""
        index = self._index[key]
        del self.blocks[index]
        del self._index[key]
        self._reindex(index)
        if self._turn_start > index:
            self._turn_start -= 1
        if self._current == key:
            self._current = None
        self._relayout(index)

    def _reindex(self, first: int) -> None:
        for n in range(first, len(self.blocks)):
            self._index[self.blocks[n].key] = n

    def toggle_facts(self) -> bool:
        """Show or hide the plain facts under every telling; says whether they now show."""
        self.show_facts = not self.show_facts
        self._relayout(0)
        return self.show_facts

    # -- the current block --------------------------------------------------------------------

    @property
    def current(self) -> Block | None:
        """The block that the thumb keys act on: the marked one."""
        return None if self._current is None else self.block(self._current)

    def set_current(self, key: int | None) -> None:
        if key == self._current:
            return
        changed = [self._index[k] for k in (self._current, key) if k is not None]
        self._current = key
        if changed:
            self._relayout(min(changed))

    def action_select(self, step: int) -> None:
        """Mark the votable block before (-1) or after (1) the marked one and show it."""
        keys = [block.key for block in self.blocks if block.markable]
        if not keys:
            return
        if self._current is None:
            self.set_current(keys[-1])
        else:
            at = keys.index(self._current) + step
            self.set_current(keys[max(0, min(at, len(keys) - 1))])
        self._show_current()

    def action_thumb(self, value: int) -> None:
        if self._current is not None:
            self.post_message(self.Thumbed(self._current, value))

    def action_swipe(self, step: int) -> None:
        if self._current is not None:
            self.post_message(self.Swiped(self._current, step))

    def action_reasons(self) -> None:
        if self._current is not None:
            self.post_message(self.ReasonsWanted(self._current))

    # -- scrolling ----------------------------------------------------------------------------

    @property
    def _goal(self) -> int:
        """Where following scrolls to: the end, but never past the beginning of the turn."""
        if not self._tops:
            return 0
        # One row higher, so that the turn does not stick to the upper edge.
        top = max(0, self._tops[self._turn_start] - 1)
        return min(int(self.max_scroll_y), top)

    def follow(self) -> None:
        """Go to the newest turn and follow what is added from now on."""
        self._following = True
        self._settle()

    def action_follow(self) -> None:
        """Go to the very end."""
        self._following = True
        self._move(int(self.max_scroll_y))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and round(old_value) != round(new_value):
            self._following = round(new_value) >= self._goal
            self._report()

    def _move(self, y: int) -> None:
        self._moving = True
        try:
            self.scroll_to(y=y, animate=False, force=True)
        finally:
            self._moving = False
        self._report()

    def _settle(self) -> None:
        """After a change: follow it, or note that there is something unread below."""
        if self._following:
            # Having read on to below the turn's beginning counts as following, too.
            self._move(max(self._goal, min(round(self.scroll_y), int(self.max_scroll_y))))
        else:
            self._unread = True
            self._report()

    def _report(self) -> None:
        more = round(self.scroll_y) < int(self.max_scroll_y)
        if not more or self._following:
            self._unread = False
        self.post_message(self.Positioned(more, self._unread))

    def _show_current(self) -> None:
        if self._current is None:
            return
        index = self._index[self._current]
        top = self._tops[index]
        bottom = self._tops[index + 1] if index + 1 < len(self._tops) else len(self._rows)
        height = self.scrollable_content_region.height
        if top < self.scroll_y:
            self.scroll_to(y=max(0, top - 1), animate=False, force=True)
        elif bottom > self.scroll_y + height:
            self.scroll_to(y=min(top, bottom - height), animate=False, force=True)

    # -- layout -------------------------------------------------------------------------------

    @property
    def _measure(self) -> int:
        return max(10, min(MEASURE, self._width - _GUTTER - _MARKS_ROOM))

    @property
    def _margin(self) -> int:
        spare = self._width - _GUTTER - self._measure - _MARKS_ROOM
        return max(0, spare // 2)

    @property
    def _marks_column(self) -> int:
        return self._margin + _GUTTER + self._measure + _GAP

    def _relayout(self, first: int) -> None:
        """Lay out the blocks from number `first` on, and settle the scroll position."""
        if not self._width:
            return
        first = min(first, len(self._tops))
        if first < len(self._tops):
            del self._rows[self._tops[first] :]
            del self._tops[first:]
        for index in range(first, len(self.blocks)):
            block = self.blocks[index]
            self._tops.append(len(self._rows))
            if index:
                self._rows.append((index, []))
            current = block.key == self._current
            lines = block.lines(self._measure, self.show_facts, current)
            self._rows.extend((index, line) for line in lines)
        self.virtual_size = Size(self._width, len(self._rows) + 1)
        self.refresh()
        self._settle()

    def on_resize(self, event: events.Resize) -> None:
        width = self.scrollable_content_region.width
        if width == self._width:
            self._settle()
            return
        # What was at the upper edge stays there: the block, and the line of it.
        row = round(self.scroll_y)
        anchor = bisect_right(self._tops, row) - 1
        offset = row - self._tops[anchor] if anchor >= 0 else 0
        self._width = width
        self._relayout(0)
        if not self._following and anchor >= 0:
            self._move(self._tops[anchor] + offset)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    # -- drawing ------------------------------------------------------------------------------

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"transcript--{name}")

    def render_line(self, y: int) -> Strip:
        row = y + round(self.scroll_y)
        width = self.scrollable_content_region.width
        base = self.rich_style
        if row >= len(self._rows):
            return Strip.blank(width, base)
        index, line = self._rows[row]
        block = self.blocks[index]
        first = row == self._tops[index] + (1 if index else 0)
        current = block.key == self._current and bool(line)
        segments = [Segment(" " * self._margin, base)]
        segments.append(Segment("▌ ", self._style("bar")) if current else Segment("  ", base))
        segments += [Segment(text, self._style(name)) for text, name in line]
        strip = Strip(segments)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(row)) is not None:
            strip = _highlighted(strip, span, self.screen.get_component_rich_style(
                "screen--selection"))  # fmt: skip
        if first and block.target:
            at = self._marks_column
            strip = strip.extend_cell_length(at, base)
            strip = Strip([*strip, *self._marks(block)])
        return strip.extend_cell_length(width, base).crop(0, width).apply_offsets(0, row)

    def _marks(self, block: Block) -> list[Segment]:
        segments = []
        for value, sign in ((1, "▲"), (-1, "▼")):
            if block.value == value:
                name = "up" if value == 1 else "down"
            elif self._hover == (block.key, value):
                name = "hover"
            else:
                name = "mark"
            segments.append(Segment(sign, self._style(name)))
        segments.insert(1, Segment(" ", self.rich_style))
        return segments

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        indent = " " * (self._margin + _GUTTER)
        text = "\n".join(
            (indent + "".join(piece for piece, _ in line)) if line else "" for _, line in self._rows
        )
        picked = selection.extract(text)
        return "\n".join(line.strip() for line in picked.splitlines()), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # -- mouse and keyboard -------------------------------------------------------------------

    def _mark_at(self, x: int, y: int) -> tuple[Block, int] | None:
        """The block on that line of the screen and the mark there: 1, -1, or 0 for none."""
        row = y + round(self.scroll_y)
        if not 0 <= row < len(self._rows):
            return None
        index, line = self._rows[row]
        block = self.blocks[index]
        if not line or not block.markable:
            return None
        column = x - self._marks_column
        first = block.target is not None and row == self._tops[index] + (1 if index else 0)
        value = {0: 1, 2: -1}.get(column, 0) if first else 0
        return block, value

    def on_mouse_move(self, event: events.MouseMove) -> None:
        found = self._mark_at(event.x, event.y)
        hover = (found[0].key, found[1]) if found and found[1] else None
        if hover != self._hover:
            self._hover = hover
            self.refresh()

    def on_leave(self) -> None:
        if self._hover is not None:
            self._hover = None
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        found = self._mark_at(event.x, event.y)
        if found is None:
            return
        block, value = found
        self.set_current(block.key)
        if value:
            self.post_message(self.Thumbed(block.key, value))
        elif self._rows[event.y + round(self.scroll_y)][1][0][1] == "tags":
            column = event.x - self._margin - _GUTTER
            if block.takes > 1 and column < len(f"◂ {block.take} of {block.takes} ▸"):
                self.post_message(self.Swiped(block.key, -1 if column < 4 else 1))
            elif block.target:
                self.post_message(self.ReasonsWanted(block.key))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and event.character not in "+-=jk":
            event.stop()
            self.post_message(self.Typed(event.character))


def _highlighted(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    """`strip` with the cells of a selection's span (end -1: to the end) in `style`."""
    start, end = span
    end = strip.cell_length if end == -1 else end
    before, chosen, after = strip.divide([start, end, strip.cell_length])[:3] if (
        0 <= start < end <= strip.cell_length
    ) else (strip, Strip([]), Strip([]))  # fmt: skip
    return Strip.join([before, chosen.apply_style(style), after])
