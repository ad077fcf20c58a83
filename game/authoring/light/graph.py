"""A LIGHT file as a graph: its rooms, agents and objects, and what is in what."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from game.authoring.light.legacy import from_tiles
from game.authoring.light.summary import Summary
from game.errors import WorldError

MAX_BYTES = 16_000_000
MAX_DEPTH = 12
VOID = "VOID"

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_HINT = "A LIGHT world is JSON with `nodes`, `rooms`, `agents` and `objects`."


@dataclass
class Graph:
    """`inside` maps what is contained to what contains it (both node ids), None for nowhere.

    `top` holds the file's other fields.
    """

    rooms: dict[str, dict[str, Any]]
    agents: dict[str, dict[str, Any]]
    objects: dict[str, dict[str, Any]]
    inside: dict[str, str | None] = field(default_factory=dict)
    top: dict[str, Any] = field(default_factory=dict)

    def contents(self, id: str) -> list[str]:
        return [inner for inner, holder in self.inside.items() if holder == id]


def read_graph(file: Path, summary: Summary) -> Graph:
    """Read LIGHT's graph JSON or its older tile maps.

    Raises WorldError when the file is neither. What is odd in it is mended and noted.
    """
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise WorldError(f"{file.name} is larger than {MAX_BYTES:,} bytes.", _HINT)
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorldError(f"Cannot read {file}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise WorldError(f"{file.name} is not UTF-8 text.", _HINT) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise WorldError(f"{file.name} is not JSON: {error.msg} at {where}.", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise WorldError(f"{file.name} is not JSON that can be read.", _HINT) from error
    data = _Cleaner(summary).clean(data, 0)
    if isinstance(data, dict) and "nodes" not in data and "entities" in data:
        data = from_tiles(data, summary)
    nodes = data.get("nodes") if isinstance(data, dict) else None
    if not isinstance(nodes, dict) or not nodes:
        raise WorldError(f"{file.name} is not a LIGHT world: it has no nodes.", _HINT)
    return _graph(data, nodes, file.name, summary)


class _Cleaner:
    """Takes out what no world file may hold: control characters, endless numbers, deep nests."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary

    def clean(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            self.summary.lost["a number", "is not finite"] += 1
            return None
        if isinstance(value, int) and abs(value) > 10**18:
            self.summary.lost["a number", "is too large"] += 1
            return None
        if depth > MAX_DEPTH and isinstance(value, dict | list):
            self.summary.lost["a value", "is nested too deeply"] += 1
            return None
        if isinstance(value, list):
            return [self.clean(entry, depth + 1) for entry in value]
        if isinstance(value, dict):
            return {self._text(k): self.clean(entry, depth + 1) for k, entry in value.items()}
        return value

    def _text(self, text: str) -> str:
        if not _CONTROL.search(text):
            return text
        self.summary.lost["control characters", "would reach the terminal"] += 1
        return _CONTROL.sub("", text.replace("\r\n", "\n"))


def _graph(data: dict[str, Any], nodes: dict[str, Any], file: str, summary: Summary) -> Graph:
    graph = Graph({}, {}, {})
    listed = {kind: _words(data.get(kind)) for kind in ("rooms", "agents", "objects")}
    for id, raw in nodes.items():
        if not isinstance(raw, dict):
            summary.lost["a node", "is not an object"] += 1
            continue
        kind = next((k for k, ids in listed.items() if id in ids), None)
        for flagged, mark in (("rooms", "room"), ("agents", "agent"), ("objects", "object")):
            if raw.get(mark) is True and kind is None:
                kind = flagged
        if kind is None:
            kind = "rooms" if "neighbors" in raw else "agents" if "persona" in raw else "objects"
            summary.notes.append(f"{id} does not say what it is: taken for one of the {kind}")
        getattr(graph, kind)[id] = raw
    if not graph.rooms:
        raise WorldError(f"{file} is not a LIGHT world: it has no rooms.", _HINT)
    known = {*graph.rooms, *graph.agents, *graph.objects}
    graph.top = {
        key: value
        for key, value in data.items()
        if key not in ("nodes", "rooms", "agents", "objects")
    }
    holders = {
        inner: holder
        for holder in known
        for inner in _targets(nodes[holder].get("contained_nodes"))
    }
    for id in (*graph.objects, *graph.agents):
        graph.inside[id] = _holder(graph, nodes[id], id, holders.get(id), summary)
    for id in graph.inside:
        _untangle(graph, id, summary)
    return graph


def _words(value: Any) -> frozenset[str]:
    return (
        frozenset(v for v in value if isinstance(v, str))
        if isinstance(value, list)
        else (frozenset())
    )


def _targets(value: Any) -> list[str]:
    """The node ids of LIGHT's edges: a mapping of ids, or a list of them."""
    if isinstance(value, dict):
        return [target(entry) or key for key, entry in value.items()]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def target(edge: Any) -> str | None:
    """What an edge leads to: `{"target_id": ...}` or the id alone."""
    found = edge.get("target_id") if isinstance(edge, dict) else edge
    return found if isinstance(found, str) else None


def _holder(
    graph: Graph, raw: dict[str, Any], id: str, listed_in: str | None, summary: Summary
) -> str | None:
    """What holds a node: as it says itself, else as the holder says."""
    holder = target(raw.get("container_node"))
    known = holder in graph.rooms or holder in graph.agents or holder in graph.objects
    if known:
        return holder
    if holder not in (None, VOID):
        summary.notes.append(f"{id} is in {holder!r}, which is not in the file")
    return listed_in


def _untangle(graph: Graph, id: str, summary: Summary) -> None:
    """Take out what is inside itself, and people out of everything but rooms."""
    seen = {id}
    at = graph.inside[id]
    while at is not None and at not in graph.rooms:
        if at in seen:
            summary.notes.append(f"{id} is inside itself: taken out")
            graph.inside[id] = None
            return
        seen.add(at)
        at = graph.inside[at]
    holder = graph.inside[id]
    if id in graph.agents and holder is not None and holder not in graph.rooms:
        summary.notes.append(f"{id} is in {holder}: people are in rooms here")
        graph.inside[id] = at
