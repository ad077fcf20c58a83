"""What a world's rules wait for, ask about and change, as sets of ids and tokens.

A token is an id, or `flag:x`, `quest:x`, `mood:x`, `role:x`, `stat:x`, `score`, `turn`, `chance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from game.engine.conditions import Condition
from game.engine.consequences import Consequence
from game.engine.events import Pattern
from game.engine.model import World

#: Arguments that name what the event at hand names, not an id.
_BOUND = ("actor", "item", "target", "room")
_ID_ARGUMENTS = ("thing", "place", "who", "whom", "item", "to", "by", "room")


def named(world: World, pattern: Pattern) -> set[str]:
    """The ids a pattern's fields may be: those it gives, and those with its tags."""
    found: set[str] = set()
    for _, match in pattern.where:
        if not match.negate:
            found.update(i for i in match.ids if i in world.entities or i in world.exits)
            if match.tags:
                tags = set(match.tags)
                found.update(id for id, e in world.entities.items() if tags & e.tags)
    return found


def asked(conditions: Iterable[Condition]) -> set[str]:
    """The tokens that conditions ask about, negated ones too."""
    found: set[str] = set()
    for condition in flat(conditions):
        kind, args = condition.kind, condition.args
        if kind in ("flag", "quest"):
            found.add(f"{kind}:{args.get('name', args.get('id'))}")
        elif kind in ("mood", "role", "stat"):
            found |= {f"{kind}:{args['who']}", args["who"]}
        elif kind in ("score", "turn", "chance"):
            found.add(kind)
        else:
            found.update(args[a] for a in _ID_ARGUMENTS if isinstance(args.get(a), str))
    return found


def flat(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions, with those inside `not` and `any` instead of these."""
    for condition in conditions:
        if condition.kind == "not":
            yield from flat([condition.args["condition"]])
        elif condition.kind == "any":
            yield from flat(condition.args["conditions"])
        else:
            yield condition


def changed(world: World, pattern: Pattern, consequences: Iterable[Consequence]) -> set[str]:
    """The tokens that consequences of an event of this pattern change."""
    found: set[str] = set()
    for kind, args in consequences:
        if kind in ("set", "add"):
            found.add(f"flag:{args['flag']}")
        elif kind == "start":
            found.add(f"quest:{args['quest']}")
        elif kind in ("mood", "role"):
            found.add(f"{kind}:{args['who']}")
        elif kind in ("heal", "boost"):
            found.add(f"stat:{args['who']}")
        elif kind == "score":
            found.add(kind)
        else:
            thing = args.get("thing", args.get("who"))
            if kind in ("say", "tell") or thing is None:
                continue
            if thing in _BOUND:
                found |= named(world, pattern)
            else:
                found.add(thing)
    return found
