"""Commands about tellings, none of which touches the world: retry, swipe, edit, why, context."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from game.errors import UsageError
from game.front.why import context_data, context_lines, why, why_sections

if TYPE_CHECKING:
    from game.front.says import Says
    from game.front.stage import Stage
    from game.front.tellings import Told
    from game.narrator.context import Context

AsideKind = Literal["retry", "swipe", "edit", "why", "context"]
_KINDS: tuple[AsideKind, ...] = ("retry", "swipe", "why", "context")
_STEPS = {"left": -1, "right": 1}


@dataclass(frozen=True, slots=True)
class Aside:
    """A typed command about the `back`-th last telling; `step` is a swipe's, `text` an edit's."""

    kind: AsideKind
    back: int = 1
    step: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an aside: how the telling stands now, the thumb on it, and what was asked for.

    `data` is the answer as plain JSON data, `text` the same for a reader.
    """

    aside: Aside
    says: Says
    vote: tuple[int, tuple[str, ...]]
    data: dict[str, Any]
    text: str
    context: Context | None = None


def parse_aside(line: str) -> Aside | None:
    """`retry [N]`, `swipe left|right [N]`, `edit [N] TEXT`, `why [N]` or `context [N]`, with or
    without a colon before it; None for anything else, which is the world's."""
    word, _, rest = line.strip().partition(" ")
    kind, rest = word.lower().removeprefix(":"), rest.strip()
    if kind == "edit":
        number, _, text = rest.partition(" ")
        if _is_number(number):
            return Aside("edit", int(number), text=text.strip())
        return Aside("edit", text=rest)
    step = 0
    if kind == "swipe":
        way, _, rest = rest.partition(" ")
        step, rest = _STEPS.get(way.lower(), 0), rest.strip()
        if not step:
            return None
    if rest and not _is_number(rest):
        return None
    found = next((known for known in _KINDS if known == kind), None)
    return None if found is None else Aside(found, int(rest or 1), step)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9


def carry_out(
    stage: Stage, told: Told, aside: Aside, cancel: threading.Event | None = None
) -> Answer:
    """Do what `aside` asks of `told`. The world stays as it is.

    Raises UsageError for what cannot be done, ModelUnavailable when the model fails.
    """
    tellings, performer = stage.tellings, stage.performer
    if aside.kind == "retry":
        tellings.retry(told, performer, cancel)
    elif aside.kind == "swipe":
        tellings.swipe(told, aside.step, performer)
    elif aside.kind == "edit":
        tellings.edit(told, aside.text, performer)
    if aside.kind == "why":
        data = why(told, stage.session.world)
        return _answer(stage, told, aside, data, _page(data))
    if aside.kind == "context":
        return _context(stage, told, aside)
    edited = told.take.edit is not None
    data = {"take": told.shown + 1, "takes": len(told.takes), "edited": edited}
    where = f"Telling {data['take']} of {data['takes']}" + (", edited:" if edited else ":")
    return _answer(stage, told, aside, data, f"{where}\n{told.text}")


def _context(stage: Stage, told: Told, aside: Aside) -> Answer:
    context = told.take.context
    if context is None:
        raise UsageError(
            "The model had no part in this telling: it was given nothing.",
            "Choose one that the narrator told.",
        )
    data = context_data(context)
    return _answer(stage, told, aside, data, "\n".join(context_lines(context)), context)


def _answer(
    stage: Stage,
    told: Told,
    aside: Aside,
    data: dict[str, Any],
    text: str,
    context: Context | None = None,
) -> Answer:
    return Answer(aside, told.says(), stage.ballot.standing(told.target), data, text, context)


def _page(data: dict[str, Any]) -> str:
    lines: list[str] = []
    for title, rows in why_sections(data):
        lines += [
            f"{title}:",
            *(f"  {sign} {text}" if sign else f"  {text}" for sign, text in rows),
        ]
    return "\n".join(lines)
