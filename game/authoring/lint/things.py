"""Things and people: described, told apart, of some use, with something to want."""

from __future__ import annotations

from game.authoring.causes import asked, changed, named
from game.authoring.problems import Path, Report
from game.engine.model import NOWHERE, Entity, Item, World


def lint(world: World, defined: dict[str, Path], warn: Report) -> None:
    about = mentioned(world)
    brought = _brought(world)
    for entity in world.entities.values():
        if entity.id == world.player or (isinstance(entity, Item) and entity.between):
            continue
        if not entity.description and not entity.variants:
            warn(defined[entity.id], "W006", f"{entity.name!r} has no description")
        if entity.id in world.places and world.places[entity.id][0] == NOWHERE:
            if entity.id not in brought:
                warn(defined[entity.id], "W015", "is `nowhere`, and no reaction brings it")
            continue
        if isinstance(entity, Item) and entity.id not in about and not _of_use(entity):
            warn(defined[entity.id], "W008", "can be taken but is of no use and no consequence")
    for who in world.characters.values():
        if who.id != world.player and not who.goals and who.role is None:
            warn(defined[who.id], "W009", f"{who.name!r} wants nothing: give `goals` or a `role`")
    _names(world, defined, warn)


def _names(world: World, defined: dict[str, Path], warn: Report) -> None:
    """Two of one kind with the same name cannot be told apart by any words."""
    things: dict[str, Entity] = {**world.characters, **world.items}
    for kind in ({**world.rooms}, things):
        first: dict[str, str] = {}
        for id, entity in kind.items():
            name = entity.name.lower()
            if name in first:
                message = f"is called {entity.name!r}, as is {first[name]!r}"
                warn(defined[id], "W007", message)
            first.setdefault(name, id)


def _of_use(item: Item) -> bool:
    return bool(
        item.fixed or item.between or item.holds or item.wearable or item.wieldable or item.food
        or item.drink or item.light or item.value or item.damage or item.defense
    )  # fmt: skip


def mentioned(world: World) -> set[str]:
    """The ids (and tokens) that keys, reactions, quests, rewards, endings and texts are about."""
    found: set[str] = set()
    for reaction in world.reactions:
        found |= named(world, reaction.on) | asked(reaction.when)
        found |= changed(world, reaction.on, reaction.do)
    for quest in world.quests.values():
        for goal in quest.goals:
            found |= named(world, goal.on) | asked(goal.when) | changed(world, goal.on, quest.then)
    for role in world.roles.values():
        for reward in role.rewards:
            found |= named(world, reward.on) | asked(reward.when)
    for ending in world.endings.values():
        found |= named(world, ending.on) | asked(ending.when)
    for entity in [*world.entities.values(), *world.exits.values()]:
        for variant in entity.variants:
            found |= asked(variant.when)
    for note in world.lore:
        found |= asked(note.when)
    for item in world.items.values():
        found.update(item.keys)
    return found


def _brought(world: World) -> set[str]:
    """What some consequence moves: it may come out of nowhere."""
    found: set[str] = set()
    for reaction in world.reactions:
        moves = [c for c in reaction.do if c.kind == "move"]
        found |= changed(world, reaction.on, moves)
    for quest in world.quests.values():
        for goal in quest.goals:
            found |= changed(world, goal.on, [c for c in quest.then if c.kind == "move"])
    return found
