"""The thespian on the stage: the game's `Actor` protocol over a trained network.

    actor = ThespianActor.load()                  # the shipped checkpoint
    actor.roles                                   # what it can play
    actor.direct("bregan", {"thief": 0.6, "healer": 0.4})      # takes effect at the next decision
    logs = actor.log_probs(state, "bregan", memory, heard, admissible)
    actor.explain("bregan")                       # of the decision just made
    saved = actor.memory(); actor.restore(saved)  # for undo and saves

A part is a role by name or a blend of roles by weight. Several roles are blended by their raw
logits (`agents.thespian.blend`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.envs.episode import EXIT
from agents.thespian.blend import blended
from agents.thespian.checkpoint import SHIPPED, Checkpoint, load
from agents.thespian.encode import Encoder, Sample, collate, offered
from agents.thespian.features import Lexicon
from agents.thespian.network import on_device
from agents.thespian.notes import Notes
from agents.thespian.rollout import Rows
from game.acting.memory import Memory
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.rules import canonical
from game.engine.scope import scope_of
from game.errors import UsageError

#: Weights of roles, summing to 1.
Part = Mapping[str, float]
Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a character chose as it did.

    `part` is the mix of roles asked for. `attention` says how much each role of the mix had to do
    with the action the mix prefers: its share of that action's lead over the mean. `top` are the
    five likeliest actions as commands, with probabilities; `value` is the reward it hopes for.
    """

    part: dict[str, float]
    attention: dict[str, float]
    top: tuple[tuple[str, float], ...]
    value: float

    def as_json(self) -> dict[str, Any]:
        return {
            "part": self.part, "attention": self.attention,
            "top": [list(pair) for pair in self.top], "value": self.value,
        }  # fmt: skip


class ThespianActor:
    """Plays any character in any role the network knows. Not safe for use by several threads."""

    def __init__(self, checkpoint: Checkpoint, temperature: float = 1.0) -> None:
        self.policy = f"thespian-{checkpoint.hash[:8]}"
        self.temperature = temperature
        self._net = checkpoint.net
        self._verbs = checkpoint.verbs
        self._lexicon = Lexicon()
        self._worlds: dict[int, tuple[World, Encoder]] = {}
        self._rows = Rows(self._net, self._lexicon)
        self._parts: dict[str, Part] = {}
        self._notes: dict[str, Notes] = {}
        self._asked: dict[str, tuple[int, float]] = {}  # turn and score at the last decision
        self._why: dict[str, Explanation] = {}

    @classmethod
    def load(cls, folder: Path = SHIPPED, temperature: float = 1.0) -> ThespianActor:
        """Read a checkpoint. Raises AdapterError when there is none that fits."""
        return cls(load(folder), temperature)

    @property
    def roles(self) -> tuple[str, ...]:
        return self._net.shape.roles

    # -- direction ----------------------------------------------------------------------------

    def direct(self, who: str, part: str | Part | None) -> None:
        """Give `who` a part, whatever role the world gives; None: the world's again.

        Raises UsageError for a role the network does not know, or weights that are not positive.
        """
        if part is None:
            self._parts.pop(who, None)
            return
        mix = {part: 1.0} if isinstance(part, str) else dict(part)
        unknown = [role for role in mix if role not in self.roles]
        if unknown or not mix or min(mix.values()) < 0 or sum(mix.values()) <= 0:
            raise UsageError(
                f"No part can be made of {', '.join(map(str, unknown)) or 'these weights'}.",
                f"Roles the cast knows: {', '.join(self.roles)}.",
            )
        total = sum(mix.values())
        self._parts[who] = {role: weight / total for role, weight in mix.items() if weight}

    def part(self, state: State, who: str) -> Part | None:
        """The part `who` plays now; None when the network knows no such role."""
        if who in self._parts:
            return self._parts[who]
        role = state.role.get(who)
        return {role: 1.0} if role in self.roles else None

    # -- deciding -----------------------------------------------------------------------------

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:
        """Log-probability of each admissible action; -inf for gestures that the part is not paid
        for, and for leaving the world. Raises UsageError when `part` is None."""
        part = self.part(state, who)
        if part is None:
            raise UsageError(f"The cast knows no role {state.role.get(who)!r}.")
        notes = self._recall(state, who, memory)
        choices = self._choices(state, part, admissible)
        actions = [admissible[n] for n in choices]
        encoder = self._encoder(state.world)
        sample = encoder.sample(
            scope_of(state, who), actions, notes, heard, 0.0, state.rewards.get(who, 0.0)
        )
        logits, value, shares = self._consider(sample, part)
        logits = logits / self.temperature
        logs = logits - np.logaddexp.reduce(logits)
        order = np.argsort(-logs, kind="stable")[:5]
        self._why[who] = Explanation(
            {role: round(weight, 4) for role, weight in part.items()},
            shares,
            tuple((canonical(state.world, actions[n]), math.exp(logs[n])) for n in order),
            value,
        )
        found = [-math.inf] * len(admissible)
        for n, log in zip(choices, logs.tolist(), strict=True):
            found[n] = log
        return found

    def explain(self, who: str) -> Explanation | None:
        """Why `who` decided as it last did; None if it never has."""
        return self._why.get(who)

    def _choices(self, state: State, part: Part, admissible: Sequence[Action]) -> list[int]:
        world = state.world
        verbs = offered(world.roles[role] for role in part if role in world.roles)
        verbs &= self._verbs
        return [
            n
            for n, action in enumerate(admissible)
            if action.verb in verbs and not (action.verb == "go" and _leaves(world, action))
        ]

    @torch.no_grad()
    def _consider(self, sample: Sample, part: Part) -> tuple[Logits, float, dict[str, float]]:
        """Blended raw logits, the hoped-for reward, and each role's share in the choice."""
        found = blended(self._net, self._rows(), on_device(collate([sample])), part)
        each = found.each.numpy()
        mixed = found.logits.numpy()
        leads = (each - each.mean(1, keepdims=True))[:, mixed.argmax()]
        leads = np.maximum(leads * np.array(list(part.values())), 1e-9)
        shares = leads / leads.sum()
        return (
            mixed,
            float(found.values[0]),
            {role: round(float(share), 4) for role, share in zip(part, shares, strict=True)},
        )

    # -- memory -------------------------------------------------------------------------------

    def _recall(self, state: State, who: str, memory: Memory) -> Notes:
        """The notes of `who`, with what it did since it last decided. Asking twice adds nothing."""
        notes = self._notes.setdefault(who, Notes())
        score = state.rewards.get(who, 0.0)
        asked = self._asked.get(who)
        if asked is None or asked[0] != state.turn:
            if asked is not None and memory.recent:
                notes.did(memory.recent[-1], score - asked[1])
            self._asked[who] = (state.turn, score)
        notes.see(scope_of(state, who))
        return notes

    def _encoder(self, world: World) -> Encoder:
        known = self._worlds.get(id(world))
        if known is None or known[0] is not world:
            known = self._worlds[id(world)] = (world, Encoder(world, self._lexicon))
        return known[1]

    def memory(self) -> dict[str, Any]:
        """What everybody remembers and how they were directed, as plain JSON data."""
        return {
            "notes": {who: notes.as_json() for who, notes in self._notes.items()},
            "asked": {who: list(asked) for who, asked in self._asked.items()},
            "parts": {who: dict(part) for who, part in self._parts.items()},
        }

    def restore(self, data: Mapping[str, Any]) -> None:
        """Make everybody remember exactly what `data` (of `memory`) says."""
        self._notes = {who: Notes.from_json(notes) for who, notes in data["notes"].items()}
        self._asked = {who: (turn, score) for who, (turn, score) in data["asked"].items()}
        self._parts = {who: dict(part) for who, part in data["parts"].items()}
        self._why = {}


def _leaves(world: World, action: Action) -> bool:
    exit = world.exits.get(action.noun or "")
    return exit is not None and EXIT in world.rooms[exit.to].tags
