"""A log of the game as it is read: what was typed and what was told, in a text file."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from game import paths
from game.errors import SaveError
from game.front.text import clean

FOLDER = "transcripts"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,59}")


class Transcript:
    """Appends to one file; every turn in a single write, so that a crash leaves whole turns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def named(cls, name: str, world: str) -> Transcript:
        """The transcript called `name` ("": after the world and the time) in the home's folder.

        Raises SaveError for a name that is none of a file, and where nothing can be written.
        """
        name = name or f"{world}-{datetime.now():%Y-%m-%d-%H%M%S}"
        if not _NAME.fullmatch(name):
            raise SaveError(
                f"{name!r} cannot be the name of a transcript.",
                "Use letters, digits, spaces, dots, - and _ (60 at most).",
            )
        file = name if name.endswith(".txt") else f"{name}.txt"
        return cls(paths.ensure(paths.home() / FOLDER) / file)

    def write(self, command: str, told: list[str]) -> None:
        """Add a turn: what was typed ("" for nothing) and the tellings. Raises SaveError."""
        typed = [f"> {clean(command)}"] if command else []
        text = "\n".join([*typed, *(clean(t) for t in told if t)])
        if not text:
            return
        try:
            # Appending in one write keeps two games on one file, and a kill, from mixing turns up.
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, f"{text}\n\n".encode("utf-8", "replace"))
            finally:
                os.close(file)
        except OSError as error:
            raise SaveError(
                f"The transcript {self.path} could not be written: {error.strerror or error}.",
                "Free some space, then: transcript on.",
            ) from error
