"""The verbs: one object each, and the one table they stand in."""

from game.engine.verbs import (
    attention,
    body,
    emotes,
    gear,
    items,
    locks,
    meta,
    motion,
    senses,
    speech,
)
from game.engine.verbs.base import Verb
from game.engine.verbs.declined import DECLINED

__all__ = ["DECLINED", "VERBS", "Verb", "verb_named"]

#: Every verb by its name, in a fixed order.
VERBS: dict[str, Verb] = {
    verb.name: verb
    for module in (motion, items, locks, gear, body, attention, senses, speech, meta, emotes)
    for verb in module.VERBS
}


def verb_named(name: str) -> Verb | None:
    """The verb, or the declined one, of that name."""
    return VERBS.get(name) or DECLINED.get(name)
