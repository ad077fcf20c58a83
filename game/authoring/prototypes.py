"""`based_on:` in a world's data, replaced by the fields of the prototype that it names."""

from __future__ import annotations

from typing import Any

from game.authoring.problems import Path, Place, Problem, suggest
from game.authoring.source import MAX_DEPTH, MAX_NODES

#: The sections whose entries may be based on prototypes.
SECTIONS = ("player", "rooms", "doors", "items", "characters")


def expand(data: dict[str, Any], places: dict[Path, Place], problems: list[Problem]) -> None:
    """Fill in `data`, in place, what is based on prototypes.

    A field that is written again replaces the prototype's, whole. `places` then also leads from
    what was filled in to where the prototype says it. What is wrong is added to `problems`.
    """
    known = data.get("prototypes")
    if not isinstance(known, dict):
        known = {}
    builder = _Builder(known, places, problems)
    for section in SECTIONS:
        if section in data:
            try:
                data[section] = builder.build(data[section], (section,), (section,), ())
            except _TooMuch as error:
                problems.append(Problem(places[section,], (section,), "E006", str(error)))
                data[section] = {}


class _TooMuch(Exception):
    """Prototypes within prototypes grow without bound."""


class _Builder:
    def __init__(
        self, known: dict[str, Any], places: dict[Path, Place], problems: list[Problem]
    ) -> None:
        self.known = known
        self.places = places
        self.problems = problems
        self.values = 0

    def build(self, value: Any, path: Path, origin: Path, within: tuple[str, ...]) -> Any:
        """`value`, written at `origin`, to stand at `path`; `within` are the prototypes around."""
        self.values += 1
        if self.values > MAX_NODES:
            raise _TooMuch(f"holds more than {MAX_NODES:,} values, prototypes filled in")
        if len(path) > MAX_DEPTH:
            raise _TooMuch(f"is nested deeper than {MAX_DEPTH} levels, prototypes filled in")
        if origin in self.places:
            self.places.setdefault(path, self.places[origin])
        if isinstance(value, list):
            return [
                self.build(entry, (*path, n), (*origin, n), within) for n, entry in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        fields = {key: (entry, (*origin, key)) for key, entry in value.items()}
        at, name = origin, value.get("based_on")
        while isinstance(name, str):
            base = self._prototype(name, (*path, "based_on"), (*at, "based_on"), within)
            if base is None:
                break
            within = (*within, name)
            at = ("prototypes", name)
            for key, entry in base.items():
                fields.setdefault(key, (entry, (*at, key)))
            name = base.get("based_on")
        return {
            key: self.build(entry, (*path, key), where, within)
            for key, (entry, where) in fields.items()
        }

    def _prototype(
        self, name: str, path: Path, origin: Path, within: tuple[str, ...]
    ) -> dict[str, Any] | None:
        base = self.known.get(name)
        if isinstance(base, dict) and name not in within:
            return base
        message = f"there is no prototype {name!r}{suggest(name, self.known)}"
        if name in self.known:
            message = f"the prototype {name!r} is based on itself"
        problem = Problem(self.places[origin], path, "E034", message)
        if problem not in self.problems:
            self.problems.append(problem)
        return None
