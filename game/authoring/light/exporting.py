"""A world of ours to LIGHT's graph JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from game.authoring import schema
from game.authoring.light import fields
from game.authoring.light.carrier import strings
from game.authoring.light.graph import VOID
from game.authoring.light.inhabitants import classes_of, stats_of, tag_of
from game.authoring.light.node_ids import derived_id
from game.authoring.light.summary import Summary
from game.authoring.references import Index
from game.authoring.spec import Spec
from game.engine.model import NOWHERE, World

Node = dict[str, Any]

_CREATURES = {"creature", "animal", "beast", "monster"}
#: Our fields that go over, by the kind of node; what else is set is counted as lost.
_CARRIED = {
    "room": "name description background names exits capacity items characters extra based_on",
    "item": "name article plural names description extra based_on in_ size value fixed container "
    "surface items wearable armour weapon wieldable food drink",
    "character": "name article plural names description persona goals tags size capacity health "
    "strength dexterity damage defense max_worn max_wielded carrying wearing wielding start in_ "
    "speed aggression attacks pacifist refuses_gifts move_cost tether energy extra based_on",
    "exit": "to label description door one_way extra",
    "world": "format title intro include player rooms doors items characters prototypes extra id",
}
_WHY = "LIGHT has no such thing"


def to_light(spec: schema.WorldSpec, world: World, summary: Summary) -> dict[str, Any]:
    """LIGHT's graph of a world, given as written and as compiled. What is lost is in `summary`."""
    return _Exporter(spec, world, summary).graph()


class _Exporter:
    def __init__(self, spec: schema.WorldSpec, world: World, summary: Summary) -> None:
        self.spec = spec
        self.world = world
        self.summary = summary
        index = Index(spec, lambda path, code, message: None)
        self.rooms = spec.rooms
        self.people: dict[str, schema.BeingSpec] = {
            id: who for id, (who, *_) in index.characters.items() if not kept(who).get("added")
        }
        self.things = {
            id: item for id, (item, *_) in index.items.items() if not kept(item).get("made")
        }
        self.nodes: dict[str, str] = {}
        self._name_nodes()
        self.inside: dict[str, list[str]] = {}
        for id in (*self.people, *self.things):
            self.inside.setdefault(world.places[id][0], []).append(id)

    def _name_nodes(self) -> None:
        """Every id's node id: the one it came with, else its name and a number."""
        taken: set[str] = set()
        waiting: list[str] = []
        specs: dict[str, Any] = {**self.rooms, **self.people, **self.things}
        for id, spec in specs.items():
            node = kept(spec).get("node_id") or derived_id(id, self._name(id, spec))
            if node is None or node in taken:
                waiting.append(id)
            else:
                self.nodes[id] = node
                taken.add(node)
        for id in waiting:
            name, number = self._name(id, specs[id]).lower(), len(self.nodes)
            while f"{name}_{number}" in taken:
                number += 1
            self.nodes[id] = f"{name}_{number}"
            taken.add(self.nodes[id])

    def graph(self) -> dict[str, Any]:
        rooms = {self.nodes[id]: self._room(id, room) for id, room in self.rooms.items()}
        agents = {self.nodes[id]: self._agent(id, who) for id, who in self.people.items()}
        objects = {}
        for id, item in self.things.items():
            if "agent" in kept(item):
                agents[self.nodes[id]] = self._dead(id, item)
            else:
                objects[self.nodes[id]] = self._object(id, item)
        self._count_lost()
        found = dict(kept(self.spec))
        said = found.get("title")
        told = strings(said)[0].strip()[:4000] if strings(said) else None
        if told is None or told not in (self.spec.intro, self.spec.title):
            found["title"] = self.spec.title
        self.summary.counts = {
            "rooms": len(rooms),
            "exits": sum(len(room["neighbors"]) for room in rooms.values()),
            "agents": len(agents),
            "objects": len(objects),
        }
        return {
            **found,
            "agents": sorted(agents),
            "nodes": {**rooms, **agents, **objects},
            "objects": sorted(objects),
            "rooms": sorted(rooms),
        }

    # -- what all nodes have ----------------------------------------------------------------------

    def _name(self, id: str, spec: Any) -> str:
        return str(kept_text(kept(spec), "name", self.world.name(id)))

    def _node(self, id: str, spec: Any, capacity: int, prefix: str) -> Node:
        extra = kept(spec)
        name = self._name(id, spec)
        said = extra.get("name_prefix")
        if isinstance(said, str) and said.strip().lower() in ("a", "an", "the", "some", ""):
            said = said if said.strip().lower() == prefix else None
        held = self.inside.get(id, ())
        holder = self.world.places[id][0] if id in self.world.places else NOWHERE
        if id in self.people and "container_node" in extra:
            holder = NOWHERE
        free = capacity - sum(self.world.thing(inner).size for inner in held)
        return {
            "agent": False,
            "contain_size": extra.get("contain_size", free),
            "contained_nodes": {self.nodes[i]: {"target_id": self.nodes[i]} for i in held},
            "container_node": {"target_id": self.nodes.get(holder, VOID)},
            "db_id": None,
            "desc": kept_text(extra, "desc", spec.description),
            "name": name,
            "name_prefix": prefix if said is None else said,
            "names": extra.get("names", [name, *spec.names]),
            "node_id": self.nodes[id],
            "object": False,
            "room": False,
        }

    def _rest(self, node: Node, spec: Any) -> Node:
        """The node with everything that was kept and is not told by our own fields."""
        own = (
            "node_id", "made", "added", "container_node", "neighbors",
            "max_wearable_items_said", "max_wieldable_items_said",
        )  # fmt: skip
        extra = kept(spec)
        return {**{k: v for k, v in extra.items() if k not in own}, **node}

    # -- the three kinds --------------------------------------------------------------------------

    def _room(self, id: str, spec: schema.RoomSpec) -> Node:
        extra = kept(spec)
        self._lose("room", spec)
        node = self._node(id, spec, spec.capacity, "the")
        node |= {
            "room": True,
            "classes": extra.get("classes", ["room"]),
            "extra_desc": kept_text(extra, "extra_desc", spec.background),
            "grid_location": extra.get("grid_location", [0, 0, 0]),
            "size": extra.get("size", 2000),
            "surface_type": extra.get("surface_type", "in"),
            "neighbors": self._neighbors(spec, extra),
        }
        return self._rest(node, spec)

    def _neighbors(self, spec: schema.RoomSpec, extra: Node) -> Node:
        found: Node = {}
        for name, way in spec.exits.items():
            to = self.nodes[way.to]
            if to in found:
                self.summary.lost["exit.to", "LIGHT has one exit between two rooms"] += 1
                continue
            self._lose("exit", way)
            known = kept(way)
            label = way.label or known.get("label", f"a way {name}")
            edge = {
                "examine_desc": kept_text(known, "examine_desc", way.description) or None,
                "label": kept_text(known, "label", label) if way.label else label,
                "locked_edge": self._door_lock(way, known),
                "target_id": to,
            }
            rest = {k: v for k, v in known.items() if k not in edge}
            found[to] = {**rest, **edge}
        missing = extra.get("neighbors")
        return {**found, **missing} if isinstance(missing, dict) else found

    def _door_lock(self, way: schema.ExitSpec, known: Node) -> Any:
        if way.door is None:
            return None
        door = self.spec.doors[way.door]
        lock = self._lock(door.locked, door.key, known.get("locked_edge"))
        if lock is None:
            self.summary.lost["exit.door", "LIGHT has no doors without keys"] += 1
        return lock

    def _lock(self, locked: bool, keys: list[str], known: Any) -> Any:
        key = next((self.nodes[k] for k in keys if k in self.nodes), None)
        if isinstance(known, dict) and known.get("target_id") in (key, *(() if key else (None,))):
            return {**known, "is_locked": locked}
        if isinstance(known, dict) and key is None:
            return known
        return {"is_locked": locked, "locked_desc": None, "target_id": key} if key else None

    def _agent(self, id: str, spec: schema.BeingSpec) -> Node:
        extra = kept(spec)
        self._lose("character", spec)
        who = self.world.characters[id]
        node = self._node(id, spec, spec.capacity, who.article)
        told = spec.goals[0] if spec.goals else ""
        if len(spec.goals) > 1 and not extra.get("quests"):
            why = "LIGHT has one mission"
            self.summary.lost["character.goals", why] += len(spec.goals) - 1
        mission = extra.get("mission")
        if "mission" not in extra or (mission and kept_text(extra, "mission", told) != mission):
            mission = told
        node |= fields.restore(fields.AGENT, spec, extra)
        node |= fields.restore(fields.NPC, spec, extra)
        node |= {
            "agent": True,
            "attack_tagged_agents": self._prey(spec, extra),
            "char_type": extra.get("char_type") or self._sort(spec),
            "classes": extra.get("classes", ["agent"]),
            "dead": False,
            "is_player": extra.get("is_player", id == "player" and not extra),
            "mission": mission,
            "on_events": extra.get("on_events", []),
            "persona": kept_text(extra, "persona", spec.persona),
            "quests": extra.get("quests", []),
            "tags": self._tags(spec, extra),
            "usually_npc": extra.get("usually_npc", False),
        }
        for light in ("max_wearable_items", "max_wieldable_items"):
            node[light] = extra.get(f"{light}_said", node[light])
        node["num_wearable_items"] = extra.get("num_wearable_items", 0)
        node["num_wieldable_items"] = extra.get("num_wieldable_items", 0)
        for name, empty in (("blocked_by", {}), ("followed_by", {}), ("blocking", None),
                            ("following", None)):  # fmt: skip
            node[name] = extra.get(name, empty)
        return self._rest(node, spec)

    def _sort(self, spec: schema.BeingSpec) -> str:
        if "object" in spec.tags and kept(spec):
            return "object"
        return "creature" if _CREATURES & set(spec.tags) else "person"

    def _tags(self, spec: schema.BeingSpec, extra: Node) -> Any:
        known = extra.get("tags")
        if {tag_of(t) for t in strings(known)} <= set(spec.tags) and known:
            return known
        return [t for t in spec.tags if t not in _CREATURES and not t.startswith("not_")]

    def _prey(self, spec: schema.BeingSpec, extra: Node) -> Any:
        known = extra.get("attack_tagged_agents")
        attacks = getattr(spec, "attacks", [])
        return known or [re.sub(r"^not_", "!", tag) for tag in attacks]

    def _object(self, id: str, spec: schema.ItemSpec) -> Node:
        extra = kept(spec)
        self._lose("item", spec)
        item, manner = self.world.items[id], self.world.places[id][1]
        node = self._node(id, spec, item.capacity, item.article)
        fixed = bool(spec.fixed)
        gettable = bool(extra["gettable"]) if fixed and "gettable" in extra else not fixed
        can = {
            "gettable": gettable,
            "container": item.holds is not None and extra.get("container", True) is True,
            "drink": item.drink,
            "food": item.food,
            "wearable": item.wearable is not None,
            "wieldable": item.wieldable,
        }
        on = manner in ("worn", "wielded")
        node |= fields.restore(fields.OBJECT, spec, extra)
        node |= {
            **can,
            "object": True,
            "classes": extra.get("classes", classes_of(can)),
            "dead": extra.get("dead", False),
            "equipped": True if on else extra.get("equipped"),
            "food_energy": self._energy(item.energy, item.food or item.drink, extra),
            "locked_edge": None,
            "on_use": extra.get("on_use"),
            "stats": self._stats(item.damage, item.defense, item.wieldable, extra),
            "surface_type": extra.get("surface_type", "in" if item.holds == "in" else "on"),
        }
        if spec.container and (spec.container.locked or spec.container.key):
            lock = self._lock(spec.container.locked, spec.container.key, extra.get("locked_edge"))
            node["locked_edge"] = lock
        elif "locked_edge" in extra:
            node["locked_edge"] = extra["locked_edge"]
        return self._rest(node, spec)

    def _energy(self, energy: int, edible: bool, extra: Node) -> Any:
        known = extra.get("food_energy")
        if known is None:
            return energy
        try:
            same = fields.within(-1000, 1000)(known) == energy
        except (ValueError, OverflowError):
            same = energy == 0
        return known if same or not edible else energy

    def _stats(self, damage: int, defense: int, wieldable: bool, extra: Node) -> Any:
        known = extra.get("stats")
        was, stopped = stats_of(known)
        if known is not None and stopped == defense and (was == damage or not wieldable):
            return known
        return {"damage": damage, "defense": defense}

    def _dead(self, id: str, spec: schema.ItemSpec) -> Node:
        """A body that was an agent, as it was; where it lies and what it has are as they are."""
        extra = kept(spec)
        node = self._node(id, spec, self.world.items[id].capacity, "")
        where = ("node_id", "contain_size", "contained_nodes", "container_node")
        return {**extra["agent"], **{name: node[name] for name in where}, "dead": True}

    # -- what is lost -----------------------------------------------------------------------------

    def _lose(self, kind: str, spec: Spec) -> None:
        for name in spec.model_fields_set - set(_CARRIED[kind].split()):
            shown = type(spec).model_fields[name].alias or name
            if not (kind == "character" and name == "pronoun"):
                self.summary.lost[f"{kind}.{shown}", _WHY] += 1

    def _count_lost(self) -> None:
        """The story, as far as it did not come from LIGHT."""
        scripted = {
            id
            for id, spec in {**self.people, **self.things}.items()
            if {"on_use", "on_events", "quests"} & kept(spec).keys()
        }
        theirs = any("quests" in kept(spec) for spec in self.people.values())
        for name in self.spec.model_fields_set - set(_CARRIED["world"].split()):
            value = getattr(self.spec, name)
            if name == "reactions":
                value = [r for r in value.values() if not scripted & set(_ids(r))]
            elif name in ("quests", "flags") and (theirs or scripted):
                continue
            if value:
                self.summary.lost[name, _WHY] += 1 if isinstance(value, str) else len(value)


def kept(spec: Any) -> Node:
    """What was kept of a node when it came from LIGHT."""
    found = spec.extra.get("light")
    return found if isinstance(found, dict) else {}


def kept_text(extra: Node, name: str, ours: str) -> Any:
    """LIGHT's own text, while it still says what ours does."""
    if name not in extra:
        return ours
    words = extra[name]
    words = words if isinstance(words, str) else "\n".join(strings(words))
    told = " ".join(words.split())
    mine = " ".join(ours.split())
    return extra[name] if told == mine or (mine and told.startswith(mine)) else ours


def _ids(reaction: schema.ReactionSpec) -> Iterable[str]:
    """The things and people that a reaction waits for."""
    for match in (reaction.on.item, reaction.on.target):
        yield from (match.id or ()) if match else ()
    for condition in reaction.if_:
        if condition.kind == "with":
            yield condition.value.whom
