"""Who plays whom: which characters act in a turn, in what order, and what each decides to do.

This is the game's door into `agents`: a character whose role the shipped thespian knows, or one
akin to it, is played by it, the others, and all while it is being loaded, by the heuristic.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from game.acting.company import Company, Thespian, note
from game.acting.explanation import Explanation
from game.acting.heuristic import Heuristic
from game.acting.memory import Memory
from game.acting.moment import Moment
from game.acting.restraint import Actor, Restrained, instinct, keepsakes
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.perception import observe
from game.engine.rules import admissible, canonical
from game.engine.scope import scope_of

if TYPE_CHECKING:
    from agents.thespian.notes import Notes

__all__ = ["Actor", "Cast", "Decision", "company"]

#: How many act before the player in one turn, and how many elsewhere.
ONSTAGE = 3
OFFSTAGE = 4
#: How much of its time a thespian spends on its part; in the rest it lives, as the heuristic does.
ON_PART = 0.6
#: How often a thespian does the very same thing in a game, walks and waits aside.
OFTEN = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice of a character, with all that learning from it later needs.

    `action` is None when nothing can be done (the dead, a finished story). `logprob` is the exact
    log of the probability that `policy` gave the action. `observation` is canonical JSON: what was
    observed, heard and remembered. `why` holds the five likeliest actions, canonical, likeliest
    first. `memory` and `heard` are what it was asked with, and `actor` who was, for `Cast.explain`.
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
    actor: Actor = field(compare=False, repr=False)


class Cast:
    """The characters of one game: their actors and what they remember.

    What a character decides is a function of the state, its memory and what it heard; the state
    and its generator are never changed.
    """

    def __init__(self, world: World, company: Company | None = None) -> None:
        """Without a `company` everybody is played by the heuristic."""
        self.world = world
        self.company = company
        self._heuristic = Heuristic()
        self._kept = keepsakes(world) if company else frozenset()
        self._memories: dict[str, Memory] = {}
        self._notes: dict[str, tuple[Notes, float]] = {}  # and the score at the last decision
        self._notes_json: dict[str, dict[str, Any]] = {}
        people = world.characters.values()
        expected = company and any(company.plays(world, c.role) for c in people)
        if company and expected and not company.patient:
            company.begin()

    def roles(self) -> list[str]:
        """The roles that characters can be given: the world's, and those that thespians know."""
        known = self.company.roles if self.company else frozenset()
        return [*self.world.roles, *sorted(known - self.world.roles.keys())]

    def _actor_for(self, moment: Moment, notes: Notes | None) -> Actor:
        """Who plays `moment.who` now. Asked for every decision, as roles change in play."""
        if self.company is None or notes is None or instinct(moment):
            return self._heuristic
        if _uniform(moment.state, moment.who, "part") >= ON_PART:
            return self._heuristic
        thespian = self.company.ready()
        if thespian is None:
            return self._heuristic
        weary = frozenset(a for a, n in notes.done.items() if n >= OFTEN and a.verb != "go")
        return Restrained(thespian.playing(deepcopy(notes)), self._kept, weary)

    def _noted(self, state: State, who: str, memory: Memory) -> Notes | None:
        """The notes of whoever has a thespian's part, with what they did last and now see."""
        if self.company is None or not self.company.plays(self.world, state.role.get(who)):
            return None
        from agents.thespian.notes import Notes

        notes, before = self._notes.get(who, (None, 0.0))
        score = state.rewards.get(who, 0.0)
        if notes is None:
            notes = Notes()
        elif memory.recent:
            notes.did(memory.recent[-1], score - before)
        notes.see(scope_of(state, who))
        self._notes[who] = (notes, score)
        self._notes_json.pop(who, None)
        return notes

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
        role, heard = state.role.get(who), tuple(heard)
        memory = self._memories.get(who, Memory()).after(state, who, heard)
        actions = tuple(admissible(state, who))
        actor: Actor = self._heuristic
        if not actions:
            seen = _observation(state, who, memory, heard)
            return Decision(who, None, (), 0.0, actor.policy, role, seen, (), memory, heard, actor)
        notes = self._noted(state, who, memory)
        actor = self._actor_for(Moment(state, who, memory, heard, actions), notes)
        logs = actor.log_probs(state, who, memory, heard, actions)
        chosen = _sample(logs, _uniform(state, who, "action"))
        action = actions[chosen]
        script = None
        if isinstance(actor, Restrained):
            script = actor.script(state, who, memory, heard, actions, action)
        seen = _observation(state, who, memory, heard, script)
        self._memories[who] = memory.having_done(action, state.turn)
        likeliest = sorted(range(len(actions)), key=lambda i: -logs[i])[:5]
        why = tuple(
            (canonical(self.world, actions[i]), math.exp(logs[i]))
            for i in likeliest
            if logs[i] > -math.inf
        )
        return Decision(
            who, action, actions, logs[chosen], actor.policy, role, seen, why, memory, heard, actor
        )

    def explain(self, state: State, decision: Decision) -> Explanation:
        """Why `decision` was made in `state`, the state before it, by whoever made it (which
        `Explanation.policy` names)."""
        return decision.actor.explain(
            state, decision.who, decision.memory, decision.heard, decision.admissible
        )

    def remember(self, state: State, who: str, heard: Sequence[Event], action: Action) -> None:
        """Remember as `decide` does that `who`, after hearing of `heard`, does `action` now."""
        memory = self._memories.get(who, Memory()).after(state, who, heard)
        self._noted(state, who, memory)
        self._memories[who] = memory.having_done(action, state.turn)

    def memory(self) -> dict[str, Any]:
        """What everybody remembers, as plain JSON data, for undo and saves."""
        for who, (notes, score) in self._notes.items():
            if who not in self._notes_json:
                self._notes_json[who] = {"notes": notes.as_json(), "score": score}
        return {
            who: memory.as_json() | self._notes_json.get(who, {})
            for who, memory in self._memories.items()
        }

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Make the characters remember exactly what `memory` (of `memory()`) says."""
        self._memories = {who: Memory.from_json(data) for who, data in memory.items()}
        self._notes, self._notes_json = {}, {}
        noted = {who: data for who, data in memory.items() if "notes" in data}
        if self.company and noted:
            from agents.thespian.notes import Notes

            for who, data in noted.items():
                self._notes[who] = (Notes.from_json(data["notes"]), data["score"])


def company(*, patient: bool = False) -> Company | None:
    """The thespians as the player has them: the version in use, else the shipped one.

    Reads only what the file says of itself; torch comes when a thespian is first needed. None
    where there is no checkpoint that can be read.
    """
    from agents.thespian.playbill import SHIPPED, in_use, roles_of
    from game.errors import GameError

    try:
        try:
            folder = in_use()
            roles = roles_of(folder)
        except GameError as error:
            note(f"The cast that came with the game plays: {error}")
            folder = SHIPPED
            roles = roles_of(folder)
    except GameError as error:
        note(f"The thespians stay away: {error}")
        return None

    def load() -> Thespian:
        from agents.thespian.actor import ThespianActor

        return ThespianActor.load(folder)

    return Company(roles, load, patient=patient)


def _observation(
    state: State,
    who: str,
    memory: Memory,
    heard: Sequence[Event],
    script: dict[str, Any] | None = None,
) -> str:
    seen = observe(state, who)
    fields = {name: getattr(seen, name) for name in seen.__slots__}
    fields |= {
        "turn": state.turn,
        "mood": state.mood_of(who),
        "role": state.role.get(who),
        "heard": [event.as_dict() for event in heard],
        "memory": memory.as_json(),
    }
    if script is not None:
        fields["script"] = script
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
