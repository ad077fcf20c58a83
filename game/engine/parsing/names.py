"""What things are called when the parser speaks of them."""

from __future__ import annotations

from collections.abc import Sequence

from game.engine.scope import Scope


def the(scope: Scope, id: str) -> str:
    """ "the brass key", "Mittens", "yourself", "the dead troll", or the name of a way out."""
    if id == scope.actor:
        return "yourself"
    exit = scope.world.exits.get(id)
    if exit is not None:
        return exit.name
    thing = scope.world.thing(id)
    if id in scope.state.dead:
        return f"the dead {thing.name}"
    return f"the {thing.name}" if thing.article else thing.name


def labels(scope: Scope, ids: Sequence[str]) -> list[str]:
    """What tells the things apart: where each is, when they share a name."""
    plain = [the(scope, id) for id in ids]
    return [
        label if plain.count(label) == 1 else _where(scope, id, label)
        for id, label in zip(ids, plain, strict=True)
    ]


def _where(scope: Scope, id: str, label: str) -> str:
    parent = scope.state.parent.get(id, scope.room)
    if parent == scope.actor:
        return f"{label} that you have"
    if parent in scope.world.characters:
        return f"{label} that {the(scope, parent)} has"
    if parent in scope.world.items:
        return f"{label} {scope.world.items[parent].holds or 'in'} {the(scope, parent)}"
    return f"{label} that lies here"


def listed(words: Sequence[str], joint: str = "or") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
