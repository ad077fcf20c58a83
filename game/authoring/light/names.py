"""Guesses from words: ids from names, where a thing is worn, how a person is spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from game.authoring.spec import RESERVED

ARTICLES = ("a", "an", "the", "some")

_SLOTS = (
    (
        "head",
        "hat cap helmet helm crown hood mask wig tiara headband headdress veil bonnet circlet",
    ),
    ("feet", "boots boot shoes shoe sandals slippers moccasins socks"),
    ("hands", "gloves glove gauntlets gauntlet mittens bracers"),
    ("finger", "ring rings signet"),
    ("neck", "necklace amulet pendant locket crucifix cross scarf chain medallion beads collar"),
    ("legs", "trousers pants breeches leggings skirt greaves hose"),
    ("waist", "belt sash girdle pouch apron"),
    ("back", "cloak cape backpack quiver pack"),
    ("wrist", "bracelet bangle"),
)


def slot_of(name: str) -> str:
    """Where a thing is worn, by its name; `body` when nothing tells."""
    words = set(re.findall(r"[a-z]+", name.lower()))
    return next((slot for slot, some in _SLOTS if words & set(some.split())), "body")


def pronoun_of(texts: Iterable[str]) -> str | None:
    """he or she when descriptions say one of them and not the other."""
    words = re.findall(r"[a-z]+", " ".join(texts).lower())
    he = sum(w in ("he", "him", "his", "himself") for w in words)
    she = sum(w in ("she", "her", "hers", "herself") for w in words)
    if he == she:
        return None
    return "he" if he > she else "she"


class Namer:
    """Ids from names: lower-case words and digits, one of a kind."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*RESERVED, *taken}

    def __call__(self, name: str) -> str:
        word = re.sub(r"[^a-z0-9]+", "_", name.lower().replace("'", "")).strip("_")
        if not word or not word[0].isalpha():
            word = f"x_{word}".rstrip("_")
        if len(word) > 52:
            word = f"{word[:40]}_{word[-8:]}".replace("__", "_")
        id, number = word, 2
        while id in self._taken:
            id, number = f"{word}_{number}", number + 1
        self._taken.add(id)
        return id
