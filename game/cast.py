"""Who plays whom: which characters act in a turn, in what order, and what each decides to do."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from game.acting.explanation import Explanation
from game.acting.heuristic import Heuristic
from game.acting.memory import Memory
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.perception import observe
from game.engine.rules import admissible, canonical

#: How many act before the player in one turn, and how many elsewhere.
ONSTAGE = 3
OFFSTAGE = 4


class Actor(Protocol):
    """A policy that can play any character: what it would do, with which probability.

    `policy` names it, with its version, in the feedback store. `log_probs` gives the natural log
    of the probability of each admissible action, in their order (-inf: never); they sum to 1.
    """

    policy: str

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Sequence[float]: ...

    def explain(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Explanation:
        """The policy's own account of what it would do, asked as `log_probs` is. Changes nothing
        and may take its time: it is called only when somebody wants to know."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice of a character, with all that learning from it later needs.

    `action` is None when nothing can be done (the dead, a finished story). `logprob` is the exact
    log of the probability that `policy` gave the action. `observation` is canonical JSON: what was
    observed, heard and remembered. `why` holds the five likeliest actions, canonical, likeliest
    first. `memory` and `heard` are what it was asked with, for `Cast.explain`.
    """

    who: str
    action: Action | None
    admissible: tuple[Action, ...]
    logprob: float
    policy: str
    role: str | None
    observation: str
    why: tuple[tuple[str, float], ...]
    memory: Memory
    heard: tuple[Event, ...]


class Cast:
    """The characters of one game: their actors and what they remember.

    What a character decides is a function of the state, its memory and what it heard; the state
    and its generator are never changed.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._heuristic = Heuristic()
        self._memories: dict[str, Memory] = {}

    def actor_for(self, state: State, who: str) -> Actor:
        """The actor that plays `who` now. Asked for every decision, as roles change in play."""
        return self._heuristic

    def whose_turn(
        self, state: State, heard: Mapping[str, Sequence[Event]] | None = None
    ) -> list[str]:
        """Who acts this turn, those in the player's room first.

        Speed says how often somebody acts. Whoever was just addressed, struck or robbed (an event
        in `heard`, by character, has them as target), or has a foe before them, acts for certain.
        """
        if state.ended is not None:
            return []
        stage = state.parent[self.world.player]
        visible: list[tuple[bool, float, str]] = []
        elsewhere: list[tuple[bool, float, str]] = []
        for who, character in self.world.characters.items():
            if who == self.world.player or who in state.dead:
                continue
            room = state.parent[who]
            if room not in self.world.rooms:
                continue
            stirred = self._stirred(state, who, (heard or {}).get(who, ()))
            draw = _uniform(state, who, "turn")
            often = 0.4 + 0.06 * character.speed
            if room != stage:
                often /= 2
            if stirred or draw < often:
                (visible if room == stage else elsewhere).append((not stirred, draw, who))
        chosen = sorted(visible)[:ONSTAGE] + sorted(elsewhere)[:OFFSTAGE]
        return [who for _, _, who in chosen]

    def _stirred(self, state: State, who: str, heard: Sequence[Event]) -> bool:
        if any(e.target == who and e.actor != who for e in heard):
            return True
        memory = self._memories.get(who)
        return memory is not None and any(
            state.parent[other] == state.parent[who] and memory.grudge(other, kind, state.turn)
            for other, kind, _ in memory.grudges
        )

    def decide(self, state: State, who: str, heard: Sequence[Event] = ()) -> Decision:
        """What `who` does now. `heard` is what they perceived since they last decided.

        The same state, memory and `heard` give the same decision; it is remembered as done.
        """
        role = state.role.get(who)
        actor = self.actor_for(state, who)
        memory = self._memories.get(who, Memory()).after(state, who, heard)
        actions = tuple(admissible(state, who))
        seen = _observation(state, who, memory, heard)
        if not actions:
            return Decision(who, None, (), 0.0, actor.policy, role, seen, (), memory, tuple(heard))
        logs = actor.log_probs(state, who, memory, heard, actions)
        chosen = _sample(logs, _uniform(state, who, "action"))
        action = actions[chosen]
        self._memories[who] = memory.having_done(action, state.turn)
        likeliest = sorted(range(len(actions)), key=lambda i: -logs[i])[:5]
        why = tuple(
            (canonical(self.world, actions[i]), math.exp(logs[i]))
            for i in likeliest
            if logs[i] > -math.inf
        )
        return Decision(
            who, action, actions, logs[chosen], actor.policy, role, seen, why, memory, tuple(heard)
        )

    def explain(self, state: State, decision: Decision) -> Explanation:
        """Why `decision` was made in `state`, the state before it, by whoever plays its character
        there now (which `Explanation.policy` names)."""
        actor = self.actor_for(state, decision.who)
        return actor.explain(
            state, decision.who, decision.memory, decision.heard, decision.admissible
        )

    def remember(self, state: State, who: str, heard: Sequence[Event], action: Action) -> None:
        """Remember as `decide` does that `who`, after hearing of `heard`, does `action` now."""
        memory = self._memories.get(who, Memory()).after(state, who, heard)
        self._memories[who] = memory.having_done(action, state.turn)

    def memory(self) -> dict[str, Any]:
        """What everybody remembers, as plain JSON data, for undo and saves."""
        return {who: memory.as_json() for who, memory in self._memories.items()}

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Make the characters remember exactly what `memory` (of `memory()`) says."""
        self._memories = {who: Memory.from_json(data) for who, data in memory.items()}


def _observation(state: State, who: str, memory: Memory, heard: Sequence[Event]) -> str:
    seen = observe(state, who)
    fields = {name: getattr(seen, name) for name in seen.__slots__}
    fields |= {
        "turn": state.turn,
        "mood": state.mood_of(who),
        "role": state.role.get(who),
        "heard": [event.as_dict() for event in heard],
        "memory": memory.as_json(),
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _uniform(state: State, who: str, purpose: str) -> float:
    """A number in [0, 1) that depends on the state and the purpose, and draws nothing from it."""
    seed = f"{state.world.hash}:{state.rng}:{state.turn}:{who}:{purpose}"
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def _sample(logs: Sequence[float], draw: float) -> int:
    """The index that `draw` in [0, 1) picks; the last possible one if rounding leaves a gap."""
    last = 0
    for i, log in enumerate(logs):
        if log == -math.inf:
            continue
        last = i
        draw -= math.exp(log)
        if draw < 0:
            break
    return last
