"""Rooms, exits, doors, locks and light."""

from __future__ import annotations

from collections.abc import Collection

from game.authoring.causes import changed, named
from game.authoring.problems import Path, Report
from game.authoring.schema import WorldSpec
from game.engine.model import NOWHERE, World


def lint(world: World, spec: WorldSpec, defined: dict[str, Path], warn: Report) -> None:
    touched = _touched(world)
    carried = _player_goes(world)
    start = world.places[world.player][0]
    reached = _rooms_from(world, {start, *carried}, ())
    for room in sorted(set(world.rooms) - reached):
        warn(defined[room], "W001", f"no way leads here from {start!r}, where the game begins")
    _one_way(spec, warn)
    _dead_ends(world, defined, bool(carried), warn)
    for item in world.items.values():
        if not item.locked or item.id in touched:
            continue
        if not item.keys:
            warn(defined[item.id], "W013", "is locked, has no key, and nothing unlocks it")
        elif not any(key in touched or _in_reach(world, key, item.id) for key in item.keys):
            keys = " and ".join(item.keys)
            warn(defined[item.id], "W003", f"its key {keys} cannot be had before it is unlocked")
    dark = next((r for r in world.rooms.values() if r.dark), None)
    if dark is not None and not any(i.light for i in world.items.values()):
        warn(defined[dark.id], "W019", "is dark, and there is no light in the world to see it by")


def _touched(world: World) -> set[str]:
    """What some reaction moves, opens, unlocks or the like."""
    found: set[str] = set()
    for reaction in world.reactions:
        found |= changed(world, reaction.on, reaction.do)
    for quest in world.quests.values():
        for goal in quest.goals:
            found |= changed(world, goal.on, quest.then)
    return found


def _player_goes(world: World) -> set[str]:
    """The rooms that reactions bring the player to."""
    steps = [c for r in world.reactions for c in r.do]
    steps += [c for q in world.quests.values() for c in q.then]
    return {
        c.args["to"]
        for c in steps
        if c.kind == "move" and c.args["thing"] in (world.player, "actor") and "to" in c.args
    } & set(world.rooms)


def _rooms_from(world: World, start: Collection[str], without: Collection[str]) -> set[str]:
    """The rooms that can be walked to, through any door but those in `without`."""
    found, queue = set(start), list(start)
    while queue:
        for e in world.rooms[queue.pop()].exits:
            if e.to not in found and e.door not in without:
                found.add(e.to)
                queue.append(e.to)
    return found


def _in_reach(world: World, key: str, lock: str) -> bool:
    """Whether a key can be had without first opening `lock`."""
    at = key
    while at in world.places:
        at = world.places[at][0]
        if at == lock:
            return False
    if at == NOWHERE:
        return False
    return at in _rooms_from(world, {world.places[world.player][0]}, (lock,))


def _one_way(spec: WorldSpec, warn: Report) -> None:
    for id, room in spec.rooms.items():
        for name, e in room.exits.items():
            back = [way.to for way in spec.rooms[e.to].exits.values()]
            if not e.one_way and e.to != id and id not in back:
                message = f"{e.to!r} has no exit back to {id!r}: add one, or say `one_way: true`"
                warn(("rooms", id, "exits", name), "W002", message)


def _dead_ends(world: World, defined: dict[str, Path], moves: bool, warn: Report) -> None:
    """Rooms that one cannot leave, unless the story ends there or something carries one off."""
    final: set[str] = set()
    for ending in world.endings.values():
        final |= named(world, ending.on)
    for room in world.rooms.values():
        if not room.exits and room.id not in final and not moves and len(world.rooms) > 1:
            warn(defined[room.id], "W014", "has no exits, and no ending happens there")
