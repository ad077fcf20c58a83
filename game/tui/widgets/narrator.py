"""At the right of the command line: what the narrator is doing, and how many thumbs wait."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from game.tui.messages import NarratorState

_SHOWN: dict[NarratorState, tuple[str, str]] = {
    "plain": ("○", "plain"),
    "warming up": ("◌", "warming up"),
    "ready": ("●", "ready"),
    "writing": ("●", "writing"),
    "failed": ("○", "plain"),
}


class NarratorLine(Widget):
    """ "● ready  3 thumbs": as short as it can be.

    `enough` thumbs are worth a training (0: there is nothing to train), and then the key that
    begins one is shown; `learning` is how far a training is.
    """

    COMPONENT_CLASSES = {"narrator--idle", "narrator--busy", "narrator--thumbs"}

    state: reactive[NarratorState] = reactive("plain", layout=True)
    pending: reactive[int] = reactive(0, layout=True)
    enough: reactive[int] = reactive(0, layout=True)
    learning: reactive[str] = reactive("", layout=True)

    def render(self) -> Text:
        sign, word = _SHOWN[self.state]
        busy = self.state in ("warming up", "writing")
        style = self.get_component_rich_style("narrator--busy" if busy else "narrator--idle")
        text = Text(f"{sign} {word}", style)
        if self.learning:
            busy_style = self.get_component_rich_style("narrator--busy")
            text.append(f"  {self.learning}", busy_style)
        elif self.pending:
            thumbs = f"  {self.pending} thumb{'s' if self.pending > 1 else ''}"
            if 0 < self.enough <= self.pending:
                thumbs += ": ctrl+N trains"
            text.append(thumbs, self.get_component_rich_style("narrator--thumbs"))
        return text
