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


#: Takes note of what is wrong at a path.
Report = Callable[[Path, str], None]


class Problem(NamedTuple):
    place: Place
    path: Path
    message: str

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column}"
        path = ".".join(str(part) for part in self.path)
        return f"{where} {path}: {self.message}" if path else f"{where} {self.message}"


class WorldFileError(WorldError):
    """Everything that is wrong with a world's files, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        hint = f"{count} problem{'s' * (count != 1)}; mend the world file and try again."
        super().__init__("\n".join(str(p) for p in self.problems), hint)


def suggest(word: str, known: Iterable[str]) -> str:
    """` (did you mean x?)` when a known word is near, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


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
