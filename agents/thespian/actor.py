"""The thespian on the stage: the game's `Actor` protocol over a trained network.

    thespian = ThespianActor.load()               # the shipped checkpoint
    thespian.roles                                # what it can play
    actor = thespian.playing(notes)               # one character, with what it remembers
    logs = actor.log_probs(state, "bregan", memory, heard, admissible)
    actor.explain(state, "bregan", memory, heard, admissible)

What a character plays is its role in the state: one role, or a blend by weight whose raw logits
are summed (`agents.thespian.blend`). Another role is another prompt, from the next decision on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agents.envs.episode import EXIT
from agents.thespian.attention import restored
from agents.thespian.blend import blended
from agents.thespian.checkpoint import Checkpoint, load
from agents.thespian.encode import Encoder, Sample, collate, offered
from agents.thespian.features import Lexicon
from agents.thespian.network import on_device
from agents.thespian.notes import Notes
from agents.thespian.playbill import SHIPPED
from agents.thespian.rollout import Rows
from agents.thespian.scripts import as_script
from agents.thespian.worlds import with_repertoire
from game.acting.explanation import Explanation, Option, likeliest
from game.acting.kin import playable
from game.acting.memory import Memory
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.roles import Part, part_of
from game.engine.scope import scope_of
from game.errors import UsageError

Logits = NDArray[np.float32]


class Considered(NamedTuple):
    """One decision weighed: the places among the admissible actions that are offered, their
    log-probabilities, the reward hoped for, and each role's share in the likeliest action."""

    choices: list[int]
    logs: Logits
    value: float
    shares: dict[str, float]


class ThespianActor:
    """Plays any character in any role the network knows. Not safe for use by several threads."""

    def __init__(self, checkpoint: Checkpoint, temperature: float = 1.0) -> None:
        self.policy = f"thespian-{checkpoint.hash[:8]}"
        self.temperature = temperature
        self._net = checkpoint.net
        self._learned = {
            role: restored(checkpoint.net, own) for role, own in checkpoint.learned.items()
        }
        self._verbs = checkpoint.verbs
        self._lexicon = Lexicon()
        self._worlds: dict[int, tuple[World, Encoder, World]] = {}
        self._rows = Rows(self._net, self._lexicon)

    @classmethod
    def load(cls, folder: Path = SHIPPED, temperature: float = 1.0) -> ThespianActor:
        """Read a checkpoint. Raises AdapterError when there is none that fits."""
        return cls(load(folder), temperature)

    @property
    def roles(self) -> tuple[str, ...]:
        return (*self._net.shape.roles, *self._learned)

    def part(self, state: State, who: str) -> Part:
        """What it plays for the role that somebody has: that role, where it knows it, or its kin;
        empty for a role that it cannot play."""
        return playable(state.world, state.role.get(who), self.roles)

    def playing(self, notes: Notes) -> Playing:
        """The actor of the character whose notes these are. The notes are only read."""
        return Playing(self, notes)

    def sample(
        self, state: State, who: str, notes: Notes, heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> tuple[Sample, list[int], Encoder]:  # fmt: skip
        """The moment as the network sees it, and the places of the actions that it chooses from:
        no gestures that the part is not paid for, and no way out of the world.

        Raises UsageError for a part that the network does not know.
        """
        part = self.part(state, who)
        if not part:
            raise UsageError(
                f"The cast knows no role {state.role.get(who)!r}.",
                f"Roles it knows: {', '.join(self.roles)}.",
            )
        encoder, full = self._known(state.world)
        verbs = offered(full.roles[role] for role in part if role in full.roles) & self._verbs
        choices = [
            n
            for n, action in enumerate(admissible)
            if action.verb in verbs and not (action.verb == "go" and _leaves(full, action))
        ]
        actions = [admissible[n] for n in choices]
        score = state.rewards.get(who, 0.0)
        return (
            encoder.sample(scope_of(state, who), actions, notes, heard, 0.0, score),
            choices,
            encoder,
        )

    @torch.no_grad()
    def consider(self, sample: Sample, part: Part, choices: list[int]) -> Considered:
        """Log-probabilities of the blend, the hoped-for reward, and each role's share."""
        found = blended(self._net, self._rows(), on_device(collate([sample])), part, self._learned)
        each = found.each.numpy()
        mixed = found.logits.numpy() / self.temperature
        # A role's share is its part of the likeliest action's lead over the mean.
        leads = (each - each.mean(1, keepdims=True))[:, mixed.argmax()]
        leads = np.maximum(leads * np.array(list(part.values())), 1e-9)
        shares = (leads / leads.sum()).tolist()
        return Considered(
            choices,
            mixed - np.logaddexp.reduce(mixed),
            float(found.values[0]),
            {role: round(share, 4) for role, share in zip(part, shares, strict=True)},
        )

    def _known(self, world: World) -> tuple[Encoder, World]:
        """The world's encoder, and the world with what the repertoire is paid for in it."""
        known = self._worlds.get(id(world))
        if known is None or known[0] is not world:
            full = with_repertoire(world)
            known = self._worlds[id(world)] = (world, Encoder(world, self._lexicon), full)
        return known[1], known[2]


@dataclass(frozen=True)
class Playing:
    """One character's part as the thespian plays it: an `Actor`."""

    thespian: ThespianActor
    notes: Notes

    @property
    def policy(self) -> str:
        return self.thespian.policy

    def _consider(
        self, state: State, who: str, heard: Sequence[Event], admissible: Sequence[Action]
    ) -> Considered:
        sample, choices, _ = self.thespian.sample(state, who, self.notes, heard, admissible)
        return self.thespian.consider(sample, self.thespian.part(state, who), choices)

    def log_probs(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:
        """Log-probability of each admissible action; -inf for what is not offered to the part."""
        found = self._consider(state, who, heard, admissible)
        logs = [-math.inf] * len(admissible)
        for n, log in zip(found.choices, found.logs.tolist(), strict=True):
            logs[n] = log
        return logs

    def explain(
        self,
        state: State,
        who: str,
        memory: Memory,
        heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> Explanation:
        """The likeliest actions, the attention over the roles of the mix, and the critic's hope."""
        found = self._consider(state, who, heard, admissible)
        role = state.role.get(who)
        world = self.thespian._known(state.world)[1]
        part = self.thespian.part(state, who)
        aims = " ".join(world.roles[r].description for r in part_of(role) if r in world.roles)
        logs = found.logs.tolist()
        options = tuple(
            Option(admissible[found.choices[n]], math.exp(logs[n]), "play role", None)
            for n in likeliest(logs)
        )
        return Explanation(self.policy, role, aims, options, dict(part), found.shares, found.value)

    def script(
        self, state: State, who: str, heard: Sequence[Event], admissible: Sequence[Action]
    ) -> dict[str, Any]:
        """The decision as plain JSON data that training can take up again."""
        sample, choices, encoder = self.thespian.sample(state, who, self.notes, heard, admissible)
        return as_script(sample, choices, encoder)


def _leaves(world: World, action: Action) -> bool:
    exit = world.exits.get(action.noun or "")
    return exit is not None and EXIT in world.rooms[exit.to].tags
