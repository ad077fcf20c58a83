"""Taking turns back, and keeping moments by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from game.engine.rules import canonical
from game.errors import SaveError
from game.meta.registry import Ask
from game.saves import list_saves

if TYPE_CHECKING:
    from game.session import Session

#: The name of a save that was given none.
QUICK = "quick"


def undo(session: Session, argument: str) -> str:
    """Take back the last turn, or as many as the argument says and there are."""
    undone = []
    for _ in range(int(argument or 1)):
        action = session.undo()
        if action is None:
            break
        undone.append(f"[Undone: {canonical(session.world, action)}]")
    if not undone:
        return "There is nothing to undo."
    return "\n".join([*undone, session.room_text()])


def is_count(session: Session, argument: str) -> bool:
    """Whether `argument` says how many turns: nothing is one."""
    return not argument or (argument.isdecimal() and len(argument) < 5)


def save(session: Session, argument: str) -> str | Ask:
    """Keep the game by name; an older save of that name is replaced only if the player says so."""
    name = argument.lower().rstrip("!").rstrip() or QUICK
    if session.saves is None:
        return "This game keeps no saves."
    try:
        older = session.save_file(name).exists()
    except SaveError as error:
        return str(error)
    if older and name != QUICK and not argument.endswith("!"):
        return Ask(
            f"There is a save called {name!r} already. Replace it? (yes or no)",
            lambda: _save(session, name),
            f"Nothing was saved: {name!r} is as it was.",
        )
    return _save(session, name)


def _save(session: Session, name: str) -> str:
    try:
        session.save(name)
    except SaveError as error:
        return str(error)
    return f"Saved as {name!r}. Take it up again with: restore {name}"


def restore(session: Session, argument: str) -> str:
    name = argument.lower() or QUICK
    if session.saves is None:
        return "This game keeps no saves."
    try:
        session.restore(name)
    except SaveError as error:
        return str(error)
    return f"[Restored: {name}]\n{session.room_text()}"


def list_all(session: Session, argument: str) -> str:
    names = list_saves(session.saves, session.world.id) if session.saves else []
    return "Saved games: " + ", ".join(names) if names else "There are no saved games yet."
