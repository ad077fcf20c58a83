"""A walkthrough for a role: best-first width search over clones of the engine's state.

The search is a best-first width search (Lipovetzky and Geffner, AAAI 2017) with the role's score as
the goal count: a state's novelty is the size of the smallest set of facts that no earlier state of
the same score had; the highest score goes first, then the most novel, and states of novelty above 2
are dropped. Facts are read off the simulator, so nothing about any one world is coded here.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from agents.envs.episode import Setting
from agents.envs.scoring import Tally
from game.engine.events import Action
from game.engine.model import State, World
from game.engine.rules import admissible, apply, canonical, pass_turn
from game.engine.verbs import VERBS
from game.engine.verbs.emotes import GESTURES

#: States whose successors are tried before the search gives its best walkthrough.
BUDGET = 2_500
#: How often an action that came to nothing yet, by the dice or for want of blows, is repeated.
TRIES = 30

#: Verbs that undo or encumber: tried only where the world answers them with more than their effect.
_AWAY = frozenset(
    "drop put give close lock extinguish remove follow unfollow block unblock".split()
)

_GESTURES = frozenset(name for name, _, _ in GESTURES)
_FREE = frozenset(name for name, verb in VERBS.items() if verb.free)


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """What the oracle does from the first turn of the game with `seed`, the others standing still.

    `score` is the role score it ends with, out of the nominal `opportunities`; `complete` says
    whether the search ran out of states (or of opportunities) rather than of its budget, so that
    more effort of this kind would not find more.
    """

    role: str
    actor: str
    seed: int
    actions: tuple[Action, ...]
    commands: tuple[str, ...]
    score: float
    opportunities: float
    complete: bool

    @property
    def length(self) -> int:
        return len(self.actions)


_KNOWN: dict[tuple[int, str, str, int, int, int], tuple[World, Walkthrough]] = {}


def walkthrough(
    setting: Setting, role: str, actor: str | None = None, seed: int = 0, max_steps: int = 100,
    budget: int = BUDGET,
) -> Walkthrough:  # fmt: skip
    """The best walkthrough found for `actor` (the player by default) playing `role`, once the
    successors of `budget` states were tried.

    Deterministic; found once for the same arguments in a process. Raises UsageError for a role or
    character that the world has not.
    """
    world = setting.world
    actor = actor or world.player
    setting.check(actor, role)
    key = (id(world), role, actor, seed, max_steps, budget)
    known = _KNOWN.get(key)
    if known is None or known[0] is not world:
        known = _KNOWN[key] = (world, _Search(setting, role, actor, seed, max_steps).run(budget))
    return known[1]


@dataclass(frozen=True, slots=True)
class Oracle:
    """A walkthrough for the game of seed 0 that is searched for when it is first asked about.

    Under another seed the dice fall otherwise and its commands may fail, but hardly ever does that
    change what can be scored: take `score` as what a perfect player gets.
    """

    setting: Setting
    role: str
    actor: str
    max_steps: int = 100

    @property
    def walkthrough(self) -> Walkthrough:
        return walkthrough(self.setting, self.role, self.actor, 0, self.max_steps)

    @property
    def score(self) -> float:
        return self.walkthrough.score

    @property
    def length(self) -> int:
        return self.walkthrough.length

    @property
    def commands(self) -> tuple[str, ...]:
        return self.walkthrough.commands


@dataclass(slots=True)
class _Node:
    state: State
    tally: Tally
    facts: frozenset[int]
    actions: tuple[Action, ...]
    score: float


class _Search:
    def __init__(self, setting: Setting, role: str, actor: str, seed: int, max_steps: int) -> None:
        self.setting, self.role, self.actor = setting, role, actor
        self.seed, self.max_steps = seed, max_steps
        self._ids: dict[object, int] = {}
        self._singles: dict[float, set[int]] = {}
        self._pairs: dict[float, set[int]] = {}
        self._start = setting.world.initial_state(seed)
        self._skipped = _FREE if _matters(setting.world, "emoted") else _FREE | _GESTURES

    def run(self, budget: int) -> Walkthrough:
        most = self.setting.table.opportunities[self.role]
        state = self.setting.world.initial_state(self.seed)
        state.role[self.actor] = self.role
        tally = Tally(self.setting.table, self.actor)
        root = _Node(state, tally, self._facts(state, tally), (), 0.0)
        self._novelty(root, None)
        best, queue, made, tried = root, [(0.0, 1, 0, 0, root)], 0, 0
        while queue and tried < budget and best.score < most:
            node = heapq.heappop(queue)[-1]
            tried += 1
            for child in self._children(node):
                if (child.score, -len(child.actions)) > (best.score, -len(best.actions)):
                    best = child
                if self._over(child.state) or len(child.actions) >= self.max_steps:
                    continue
                novelty = self._novelty(child, node)
                if novelty <= 2:
                    made += 1
                    rank = (-child.score, novelty, len(child.actions), made, child)
                    heapq.heappush(queue, rank)
        actions = self._shortened(best.actions, best.score)
        return Walkthrough(
            self.role,
            self.actor,
            self.seed,
            actions,
            tuple(canonical(self.setting.world, a) for a in actions),
            best.score,
            most,
            tried < budget,
        )

    def _children(self, node: _Node) -> list[_Node]:
        """The states that one action leads to, repeated while it changes nothing but health."""
        children = []
        for action in admissible(node.state, self.actor):
            if action.verb in self._skipped:
                continue
            state, tally, done = node.state, node.tally, node.actions
            for _ in range(TRIES):
                before = state
                state, tally = state.clone(), tally.clone()
                answered, refused = self._act(state, tally, action)
                done = (*done, action)
                if answered or not VERBS[action.verb].idle:
                    facts = self._facts(state, tally)
                    if facts != node.facts:
                        if answered or action.verb not in _AWAY:
                            score = tally.scores[self.role]
                            children.append(_Node(state, tally, facts, done, score))
                        break
                if state.rng == before.rng or len(done) >= self.max_steps:
                    break
                if self._over(state) or refused:
                    break
        return children

    def _act(self, state: State, tally: Tally, action: Action) -> tuple[bool, bool]:
        """As `Episode.step` does it. Whether the world or a role answered, and whether refused."""
        fired = dict(state.fired)
        events = apply(state, self.actor, action)
        if events[0].type == "refused":
            return False, True
        gained = bool(tally.count(state, events))
        if state.ended is None:
            gained = bool(tally.count(state, pass_turn(state))) or gained
        return gained or state.fired != fired, False

    def _over(self, state: State) -> bool:
        gone = state.parent[self.actor] in self.setting.exits
        return state.ended is not None or self.actor in state.dead or gone

    def _facts(self, state: State, tally: Tally) -> frozenset[int]:
        """What holds in a state, as numbers: everything but health, moods and the time."""
        start = self._start
        facts: list[object] = [*state.parent.items(), *state.following.items()]
        facts += [(1, *pair) for pair in state.manner.items()]
        facts += [(2, *pair) for pair in state.flags.items()]
        facts += [(3, *pair) for pair in state.quests.items()]
        facts += [(4, *pair) for pair in state.boosts.items()]
        facts += [(5, *pair) for pair in tally.fired.items()]
        facts += [(6, *pair) for pair in state.role.items()]
        facts += [(7, id) for id in state.dead]
        # What is no longer so is a fact as well: a thing that came to light, a lock undone.
        for kind, now, then in (
            (8, state.opened, start.opened),
            (9, state.locked, start.locked),
            (10, state.hidden, start.hidden),
            (11, state.lit, start.lit),
        ):
            facts += [(kind, id) for id in now ^ then]
        number = self._ids
        return frozenset([number.setdefault(fact, len(number)) for fact in facts])

    def _novelty(self, node: _Node, parent: _Node | None) -> int:
        """1 or 2 for a new fact or pair of facts among states of this score, else 3. Notes them."""
        singles = self._singles.setdefault(node.score, set())
        pairs = self._pairs.setdefault(node.score, set())
        # Where the parent was noted under the same score, only what changed can be new.
        same = parent is not None and parent.score == node.score
        changed = node.facts - parent.facts if parent is not None and same else node.facts
        new = {
            (a << 32) | b if a < b else (b << 32) | a for a in changed for b in node.facts if a != b
        }
        novelty = 1 if not changed <= singles else 2 if not new <= pairs else 3
        singles |= changed
        pairs |= new
        return novelty

    def _shortened(self, actions: Sequence[Action], score: float) -> tuple[Action, ...]:
        """The walkthrough less every stretch of up to four steps that it does as well without."""
        kept = tuple(actions)
        shrunk = True
        while shrunk:
            shrunk = False
            for width in (4, 3, 2, 1):
                at = len(kept) - width
                while at >= 0:
                    trial = kept[:at] + kept[at + width :]
                    if self._score(trial) >= score:
                        kept, shrunk = trial, True
                    at -= 1
        return kept

    def _score(self, actions: Sequence[Action]) -> float:
        """The role score of playing `actions` from the start; 0 when one of them is refused."""
        state = self.setting.world.initial_state(self.seed)
        state.role[self.actor] = self.role
        tally = Tally(self.setting.table, self.actor)
        for action in actions:
            if self._over(state) or self._act(state, tally, action)[1]:
                return 0.0
        return tally.scores[self.role]


def _matters(world: World, type: str) -> bool:
    """Whether any pattern of the world is about events of this type."""
    patterns = [r.on for r in world.reactions]
    patterns += [goal.on for quest in world.quests.values() for goal in quest.goals]
    patterns += [reward.on for role in world.roles.values() for reward in role.rewards]
    patterns += [ending.on for ending in world.endings.values()]
    return any(type in pattern.events for pattern in patterns)
