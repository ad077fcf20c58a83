"""Does a sentence assert what did not happen, or deny what did?"""

from __future__ import annotations

import re

from game.engine.events import Event
from game.narrator import outcomes
from game.narrator.outcomes import CLASSES, assertions
from game.narrator.scene import SceneFacts

# "the smell of smoke greets you"
_WELCOMES = re.compile(
    r"\b((?:smell|scent|air|draught|warmth|cold|dark|sound|silence)(?: of \w+(?: \w+)?)? )greets\b"
)
QUOTED = re.compile(r'["“]([^"“”]*)["”]')


def contradictions(text: str, scene: SceneFacts) -> str:
    """No outcome is asserted without its event, and none is denied that has one."""
    bare = _WELCOMES.sub(r"\1meets", QUOTED.sub("", text))
    spoken_of = set(outcomes.words(scene.plain))
    for claim in assertions(bare, scene.mentions):
        types = CLASSES[claim.kind][1]
        true = [e for e in scene.events if _licenses(e, types, claim.verb)]
        if claim.denied:
            if any(_fits(e, claim, scene) for e in true) and claim.kind != "find":
                return f"not {claim.verb}"
            continue
        if claim.kind == "hold" and (not claim.object or claim.object in scene.held):
            continue
        if claim.kind in _IDIOMS and not true and not claim.object:
            continue  # "You take a breath.", "It gives a creak.", "You put your arms around her."
        if not true:
            if claim.verb in spoken_of and claim.kind not in ("die", "kill"):
                continue
            return claim.verb
        if not any(_fits(e, claim, scene) for e in true):
            return f"{claim.subject} {claim.verb} {claim.object or claim.tool}".strip()
    return _found(bare, scene) or _elsewhere(bare, scene)


def _licenses(event: Event, types: frozenset[str], verb: str) -> bool:
    return event.type in types or (event.type == "emoted" and f"emoted:{event.text}" in types)


def _id(mention: str, scene: SceneFacts) -> str:
    return scene.reader if mention == "you" else mention


_OTHERS = frozenset({"he", "she", "it", "they", "who"})
# Event types whose `item` is moved, so that the verb's object must be that item.
_IDIOMS = frozenset({"take", "give", "put"})
_MOVES = frozenset(
    "took stole received gave dropped put wore wielded removed ate drank lowered".split()
)
_STRIKES = frozenset({"hit", "missed", "deflected", "killed"})
_HANDLES = frozenset("opened closed locked unlocked lit doused came_open came_shut".split())


def _fits(event: Event, claim: outcomes.Assertion, scene: SceneFacts) -> bool:
    """Whether subject, object and tool, as far as they can be told, are those of the event."""
    subject = _id(claim.subject, scene)
    object = _id(claim.object, scene)
    known = subject == scene.reader or subject in scene.mentions.values()
    if event.type in ("went", "arrived") and _shares_name(subject, scene):
        known = False  # "and the armoury is where you arrive", beside the armoury door
    doers = {event.actor, event.item} if event.type in _HANDLES | _MOVES else {event.actor}
    if event.type in ("unlocked", "locked"):
        doers.add(event.target)  # "the small key unlocks the chest"
    if event.type in _STRIKES and event.item:
        doers.add(event.item)  # "your spear strikes the wolf"
    if event.type == "gave" and claim.kind in ("take", "hold"):
        doers = {event.target}
    if event.type == "caught":  # the actor is the thief, the target whoever catches them
        doers = {event.target}
        if object in scene.mentions.values() and object not in (event.actor, event.item):
            return False
        if object == scene.reader != event.actor:
            return False
    if event.type == "killed":  # "the broken oar hits the wolf and kills it"
        blows = [e for e in scene.events if e.type == "hit" and e.actor == event.actor]
        doers |= {e.item for e in blows if e.target == event.target}
    if claim.kind == "die":
        doers = {event.actor if event.type == "died" else event.target}
    if event.type == "found_nothing" and subject != scene.reader and known:
        doers.add(subject)  # "heel to toe, and find nothing", beside a heel of bread
    if claim.kind in ("appear", "find", "fall", "vanish"):
        doers |= {event.item, event.actor}
    if claim.kind in ("drop", "fall") and event.type in ("died", "killed"):
        doers = {event.target if event.type == "killed" else event.actor}
    if known and subject not in doers:
        return False
    if subject in _OTHERS and doers - ({event.item} if subject != "it" else set()) <= {
        scene.reader
    }:
        return False
    things = {event.item, event.target, event.actor, event.to}
    if object and object in {*scene.mentions.values(), scene.reader}:
        if event.type in _STRIKES and object != event.target:
            return claim.kind == "swing" and object == event.item
        if event.type in ("took", "stole", "put") and object != event.item:
            return False
        if event.type in _MOVES and object not in {event.item, event.target}:
            return False
        if event.type in _HANDLES and object not in things:
            return False
        if event.type in ("went", "arrived") and object in scene.mentions.values():
            return object in things or _shares_name(object, scene)
    return not (event.type in _STRIKES and claim.tool and claim.tool != event.item)


_AT = re.compile(r"\barrive (?:at|in) the ([a-z']+)")
_COMES = re.compile(
    r"\bthe (?:[a-z'-]+ )*?([a-z']+) (?:is (?:where you arrive|there (?:to meet you|first))|"
    r"comes (?:to meet you|at the end)|does not object|receives you)\b"
)


def _elsewhere(text: str, scene: SceneFacts) -> str:
    """One arrives where one arrives: "the dovecote is there to meet you" names no other place."""
    places = {word for word in _places(scene) if len(word) > 2}
    lowered = text.lower()
    for named in (m for pattern in (_AT, _COMES) for m in pattern.finditer(lowered)):
        # "in the darkness" of the dark
        if places and not any(named.group(1).startswith(word) for word in places):
            return named.group()
    return ""


def _places(scene: SceneFacts) -> set[str]:
    """The words of the places that somebody arrives at."""
    places = re.findall(r"arrives? (?:at|in) ([^.]*)", scene.plain)
    return {word for place in places for word in outcomes.words(place)}


def _shares_name(object: str, scene: SceneFacts) -> bool:
    """Whether a place one comes to is called by a word of a thing's name: Prompt Corner, beside the
    prompt desk."""
    said = _places(scene)
    return any(id == object and word in said for word, id in scene.mentions.items())


# "Caught by the porter: you have it now."
_PRIZE = re.compile(
    r"\byou (?:now )?(?:have|hold|keep|own|hang on to) it\b|\bit is yours\b|"
    r"\b(?:away|off) with (?:it|the)\b|\byours (?:now|at last)\b",
    re.IGNORECASE,
)


def _found(text: str, scene: SceneFacts) -> str:
    """A search in vain finds nothing, a lucky one does not find nothing, and a thief who was caught
    has nothing to show."""
    types = {e.type for e in scene.events}
    kept = _PRIZE.search(text)
    if kept and "caught" in types and not types & {"took", "stole", "received"}:
        return kept.group()
    nothing = re.search(
        r"\b(nothing|(?<!you )empty|in vain|no luck)\b(?! but)", text, re.IGNORECASE
    )
    if "revealed" in types and nothing and "found_nothing" not in types:
        return nothing.group()
    if "found_nothing" in types and "nothing" not in text and not nothing:
        found = re.search(r"\b(find|finds|found|discover|reveals?|spot)\b", text, re.IGNORECASE)
        return found.group() if found else ""
    sick = re.search(r"\bstomach (?:turns|churns|hurts)\b", text)
    if sick and "worse" not in scene.plain:
        return sick.group()
    felt = next((e for e in scene.events if e.type == "felt" and e.actor == scene.reader), None)
    better = re.search(r"\b(better|stronger|healed|worse|weaker|sick)\b", text, re.IGNORECASE)
    if better and better.group().lower() not in scene.plain.lower():
        return better.group()
    if felt is not None and felt.amount is not None and better:
        up = better.group().lower() in ("better", "stronger", "healed")
        return better.group() if up != (felt.amount > 0) else ""
    return ""
