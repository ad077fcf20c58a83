"""Real turns of real worlds, played by a wandering hand and told by a real model."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    from game.narrator.telling import Telling

#: Turns after which a wander begins a new game: long enough to get about, short enough to vary.
GAME_TURNS = 60
_GESTURES = frozenset(name for name, _, _ in GESTURES)
# Fighting ends games early, and a wait says little; both still happen.
_RARE = {"hit": 0.15, "wait": 0.3, "gesture": 0.7, "look": 0.1, "examine": 0.1}
_TALK = 0.08
_LINES = ("Hello.", "Who are you?", "What do you do here?", "What is this place?")


@dataclass(frozen=True, slots=True)
class Told:
    """A turn's telling by the model, or by the plain teller where the model's did not pass."""

    world: str
    seed: int
    turn: int
    command: str
    telling: Telling


def choose(session: Session, rng: random.Random) -> Action | None:
    """What a wanderer does next: a verb at random among those that can be done, then on what."""
    here = [who for who in _people(session) if who not in session.state.dead]
    if here and rng.random() < _TALK:
        return Action("tell", rng.choice(here), None, rng.choice(_LINES))
    kinds: dict[str, list[Action]] = defaultdict(list)
    for action in admissible(session.state, session.player):
        if not VERBS[action.verb].free:
            kinds["gesture" if action.verb in _GESTURES else action.verb].append(action)
    if not kinds:
        return None
    names = sorted(kinds)
    kind = rng.choices(names, [_RARE.get(name, 1.0) for name in names])[0]
    return rng.choice(kinds[kind])


def _people(session: Session) -> list[str]:
    room = session.state.parent[session.player]
    return [
        who
        for who in session.world.characters
        if who != session.player and session.state.parent[who] == room
    ]


def wander(
    world: World,
    model: LanguageModel | None,
    *,
    seed: int = 0,
    store: FeedbackStore | None = None,
    game_turns: int = GAME_TURNS,
) -> Iterator[Told]:
    """Play without end, a new game every `game_turns`; yields the turns that the model tells.

    The player's moves depend on `seed` and the world alone, so that two narrators can be heard on
    the same turns. Everything told is recorded in `store`, with its log-probs.
    """
    game = seed * 1_000
    while True:
        rng = random.Random(f"wander:{game}")
        session = Session(
            world, seed=game, cast=Cast(world), store=store, mode="simulated", autosave=False,
            model_hash=model.model_hash if model else None,
        )  # fmt: skip
        performer = Performer(session, model, store)
        for _ in range(game_turns):
            action = choose(session, rng)
            if action is None or session.done:
                break
            turn = session.act(action)
            if not performer.narrates(turn):
                continue
            for piece in performer.perform(turn):
                if piece.final is not None and piece.final.sampler is not None:
                    yield Told(world.id, game, turn.number, turn.command, piece.final)
        game += 1


def simulate(
    world: World,
    model: LanguageModel,
    store: FeedbackStore,
    reader: Reader,
    votes: int,
    *,
    seed: int = 0,
) -> Iterator[int]:
    """Let `reader` thumb `votes` tellings of a wander; yields each vote once it is recorded.

    The votes are recorded as the reader's, which is to say as simulated.
    """
    done = 0
    for told in wander(world, model, seed=seed, store=store):
        if told.telling.generation is None:
            continue
        value = reader.vote(told.telling.sampled)
        store.vote("generation", told.telling.generation, value, source=reader.source)
        yield value
        done += 1
        if done >= votes:
            break
