"""A LIGHT graph to a world of ours, as the data of a world file."""

from __future__ import annotations

from typing import Any

from game.authoring.light import scripts
from game.authoring.light.carrier import MAX_TEXT, Data, Raw, is_so, keeping, text_of
from game.authoring.light.exits import exit_name
from game.authoring.light.graph import Graph, target
from game.authoring.light.inhabitants import Inhabitants
from game.authoring.light.summary import Summary
from game.errors import WorldError


def to_world(graph: Graph, title: str, summary: Summary, player: str | None = None) -> Data:
    """The world file's data. `player` names the agent to play (default: `_player` decides).

    Raises WorldError when there is no such agent.
    """
    return _Importer(graph, title, summary, player).data()


class _Importer(Inhabitants):
    def __init__(self, graph: Graph, title: str, summary: Summary, player: str | None) -> None:
        super().__init__(graph, summary, _player(graph, player))
        self.title = title
        self.doors: Data = {}
        self.door_ids: dict[tuple[str, str], str] = {}

    def data(self) -> Data:
        graph, top = self.graph, dict(self.graph.top)
        start = self._start()
        found: Data = {"format": 1, "title": self.title}
        said = top.get("title")
        extra: Data = {key: value for key, value in top.items() if value is not None}
        for key in extra:
            self.kept("world", key, "we have no such field")
        if isinstance(said, str) and said.strip():
            del extra["title"]
            self.summary.kept.pop(("world.title", "we have no such field"))
            self.summary.carried["world.title"] += 1
            if len(said.strip()) <= 60 and said == said.strip():
                found["title"] = said
            else:
                found["intro"] = said.strip()[:MAX_TEXT]
                extra["title"] = said
        rooms = {self.ids[id]: self._room(id, raw) for id, raw in graph.rooms.items()}
        people = {
            self.ids[id]: self.agent(id, raw, start)
            for id, raw in graph.agents.items()
            if id != self.hero and not is_so(raw, "dead")
        }
        if self.hero is None:
            found["player"] = self.newcomer(start)
        else:
            found["player"] = {
                "start": start,
                **self.agent(self.hero, graph.agents[self.hero], start),
            }
        found |= {"rooms": rooms, "doors": self.doors, "characters": people}
        for id in graph.agents:
            if id != self.hero and is_so(graph.agents[id], "dead"):
                self.body(id)
        for id in graph.objects:
            if id not in self.nested:
                self.placed(id)
        script = scripts.of(graph, self.ids, self.namer, self.items, self.summary)
        found |= {"items": self.items, **script}
        if extra:
            found["extra"] = {"light": extra}
        self.summary.counts = {
            "rooms": len(rooms),
            "exits": sum(len(room.get("exits", ())) for room in rooms.values()),
            "characters": len(people) + 1,
            "things": len(graph.objects),
            "reactions": len(found.get("reactions", ())),
            "quests": len(found.get("quests", ())),
        }
        return {key: value for key, value in found.items() if value or key == "format"}

    def _start(self) -> str:
        """The player's room: their own, else the one from which most is reached, and nearest."""
        rooms = self.graph.rooms
        if self.hero is not None:
            held = self.graph.inside.get(self.hero)
            if held in rooms:
                return self.ids[held]
        ways = {id: [t for t in self._neighbors(raw) if t in rooms] for id, raw in rooms.items()}

        def worth(id: str) -> tuple[int, int, int]:
            seen, layer, steps = {id}, [id], 0
            while layer:
                layer = [t for here in layer for t in dict.fromkeys(ways[here]) if t not in seen]
                layer = list(dict.fromkeys(layer))
                seen.update(layer)
                steps += len(layer) * (len(seen) + 1)
            return len(seen), len(set(ways[id])), -steps

        # Looking from every room of thousands would take minutes: the best have many exits.
        likely = sorted(rooms, key=lambda id: -len(set(ways[id])))[:100]
        return self.ids[max(likely, key=worth)]

    def _neighbors(self, raw: Raw) -> dict[str, Raw]:
        """Target node id to edge."""
        found: dict[str, Raw] = {}
        edges = raw.get("neighbors")
        if isinstance(edges, list):
            edges = {str(target(e)): e for e in edges}
        for key, edge in edges.items() if isinstance(edges, dict) else ():
            found[target(edge) or key] = edge if isinstance(edge, dict) else {}
        return found

    def _room(self, id: str, raw: Raw) -> Data:
        kind = "room"
        found, extra = self.named(kind, id, raw)
        found.pop("plural", None)
        if "name" in found:
            found["name"] = " ".join(text_of(raw.get("name"))[:80].split())
        found.pop("article", None)
        if raw.get("name_prefix") == "the":
            extra.pop("name_prefix", None)
        elif isinstance(raw.get("name_prefix"), str):
            extra["name_prefix"] = raw["name_prefix"]
        lore = self.write(kind, raw, extra, "extra_desc")
        if lore:
            found["background"] = lore
        inner = self.held.get(id, [])
        capacity = self.capacity(kind, raw, extra, inner, 100_000)
        if capacity != 100_000:
            found["capacity"] = capacity
        for name, usual in (("size", 2000), ("surface_type", "in"), ("classes", ["room"])):
            if raw.get(name, usual) not in (None, usual):
                extra[name] = raw[name]
                self.kept(kind, name, "we have no such field")
        if raw.get("grid_location") not in (None, [0, 0, 0]):
            extra["grid_location"] = raw["grid_location"]
            self.kept(kind, "grid_location", "we have no such field")
        exits = self._exits(id, raw, extra)
        if exits:
            found["exits"] = exits
        known = (
            "name", "name_prefix", "names", "desc", "extra_desc", "contain_size", "size",
            "surface_type", "classes", "grid_location", "neighbors",
        )  # fmt: skip
        self.rest(kind, raw, extra, known)
        things = self.things(inner, 1)
        if things:
            found["items"] = things
        return keeping(found, extra)

    def _exits(self, id: str, raw: Raw, room_extra: Data) -> Data:
        found: Data = {}
        rooms = self.graph.rooms
        for to, edge in self._neighbors(raw).items():
            if to not in rooms:
                room_extra.setdefault("neighbors", {})[to] = edge
                self.kept("exit", "target_id", "leads to a room that is not in the file")
                continue
            extra: Data = {}
            label = self.write("exit", edge, extra, "label", 80)
            name = exit_name(label, text_of(rooms[to].get("name")), set(found))
            way: Data = {"to": self.ids[to]}
            if label:
                way["label"] = label
            else:
                extra["label"] = edge.get("label")
            told = self.write("exit", edge, extra, "examine_desc")
            if told:
                way["description"] = told
            if id not in self._neighbors(rooms[to]):
                way["one_way"] = True
            self.carried("exit", "target_id")
            if edge.get("locked_edge") is not None:
                self._bar(id, to, way, edge["locked_edge"], extra)
            known = ("label", "examine_desc", "target_id", "locked_edge")
            self.rest("exit", edge, extra, known)
            found[name] = keeping(way, extra)
        return found

    def _bar(self, id: str, to: str, way: Data, lock: Any, extra: Data) -> None:
        """A locked edge: kept whole, and a door where it can be made out."""
        extra["locked_edge"] = lock
        if not isinstance(lock, dict):
            self.kept("exit", "locked_edge", "is not of the kind it should be")
            return
        self.carried("exit", "locked_edge")
        one, other = sorted((self.ids[id], self.ids[to]))
        if (one, other) not in self.door_ids:
            self.door_ids[one, other] = self.namer(f"door_{one}_{other}")
        way["door"] = self.door_ids[one, other]
        key = target(lock)
        self.doors.setdefault(
            way["door"],
            {
                "name": "a door",
                "locked": is_so(lock, "is_locked"),
                **({"key": self.ids[key]} if key in self.graph.objects else {}),
            },
        )


def _player(graph: Graph, wanted: str | None) -> str | None:
    """The agent asked for, the one the file marks or calls "you", or none: a newcomer."""
    agents = graph.agents
    alive = {id: raw for id, raw in agents.items() if not is_so(raw, "dead")}
    if wanted is not None:
        for id, raw in alive.items():
            if wanted.lower() in (id.lower(), text_of(raw.get("name")).lower()):
                return id
        names = ", ".join(sorted(text_of(raw.get("name")) for raw in alive.values()))[:400]
        raise WorldError(f"Nobody here is called {wanted!r}.", f"There are: {names}.")
    marked = [id for id, raw in alive.items() if is_so(raw, "is_player")]
    called = [id for id, raw in alive.items() if text_of(raw.get("name")).lower() == "you"]
    return next(iter([*marked, *called]), None)
