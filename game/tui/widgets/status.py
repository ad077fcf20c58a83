"""The line at the top: where you are, the ways out, how you are doing."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from game.front.scene import Scene
from game.front.text import one_line


class StatusLine(Widget):
    """Room and exits at the left, as many as fit; health, score and turn at the right."""

    COMPONENT_CLASSES = {"status--room", "status--exits", "status--numbers", "status--low"}

    scene: reactive[Scene | None] = reactive(None)

    def render(self) -> Text:
        scene = self.scene
        if scene is None:
            return Text()
        numbers = Text(no_wrap=True)
        low = scene.health * 3 <= scene.full_health
        style = "status--low" if low else "status--numbers"
        numbers.append(f"♥ {scene.health}", self.get_component_rich_style(style))
        numbers.append(
            f"  ★ {scene.score}  turn {scene.turn}",
            self.get_component_rich_style("status--numbers"),
        )
        room = self.size.width - numbers.cell_len - 2
        left = Text(no_wrap=True)
        left.append(one_line(scene.room), self.get_component_rich_style("status--room"))
        left.append(_exits(scene, room - left.cell_len), self.get_component_rich_style(
            "status--exits"))  # fmt: skip
        left.truncate(max(0, room), overflow="ellipsis", pad=True)
        return Text.assemble(left, "  ", numbers)


def _exits(scene: Scene, width: int) -> str:
    """The exits by name in `width` cells; those that do not fit become a number."""
    names = [one_line(way.name) + ("*" if way.closed else "") for way in scene.exits]
    for shown in range(len(names), 0, -1):
        rest = len(names) - shown
        text = "  " + " · ".join(names[:shown]) + (f" +{rest}" if rest else "")
        if cell_len(text) <= width:
            return text
    return ""
