"""`:skein save NAME`: the game so far as a test of its world."""

from __future__ import annotations

from pathlib import Path

from game.errors import GameError
from game.session import Session


def skein_command(session: Session, folder: Path, text: str) -> str:
    """Carry out a `:skein` command and say what was done, or why not."""
    from game.authoring.skein_run import save_skein

    words = text.split()
    if len(words) != 3 or words[1] != "save":
        return "To keep this game as a test of the world: :skein save NAME"
    try:
        file, failure = save_skein(session, folder, words[2])
    except GameError as error:
        return str(error)
    kept = f"[Kept as {file}]"
    if failure is None:
        return kept
    return f"{kept} Played again it comes out otherwise from line {failure.line} on: see to that."
