"""Acting in role: what the role's reward patterns pay for, found by a look one step ahead."""

from __future__ import annotations

from game.acting.memory import GESTURE_NAMES, is_guard
from game.acting.moment import PEACEFUL, WAIT, Moment, Wish
from game.engine.events import Action, Event
from game.engine.reactions import Role, role_reward
from game.engine.roles import leading
from game.engine.rules import apply

#: How many times a chancy action is tried out in the mind.
TRIALS = 3

#: Events that gestures, looks and the like make: tried out only when the role rewards them.
_SELDOM = {"examine": "examined", "point": "pointed", "look": "looked", "search": "searched",
           "drop": "dropped", "hug": "hugged", "follow": "followed", "block": "blocked",
           "wait": "waited", "close": "closed", "extinguish": "doused"}  # fmt: skip
_CHANCY = frozenset({"hit", "steal"})
#: Looking inward changes nothing; and what people own changes hands by the world's bargains.
_NEVER = frozenset({"inventory", "status", "goals", "actions", "give"})


def play_role(m: Moment) -> Wish:
    """What the role rewards, by trying each action out on a copy of the state with other dice."""
    role = m.role
    if role is None or not role.rewards or m.afraid:
        return
    rewarded = {type for reward in role.rewards for type in reward.on.events}
    most = max(abs(reward.amount) for reward in role.rewards) or 1.0
    watched = any(is_guard(m.state, c) for c in m.scope.here)
    for action in m.admissible:
        verb = action.verb
        if verb in GESTURE_NAMES:
            if "emoted" not in rewarded:
                continue
        elif verb in _NEVER or (verb in _SELDOM and _SELDOM[verb] not in rewarded):
            continue
        if not fair(m, action):
            continue
        gain = _gain(m, action) + 0.5 * _promise(m, role, action, rewarded)
        if gain > 0:
            caution = 4.0 if watched and verb == "steal" else 0.0
            yield action, WAIT + 0.5 + 3 * min(1.0, gain / most) - caution


def fair(m: Moment, action: Action) -> bool:
    """Whether a role's reward is reason enough: blows and barred ways need a cause of their own.

    How soon somebody strikes at prey or hits back is a matter of temper (`conduct`), not of role.
    """
    other = action.noun
    if action.verb not in ("hit", "block") or other is None:
        return True
    if action.verb == "block":
        return other in m.foes or other in m.thieves or m.preys_on(other)
    if not m.onstage or other in m.foes or m.preys_on(other):
        return False
    return _sworn_enemy(m, other) and other != m.memory.leader and not m.feels(PEACEFUL)


def _sworn_enemy(m: Moment, other: str) -> bool:
    """Whether the role is rewarded for this very death: a slayer needs no other quarrel."""
    role, event = m.role, Event("killed", m.who, target=other, room=m.scope.room)
    return role is not None and role_reward(m.state.clone(), role, m.who, event) > 0


def hoped_reward(m: Moment, action: Action) -> float | None:
    """The reward that doing this now brings the role, with half of what it leads up to; None
    without a role that is rewarded for anything."""
    role = m.role
    if role is None or not role.rewards:
        return None
    rewarded = {type for reward in role.rewards for type in reward.on.events}
    return _gain(m, action) + 0.5 * _promise(m, role, action, rewarded)


def _gain(m: Moment, action: Action) -> float:
    """The mean reward of doing this now. The dice are not the real ones: nobody foresees those."""
    before = m.state.rewards.get(m.who, 0.0)
    trials = TRIALS if action.verb in _CHANCY else 1
    total = 0.0
    for trial in range(trials):
        mind = m.state.clone()
        mind.rng ^= 0xA5A5A5A55A5A5A5A + trial
        apply(mind, m.who, action)
        total += mind.rewards.get(m.who, 0.0) - before
    return total / trials


def _promise(m: Moment, role: Role, action: Action, rewarded: set[str]) -> float:
    """What the action leads up to: a blow to a kill, taking a thing to using it as meant."""
    hoped: list[Event] = []
    room, who, noun = m.scope.room, m.who, action.noun
    if action.verb == "hit" and "killed" in rewarded:
        hoped.append(Event("killed", who, target=noun, room=room))
    elif action.verb == "take":
        uses = {"wore": "wearable", "wielded": "wieldable", "ate": "food", "drank": "drink"}
        item = m.state.world.items[str(noun)]
        hoped += [
            Event(type, who, noun, room=room)
            for type, trait in uses.items()
            if type in rewarded and getattr(item, trait)
        ]
    if not hoped:
        return 0.0
    mind = m.state.clone()
    return max(role_reward(mind, role, who, event) for event in hoped)


def fancy_valuables(m: Moment) -> Wish:
    """A thief pockets things of worth that lie about unguarded."""
    if leading(m.state.role.get(m.who)) != "thief" or m.afraid:
        return
    if any(is_guard(m.state, c) for c in m.scope.here):
        return
    for action in m.can("take"):
        item = m.state.world.items[str(action.noun)]
        if item.value > 0 or "valuable" in item.tags:
            yield action, WAIT + 0.5
