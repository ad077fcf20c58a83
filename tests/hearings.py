"""Played games to be told again, and a model that tells them in the words of its adapter."""

from __future__ import annotations

import random

from agents.narrator.rollout import choose
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.rules import canonical
from game.feedback import FeedbackStore
from game.llm.base import Completion, Prompt, Sampler
from game.llm.scripted import ScriptedModel
from game.session import Session


class Echo(ScriptedModel):
    """Says the facts it is given, and with an adapter on says them another way."""

    def __init__(self) -> None:
        super().__init__(context=100_000)

    def complete(
        self, prompt: Prompt, sampler: Sampler, *, n: int = 1, **more: object
    ) -> list[Completion]:
        facts = next((s.text for s in prompt.body if s.part == "facts"), "")
        if self.adapter_id is not None and facts.startswith("You "):
            facts = f"Now you {facts[4:]}"
        if sampler.max_tokens:
            self.replies.extend([facts] * n)
        return super().complete(prompt, sampler, n=n, **more)  # type: ignore[arg-type]


def play(
    store: FeedbackStore, turns: int, *, seed: int = 7, resume: bool = False, keep: bool = False
) -> Session:
    """Play the village by a wandering hand as a person would, so that the turns are recorded."""
    world = load_world(paths.find_world("village"))
    session = Session(
        world, seed=seed, cast=Cast(world), store=store, saves=paths.saves_dir(), autosave=keep
    )
    if resume:
        assert session.resume()
    session.opening()
    rng = random.Random(f"{seed}:{resume}")
    for _ in range(turns):
        action = choose(session, rng)
        if action is None or session.done:
            break
        session.command(canonical(world, action))
    session.close()
    return session
