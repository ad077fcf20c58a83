"""LIGHT's nodes to our data, field by field: what goes over, and what is kept in `extra`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from game.authoring.light import fields
from game.authoring.light.graph import Graph
from game.authoring.light.names import ARTICLES, Namer
from game.authoring.light.node_ids import derived_id
from game.authoring.light.summary import Summary

Raw = dict[str, Any]
Data = dict[str, Any]

#: What tells nothing in LIGHT's files: state of a running game, or said elsewhere in the file.
_QUIET: dict[str, Any] = {
    "agent": None, "room": None, "object": None, "node_id": None, "container_node": None,
    "contained_nodes": None, "db_id": None, "user_id": None, "dead": False, "is_player": False,
    "usually_npc": False, "blocked_by": {}, "blocking": None, "followed_by": {},
    "following": None, "xp": 0, "reward_xp": 0,
}  # fmt: skip
_SAID = ("agent", "room", "object", "node_id", "container_node", "contained_nodes")
MAX_NAME, MAX_TEXT = 74, 4000


class Carrier:
    """What rooms, people and things have in common. `ids` maps node ids to ours."""

    def __init__(self, graph: Graph, summary: Summary, hero: str | None) -> None:
        self.graph = graph
        self.summary = summary
        self.hero = hero
        self.namer = Namer(["player"])
        self.ids: dict[str, str] = {}
        for id in (*graph.rooms, *graph.agents, *graph.objects):
            self.ids[id] = "player" if id == hero else self.namer(id)
        self.held: dict[str, list[str]] = {}
        for inner, holder in graph.inside.items():
            if holder is not None:
                self.held.setdefault(holder, []).append(inner)

    def kept(self, kind: str, name: str, why: str) -> None:
        self.summary.kept[f"{kind}.{name}", why] += 1

    def carried(self, kind: str, name: str) -> None:
        self.summary.carried[f"{kind}.{name}"] += 1

    def noter(self, kind: str) -> Callable[[str, str], None]:
        return lambda name, why: self.kept(kind, name, why)

    def write(self, kind: str, raw: Raw, extra: Data, light: str, limit: int = MAX_TEXT) -> str:
        """A text field as we can hold it; LIGHT's own is kept where that is not the same."""
        value = raw.get(light)
        if value is None:
            return ""
        self.carried(kind, light)
        words = value if isinstance(value, str) else "\n".join(strings(value))
        found = words.strip()[:limit].strip()
        if found != value:
            extra[light] = value
            if len(words.strip()) > limit:
                self.kept(kind, light, f"is longer than {limit} letters: cut")
            elif not isinstance(value, str):
                self.kept(kind, light, "is not of the kind it should be")
        return found

    def named(self, kind: str, id: str, raw: Raw) -> tuple[Data, Data]:
        """What every thing and person has, and what is kept."""
        extra: Data = {}
        found: Data = {}
        name = " ".join(self.write(kind, raw, extra, "name", MAX_NAME).split())
        if name and name != raw.get("name"):
            extra["name"] = raw.get("name")
        prefix = raw.get("name_prefix")
        article = prefix.strip().lower() if isinstance(prefix, str) else None
        if isinstance(prefix, str):
            self.carried(kind, "name_prefix")
            if article not in (*ARTICLES, ""):
                article = None
                self.kept(kind, "name_prefix", "is not an article")
            if article != prefix:
                extra["name_prefix"] = prefix
        if name:
            first = name.split(" ")[0]
            proper = kind == "agent" and name[0].isupper()
            if article and first.lower() != article:
                found["name"] = f"{article} {name}"
            else:
                found["name"] = name
                usual = "" if proper else "the" if kind == "agent" else None
                if (article is not None and article != usual) or first in ARTICLES:
                    found["article"] = article or ""
            if article == "some" and name[-1:] == "s" and name[-2:] not in ("ss", "us"):
                found["plural"] = True
        others = strings(raw.get("names"))
        others = [n.strip()[:80] for n in others if n.strip() and n != raw.get("name")]
        if others:
            found["names"] = others
        listed = raw.get("names")
        if listed is not None:
            self.carried(kind, "names")
            if listed != [raw.get("name"), *others]:
                extra["names"] = listed
        description = self.write(kind, raw, extra, "desc")
        if description:
            found["description"] = description
        if id != derived_id(self.ids[id], text_of(raw.get("name"))):
            extra["node_id"] = id
        return found, extra

    def rest(self, kind: str, raw: Raw, extra: Data, known: Iterable[str]) -> None:
        """Keep every field that nothing else has dealt with."""
        for key, value in raw.items():
            if key in known or key in extra or key in _SAID:
                continue
            if key in _QUIET and (value is None or value == _QUIET[key]):
                continue
            extra[key] = value
            why = "is the state of a running game" if key in _QUIET else "we have no such field"
            self.kept(kind, key, why)

    def table(
        self, table: tuple[fields.Field, ...], kind: str, raw: Raw, has: bool = True
    ) -> tuple[Data, Data]:
        """Our fields from a table's, and what is kept; see `fields.carry`."""
        for field in table:
            if field.light in raw and has:
                self.carried(kind, field.light)
        return fields.carry(table, raw, self.noter(kind), has)

    def capacity(self, kind: str, raw: Raw, extra: Data, inner: list[str], usual: int) -> int:
        """All that fits in: LIGHT gives what is still free."""
        load = sum(self._size(i) for i in inner)
        value = raw.get("contain_size")
        if value is None:
            return usual + load
        self.carried(kind, "contain_size")
        try:
            free = fields.number(value)
        except (ValueError, OverflowError):
            free = usual
        capacity = min(1_000_000, max(0, free) + load)
        if capacity - load != value:
            extra["contain_size"] = value
            self.kept(kind, "contain_size", "is out of our range")
        return max(capacity, load)

    def _size(self, id: str) -> int:
        agent = id in self.graph.agents
        table = fields.AGENT if agent else fields.OBJECT
        raw = self.graph.agents[id] if agent else self.graph.objects[id]
        ours, _ = fields.carry(table[:1], raw, lambda name, why: None)
        return int(ours.get("size", table[0].usual))


def keeping(found: Data, extra: Data) -> Data:
    """The data, with what is kept for LIGHT."""
    return {**found, "extra": {"light": extra}} if extra else found


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def strings(value: Any) -> list[str]:
    """The texts in a value: itself, or those in its list."""
    if isinstance(value, str):
        return [value]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def is_so(raw: Raw, name: str) -> bool:
    """A flag of a node; false when missing or of no kind that says."""
    try:
        return fields.flag(raw.get(name) or False)
    except ValueError:
        return False
