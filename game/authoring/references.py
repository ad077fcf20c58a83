"""Which ids a world defines, and whether everything that names one names one of the right kind."""

from __future__ import annotations

from typing import Any, get_args

from pydantic.fields import FieldInfo

from game.authoring.patterns import (
    FIELD_KINDS,
    AddFlag,
    ConditionSpec,
    MatchSpec,
    PatternSpec,
    SetFlag,
)
from game.authoring.problems import Path, Report, suggest
from game.authoring.schema import BeingSpec, ItemSpec, LoreSpec, RewardSpec, VariantSpec, WorldSpec
from game.authoring.spec import BOUND, RESERVED, Ref, Spec
from game.engine import rules  # noqa: F401 (all event types are defined with it)
from game.engine.events import EVENT_TYPES
from game.engine.model import NOWHERE

#: What things and people are called when a reference to them fails.
_WORDS = {"character": "character", "item": "thing", "room": "room", "door": "door"}


class Index:
    """Every id of a world by kind, with where it is defined and what it holds.

    `entries` maps the ids of items to (spec, path, parent, manner), doors aside, in order.
    """

    def __init__(self, spec: WorldSpec, report: Report) -> None:
        self.report = report
        self.defined: dict[str, Path] = {}
        self.items: dict[str, tuple[ItemSpec, Path, str, str]] = {}
        self.characters: dict[str, tuple[BeingSpec, Path, str]] = {}
        self.exits = {exit_id(room, name) for room, r in spec.rooms.items() for name in r.exits}
        for room in spec.rooms:
            self._define(room, ("rooms", room))
        for door in spec.doors:
            self._define(door, ("doors", door))
        self._being("player", spec.player, ("player",), spec.player.start)
        for room, inside in spec.rooms.items():
            here: Path = ("rooms", room)
            self._items(inside.items, (*here, "items"), room, "in")
            for id, who in inside.characters.items():
                path = (*here, "characters", id)
                self._define(id, path)
                if who.in_ is not None:
                    report((*path, "in"), "E024", "is nested in its room already: leave out `in`")
                self._being(id, who, path, room)
        for id, who in spec.characters.items():
            path = ("characters", id)
            self._define(id, path)
            if who.in_ is None:
                report(path, "E023", "says not where they are: give `in:` a room")
            self._being(id, who, path, who.in_ or NOWHERE)
        for id, item in spec.items.items():
            path = ("items", id)
            if item.in_ is None:
                report(path, "E023", "says not where it is: give `in:` a place, or `nowhere`")
            self._item(id, item, path, item.in_ or NOWHERE, None)
        self.kinds: dict[str, Any] = {
            "room": spec.rooms,
            "door": spec.doors,
            "item": self.items.keys() | spec.doors.keys(),
            "character": self.characters,
            "exit": self.exits,
            "role": spec.roles,
            "quest": spec.quests,
            "ending": spec.endings.keys() | {"death"},
            "flag": spec.flags,
        }

    def _define(self, id: str, path: Path) -> None:
        if id in RESERVED:
            self.report(path, "E022", f"{id!r} has a meaning of its own: choose another id")
        elif id in self.defined:
            first = ".".join(str(part) for part in self.defined[id])
            self.report(path, "E021", f"the id {id!r} is taken by {first}")
        else:
            self.defined[id] = path

    def _being(self, id: str, who: BeingSpec, path: Path, room: str) -> None:
        self.characters.setdefault(id, (who, path, room))
        for field, manner in (("carrying", "in"), ("wearing", "worn"), ("wielding", "wielded")):
            self._items(getattr(who, field), (*path, field), id, manner)

    def _items(self, items: dict[str, ItemSpec], path: Path, parent: str, manner: str) -> None:
        for id, item in items.items():
            here = (*path, id)
            if item.in_ is not None:
                self.report((*here, "in"), "E024", "is nested where it is already: leave out `in`")
            self._item(id, item, here, parent, manner)

    def _item(self, id: str, item: ItemSpec, path: Path, parent: str, manner: str | None) -> None:
        self._define(id, path)
        parent = NOWHERE if parent == "nowhere" else parent
        self.items.setdefault(id, (item, path, parent, manner or ""))
        self._items(item.items, (*path, "items"), id, "on" if item.surface else "in")

    def check(self, value: Any, path: Path = (), self_too: bool = False) -> None:
        """Report every reference within `value` that names nothing, or something else."""
        if isinstance(value, PatternSpec):
            self._check_pattern(value, path, self_too)
        elif isinstance(value, Spec):
            if isinstance(value, SetFlag | AddFlag):
                self._check_flag(value, path)
            elif isinstance(value, VariantSpec | LoreSpec):
                self._check_lasting(value.if_, (*path, "if"))
            self_too = self_too or isinstance(value, RewardSpec)
            for name, field in type(value).model_fields.items():
                inner = getattr(value, name)
                if inner is None:
                    continue
                here = (*path, field.alias or name)
                refs = _refs(field)
                for ref in refs:
                    for id in [inner] if isinstance(inner, str) else inner:
                        self._check_ref(id, ref, here, self_too)
                if not refs:
                    self.check(inner, here, self_too)
        elif isinstance(value, dict):
            for key, entry in value.items():
                self.check(entry, (*path, key), self_too)
        elif isinstance(value, list):
            for n, entry in enumerate(value):
                self.check(entry, (*path, n), self_too)

    def _check_ref(self, id: str, ref: Ref, path: Path, self_too: bool) -> None:
        bound = (*ref.bound, "self") if self_too and "character" in ref.kinds else ref.bound
        if id not in bound:
            self._check_id(id, ref.kinds, path, bound)

    def _check_id(self, id: str, kinds: tuple[str, ...], path: Path, also: tuple[str, ...]) -> None:
        if any(id in self.kinds[kind] for kind in kinds):
            return
        known = [*also, *(k for kind in kinds for k in self.kinds[kind])]
        what = " or ".join(_WORDS.get(kind, kind) for kind in kinds)
        self.report(path, "E020", f"there is no {what} {id!r}{suggest(id, known)}")

    def _check_flag(self, change: SetFlag | AddFlag, path: Path) -> None:
        """A flag keeps the kind of value it starts with: numbers are added to."""
        start = self.kinds["flag"].get(change.flag)
        new = change.to if isinstance(change, SetFlag) else change.by
        if start is not None and type(new) is not type(start):
            what = f"become {new!r}" if isinstance(change, SetFlag) else f"have {new} added"
            self.report(
                path, "E027", f"the flag {change.flag!r} starts as {start!r}: it cannot {what}"
            )

    def _check_lasting(self, conditions: list[ConditionSpec], path: Path) -> None:
        """Report, in the conditions of a description, what only has a meaning in an event."""
        for condition in conditions:
            if condition.kind == "chance":
                self.report(path, "E035", "a description must not change by chance")
            elif condition.kind in ("not", "any"):
                inner = condition.value
                self._check_lasting(inner if isinstance(inner, list) else [inner], path)
            else:
                for field, named in condition.value.model_dump().items():
                    if named in BOUND and named != "player" and field not in ("is_", "name"):
                        message = f"{named!r} stands for nothing outside a reaction: give an id"
                        self.report(path, "E035", message)

    def _check_pattern(self, pattern: PatternSpec, path: Path, self_too: bool) -> None:
        for n, event in enumerate(pattern.event):
            if event not in EVENT_TYPES:
                here = (*path, "event", n) if len(pattern.event) > 1 else (*path, "event")
                near = suggest(event, EVENT_TYPES)
                self.report(here, "E025", f"there is no event type {event!r}{near}")
        for name, kinds in FIELD_KINDS.items():
            match: MatchSpec | None = getattr(pattern, name)
            if match is not None:
                self._check_match(match, kinds, (*path, name), self_too)

    def _check_match(
        self, match: MatchSpec, kinds: tuple[str, ...], path: Path, self_too: bool
    ) -> None:
        tests = len(match.model_dump(exclude_none=True))
        if not tests:
            self.report(path, "E026", "matches nothing: give an id, tag, contains, at_least or not")
        elif tests > 1:
            self.report(path, "E026", "give one of id, tag, contains, at_least and not")
        if match.not_ is not None:
            if match.not_.not_ is not None:
                self.report((*path, "not", "not"), "E026", "not inside not: leave out both")
            self._check_match(match.not_, kinds, (*path, "not"), self_too)
        if kinds:
            for id in match.id or ():
                if not (id == "self" and self_too):
                    self._check_id(id, kinds, path, ("self",) if self_too else ())


def _refs(field: FieldInfo) -> list[Ref]:
    """How a field is marked as naming something, itself or as one side of `... | None`."""
    marks = list(field.metadata)
    for side in get_args(field.annotation):
        marks += getattr(side, "__metadata__", ())
    return [m for m in marks if isinstance(m, Ref)]


def exit_id(room: str, name: str) -> str:
    """The id of an exit, as reactions name it."""
    return f"{room}.{name.replace(' ', '_')}"
