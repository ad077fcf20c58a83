"""What a small model makes up in the half of a sentence that the facts do not fill.

That somebody spoken to is not there or looks away, that a lamp goes out or the floor rises, that
teeth or eyes go off on their own, that a thing lies elsewhere than it was put: phrases that are
never true, or never sense, in a telling of what happened.
"""

from __future__ import annotations

import re

from game.narrator.scene import SceneFacts

_ABSENT = re.compile(
    r"\b(?:is|are) (?:not|no longer|nowhere)(?: \w+)? (?:there|here|in sight|around)\b|"
    r"\bcomes? into (?:view|sight)\b|"
    r"\b(?:full of|crowd\w* (?:of|with)) (?:people|men|women|folk)\b"
)
_LIGHTS = re.compile(
    r"\b(?:lights?|darkness|lamp|lantern|glow|flame)\b[^,.;]*?\b(?:goe?s? out|comes? on)\b"
)
_UNSTEADY = re.compile(
    r"\bthe (?:floor|floorboards|wall|walls|ceiling|roof|room) "
    r"(?:goes|comes?|gives|turns?|moves?|spins?|falls?|drops?)\b"
)
_DETACHED = re.compile(
    r"\b(?:teeth|tooth|ears?|eyes?|nose|mouth|tongue|lips|legs?|feet|gaze|throat|"
    r"jaw|nostrils)\b (?:go|goes|comes?|turns?) "
    r"(?:straight|out of|out in|out on|round and|up|off|along|by|in|into|over|white|green|amber)\b|"
    r"\b(?:teeth|eyes) (?:come|go) out\b|\bfingers? (?:go|goes|comes?) (?:out in|out on|up|off)\b"
)
_SETTLED = re.compile(
    r"\bwho is not\b|\b(?<!you )looks away\b|\bwhich (?:he|she|they) \w+s\b|\bbristles come\b|"
    r"\bhas (?:not )?(?:led|heard|left|gone|told|followed)\b|"
    r"\bnothing(?: (?:in|on) \w+)? but (?:a few|some|two|three)\b"
)
_ASTRAY = re.compile(r"\b(?:to|on|onto|across) the (?:floor|ground)\b")
_NO_SENSE = re.compile(
    r"\bthe (?:last|rest) of (?:it|them|her|him|his|its)\b.*\b(?:finger|palm|hand|teeth|fist)\b|"
    r"\b(?:is|are) all (?:your|you|his|her|the (?:more|way))\b|"
    r"\ball (?:that|you) \w+s? (?:in|of)\b|\ball your \w+ of\b|"
    r"\bthe air (?:goes|comes?|turns?) (?:round|out|up|by|with|to)\b|\bwith its own\.|"
    r"\b(?:and|as you) fold (?:it|them)\b|\bas you fold\b|\bgrins? at the\b|"
    r"\bfeels? like (?:an?|it) \w+\.|\blooks? like a (?:man|woman) without\b"
)


def inventions(text: str, scene: SceneFacts) -> str:
    """The first such phrase that is not in the facts, or nothing."""
    types = {e.type for e in scene.events}
    plain, lowered = scene.plain.lower(), text.lower()
    patterns = [_ABSENT, _SETTLED, _UNSTEADY, _DETACHED, _NO_SENSE]
    if not types & {"lit", "doused"}:
        patterns.append(_LIGHTS)
    if types & {"put", "gave", "took", "stole"}:
        patterns.append(_ASTRAY)  # what was put somewhere, or is in somebody's hands
    for pattern in patterns:
        claim = pattern.search(lowered)
        if claim and claim.group() not in plain:
            return claim.group()
    return ""
