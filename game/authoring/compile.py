"""A checked specification to the engine's World."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from game.authoring import schema, story
from game.authoring.problems import Path, Report
from game.authoring.references import Index, exit_id
from game.engine.conditions import Lore
from game.engine.events import Pattern
from game.engine.model import (
    DIRECTIONS,
    NOWHERE,
    Character,
    Exit,
    Item,
    Manner,
    Room,
    World,
)
from game.engine.reactions import (
    Ending,
    Reaction,
)

_ARTICLES = ("a", "an", "the", "some")


def compile_world(spec: schema.WorldSpec, name: str, report: Report) -> World | None:
    """The world, or None when something was reported: ids that name nothing, impossible places."""
    found: list[Path] = []

    def note(path: Path, code: str, message: str) -> None:
        found.append(path)
        report(path, code, message)

    index = Index(spec, note)
    index.check(spec)
    doors = _doors(spec, note)
    if found:
        return None
    items = {id: _item(id, item) for id, (item, *_) in index.items.items()}
    items |= {id: _door(id, spec.doors[id], rooms) for id, rooms in doors.items()}
    world = World(
        id=spec.id or name,
        title=spec.title,
        author=spec.author,
        intro=spec.intro,
        voice=spec.voice,
        rooms={id: _room(id, room) for id, room in spec.rooms.items()},
        items=items,
        characters={id: _character(id, who) for id, (who, *_) in index.characters.items()},
        places=_places(index, items, note),
        reactions=tuple(
            Reaction(
                id, story.pattern(r.on), story.consequences(r.do), story.conditions(r.if_), r.times
            )
            for id, r in spec.reactions.items()
        ),
        quests={id: story.quest(id, quest) for id, quest in spec.quests.items()},
        roles={id: story.role(id, role) for id, role in spec.roles.items()},
        endings={
            id: Ending(
                id,
                e.name or _words(id),
                e.text,
                story.pattern(e.on) if e.on else Pattern(()),
                story.conditions(e.if_),
                e.won and id != "death",
                e.score,
            )
            for id, e in spec.endings.items()
        },
        flags=dict(spec.flags),
        lore=tuple(
            Lore(id, tuple(note.about), note.text, story.conditions(note.if_))
            for id, note in spec.lore.items()
        ),
    )
    _check_places(world, index, note)
    if found:
        return None
    return dataclasses.replace(world, hash=world_hash(world))


def world_hash(world: World) -> str:
    """128 bits, in hex, over the whole definition, without its old hash and what changes no game.

    A hint put better must not make the player's saves those of another world.
    """
    content = {
        field.name: getattr(world, field.name)
        for field in dataclasses.fields(world)
        if field.name != "hash"
    }
    text = json.dumps(content, default=_canonical, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return [getattr(value, field.name) for field in dataclasses.fields(value) if field.compare]


def _words(id: str) -> str:
    return id.replace("_", " ")


def _named(id: str, spec: schema.NamedSpec, proper: bool) -> dict[str, Any]:
    """Name, article and the rest of what every thing and person has.

    A capital letter makes a person's name a proper one, without an article.
    """
    name = spec.name or _words(id)
    article: str | None = spec.article
    first, _, rest = name.partition(" ")
    if rest and (first == article or (article is None and first in _ARTICLES)):
        article, name = first, rest
    if article is None:
        if proper:
            article = "" if name[0].isupper() else "the"
        elif spec.plural:
            article = "some"
        else:
            article = "an" if name[0].lower() in "aeiou" else "a"
    return {
        "id": id,
        "name": name,
        "article": article,
        "plural": spec.plural,
        "names": tuple(n.lower() for n in spec.names),
        "description": spec.description,
        "variants": story.variants(spec.variants),
        "background": spec.background,
        "tags": frozenset(spec.tags),
    }


def _room(id: str, spec: schema.RoomSpec) -> Room:
    exits = (
        Exit(
            id=exit_id(id, name),
            room=id,
            to=e.to,
            name=name,
            names=tuple(n.lower() for n in e.names),
            direction=name if name in DIRECTIONS else None,
            label=e.label,
            description=e.description,
            variants=story.variants(e.variants),
            door=e.door,
            hidden=e.hidden,
        )
        for name, e in spec.exits.items()
    )
    return Room(
        id=id,
        name=spec.name or _words(id).capitalize(),
        description=spec.description,
        variants=story.variants(spec.variants),
        voice=spec.voice,
        names=tuple(n.lower() for n in spec.names),
        exits=tuple(exits),
        dark=spec.dark,
        capacity=spec.capacity,
        tags=frozenset(spec.tags),
        background=spec.background,
    )


def _item(id: str, spec: schema.ItemSpec) -> Item:
    box, top = spec.container, spec.surface
    reason = spec.fixed if isinstance(spec.fixed, str) else ""
    return Item(
        **_named(id, spec, proper=False),
        size=spec.size,
        value=spec.value,
        fixed=bool(spec.fixed),
        fixed_reason=reason,
        holds="in" if box else "on" if top else None,
        capacity=box.capacity if box else top.capacity if top else 0,
        openable=bool(box and (box.closed is not None or box.locked)),
        open=not (box and (box.closed or box.locked)),
        locked=bool(box and box.locked),
        keys=tuple(box.key) if box else (),
        transparent=bool(box and box.transparent),
        wearable=spec.wearable,
        wieldable=spec.wieldable or spec.weapon is not None,
        food=spec.food is not None,
        drink=spec.drink is not None,
        energy=spec.food if spec.food is not None else spec.drink or 0,
        light=spec.light is not None,
        lit=spec.light == "lit",
        damage=spec.weapon or 0,
        defense=spec.armour or 0,
        hidden=spec.hidden,
    )


def _door(id: str, spec: schema.DoorSpec, rooms: tuple[str, str]) -> Item:
    return Item(
        **_named(id, spec, proper=False),
        fixed=True,
        openable=True,
        open=not (spec.closed or spec.locked),
        locked=spec.locked,
        keys=tuple(spec.key),
        hidden=spec.hidden,
        between=rooms,
    )


def _character(id: str, spec: schema.BeingSpec) -> Character:
    named = _named(id, spec, proper=True)
    if id == "player" and not spec.name:
        named |= {"name": "stranger", "article": "the"}
    own: dict[str, Any] = {}
    if isinstance(spec, schema.CharacterSpec):
        own = {
            "knowledge": tuple(spec.knowledge),
            "greeting": spec.greeting,
            "speed": spec.speed,
            "aggression": spec.aggression,
            "attacks": frozenset(spec.attacks),
            "pacifist": spec.pacifist,
            "refuses_gifts": spec.refuses_gifts,
            "move_cost": spec.move_cost,
            "tether": spec.tether,
            "energy": spec.energy,
        }
    else:
        named["tags"] |= {"player"}
    return Character(
        **named,
        **own,
        pronoun=spec.pronoun,
        persona=spec.persona,
        voice=spec.voice,
        mood=spec.mood,
        goals=tuple(spec.goals),
        role=story.played(spec.role),
        size=spec.size,
        capacity=spec.capacity,
        health=spec.health,
        strength=spec.strength,
        dexterity=spec.dexterity,
        damage=spec.damage,
        defense=spec.defense,
        max_worn=spec.max_worn,
        max_wielded=spec.max_wielded,
    )


# -- where things are -------------------------------------------------------------------------


def _doors(spec: schema.WorldSpec, report: Report) -> dict[str, tuple[str, str]]:
    """The two rooms each door joins, from the exits that name it."""
    joins: dict[str, tuple[str, str]] = {}
    for room, r in spec.rooms.items():
        for name, e in r.exits.items():
            if e.door not in spec.doors:
                continue
            ends = joins.setdefault(e.door, (room, e.to))
            if {room, e.to} != set(ends):
                message = f"the door {e.door!r} joins {ends[0]} and {ends[1]} already"
                report(("rooms", room, "exits", name), "E028", message)
    for door in spec.doors:
        if door not in joins:
            report(("doors", door), "E028", "no exit has this door: name it as an exit's `door`")
    return joins


def _places(index: Index, items: dict[str, Item], report: Report) -> dict[str, tuple[str, Manner]]:
    places: dict[str, tuple[str, Manner]] = {}
    for id, (_, _, room) in index.characters.items():
        places[id] = (room, "in")
    for id, (_, path, parent, manner) in index.items.items():
        how: Any = manner or "in"
        if parent in items:
            holder = items[parent]
            if holder.between:
                report(_inside(path), "E029", f"{parent!r} is a door: nothing can be in it")
            elif holder.holds is None:
                where = "give that item `container` or `surface`"
                report(
                    _inside(path), "E029", f"{parent!r} is neither container nor surface: {where}"
                )
            how = holder.holds or "in"
        places[id] = (parent, how)
    return places


def _inside(path: Path) -> Path:
    """Where it says what an item is in: its `in`, or the item itself when it is nested there."""
    return (*path, "in") if len(path) == 2 else path


def _check_places(world: World, index: Index, report: Report) -> None:
    """Report cycles, what does not fit, and what cannot be worn or wielded as it is."""
    load: dict[str, int] = {}
    for id, (parent, manner) in world.places.items():
        path = index.items[id][1] if id in index.items else index.characters[id][1]
        seen = [id]
        while parent in world.items and parent in world.places:
            if parent in seen:
                chain = " in ".join((*seen, parent))
                report(_inside(path), "E031", f"is inside itself: {chain}")
                break
            seen.append(parent)
            parent = world.places[parent][0]
        parent = world.places[id][0]
        if parent == NOWHERE:
            continue
        load[parent] = load.get(parent, 0) + world.thing(id).size
        holder = world.entities[parent]
        if isinstance(holder, Item) and holder.holds is None:
            continue  # reported already
        if load[parent] > holder.capacity >= load[parent] - world.thing(id).size:
            report(path, "E030", f"does not fit: {parent!r} holds {holder.capacity} in all")
        if id in world.items:
            item = world.items[id]
            if manner == "worn" and item.wearable is None:
                report(
                    path,
                    "E032",
                    "is worn but cannot be: give it `wearable: body` (or another place)",
                )
            if manner == "wielded" and not item.wieldable:
                report(
                    path, "E032", "is wielded but cannot be: give it `weapon` or `wieldable: true`"
                )
    for who in world.characters.values():
        _check_gear(world, index, who, report)


def _check_gear(world: World, index: Index, who: Character, report: Report) -> None:
    worn = [i for i, place in world.places.items() if place == (who.id, "worn")]
    slots: dict[str | None, str] = {}
    for id in worn:
        slot = world.items[id].wearable
        if slot in slots:
            report(index.items[id][1], "E033", f"the {slot} has {slots[slot]!r} on it already")
        slots.setdefault(slot, id)
    wielded = [i for i, place in world.places.items() if place == (who.id, "wielded")]
    for held, most, verb in ((worn, who.max_worn, "wear"), (wielded, who.max_wielded, "wield")):
        if len(held) > most:
            report(index.items[held[most]][1], "E033", f"{who.id!r} can {verb} no more than {most}")
