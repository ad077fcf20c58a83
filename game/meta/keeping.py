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
    undone = session.undo()
    if undone is None:
        return "There is nothing to undo."
    return f"[Undone: {canonical(session.world, undone)}]\n{session.room_text()}"


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
