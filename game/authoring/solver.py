"""A bounded search, over the real rules, for a way to complete a quest.

The player acts alone: characters do only what reactions have them do. First every shortest way is
tried (breadth first), then the most promising: best first by goals still open, then by the novelty
of what a state makes true for the first time (Lipovetzky and Geffner, "Best-First Width Search",
AAAI 2017), and last also by how much of what matters has changed for good, which goes deep at the
price of detours.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from game.authoring.relevance import Relevance
from game.engine.events import Action
from game.engine.model import State, World
from game.engine.reactions import Quest
from game.engine.rules import admissible, apply, canonical, pass_turn

#: How often an action is tried again whose outcome hangs on luck.
TRIES = 12
#: How many blows a fight may take, and how many grabs a theft.
BLOWS = 60


class Search(NamedTuple):
    """What came of a search: `actions` is None when no way was found.

    `shortest` says that no shorter way exists, `exhausted` that every situation was looked at
    (so that none means none), `states` how many were.
    """

    actions: tuple[Action, ...] | None
    shortest: bool
    exhausted: bool
    states: int

    def commands(self, world: World) -> list[str]:
        return [canonical(world, a) for a in self.actions or ()]


class _Node(NamedTuple):
    state: State
    parent: _Node | None
    action: Action | None
    depth: int


def complete_quest(world: World, quest: str, limit: int = 10_000, seed: int = 1) -> Search:
    """Look for a way to complete `quest`, through at most `limit` situations."""
    solver = _Solver(world.quests[quest], world.initial_state(seed))
    shortest = solver.breadth_first(limit // 4)
    if shortest.actions is not None:
        return shortest
    states = shortest.states
    if shortest.exhausted:
        # What seemed not to matter may (hands too full, a way barred): try all there is to do.
        last = solver.best_first(limit, everything=True)
        return last._replace(states=states + last.states)
    for share, eager in ((limit // 4, False), (limit // 2, True)):
        best = solver.best_first(share, eager=eager)
        states += best.states
        if best.actions is not None or best.exhausted:
            break
    if best.actions is not None:
        best = best._replace(actions=solver.without_detours(best.actions))
    return best._replace(states=states)


def next_step(
    state: State, quest: str, limit: int = 2_000, shun: frozenset[str] = frozenset()
) -> Search:
    """Look from `state` for a way that reaches one more goal of `quest`, or begins it.

    Half of `limit` situations go to shortest ways, half to promising ones; the verbs `shun` are
    left out.
    """
    solver = _Solver(state.world.quests[quest], state.clone())
    solver.shun = shun
    solver.enough = solver._left(state) - 1
    shortest = solver.breadth_first(limit // 2)
    if shortest.actions is not None or shortest.exhausted:
        return shortest
    best = solver.best_first(limit // 2, eager=True)
    return best._replace(states=shortest.states + best.states)


class _Solver:
    """A search from `start`; it ends when the quest is done, or no more than `enough` is left."""

    def __init__(self, quest: Quest, start: State) -> None:
        self.world = world = start.world
        self.quest = quest
        self.start = start
        self.enough = -1
        self.shun: frozenset[str] = frozenset()
        goals = [(goal.on, goal.when) for goal in quest.goals]
        self.relevance = Relevance(world, goals)
        if not quest.active:
            self.relevance.tokens.add(f"quest:{quest.id}")
            self.relevance._close()
        self.counted = {r.id for r in world.reactions if r.times}
        self.counted |= {f"{q.id}:{g.id}" for q in world.quests.values() for g in q.goals}

    # -- searches -----------------------------------------------------------------------------

    def breadth_first(self, limit: int) -> Search:
        root = _Node(self.start, None, None, 0)
        if self._done(root.state):
            return Search((), True, True, 1)
        seen = {self._key(root.state)}
        queue = deque([root])
        while queue:
            node = queue.popleft()
            for child, key in self._children(node, False):
                if key in seen:
                    continue
                if self._done(child.state):
                    return Search(_way(child), True, False, len(seen) + 1)
                if len(seen) >= limit:
                    return Search(None, False, False, len(seen))
                seen.add(key)
                queue.append(child)
        return Search(None, False, True, len(seen))

    def best_first(self, limit: int, everything: bool = False, eager: bool = False) -> Search:
        root = _Node(self.start, None, None, 0)
        seen = {self._key(root.state)}
        known: dict[Hashable, tuple[set[Hashable], set[frozenset[Hashable]]]] = {}
        heap: list[tuple[int, int, int, int, int, _Node]] = []

        def push(node: _Node) -> None:
            left = self._left(node.state)
            progress = self._progress(node.state) if eager else 0
            single, pairs = known.setdefault((left, progress), (set(), set()))
            facts = set(self._facts(node.state))
            new = facts - set(self._facts(node.parent.state)) if node.parent else facts
            novel = 2
            together = {frozenset((a, b)) for a in new for b in facts} - pairs
            if together:
                pairs |= together
                novel = 1
            if not new <= single:
                single |= new
                novel = 0
            heapq.heappush(heap, (left, -progress, novel, node.depth, len(seen), node))

        push(root)
        while heap:
            node = heapq.heappop(heap)[-1]
            for child, key in self._children(node, everything):
                if key in seen:
                    continue
                seen.add(key)
                if self._done(child.state):
                    return Search(_way(child), False, False, len(seen))
                if len(seen) >= limit:
                    return Search(None, False, False, len(seen))
                push(child)
        return Search(None, False, True, len(seen))

    def without_detours(self, way: tuple[Action, ...]) -> tuple[Action, ...]:
        """The way without the steps, alone or a few in a row, that it does as well without."""
        for size in (4, 3, 2, 1, 2, 1):
            at = 0
            while at + size <= len(way):
                shorter = way[:at] + way[at + size :]
                if self._leads(shorter):
                    way = shorter
                else:
                    at += 1
        return way

    def _leads(self, way: tuple[Action, ...]) -> bool:
        """Whether these actions, each of them possible, reach what is searched for."""
        state = self.start
        for action in way:
            if state.ended is not None or action not in admissible(state, self.world.player):
                return False
            state, _ = self._after(state, action, self._key(state))
        return self._done(state)

    # -- states -------------------------------------------------------------------------------

    def _children(self, node: _Node, everything: bool) -> Iterator[tuple[_Node, Hashable]]:
        if node.state.ended is not None:
            return
        before = self._key(node.state)
        for action in self.relevance.actions(node.state, everything):
            if action.verb in self.shun:
                continue
            state, key = self._after(node.state, action, before)
            yield _Node(state, node, action, node.depth + 1), key

    def _after(self, state: State, action: Action, before: Hashable) -> tuple[State, Hashable]:
        """The state after an action; where luck decides, it is tried until something changes."""
        state = state.clone()
        player = self.world.player
        lucky = self.relevance.chancy
        tries = BLOWS if action.verb in ("hit", "steal") else TRIES if lucky else 1
        key = before
        for _ in range(tries):
            events = apply(state, player, action)
            if self.relevance.timed:
                pass_turn(state)
            else:
                state.turn += 1
            key = self._key(state)
            if events[0].type == "refused" or state.ended is not None:
                break
            if action.verb == "hit":
                over = action.noun in state.dead
            elif action.verb == "steal":
                over = state.parent[str(action.noun)] == player
            else:
                over = key != before
            if over:
                break
        return state, key

    def _key(self, state: State) -> Hashable:
        """What tells situations apart: everything but the clock, the dice and the books."""
        fired = state.fired
        return (
            tuple(state.parent.values()),
            tuple(sorted(state.manner.items())),
            frozenset(state.opened),
            frozenset(state.locked),
            frozenset(state.hidden),
            frozenset(state.lit),
            frozenset(state.dead),
            tuple(state.health.values()),
            tuple(sorted(state.boosts.items())),
            tuple(sorted(state.mood.items())),
            tuple(sorted(state.role.items())),
            tuple(sorted(state.flags.items())),
            tuple(sorted((k, n) for k, n in fired.items() if k in self.counted)),
            tuple(sorted(state.quests.items())),
            tuple(sorted(state.following.items())),
            tuple(sorted(state.blocking.items())),
            state.ended,
            state.score if self.relevance.scored else 0,
            min(state.turn, 100) if self.relevance.timed else 0,
        )

    def _facts(self, state: State) -> Iterator[Hashable]:
        tokens = self.relevance.tokens
        player = self.world.player
        yield player, state.parent[player]
        for id, parent in state.parent.items():
            if id in tokens:
                yield id, parent
        for name, members in (
            ("opened", state.opened),
            ("locked", state.locked),
            ("hidden", state.hidden),
            ("lit", state.lit),
            ("dead", state.dead),
        ):
            for id in members:
                yield name, id
        yield from state.flags.items()
        yield from state.fired.items()
        yield from state.quests.items()

    def _done(self, state: State) -> bool:
        if state.quests.get(self.quest.id) == "done":
            return True
        return self.enough >= 0 and self._left(state) <= self.enough

    def _progress(self, state: State) -> int:
        """How much of what matters is no longer as it was."""
        start, tokens = self.start, self.relevance.tokens
        flags = (f for f, value in state.flags.items() if value != start.flags[f])
        return (
            sum(id in state.fired for id in self.relevance.reactions)
            + len((start.locked - state.locked) & tokens)
            + len((start.hidden - state.hidden) & tokens)
            + sum(f"flag:{flag}" in tokens for flag in flags)
        )

    def _left(self, state: State) -> int:
        """How much of the quest is still to do."""
        started = self.quest.id in state.quests
        fired = state.fired
        return (not started) + sum(
            max(0, g.count - fired.get(f"{self.quest.id}:{g.id}", 0)) for g in self.quest.goals
        )


def _way(node: _Node) -> tuple[Action, ...]:
    actions: list[Action] = []
    at: _Node | None = node
    while at is not None and at.action is not None:
        actions.append(at.action)
        at = at.parent
    return tuple(reversed(actions))
