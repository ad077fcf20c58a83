"""Does a sentence stutter, go round in circles or say again what was told a moment ago?"""

from __future__ import annotations

import re
from collections import Counter

from game.narrator.scene import SceneFacts

WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:['’][a-z]+)?")

_GARBLED = re.compile(
    # "Box A." is a name
    r"\b(\w+) \1\b|\b(?:(?-i:a)|an|the|your|of|and|with|at|from|as) ?[.!?]$|"
    r"\b(?:the|a|an) (?:the|a|an|and|you|your)\b|\byou (?:is|has|looks|takes)\b|"
    # "a invitation", "an palm"; by letter, but for "a one", "a ewe", "a uniform", "an hour"
    r"\ba (?!one\b|once\b|e[uw])(?:[aeio]|u(?!ni)[bgmnpr])\w+|"
    r"\ban (?:u(?:ni|se)|[b-df-gj-np-tv-z])\w+",
    re.IGNORECASE,
)


_SMALL_WORDS = frozenset(
    ["you", "your", "and", "the", "his", "her", "its", "for", "with", "from", "into", "their"]
    + ["out", "all", "not", "but", "that", "this", "she", "they", "them", "him", "one", "over"]
    + ["are", "once", "down"]
)
# "from wall to wall", "step by step", "on the same feet", "stay put"
_TWICE = re.compile(
    r"\b(\w+) (?:(?:by|to|after|upon|for) (?:\w+ )?|and )\1\b|\b(?:same|stays?) (\w+)"
)


def loops(text: str, scene: SceneFacts) -> str:
    """No stutter, and no word over and over."""
    garbled = _GARBLED.search(text)
    if garbled and garbled.group() not in scene.plain:
        return garbled.group()
    found = [w.lower() for w in WORD.findall(text)]
    paired = {word for m in _TWICE.finditer(text.lower()) for word in m.groups()}
    counts = Counter(w for w in found if len(w) > 2 and w not in _SMALL_WORDS)
    plain = Counter(w.lower() for w in WORD.findall(scene.plain))
    for word, times in counts.items():
        spare = (word in scene.mentions) + (word in paired)
        if times > max(1, plain[word]) + spare:
            return word
    grams = [" ".join(found[i : i + 3]) for i in range(len(found) - 2)]
    repeated = [g for g, times in Counter(grams).items() if times > 1]
    if repeated:
        return repeated[0]
    if found.count("you") > 4 or found.count("and") > 3:
        return "you" if found.count("you") > 4 else "and"
    return ""


def repeats(text: str, scene: SceneFacts) -> str:
    """Nothing that was told a moment ago."""
    found = [w.lower() for w in WORD.findall(text)]
    new = {w for w in found if w not in scene.allowed}
    for telling in scene.recent:
        for sentence in re.split(r"(?<=[.!?])\s+", telling):
            old = [w.lower() for w in WORD.findall(sentence)]
            if old == found:
                return sentence
            shared = new & set(old)
            if len(new) >= 4 and len(shared) >= 0.7 * len(new) and len(found) > 5:
                return sentence
    return ""
