"""A telling as the front ends get it: sentence by sentence, then whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from game.front.thumbs import Target

SaysKind = Literal["telling", "character", "speech", "notice"]


@dataclass(frozen=True, slots=True)
class Says:
    """The next sentence of telling number `part` of a turn; or, with `last`, all of it.

    `text` of the last one replaces what came before ("" takes the telling back). `facts` is the
    plain telling, `target` where a thumb goes (None: it cannot be thumbed), `generation` the
    feedback row of the sampled text behind it. `told` is its number among the tellings that can be
    told another way (None: it is not one of them); of `takes` tellings of it this is the `take`-th.
    """

    part: int
    kind: SaysKind
    text: str
    last: bool
    facts: str = ""
    source: Literal["model", "plain"] = "plain"
    target: Target | None = None
    generation: int | None = None
    told: int | None = None
    take: int = 1
    takes: int = 1
    edited: bool = False
