"""Flags, quests, endings and prototypes that nothing uses or begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from game.authoring.causes import flat
from game.authoring.lint.things import mentioned
from game.authoring.problems import Report
from game.authoring.schema import WorldSpec
from game.engine.consequences import Consequence
from game.engine.model import World


def lint(world: World, spec: WorldSpec, data: dict[str, Any], warn: Report) -> None:
    done = list(_consequences(world))
    flags_set = {c.args["flag"] for c in done if c.kind in ("set", "add")}
    about = mentioned(world)
    asked = {t.removeprefix("flag:") for t in about if t.startswith("flag:")} - flags_set
    asked |= _flags_asked(world)
    for flag in world.flags:
        if flag not in flags_set:
            warn(("flags", flag), "W012", "nothing ever sets it")
        elif flag not in asked:
            warn(("flags", flag), "W012", "nothing ever asks about it")
    started = {c.args["quest"] for c in done if c.kind == "start"}
    for quest in world.quests.values():
        if not quest.active and quest.id not in started:
            warn(("quests", quest.id), "W016", "is not active, and no reaction starts it")
    ends = {c.args["ending"] for c in done if c.kind == "end"} | {"death"}
    for ending in world.endings.values():
        if not ending.on.events and ending.id not in ends:
            message = "waits for no event, and no reaction ends the game with it"
            warn(("endings", ending.id), "W017", message)
    based = set(_based_on(data))
    for prototype in spec.prototypes:
        if prototype not in based:
            warn(("prototypes", prototype), "W018", "nothing is based on it")


def _consequences(world: World) -> Iterator[Consequence]:
    for reaction in world.reactions:
        yield from reaction.do
    for quest in world.quests.values():
        yield from quest.then


def _flags_asked(world: World) -> set[str]:
    conditions = [c for r in world.reactions for c in r.when]
    conditions += [c for q in world.quests.values() for g in q.goals for c in g.when]
    conditions += [c for e in world.endings.values() for c in e.when]
    conditions += [c for r in world.roles.values() for w in r.rewards for c in w.when]
    conditions += [c for note in world.lore for c in note.when]
    for entity in [*world.entities.values(), *world.exits.values()]:
        conditions += [c for v in entity.variants for c in v.when]
    return {c.args["name"] for c in flat(conditions) if c.kind == "flag"}


def _based_on(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("based_on"), str):
            yield value["based_on"]
        for entry in value.values():
            yield from _based_on(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _based_on(entry)
