"""Worlds to learn in and to be tested in, and roles that every one of them can have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.envs.episode import EXIT, Setting
from game.authoring.light import import_light
from game.authoring.random_world import compiled, random_world
from game.engine.events import Match, Pattern
from game.engine.model import World
from game.engine.reactions import Reward, Role

#: The roles of the shipped thespian.
REPERTOIRE = ("thief", "adventurer", "healer", "merchant", "wanderer", "reveller")

#: What the words of a thing say it is, for worlds whose authors did not tag it.
_PRECIOUS = frozenset(
    "gold silver ring necklace gem gems jewel jewels jewelry coin coins pearl pearls ruby diamond "
    "diamonds emerald sapphire goblet chalice brooch crown tiara treasure amulet scepter money "
    "purse".split()
)


def with_repertoire(world: World) -> World:
    """The world with the roles of `REPERTOIRE` that it has not, defined by traits of its things."""
    made = {role.id: role for role in _roles(world)}
    return replace(
        world, roles={**world.roles, **{k: r for k, r in made.items() if k not in world.roles}}
    )


def _roles(world: World) -> Iterable[Role]:
    items, people = world.items.values(), world.characters.values()
    exits = tuple(room.id for room in world.rooms.values() if EXIT in room.tags)
    precious = [i.id for i in items if "valuable" in i.tags or _precious(i.name)]
    arms = [i.id for i in items if i.wieldable and i.damage > 0 or i.wearable and i.defense > 0]
    monsters = [c.id for c in people if "monster" in c.tags or c.attacks]
    folk = [c.id for c in people if c.id not in monsters and c.id != world.player]
    rooms = [r for r in world.rooms if r not in exits and r != world.home[world.player]]
    leave = _pay("exit", ("arrived",), "room", exits, 0.5) if exits else None
    loot = _pay("loot", ("took", "stole"), "item", precious)
    yield _role("thief", "You take whatever is worth taking.", loot, leave)
    yield _role(
        "adventurer",
        "You arm yourself and slay monsters.",
        _pay("find", ("took",), "item", arms),
        _pay("don", ("wore", "wielded"), "item", arms),
        _pay("slay", ("killed",), "target", monsters),
        leave,
    )
    yield _role("healer", "You comfort everybody.", _pay("comfort", ("hugged",), "target", folk))
    yield _role(
        "merchant",
        "You give, so that you will be given.",
        Reward("gift", Pattern(("gave",), (_self(),)), 1.0, times=5),
    )
    yield _role(
        "wanderer",
        "You want to have been everywhere.",
        _pay("see", ("arrived",), "room", rooms, 0.5),
    )
    meals = [i.id for i in items if i.food or i.drink]
    yield _role("reveller", "You eat and drink.", _pay("feast", ("ate", "drank"), "item", meals))


def _role(id: str, description: str, *rewards: Reward | None) -> Role:
    return Role(id, description, tuple(r for r in rewards if r is not None))


def _self() -> tuple[str, Match]:
    return "actor", Match(ids=("self",))


def _pay(
    id: str, events: tuple[str, ...], field: str, ids: Sequence[str], amount: float = 1.0
) -> Reward | None:
    """Pays once for each of `ids` in `field`; None where there are none."""
    if not ids:
        return None
    pattern = Pattern(events, (_self(), (field, Match(ids=tuple(ids)))))
    return Reward(id, pattern, amount, each=field)


def _precious(name: str) -> bool:
    """By the word that says what a thing is: a "gold ring of kings" is a ring, a gold."""
    return any(word in _PRECIOUS for word in name.lower().split(" of ")[0].split())


def plain(world: World) -> World:
    """The same world without tags and values, which many authors leave out: what a thing is can
    then only be told from its words. Who is paid for what stays."""
    roles = {id: _by_ids(world, role) for id, role in world.roles.items()}
    items = {
        id: replace(item, tags=frozenset(), value=min(item.value, 1))
        for id, item in world.items.items()
    }
    people = {id: replace(c, tags=frozenset()) for id, c in world.characters.items()}
    return replace(world, items=items, characters=people, roles=roles)


def _by_ids(world: World, role: Role) -> Role:
    rewards = []
    for reward in role.rewards:
        where = tuple((name, _match_ids(world, match)) for name, match in reward.on.where)
        rewards.append(replace(reward, on=replace(reward.on, where=where)))
    return replace(role, rewards=tuple(rewards))


def _match_ids(world: World, match: Match) -> Match:
    if not match.tags:
        return match
    tagged = [id for id, e in world.entities.items() if not e.tags.isdisjoint(match.tags)]
    return replace(match, ids=(*match.ids, *tagged), tags=())


def generated(count: int, seed: int, smallest: int = 7, largest: int = 14) -> list[Setting]:
    """Random worlds of our own inventory, every third without tags."""
    found = []
    for n in range(count):
        rooms = smallest + n % (largest - smallest + 1)
        world = with_repertoire(random_world(rooms, seed * 10_000 + n))
        found.append(Setting(plain(world) if n % 3 == 2 else world))
    return found


def of_light(folder: Path) -> list[tuple[str, Setting]]:
    """The worlds of LIGHT in a folder that have things for a thief and an adventurer to do."""
    found = []
    for file in sorted(folder.glob("*.json")):
        data: dict[str, Any] = import_light(file)[0]
        data["id"] = "light"
        world = with_repertoire(compiled(data))
        if len(world.rooms) >= 5:
            found.append((file.stem, Setting(world)))
    return found


#: The rewards of the rogue, of the village's thief and adventurer (section 7.1 of the paper).
_ROGUE = {
    "thief": ("dagger", "knife", "wine", "donations", "pearl"),
    "adventurer": ("sword", "wield", "armour", "adder"),
}
#: Where the rogue's games begin: by the thief's rewards, the adventurer's, or between them.
ROGUE_MAPS = {"thief-first": "tavern", "adventurer-first": "armoury", "balanced": "marketplace"}


def rogue(start: str) -> Setting:
    """The village with the role `rogue`, which is paid for some of what a thief and an adventurer
    are paid for; the player begins in the room `start`."""
    world = village(start).world
    rewards = [
        reward
        for role, names in _ROGUE.items()
        for reward in world.roles[role].rewards
        if reward.id in names
    ]
    role = Role("rogue", "You take what you fancy and fight for the rest.", tuple(rewards))
    return Setting(replace(world, roles={**world.roles, "rogue": role}))


def village(start: str | None = None) -> Setting:
    """The village with the repertoire; `start` is the room in which the player begins."""
    world = with_repertoire(Setting("village").world)
    if start is None:
        return Setting(world)
    places = {**world.places, world.player: (start, "in")}
    return Setting(replace(world, places=places))
