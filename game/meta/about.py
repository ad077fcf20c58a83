"""Commands that tell about the game, and leave it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from game.meta import registry
from game.meta.registry import MetaCommand

if TYPE_CHECKING:
    from game.session import Session


def help_lines(commands: Iterable[MetaCommand]) -> list[str]:
    """The part of the help page that is about the game itself."""
    return [
        "About the game itself:",
        *registry.help_lines(commands),
        "  again, g: the last command once more.",
        "Thumbs: :up and :down rate the last telling, with reasons if you like (:down dull).",
        "For authors: :skein save NAME keeps this game as a test of its world.",
    ]


def leave(session: Session, argument: str) -> str:
    trouble = session.leave()
    if trouble or not session.saves or not session.autosave:
        return "\n".join([*trouble, "Until next time."])
    return "Your game is saved. Until next time."
