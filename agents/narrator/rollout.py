"""Real turns of real worlds, played by a wandering hand and told by a real model."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.narrator.dataset import KINDS
from agents.narrator.tastes import Reader
from game.cast import Cast
from game.engine.events import Action
from game.engine.rules import admissible
from game.engine.verbs import VERBS
from game.engine.verbs.emotes import GESTURES
from game.performance import Performer
from game.session import Session

if TYPE_CHECKING:
    from game.engine.model import World
    from game.feedback.store import FeedbackStore
    from game.llm.base import LanguageModel
    from game.narrator.adapters import NarratorAdapter
    from game.narrator.telling import Telling

#: Turns after which a wander begins a new game: long enough to get about, short enough to vary.
GAME_TURNS = 60
_GESTURES = frozenset(name for name, _, _ in GESTURES)
# Fighting ends games early, and a wait says little; both still happen.
_RARE = {"hit": 0.15, "wait": 0.3, "gesture": 0.7, "look": 0.1, "examine": 0.1}


@dataclass(frozen=True, slots=True)
class Told:
    """A turn's telling by the model, or by the plain teller where the model's did not pass."""

    world: str
    seed: int
    turn: int
    command: str
    telling: Telling


@dataclass(frozen=True, slots=True)
class One:
    """`Adapters` of a single adapter (None: the bare model), whatever the registry says."""

    adapter: NarratorAdapter | None

    def stamp(self) -> object:
        return self.adapter

    def active(self, base: str) -> NarratorAdapter | None:
        return self.adapter


def choose(session: Session, rng: random.Random) -> Action | None:
    """What a wanderer does next: a verb at random among those that can be done, then on what."""
    kinds: dict[str, list[Action]] = defaultdict(list)
    for action in admissible(session.state, session.player):
        if not VERBS[action.verb].free:
            kinds["gesture" if action.verb in _GESTURES else action.verb].append(action)
    if not kinds:
        return None
    names = sorted(kinds)
    kind = rng.choices(names, [_RARE.get(name, 1.0) for name in names])[0]
    return rng.choice(kinds[kind])


def wander(
    world: World,
    model: LanguageModel,
    adapter: NarratorAdapter | None = None,
    *,
    seed: int = 0,
    store: FeedbackStore | None = None,
    game_turns: int = GAME_TURNS,
) -> Iterator[Told]:
    """Play without end, a new game every `game_turns`; yields the turns that the model narrates.

    The player's moves depend on `seed` and the world alone, so that two narrators can be heard on
    the same turns. Everything told is recorded in `store`, with its log-probs.
    """
    game = seed * 1_000
    while True:
        model.use_adapter(None)  # which is what a new performer takes for granted
        rng = random.Random(f"wander:{game}")
        session = Session(
            world, seed=game, cast=Cast(world), store=store, mode="simulated", autosave=False,
            model_hash=model.model_hash,
        )  # fmt: skip
        performer = Performer(session, model, store, One(adapter))
        for _ in range(game_turns):
            action = choose(session, rng)
            if action is None or session.done:
                break
            turn = session.act(action)
            if not performer.narrates(turn):
                continue
            for piece in performer.perform(turn):
                told = piece.final
                if told is not None and told.sampler is not None and told.kind in KINDS:
                    yield Told(world.id, game, turn.number, turn.command, told)
        game += 1


def simulate(
    world: World,
    model: LanguageModel,
    store: FeedbackStore,
    reader: Reader,
    votes: int,
    adapter: NarratorAdapter | None = None,
    *,
    seed: int = 0,
) -> Iterator[int]:
    """Let `reader` thumb `votes` tellings of a wander; yields each vote once it is recorded.

    The votes are recorded as the reader's, which is to say as simulated.
    """
    done = 0
    for told in wander(world, model, adapter, seed=seed, store=store):
        if told.telling.generation is None:
            continue
        value = reader.vote(told.telling.sampled)
        store.vote("generation", told.telling.generation, value, source=reader.source)
        yield value
        done += 1
        if done >= votes:
            break
