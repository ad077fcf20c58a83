"""Simulated players of known taste, who thumb what characters do before their eyes.

Their votes are marked as simulated in the database, with the taste's name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from game.acting.company import Company
from game.cast import Cast, Decision
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.roles import DIRECT
from game.engine.rules import admissible, apply
from game.feedback.store import FeedbackStore
from game.session import Session

#: What an action is worth to a player: 1, -1, or 0 for one that is not thumbed.
Taste = Callable[[Action], int]


def honest(action: Action) -> int:
    """Cannot bear stealing, and likes whatever else is done."""
    return -1 if action.verb == "steal" else 1


TASTES: Mapping[str, Taste] = {"honest": honest}
#: Turns after which a game is left for a new one.
TURNS = 30
#: How often a simulated player thumbs up what it likes; what it hates it always thumbs down.
CLAPS = 0.25


@dataclass(frozen=True)
class Audience:
    """A player of `taste` before whom the characters play `parts` (roles by character; all of them
    are brought to where the player is)."""

    world: World
    company: Company
    parts: Mapping[str, str]
    taste: str = "honest"

    def begin(self, seed: int, store: FeedbackStore | None) -> Session:
        """A new game with the parts given and everybody there."""
        session = Session(
            self.world, seed=seed, cast=Cast(self.world, self.company), store=store,
            mode="simulated", autosave=False,
        )  # fmt: skip
        stage(session.state, self.parts)
        return session

    def vote(self, store: FeedbackStore, votes: int, seed: int = 0) -> int:
        """Play until so many votes are given; returns how many were thumbs down."""
        rng, judge = random.Random(seed), TASTES[self.taste]
        given = down = game = 0
        while given < votes:
            session = self.begin(seed * 10_007 + game, store)
            game += 1
            for _ in range(TURNS):
                if session.done or given == votes:
                    break
                turn = session.act(wander(session.state, rng))
                for beat in turn.beats:
                    if beat.decision is None or given == votes:
                        continue
                    row = store.decision(beat.decision)
                    if row is None or not row.policy_id.startswith("thespian-"):
                        continue
                    value = judge(Action(row.chosen.split()[0]))
                    if value < 0 or rng.random() < CLAPS:
                        store.vote("decision", row.id, value, source=f"simulated:{self.taste}")
                        given, down = given + 1, down + (value < 0)
        return down


def stage(state: State, parts: Mapping[str, str]) -> None:
    """Give the parts, and bring those who have one to where the player is."""
    here = state.parent[state.world.player]
    for who, role in parts.items():
        apply(state, who, Action(DIRECT, text=role))
        state.move(who, here)


def wander(state: State, rng: random.Random) -> Action:
    """What a player does who mostly watches: waits, takes things, looks at people."""
    player = state.world.player
    verb = rng.choice(("wait", "wait", "take", "examine", "wave"))
    actions = [a for a in admissible(state, player) if a.verb == verb]
    return rng.choice(actions) if actions else Action("wait")


class _Noting(Cast):
    """A cast that notes what its thespians decide."""

    def __init__(self, world: World, company: Company) -> None:
        super().__init__(world, company)
        self.noted: list[Decision] = []

    def decide(self, state: State, who: str, heard: Sequence[Event] = ()) -> Decision:
        made = super().decide(state, who, heard)
        if made.policy.startswith("thespian-"):
            self.noted.append(made)
        return made


def decisions(audience: Audience, games: int, seed: int) -> list[Decision]:
    """What thespians decide in some games that nobody thumbs."""
    found = []
    for game in range(games):
        rng = random.Random(seed + game)
        session = audience.begin(seed + game, None)
        session.cast = cast = _Noting(audience.world, audience.company)
        for _ in range(TURNS):
            if session.done:
                break
            session.act(wander(session.state, rng))
        found += cast.noted
    return found
