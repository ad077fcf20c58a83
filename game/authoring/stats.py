"""How much of everything there is in a world."""

from __future__ import annotations

from game.engine.model import World


def statistics(world: World) -> dict[str, int]:
    """Counts by name, in the order to show them. `words` are those a player may read."""
    rooms, items, people = world.rooms.values(), world.items.values(), world.characters.values()
    others = [c for c in people if c.id != world.player]
    texts = [world.intro, *(e.text for e in world.endings.values())]
    for entity in [*world.entities.values(), *world.exits.values()]:
        texts += [entity.description, *(v.text for v in entity.variants)]
    for quest in world.quests.values():
        texts += [quest.description, *(g.text for g in quest.goals)]
        hints = [*quest.hints, *(h for g in quest.goals for h in g.hints)]
        texts += [hint.text for hint in hints]
    spoken = [c.greeting for c in others] + [k for c in others for k in c.knowledge]
    steps = [c for r in world.reactions for c in r.do]
    steps += [c for q in world.quests.values() for c in q.then]
    spoken += [c.args["text"] for c in steps if c.kind == "say"]
    texts += [c.args["text"] for c in steps if c.kind == "tell"]
    start = world.places[world.player][0]
    doors = [i for i in items if i.between]
    return {
        "rooms": len(rooms),
        "exits": sum(len(room.exits) for room in rooms),
        "hidden_exits": sum(e.hidden for room in rooms for e in room.exits),
        "dark_rooms": sum(room.dark for room in rooms),
        "steps_to_farthest_room": max(world.distance[start].values()),
        "doors": len(doors),
        "locked_doors": sum(door.locked for door in doors),
        "things": len(world.items) - len(doors),
        "things_to_take": sum(not i.fixed and not i.between for i in items),
        "hidden_things": sum(i.hidden for i in items),
        "characters": len(others),
        "characters_that_know_things": sum(bool(c.knowledge) for c in others),
        "roles": len(world.roles),
        "reactions": len(world.reactions),
        "quests": len(world.quests),
        "goals": sum(len(q.goals) for q in world.quests.values()),
        "endings": len(world.endings),
        "winning_endings": sum(e.won for e in world.endings.values()),
        "highest_score": _highest(world),
        "words_to_read": _words(texts),
        "words_spoken": _words(spoken),
    }


def _words(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _highest(world: World) -> int:
    """What the score could come to: every quest, each reaction once, the best ending."""
    gains = [c.args["by"] for r in world.reactions for c in r.do if c.kind == "score"]
    gains += [c.args["by"] for q in world.quests.values() for c in q.then if c.kind == "score"]
    gains += [q.score for q in world.quests.values()]
    best = max((e.score for e in world.endings.values()), default=0)
    return sum(g for g in gains if g > 0) + max(best, 0)
