"""The panes at the side of a wide terminal: the ways out, who and what is here, what you have."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from game.front.scene import Held, Quest, Scene, Way
from game.front.text import one_line
from game.tui.widgets.wrap import wrap


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a pane. A click on it plays `command`, if it has one."""

    text: str
    note: str = ""
    command: str = ""
    style: str = "entry"


class Pane(Widget):
    """A titled list, hidden while it is empty."""

    COMPONENT_CLASSES = {f"pane--{name}" for name in ("title", "entry", "person", "note", "done")}

    @dataclass
    class Chosen(Message):
        """The player clicked on an entry: `command` is to be played."""

        command: str

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._entries: list[Entry] = []
        self.display = False

    def show(self, entries: list[Entry]) -> None:
        """Replace what the pane lists."""
        self._entries = entries
        self.display = bool(entries)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1 + sum(len(_lines(entry, width)) for entry in self._entries)

    def render(self) -> Text:
        text = Text().append(self._title, self._style("title"))
        for entry in self._entries:
            # The command travels as data, so that no name in a world file is read as an action.
            style = self._style(entry.style) + Style(meta={"command": entry.command})
            name = len(one_line(entry.text))
            for indent, start, line in _lines(entry, self.content_size.width):
                named = max(0, min(len(line), name - start))
                text.append(f"\n{indent}").append(line[:named], style)
                text.append(line[named:], self._style("note"))
        return text

    def on_click(self, event: events.Click) -> None:
        if command := event.style.meta.get("command"):
            self.post_message(self.Chosen(command))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"pane--{name}")


def _lines(entry: Entry, width: int) -> list[tuple[str, int, str]]:
    """The entry wrapped at `width` cells: the indent, where in it the line starts, the line."""
    text = one_line(entry.text) + (f"  {one_line(entry.note)}" if entry.note else "")
    (start, end), *_ = wrap(text, width)
    lines = [("", start, text[start:end])]
    rest = len(text) - len(text[end:].lstrip())
    if rest < len(text):
        more = wrap(text[rest:], width - 2)
        lines += [("  ", rest + a, text[rest + a : rest + b]) for a, b in more]
    return lines


class SidePanel(VerticalScroll, can_focus=False):
    """All panes of a scene, one under the other."""

    scene: reactive[Scene | None] = reactive(None)

    def compose(self) -> ComposeResult:
        yield Pane("Exits", id="pane-exits")
        yield Pane("Here", id="pane-here")
        yield Pane("You have", id="pane-inventory")
        yield Pane("Goals", id="pane-goals")

    def watch_scene(self, scene: Scene | None) -> None:
        if scene is None:
            return
        people = [Entry(s.name, "", f"examine {s.ref}", "person") for s in scene.people]
        things = [Entry(s.name, "", f"examine {s.ref}") for s in scene.things]
        panes = {
            "#pane-exits": [_way(way) for way in scene.exits],
            "#pane-here": people + things,
            "#pane-inventory": [_held(held) for held in scene.inventory],
            "#pane-goals": [line for quest in scene.quests for line in _quest(quest)],
        }
        for id, entries in panes.items():
            self.query_one(id, Pane).show(entries)


def _way(way: Way) -> Entry:
    return Entry(way.name, way.note, f"go {way.name}")


def _held(held: Held) -> Entry:
    return Entry(held.name, "" if held.how == "carried" else held.how, f"examine {held.ref}")


def _quest(quest: Quest) -> list[Entry]:
    lines = [Entry(quest.name, style="done" if quest.done else "person")]
    for text, reached in quest.goals:
        sign = "✓" if reached else "·"
        lines.append(Entry(f"{sign} {text}", style="done" if reached else "entry"))
    return lines
