"""The verbs: one object each, and the one table they stand in."""

from game.engine.verbs import attention, body, emotes, gear, items, meta, motion, speech
from game.engine.verbs.base import Verb

#: Every verb by its name, in a fixed order.
VERBS: dict[str, Verb] = {
    verb.name: verb
    for module in (motion, items, gear, body, attention, speech, meta, emotes)
    for verb in module.VERBS
}
