"""Roles that only a world knows, played as the known role that lives most alike.

A thespian knows some roles by name. What a world's own role is paid for tells which of them is its
kin: a call boy, who is paid for every room, goes about as a wanderer does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from game.engine.model import World
from game.engine.reactions import Reward, Role
from game.engine.roles import Part, part_of

#: What the roles that the thespian was trained in are paid for.
_LIVES: Mapping[str, frozenset[str]] = {
    "thief": frozenset({"took", "stole"}),
    "adventurer": frozenset({"took", "wore", "wielded", "killed"}),
    "healer": frozenset({"hugged"}),
    "merchant": frozenset({"gave"}),
    "wanderer": frozenset({"arrived"}),
    "reveller": frozenset({"ate", "drank"}),
}
#: How often a reward without end, or one for each of many, is taken to be paid.
_OFTEN = 5


def playable(world: World, role: str | None, known: Collection[str]) -> Part:
    """What a thespian that knows the roles `known` plays for `role`, a role or blend as a state has
    it: known roles as they are, others as their kin. Empty where a part of it has no kin."""
    played: dict[str, float] = {}
    for name, weight in part_of(role).items():
        own = world.roles.get(name)
        as_known = name if name in known else kin(own, known) if own else None
        if as_known is None:
            return {}
        played[as_known] = played.get(as_known, 0.0) + weight
    return played


def kin(role: Role, known: Collection[str]) -> str | None:
    """The known role whose way of living pays for at least half of what `role` is paid for.

    Only what is paid again and again is a way of living; what is paid once is a story of its own,
    and the world's. None where no known role comes near.
    """
    total = sum(_worth(reward) for reward in role.rewards)
    shares = {
        name: sum(_worth(r) * _alike(r, _LIVES[name]) for r in role.rewards)
        for name in _LIVES
        if name in known
    }
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best is not None and 2 * shares[best] >= total > 0 else None


def _worth(reward: Reward) -> float:
    return max(0.0, reward.amount) * (_OFTEN if reward.each else reward.times or _OFTEN)


def _alike(reward: Reward, life: frozenset[str]) -> float:
    """The share of the events that the reward is for which this life consists of."""
    if reward.each is None and reward.times == 1:
        return 0.0
    events = reward.on.events
    return sum(event in life for event in events) / len(events)
