"""The heuristic actor: readable considerations, each wishing for actions, and a softmax over them.

A consideration looks at the moment and yields (action, utility). An action keeps the highest
utility that any consideration gives it; one that none wishes for is out of the question and has
probability 0. Utilities are natural logs of weights: waiting weighs e^WAIT, and a group of
interchangeable actions shares one weight, so that a crowded room does not mean more gesturing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from game.engine.events import Action, Event
from game.engine.model import Character, Exit, Item, State, World
from game.engine.reactions import Role, role_reward
from game.engine.rules import apply
from game.engine.scope import Scope
from game.engine.verbs.body import armour, attack
from game.memory import GESTURE_NAMES, Memory, hunts, is_guard

Wish = Iterator[tuple[Action, float]]

#: The utility of doing nothing, against which all others are measured.
WAIT = 3.0
TEMPERATURE = 1.0
#: Off the stage people rarely come to blows unprovoked: the story's violence is for the player.
OFFSTAGE_PEACE = 6.0
#: The farthest that those without a tether or a role stray from home, in rooms.
LEASH = 3
#: Turns a character stays attentive after somebody turned to it.
ATTENTION = 4
#: How many times a chancy action is tried out in the mind.
TRIALS = 3

_BEASTS = frozenset({"animal", "beast", "monster", "creature", "undead", "vermin"})
_BEASTLY = frozenset({"growl", "stare", "yawn"})
_ANGRY = ("ang", "furi", "hostil", "rage", "fierce", "hungry", "vengeful", "grim")
_AFRAID = ("afraid", "fear", "scared", "terrif", "nervous", "timid", "uneasy", "anxious")
_MERRY = ("happy", "cheer", "merry", "jolly", "friendly", "kind", "warm", "amused", "proud")
_SAD = ("sad", "weary", "mourn", "gloom", "lonely", "tired", "melanchol", "grie")
_IDLE_GESTURES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (_ANGRY, ("frown", "growl")),
    (_AFRAID, ("sigh", "frown")),
    (_MERRY, ("smile", "laugh", "grin")),
    (_SAD, ("sigh", "yawn")),
)
_ANSWERS = {
    "wave": ("wave", "nod"), "smile": ("smile", "nod"), "nod": ("nod",), "wink": ("grin", "blush"),
    "growl": ("frown", "stare"), "stare": ("stare", "frown"), "laugh": ("frown", "grin"),
    "grin": ("grin", "smile"), "dance": ("laugh", "applaud"), "cry": ("sigh", "frown"),
}  # fmt: skip


@dataclass
class Moment:
    """What one character has before it when it decides."""

    state: State
    who: str
    memory: Memory
    heard: Sequence[Event]
    admissible: Sequence[Action]

    @cached_property
    def me(self) -> Character:
        return self.state.world.characters[self.who]

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.state, self.who)

    @cached_property
    def by_verb(self) -> dict[str, list[Action]]:
        found: dict[str, list[Action]] = {}
        for action in self.admissible:
            found.setdefault(action.verb, []).append(action)
        return found

    def can(self, verb: str) -> Sequence[Action]:
        return self.by_verb.get(verb, ())

    def at(self, verb: str, noun: str) -> Iterator[Action]:
        """The action of `verb` on `noun`, where it is admissible."""
        return (a for a in self.can(verb) if a.noun == noun)

    @cached_property
    def role(self) -> Role | None:
        return self.state.world.roles.get(self.state.role.get(self.who, ""))

    @cached_property
    def courage(self) -> int:
        """Aggression as the mood has it, 0 to 13; those who never strike have none."""
        if self.me.pacifist:
            return 0
        mood = self.state.mood_of(self.who).lower()
        swing = 3 * _any_word(_ANGRY, mood) - 3 * _any_word(_AFRAID, mood)
        return max(0, self.me.aggression + swing)

    @cached_property
    def wellness(self) -> float:
        """Health as a share of what it was at first, 0 to 1."""
        return min(1.0, self.state.health[self.who] / max(1, self.me.health))

    @cached_property
    def foes(self) -> list[str]:
        """Those in the room who struck this character, seen or not, and lately."""
        here = [c for c in self.state.contents[self.scope.room] if c in self.state.world.characters]
        turn, dead = self.state.turn, self.state.dead
        return [c for c in here if c not in dead and self.memory.grudge(c, "blow", turn)]

    @cached_property
    def thieves(self) -> list[str]:
        turn = self.state.turn
        return [c for c in self.scope.here if self.memory.grudge(c, "theft", turn)]

    @cached_property
    def menaces(self) -> list[str]:
        """Those here who would attack this character on sight."""
        return [c for c in self.scope.here if hunts(self.state, c, self.who)]

    @cached_property
    def onstage(self) -> bool:
        return self.state.parent[self.state.world.player] == self.scope.room

    @cached_property
    def afraid(self) -> bool:
        """Whether this is more than the character stands up to."""
        threats = [*self.foes, *self.menaces]
        if not threats:
            return False
        if self.courage <= 1:
            return True
        worst = max(attack(self.state, t) for t in threats) - armour(self.state, self.who)
        limit = 0.6 - 0.06 * self.courage
        if worst >= self.state.health[self.who]:
            limit += 0.2
        return self.wellness <= limit

    @cached_property
    def ways(self) -> list[tuple[Action, Exit]]:
        """Ways this character would take by itself; none for those of speed 0."""
        exits = self.state.world.exits
        return [(a, exits[str(a.noun)]) for a in self.can("go")] if self.me.speed else []

    def far(self, room: str) -> int:
        """Rooms from home."""
        world = self.state.world
        return world.distance[world.home[self.who]].get(room, 99)

    @cached_property
    def beast(self) -> bool:
        return not self.me.tags.isdisjoint(_BEASTS)

    def gestures(self, names: Iterable[str], at: str | None) -> list[Action]:
        """Those gestures that suit the character and were not made lately."""
        lately = {a.verb for a in self.memory.recent}
        return [
            Action(n, at) for n in names if n not in lately and (n in _BEASTLY or not self.beast)
        ]


def _any_word(stems: Iterable[str], text: str) -> bool:
    return any(stem in text for stem in stems)


def shared(actions: Sequence[Action], utility: float) -> Wish:
    """One weight for all of them together."""
    for action in actions:
        yield action, utility - math.log(len(actions))


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
    """Attack on sight those it is in one's nature to attack; animals may sulk, trolls do not."""
    if m.afraid:
        return
    eagerness = WAIT - 1 + 0.5 * m.courage - (0 if m.onstage else OFFSTAGE_PEACE)
    for prey in m.scope.here:
        if hunts(m.state, m.who, prey):
            for action in m.at("hit", prey):
                yield action, eagerness


def pursue(m: Moment) -> Wish:
    """Go after quarry or a foe that was just seen to leave."""
    if m.courage < 6 or m.afraid:
        return
    for event in m.heard:
        if event.type != "went" or event.room != m.scope.room or event.actor is None:
            continue
        wanted = hunts(m.state, m.who, event.actor) or m.memory.grudge(
            event.actor, "blow", m.state.turn
        )
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
        if other in m.thieves or hunts(m.state, m.who, other):
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
    mood = m.state.mood_of(m.who).lower()
    names = next((g for words, g in _IDLE_GESTURES if _any_word(words, mood)), ("ponder", "yawn"))
    yield from shared(m.gestures(names, None), WAIT - 3.5)


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
    if m.memory.leader or _attentive(m) or m.foes or stayed < 8 - m.me.speed // 2:
        return
    rooms, home = m.state.world.rooms, rooms_home_dark(m)
    open_ways = [
        (a, e) for a, e in m.ways if m.far(e.to) <= _leash(m) and (home or not rooms[e.to].dark)
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


def rooms_home_dark(m: Moment) -> bool:
    """Whether the dark is home to this character."""
    world = m.state.world
    return world.rooms[world.home[m.who]].dark


# -- the role -------------------------------------------------------------------------------------

#: Events that gestures, looks and the like make: tried out only when the role rewards them.
_SELDOM = {"examine": "examined", "point": "pointed", "look": "looked", "search": "searched",
           "drop": "dropped", "hug": "hugged", "follow": "followed", "block": "blocked",
           "wait": "waited", "close": "closed", "extinguish": "doused"}  # fmt: skip
_CHANCY = frozenset({"hit", "steal"})
_NEVER = frozenset({"inventory", "status", "goals", "actions"})


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
        gain = _gain(m, action) + 0.5 * _promise(m, role, action, rewarded)
        if gain > 0:
            caution = 2.0 if watched and verb == "steal" else 0.0
            yield action, WAIT + 0.5 + 3 * min(1.0, gain / most) - caution


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
    if m.state.role.get(m.who) != "thief" or m.afraid:
        return
    if any(is_guard(m.state, c) for c in m.scope.here):
        return
    for action in m.can("take"):
        item = m.state.world.items[str(action.noun)]
        if item.value > 0 or "valuable" in item.tags:
            yield action, WAIT + 0.5


CONSIDERATIONS: tuple[Callable[[Moment], Wish], ...] = (
    flee, heal, retaliate, hunt, pursue, object_to_thieves, stand_aside, recover, mind_the_house,
    arm, strike_a_light, keep_company, greet, fidget, go_home, wander, play_role, fancy_valuables,
)  # fmt: skip


def repetition(m: Moment, action: Action) -> float:
    """What is taken off for having just done the same: blows may be repeated, little else."""
    if action.verb in ("wait", "hit"):
        return 0.0
    return 1.5 * sum(a == action for a in m.memory.recent)


class Heuristic:
    """The actor that needs no training. Its probabilities are exact."""

    policy = "heuristic-1"

    def __init__(self, world: World) -> None:
        self.world = world

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:
        """Log-probability of each admissible action, in their order; -inf for the unthinkable."""
        moment = Moment(state, who, memory, heard, admissible)
        utilities = {Action("wait"): WAIT}
        for consideration in CONSIDERATIONS:
            for action, utility in consideration(moment):
                if utility > utilities.get(action, -math.inf):
                    utilities[action] = utility
        scores = [
            (utilities[a] - repetition(moment, a)) / TEMPERATURE if a in utilities else -math.inf
            for a in admissible
        ]
        top = max(scores)
        total = top + math.log(sum(math.exp(s - top) for s in scores))
        return [s - total for s in scores]
