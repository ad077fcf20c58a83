"""Skeins: plays of a world written down, with what should come of each command.

    # A line like this is a comment.
    seed: 7
    cast: on                               the characters act; without it only reactions do

    > give purse to hob                    a command, as the player would type it
    ! {event: received, item: lantern}     an event that the player should perceive: a pattern
    !- {event: died}                       one that should not be
    ? Best lantern                         text that should be told, whatever its case
    ?- Thief                               text that should not
    = {flag: paid}                         a condition that should hold afterwards

A command without expectations should at least be understood and allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from game.authoring.causes import asked
from game.authoring.patterns import FIELD_KINDS, ConditionSpec, PatternSpec
from game.authoring.problems import suggest
from game.authoring.story import conditions, pattern
from game.engine.conditions import Condition
from game.engine.events import EVENT_TYPES, Pattern
from game.engine.model import World
from game.errors import WorldError

#: Longest skein that is read, in bytes, and the most steps in one.
MAX_BYTES = 200_000
MAX_STEPS = 2_000


class Expectation(NamedTuple):
    """One line under a command. `mark` is "!", "!-", "?", "?-" or "="."""

    line: int
    mark: str
    body: str
    pattern: Pattern | None = None
    condition: Condition | None = None

    def __str__(self) -> str:
        return f"{self.mark} {self.body}"


@dataclass(slots=True)
class Step:
    """A command, the line it is on, and what is expected of it."""

    line: int
    command: str
    expected: list[Expectation] = field(default_factory=list)


@dataclass(slots=True)
class Skein:
    """One play. `lines` is the text as written."""

    name: str
    lines: list[str]
    seed: int = 0
    cast: bool = False
    steps: list[Step] = field(default_factory=list)


def read_skein(file: Path, world: World) -> Skein:
    """Read a skein of `world`. Raises WorldError that says all that is wrong, line by line."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise WorldError(f"{file.name}: cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise WorldError(f"{file.name}: is not UTF-8 text.") from error
    if len(raw) > MAX_BYTES:
        raise WorldError(f"{file.name}: is larger than {MAX_BYTES:,} bytes.")
    return parse_skein(text, file.name, world)


def parse_skein(text: str, name: str, world: World) -> Skein:
    """A skein from its text. Raises WorldError that says all that is wrong, line by line."""
    skein = Skein(name, text.split("\n"))
    wrong: list[str] = []
    for number, written in enumerate(skein.lines, 1):
        line = written.strip()
        if not line or line.startswith("#"):
            continue
        try:
            _take(skein, number, line, world)
        except ValueError as error:
            wrong.append(f"{name}:{number}: {error}")
    if len(skein.steps) > MAX_STEPS:
        wrong.append(f"{name}: has more than {MAX_STEPS:,} commands")
    if wrong:
        raise WorldError("\n".join(wrong), "docs/authoring.md shows what a skein may hold.")
    return skein


def _take(skein: Skein, number: int, line: str, world: World) -> None:
    mark, _, body = line.partition(" ")
    body = body.strip()
    if mark == ">":
        if not body:
            raise ValueError("a command is missing after >")
        skein.steps.append(Step(number, body))
    elif mark in ("!", "!-", "?", "?-", "="):
        if not skein.steps:
            raise ValueError(f"{mark} stands before any command")
        if not body:
            raise ValueError(f"nothing stands after {mark}")
        skein.steps[-1].expected.append(_expectation(number, mark, body, world))
    elif line.startswith("seed:") and not skein.steps:
        value = line.removeprefix("seed:").strip()
        if not value.isdecimal():
            raise ValueError("the seed is a whole number, such as `seed: 7`")
        skein.seed = int(value)
    elif line.startswith("cast:") and not skein.steps:
        value = line.removeprefix("cast:").strip()
        if value not in ("on", "off"):
            raise ValueError("cast is `on` or `off`")
        skein.cast = value == "on"
    else:
        raise ValueError(f"expected > ! !- ? ?- = or #, or `seed:` at the top; got {line[:30]!r}")


def _expectation(number: int, mark: str, body: str, world: World) -> Expectation:
    if mark.startswith("?"):
        return Expectation(number, mark, body)
    data = _yaml(body)
    if mark == "=":
        spec = _validated(ConditionSpec, data)
        condition = conditions([spec])[0]
        _known_tokens(world, asked([condition]))
        return Expectation(number, mark, body, condition=condition)
    waited = pattern(_validated(PatternSpec, data))
    for type in waited.events:
        if type not in EVENT_TYPES:
            raise ValueError(f"there is no event type {type!r}{suggest(type, EVENT_TYPES)}")
    for name, match in waited.where:
        if FIELD_KINDS[name]:
            _known_ids(world, match.ids)
    return Expectation(number, mark, body, pattern=waited)


def _yaml(text: str) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise ValueError("is not a mapping such as {event: took, item: lamp}") from error


def _validated(model: Any, data: Any) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from error


def _known_ids(world: World, ids: Iterable[str]) -> None:
    for id in ids:
        if id not in world.entities and id not in world.exits:
            near = suggest(id, [*world.entities, *world.exits])
            raise ValueError(f"there is nothing called {id!r} in this world{near}")


def _known_tokens(world: World, tokens: Iterable[str]) -> None:
    tables: dict[str, Collection[str]] = {"flag": world.flags, "quest": world.quests}
    for token in tokens:
        kind, colon, name = token.partition(":")
        if colon and kind in tables and name not in tables[kind]:
            raise ValueError(f"there is no {kind} {name!r}{suggest(name, tables[kind])}")
        if not colon and token not in ("score", "turn", "chance"):
            _known_ids(world, [token])
