"""What to call LIGHT's exits, which have labels in plain words and seldom a compass direction."""

from __future__ import annotations

import re

_COMPASS = re.compile(r"\b(north|south)[ -]?(east|west)\b|\b(north|south|east|west)\b")
_OTHER = (
    ("up", re.compile(r"\b(up|upwards?|upstairs)\b")),
    ("down", re.compile(r"\b(down|downwards?|downstairs)\b")),
    ("out", re.compile(r"\b(out|outwards?|outside)\b")),
    ("in", re.compile(r"\b(inside|inwards?)\b")),
)
_BAD = re.compile(r"[^a-z0-9' -]+")


def exit_name(label: str, leads_to: str, taken: set[str]) -> str:
    """The word after "go": a direction the label tells, else the name of the room it leads to."""
    told = label.lower()
    choices = []
    compass = _COMPASS.search(told)
    if compass:
        choices.append("".join(part for part in compass.groups() if part))
    choices += [name for name, words in _OTHER if words.search(told)]
    place = _BAD.sub(" ", leads_to.lower()).strip(" '-0123456789")
    place = " ".join(place.split()).removeprefix("the ")[:36].rstrip(" '-")
    choices.append(place or "way")
    for name in choices:
        if name not in taken:
            return name
    number = 2
    while f"{choices[-1]} {number}" in taken:
        number += 1
    return f"{choices[-1]} {number}"
