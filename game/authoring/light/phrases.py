"""LIGHT's words for events, comparisons and gestures, as our patterns and conditions."""

from __future__ import annotations

from typing import Any

from game.engine.verbs.emotes import GESTURES

EMOTES = frozenset(name for name, *_ in GESTURES)

#: Trigger to pattern: "me" stands for whoever answers, "words" and "things" for the argument.
#: Only what the player says is answered, so that two who answer each other do not go on for ever.
TRIGGERS: dict[str, dict[str, Any]] = {
    "SayEvent": {"event": ["said", "told"], "actor": "player", "text": "words"},
    "TellEvent": {"event": "told", "actor": "player", "target": "me", "text": "words"},
    "WhisperEvent": {"event": "whispered", "actor": "player", "target": "me", "text": "words"},
    "ShoutEvent": {"event": "shouted", "actor": "player", "text": "words"},
    "EmoteEvent": {"event": "emoted", "text": "words"},
    "GiveObjectEvent": {"event": "gave", "target": "me", "item": "things"},
    "StealObjectEvent": {"event": ["stole", "caught"], "target": "me"},
    "HitEvent": {"event": "hit", "target": "me"},
    "HugEvent": {"event": "hugged", "target": "me"},
    "FollowEvent": {"event": "followed", "target": "me"},
    "BlockEvent": {"event": "blocked", "target": "me"},
    "ExamineEvent": {"event": "examined", "item": "me"},
    "ArriveEvent": {"event": "arrived"},
}

#: A quest's verb to an event, and which of the quest's nodes each field must be.
QUEST_EVENTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "give": ("gave", (("item", "object"), ("target", "agent"))),
    "steal": ("stole", (("item", "object"), ("target", "agent"))),
    "get": ("took", (("item", "object"), ("target", "container"))),
    "take": ("took", (("item", "object"), ("target", "container"))),
    "put": ("put", (("item", "object"), ("target", "container"))),
    "drop": ("dropped", (("item", "object"), ("room", "location"))),
    "wear": ("wore", (("item", "object"),)),
    "wield": ("wielded", (("item", "object"),)),
    "remove": ("removed", (("item", "object"),)),
    "eat": ("ate", (("item", "object"),)),
    "drink": ("drank", (("item", "object"),)),
    "use": ("used", (("item", "object"),)),
    "hit": ("hit", (("target", "agent"),)),
    "kill": ("killed", (("target", "agent"),)),
    "hug": ("hugged", (("target", "agent"),)),
    "follow": ("followed", (("target", "agent"),)),
    "go": ("arrived", (("room", "location"),)),
}


def compared(who: str, stat: str, how: str, values: list[int]) -> dict[str, Any] | None:
    """The condition that a stat compares so with one of `values`; None for what we do not know."""

    def at_least(least: int) -> dict[str, Any]:
        return {"stat": {"who": who, "name": stat, "at_least": least}}

    def differs(value: int) -> dict[str, Any]:
        return {"any": [{"not": at_least(value)}, at_least(value + 1)]}

    ways = {
        "greater": lambda v: at_least(v + 1),
        "geq": at_least,
        "less": lambda v: {"not": at_least(v)},
        "leq": lambda v: {"not": at_least(v + 1)},
        "neq": differs,
        "eq": lambda v: {"not": differs(v)},
    }
    if how not in ways or not values:
        return None
    found = [ways[how](value) for value in values]
    return found[0] if len(found) == 1 else {"any": found}


def third_person(verb: str) -> str:
    """smile -> smiles, cry -> cries, blush -> blushes."""
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
