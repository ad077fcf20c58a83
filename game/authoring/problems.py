"""What is wrong with a world file, and where."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from game.errors import WorldError


class Place(NamedTuple):
    """A position in a file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int


#: The keys and list indices that lead to a value, from the top of the world.
Path = tuple[str | int, ...]


#: Takes note of what is wrong: path, code, message.
Report = Callable[[Path, str, str], None]


class Problem(NamedTuple):
    """Something wrong at a place. `code` is E and a number for what keeps the world from being
    played, W and a number for what will disappoint; docs/codes.md explains each.
    """

    place: Place
    path: Path
    code: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")

    @property
    def where(self) -> str:
        return f"{self.place.file}:{self.place.line}:{self.place.column}"

    def __str__(self) -> str:
        path = ".".join(str(part) for part in self.path)
        # An unknown field is named by the message itself, with what it is a field of.
        what = f"{path}: {self.message}" if path and self.code != "E012" else self.message
        return f"{self.where} {self.code} {what}"

    def as_dict(self) -> dict[str, str | int]:
        """The JSON form."""
        return {
            "code": self.code,
            "level": "error" if self.is_error else "warning",
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": ".".join(str(part) for part in self.path),
            "message": self.message,
        }


class WorldFileError(WorldError):
    """Everything that is wrong with a world's files, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        hint = f"{count} problem{'s' * (count != 1)}; docs/codes.md explains each code."
        super().__init__("\n".join(str(p) for p in self.problems), hint)


def suggest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` when a known word is near, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def written(data: Any, path: Path) -> tuple[Path, Path]:
    """The part of `path` that an author wrote in `data`, and the rest.

    A list may be written as its only entry and a mapping as its main value, so that the path
    through the models can be longer than the one through the file.
    """
    found: Path = ()
    for n, part in enumerate(path):
        if isinstance(part, int) and not isinstance(data, list):
            continue
        known = range(len(data)) if isinstance(data, list) else data
        if not isinstance(known, dict | range) or part not in known:
            return found, path[n:]
        data = data[part]
        found = (*found, part)
    return found, ()
