"""What a character plays: one role by its id, or a blend of roles by weight, written as a line.

A blend is kept in the state as the words that say it, "0.6 thief 0.4 healer", so that it is hashed,
saved and compared as a role is. In conditions a blend is none of its roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

#: The journal's word for giving a character another role by the director's hand: the actor is the
#: character, the text the role. It is no verb: nobody in the world can do it.
DIRECT = "direct"

#: Weights by role, summing to 1.
Part = Mapping[str, float]
_NOTHING: Part = MappingProxyType({})


@lru_cache(maxsize=512)
def part_of(role: str | None) -> Part:
    """The roles that `role`, as a state has it, stands for; empty for None."""
    if not role:
        return _NOTHING
    words = role.split()
    if len(words) == 1:
        return MappingProxyType({role: 1.0})
    weights = map(float, words[::2])
    return MappingProxyType(dict(zip(words[1::2], weights, strict=True)))


def role_line(part: Part) -> str:
    """The inverse of `part_of` for positive weights, which are scaled to sum to 1: the heaviest
    first, equals in the order of their names."""
    total = sum(part.values())
    shares = sorted(part.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(shares) == 1:
        return shares[0][0]
    return " ".join(f"{weight / total:.3g} {role}" for role, weight in shares)


def leading(role: str | None) -> str | None:
    """The role with the most weight; None for no role."""
    part = part_of(role)
    return max(part, key=part.__getitem__) if part else None
