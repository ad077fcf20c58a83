"""One block of the transcript: a command, a telling, a notice; and how it breaks into lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from game.front.text import clean
from game.front.thumbs import Target
from game.tui.widgets.wrap import wrap

Kind = Literal["command", "heading", "telling", "character", "speech", "notice", "error"]

#: A line as (text, style name) pieces; the names are Transcript's component classes.
Line = list[tuple[str, str]]

_QUOTED = re.compile(r"“[^”\n]*”|\"[^\"\n]*\"")
_STYLE: dict[Kind, str] = {
    "command": "command",
    "heading": "heading",
    "telling": "telling",
    "character": "telling",
    "speech": "telling",
    "notice": "notice",
    "error": "error",
}


@dataclass(slots=True, eq=False)
class Block:
    """What is shown together and thumbed together.

    `facts` is the plain telling under the prose ("" when the text is that already), `target` the
    feedback row a thumb goes to (None: cannot be thumbed), `value` and `tags` the thumb it has. A
    line that is `heading`, the room's name, is set apart. `told` is the telling's number among
    those that can be told another way; this is the `take`-th of its `takes`.
    """

    key: int
    kind: Kind
    text: str = ""
    facts: str = ""
    target: Target | None = None
    value: int = 0
    tags: tuple[str, ...] = ()
    growing: bool = False
    heading: str = ""
    told: int | None = None
    take: int = 1
    takes: int = 1
    edited: bool = False
    _cache: tuple[object, list[Line]] | None = field(default=None, repr=False)

    @property
    def markable(self) -> bool:
        """Whether it can be marked, for the keys to act on it."""
        return self.target is not None or self.told is not None

    def lines(self, width: int, show_facts: bool, current: bool) -> list[Line]:
        """The block's lines at `width` cells; `current` says whether it is the one keys act on."""
        state = (width, show_facts, current, self.text, self.facts, self.value, self.tags,
                 self.growing, self.heading, self.take, self.takes, self.edited,
                 self.markable)  # fmt: skip
        if self._cache is None or self._cache[0] != state:
            self._cache = (state, self._layout(width, show_facts, current))
        return self._cache[1]

    def _layout(self, width: int, show_facts: bool, current: bool) -> list[Line]:
        # A room or thing described is part of the story; only talk about the game is dimmer.
        base = "telling" if self.markable else _STYLE[self.kind]
        lines: list[Line] = []
        for paragraph in clean(self.text).strip("\n").split("\n"):
            style = "heading" if paragraph == self.heading else base
            lines += _styled(paragraph, width, style)
        if self.kind == "command":
            lines = [[("❯ " if n == 0 else "  ", "prompt"), *line] for n, line in enumerate(lines)]
        if self.growing:
            waiting = [("…", "waiting")]
            lines = [*lines, waiting] if self.text else [waiting]
        if show_facts and self.facts and not self.growing:
            shown = set(self.text.splitlines())
            facts = [line for line in clean(self.facts).splitlines() if line not in shown]
            for n, line in enumerate(_styled("\n".join(facts), width - 2, "facts")):
                lines.append([("= " if n == 0 else "  ", "facts"), *line])
        notes = [f"◂ {self.take} of {self.takes} ▸"] if self.takes > 1 else []
        notes += ["edited"] if self.edited else []
        notes += [", ".join(self.tags)] if self.tags else []
        if self.value and current and not self.tags:
            notes.append("why? F7")
        return lines + _styled("  ".join(notes), width, "tags") if notes else lines


def _styled(text: str, width: int, style: str) -> list[Line]:
    """Wrap `text`, what is said in it in its own style."""
    spoken = [m.span() for m in _QUOTED.finditer(text)] if style == "telling" else []
    lines = []
    for start, end in wrap(text, width):
        line: Line = []
        at = start
        for a, b in spoken:
            if b <= at or a >= end:
                continue
            line += [(text[at : max(a, at)], style), (text[max(a, at) : min(b, end)], "spoken")]
            at = min(b, end)
        line.append((text[at:end], style))
        lines.append([piece for piece in line if piece[0]])
    return lines
