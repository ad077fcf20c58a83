"""How characters conduct themselves: one consideration a function, each wishing for actions."""

from __future__ import annotations

import math
from collections.abc import Callable

from game.acting.memory import GESTURE_NAMES, is_guard
from game.acting.moment import (
    AFRAID,
    ANGRY,
    ATTENTION,
    LEASH,
    MERRY,
    SAD,
    SLEEPY,
    WAIT,
    Moment,
    Wish,
    shared,
)
from game.engine.events import Event
from game.engine.model import Item

#: Off the stage people rarely come to blows unprovoked: the story's violence is for the player.
OFFSTAGE_PEACE = 6.0

_IDLE_GESTURES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (ANGRY, ("frown", "stare", "growl")),
    (AFRAID, ("sigh", "frown")),
    (MERRY, ("smile", "laugh", "grin")),
    (SAD, ("sigh", "ponder")),
    (SLEEPY, ("yawn",)),
)
_ANSWERS = {
    "wave": ("wave", "nod"), "smile": ("smile", "nod"), "nod": ("nod",), "wink": ("grin", "blush"),
    "growl": ("frown", "stare"), "stare": ("stare", "frown"), "laugh": ("frown", "grin"),
    "grin": ("grin", "smile"), "dance": ("laugh", "applaud"), "cry": ("sigh", "frown"),
}  # fmt: skip


# -- life and limb --------------------------------------------------------------------------------


def flee(m: Moment) -> Wish:
    """Get away from what is too much to bear; with no way out, cry for help."""
    if not m.afraid:
        return
    if m.ways:
        dark = m.state.world.rooms
        safe = [a for a, e in m.ways if not dark[e.to].dark] or [a for a, _ in m.ways]
        yield from shared(safe, WAIT + 5)
    else:
        yield from shared(m.gestures(("scream", "gasp"), None), WAIT + 2)


def heal(m: Moment) -> Wish:
    """Eat and drink what does good when hurt; what lies about only when it is badly needed."""
    if m.wellness >= 1:
        return
    need = WAIT + 4 * (1 - m.wellness) - (2 if m.foes else 0)
    mine = {*m.scope.carried, *m.scope.inner}
    for action in (*m.can("eat"), *m.can("drink")):
        food = m.state.world.items[str(action.noun)]
        if food.energy > 0 and (food.id in mine or m.wellness <= 0.5):
            yield action, need


def retaliate(m: Moment) -> Wish:
    """Strike back at whoever struck first, those who are no cowards or have nowhere to go."""
    if m.courage <= 1 and m.ways:
        return
    for foe in m.foes:
        for action in m.at("hit", foe):
            yield action, WAIT + (1 if m.afraid and m.ways else 2 + 0.4 * m.courage)


def hunt(m: Moment) -> Wish:
    """Attack on sight those it is in one's nature to attack, the aggressive sooner."""
    if m.afraid:
        return
    eagerness = WAIT - 1 + 0.5 * m.courage - 2 * m.feels(SLEEPY)
    eagerness -= 0 if m.onstage else OFFSTAGE_PEACE
    for prey in m.scope.here:
        if m.preys_on(prey):
            for action in m.at("hit", prey):
                yield action, eagerness


def pursue(m: Moment) -> Wish:
    """Go after quarry or a foe that was just seen to leave."""
    if m.courage < 6 or m.afraid:
        return
    for event in m.heard:
        if event.type != "went" or event.room != m.scope.room or event.actor is None:
            continue
        wronged = m.memory.grudge(event.actor, "blow", m.state.turn)
        wanted = wronged or m.preys_on(event.actor)
        if wanted and event.actor != m.who:
            for action, exit in m.ways:
                if exit.to == event.to and m.far(exit.to) <= _leash(m):
                    yield action, WAIT + 2


# -- law and property -----------------------------------------------------------------------------


def object_to_thieves(m: Moment) -> Wish:
    """Bar a thief's way; the hot-tempered strike, the meek make a scene once."""
    for thief in m.thieves:
        firm = is_guard(m.state, m.who) or m.courage >= 3
        if firm and m.who not in m.state.blocking and not m.afraid:
            for action in m.at("block", thief):
                yield action, WAIT + 2
        if m.courage >= 5 and not m.afraid:
            for action in m.at("hit", thief):
                yield action, WAIT + 0.2 * m.courage
        if m.memory.since_greeting(thief, m.state.turn) > 5:
            yield from shared(m.gestures(("gasp", "frown", "stare"), thief), WAIT + 1.5)


def stand_aside(m: Moment) -> Wish:
    """Let somebody pass once they are forgiven or gone."""
    blocked = m.state.blocking.get(m.who)
    if blocked is not None and blocked not in m.thieves and blocked not in m.foes:
        for action in m.can("unblock"):
            yield action, WAIT + 2


def recover(m: Moment) -> Wish:
    """Take back what was stolen, where it lies."""
    for item in m.memory.stolen:
        for action in m.at("take", item):
            yield action, WAIT + 2


def mind_the_house(m: Moment) -> Wish:
    """Frown at whoever helps themselves to something of worth in one's own home."""
    if m.scope.room != m.state.world.home[m.who] or m.beast:
        return
    for event in m.heard:
        taker, item = event.actor, event.item
        if event.type != "took" or event.room != m.scope.room or taker not in m.scope.here:
            continue
        if m.state.world.items[str(item)].value and _not_lately(m, str(taker), 10):
            yield from shared(m.gestures(("frown", "stare"), taker), WAIT)


# -- gear and light -------------------------------------------------------------------------------


def arm(m: Moment) -> Wish:
    """Put on armour and take up a weapon when there is cause, and try on what was just given."""
    items = m.state.world.items
    gifts = {e.item for e in m.heard if e.type == "gave" and e.target == m.who}
    cause = bool(m.foes or m.menaces) and not m.me.pacifist
    ready = m.courage >= 4 or cause
    for action in (*m.can("wield"), *m.can("wear")):
        item = items[str(action.noun)]
        if item.id in gifts and item.wearable and not m.beast:
            yield action, WAIT + 1
        elif ready and _improves(m, item):
            yield action, WAIT + (3 if cause else 1)


def _improves(m: Moment, item: Item) -> bool:
    """Whether the item is worth a hand or a place on the body: weapons only if better."""
    if item.wearable:
        return item.defense > 0
    items, manner = m.state.world.items, m.state.manner
    held = [items[i] for i in m.scope.carried if manner.get(i) == "wielded"]
    return item.defense > 0 or item.damage > max((h.damage for h in held), default=0)


def strike_a_light(m: Moment) -> Wish:
    if not m.scope.lit:
        carried = m.scope.carried
        for action in m.can("light"):
            if action.noun in carried:
                yield action, WAIT + 2


# -- company --------------------------------------------------------------------------------------


def keep_company(m: Moment) -> Wish:
    """Stay with one's leader: catch up with them next door, and fall in again."""
    leader = m.memory.leader
    if leader is None or m.who in m.state.following and leader in m.scope.here:
        return
    if leader in m.scope.here:
        for action in m.at("follow", leader):
            yield action, WAIT + 4
        return
    behind = [a for a, e in m.ways if e.to == m.state.parent[leader]]
    yield from shared(behind, WAIT + 3)
    if not behind:
        for action in m.can("unfollow"):
            yield action, WAIT


def greet(m: Moment) -> Wish:
    """A gesture for whoever comes in, or turns to one with a gesture, a gift or a hug."""
    if m.foes or m.menaces or m.afraid:
        return
    for event in m.heard:
        other = event.actor
        if other is None or other == m.who or other not in m.scope.here:
            continue
        if other in m.thieves or m.preys_on(other):
            continue
        to_player = other == m.state.world.player
        if event.type == "arrived" and event.room == m.scope.room:
            if _not_lately(m, other, 40):
                names = ("smile", "wave", "nod") if m.courage < 6 else ("nod", "stare")
                yield from shared(m.gestures(names, other), WAIT + (0.5 if to_player else -1.5))
        elif event.target == m.who and _not_lately(m, other, 5 if to_player else 30):
            yield from shared(m.gestures(_answer(event), other), WAIT + (1 if to_player else -1))


def _answer(event: Event) -> tuple[str, ...]:
    if event.type == "emoted":
        return _ANSWERS.get(event.text or "", ("shrug", "nod"))
    return {"gave": ("smile", "nod"), "hugged": ("smile", "blush")}.get(event.type, ())


def _not_lately(m: Moment, other: str, turns: int) -> bool:
    return m.memory.since_greeting(other, m.state.turn) > turns


def fidget(m: Moment) -> Wish:
    """A rare gesture at nobody, as the mood has it."""
    if any(a.verb in GESTURE_NAMES for a in m.memory.recent) or not m.onstage:
        return
    names = next((g for stems, g in _IDLE_GESTURES if m.feels(stems)), ("ponder", "yawn"))
    yield from shared(m.gestures(names, None), WAIT - 2.8)


# -- coming and going -----------------------------------------------------------------------------


def _leash(m: Moment) -> int:
    if m.me.tether is not None:
        return m.me.tether
    return 99 if m.role else LEASH


def _attentive(m: Moment) -> bool:
    return m.state.turn - m.memory.addressed <= ATTENTION


def go_home(m: Moment) -> Wish:
    """Homebodies return when the trouble is over, others when they are too far out."""
    far = m.far(m.scope.room)
    if far == 0 or m.memory.leader or m.role or m.foes or _attentive(m):
        return
    trouble = any(kind == "blow" and m.state.turn - t <= 8 for _, kind, t in m.memory.grudges)
    if trouble or m.state.turn - m.memory.since < 2:
        return
    urge = 1.5 if far > _leash(m) else (0 if m.me.speed <= 2 else -2)
    nearer = [a for a, e in m.ways if m.far(e.to) < far]
    yield from shared(nearer, WAIT + urge)


def wander(m: Moment) -> Wish:
    """Stroll as speed has it, after a stay, not back and forth, not into the dark."""
    stayed = m.state.turn - m.memory.since
    busy = m.memory.leader or m.foes or m.who in m.state.blocking or _attentive(m)
    if busy or stayed < 8 - m.me.speed // 2:
        return
    world = m.state.world
    rooms, at_home_in_dark = world.rooms, world.rooms[world.home[m.who]].dark
    open_ways = [
        (a, e)
        for a, e in m.ways
        if m.far(e.to) <= _leash(m) and (at_home_in_dark or not rooms[e.to].dark)
    ]
    fresh = [a for a, e in open_ways if e.to not in m.memory.rooms]
    new = [a for a, e in open_ways if e.to not in m.memory.rooms[-2:]]
    share = min(0.5, 0.03 * m.me.speed * (2 if m.role else 1))
    if share:
        utility = WAIT + math.log(share / (1 - share))
        if fresh or new:
            yield from shared(fresh or new, utility)
        elif stayed >= 16:
            yield from shared([a for a, _ in open_ways], utility)


#: All of them, in the order they are heard.
CONDUCT: tuple[Callable[[Moment], Wish], ...] = (
    flee, heal, retaliate, hunt, pursue, object_to_thieves, stand_aside, recover, mind_the_house,
    arm, strike_a_light, keep_company, greet, fidget, go_home, wander,
)  # fmt: skip
