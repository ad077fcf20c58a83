"""LIGHT's older files (`dimensions`, `map[].tiles`, `entities`) as its newer graph."""

from __future__ import annotations

from typing import Any

from game.authoring.light.summary import Summary

_STEPS = {(1, 0): "east", (-1, 0): "west", (0, 1): "north", (0, -1): "south"}
#: Flags of the older format, as the newer one names them.
_FLAGS = {
    "is_gettable": "gettable",
    "is_wearable": "wearable",
    "is_weapon": "wieldable",
    "is_food": "food",
    "is_drink": "drink",
    "is_container": "container",
}
_TEXTS = {"description": "desc", "physical_description": "desc", "backstory": "extra_desc"}


def from_tiles(data: dict[str, Any], summary: Summary) -> dict[str, Any]:
    """The same world as a graph: neighbouring tiles are joined, north being +y."""
    nodes: dict[str, Any] = {}
    entities = data["entities"] if isinstance(data["entities"], dict) else {}
    for kind, mark in (("room", "room"), ("character", "agent"), ("object", "object")):
        found = entities.get(kind)
        for key, raw in found.items() if isinstance(found, dict) else ():
            if isinstance(raw, dict):
                nodes[f"{kind}:{key}"] = {**_renamed(raw), mark: True, "contained_nodes": {}}
    floors = data.get("map")
    if isinstance(floors, dict):
        floors = [floors]
    places: dict[tuple[int, int, int], str] = {}
    for z, floor in enumerate(floors if isinstance(floors, list) else []):
        for (x, y), tile in _tiles(floor, summary):
            room = f"room:{tile.get('room')}"
            if room not in nodes:
                summary.lost["a tile", "names a room that is not in the file"] += 1
                continue
            places[x, y, z] = room
            nodes[room].setdefault("grid_location", [x, y, z])
            _furnish(nodes, tile, room)
    for (x, y, z), room in places.items():
        ways = nodes[room].setdefault("neighbors", {})
        for (dx, dy), way in _STEPS.items():
            other = places.get((x + dx, y + dy, z))
            if other is not None and other != room:
                ways[other] = {"target_id": other, "label": f"a path to the {way}"}
    ids = {id: _node_id(id, raw) for id, raw in nodes.items()}
    rest = {k: v for k, v in data.items() if k not in ("entities", "map", "dimensions")}
    return rest | {"nodes": {ids[id]: _with_ids(raw, ids) for id, raw in nodes.items()}}


def _renamed(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if key in _FLAGS:
            found[_FLAGS[key]] = value
        else:
            found.setdefault(_TEXTS.get(key, key), value)
    found.pop("id", None)
    return found


def _tiles(floor: Any, summary: Summary) -> list[tuple[tuple[int, int], dict[str, Any]]]:
    """A floor's tiles: a mapping from "x y", or a list of tiles with their x and y."""
    tiles = floor.get("tiles") if isinstance(floor, dict) else None
    pairs = list(tiles.items()) if isinstance(tiles, dict) else []
    if isinstance(tiles, list):
        pairs = [(f"{t.get('x')} {t.get('y')}", t) for t in tiles if isinstance(t, dict)]
    found = []
    for key, tile in pairs:
        try:
            x, y = (int(part) for part in key.replace(",", " ").split())
        except ValueError:
            summary.lost["a tile", "is at no place on the map"] += 1
            continue
        if isinstance(tile, dict):
            found.append(((x, y), tile))
    return found


def _furnish(nodes: dict[str, Any], tile: dict[str, Any], room: str) -> None:
    for field, kind in (("characters", "character"), ("objects", "object")):
        some = tile.get(field)
        for key in some if isinstance(some, list | dict) else ():
            id = f"{kind}:{key}"
            if id in nodes:
                nodes[id]["container_node"] = {"target_id": room}


def _node_id(id: str, raw: dict[str, Any]) -> str:
    name = raw.get("name")
    number = id.partition(":")[2]
    kind = id.partition(":")[0]
    return f"{name.lower() if isinstance(name, str) else kind}_{kind[0]}{number}"


def _with_ids(raw: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    found = dict(raw)
    if "container_node" in raw:
        found["container_node"] = {"target_id": ids[raw["container_node"]["target_id"]]}
    if "neighbors" in raw and isinstance(raw["neighbors"], dict):
        found["neighbors"] = {
            ids[key]: {**edge, "target_id": ids[key]}
            for key, edge in raw["neighbors"].items()
            if key in ids
        }
    return found
