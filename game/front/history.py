"""The commands a player typed, kept between games."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


class History:
    """Earlier commands, oldest first, walked with `older` and `newer` like a shell's.

    Kept at `path`, one a line, where one is given; a file that cannot be read or written only
    costs the memory of earlier games.
    """

    def __init__(self, path: Path | None = None, limit: int = 500) -> None:
        self._path = path
        self._limit = limit
        self._lines = self._read()
        self._at = len(self._lines)
        self._draft = ""

    def add(self, command: str) -> None:
        """Remember `command` (an immediate repeat is remembered once) and go back to the end."""
        if command and (not self._lines or self._lines[-1] != command):
            self._lines = [*self._lines, command][-self._limit :]
            self._append(command)
        self._at = len(self._lines)
        self._draft = ""

    def older(self, current: str) -> str | None:
        """The command before the one shown (None at the oldest); `current` is kept as the draft."""
        if self._at == 0:
            return None
        if self._at == len(self._lines):
            self._draft = current
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """The command after the one shown, then the draft; None when the draft is shown."""
        if self._at == len(self._lines):
            return None
        self._at += 1
        return self._draft if self._at == len(self._lines) else self._lines[self._at]

    def latest(self, prefix: str) -> str | None:
        """The newest command that begins with `prefix`, whatever the case, and goes on."""
        start = prefix.casefold()
        for line in reversed(self._lines):
            if len(line) > len(prefix) and line.casefold().startswith(start):
                return line
        return None

    def _read(self) -> list[str]:
        if self._path is None:
            return []
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        kept = [line for line in lines if line.strip()][-self._limit :]
        if len(lines) > 2 * self._limit:
            with suppress(OSError):
                self._path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        return kept

    def _append(self, command: str) -> None:
        if self._path is None:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(command + "\n")
