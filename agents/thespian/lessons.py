"""Lessons for the cast: a role of a world learned in few steps, rated, and kept as a version."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.envs.episode import Setting
from agents.registry import Registry
from agents.thespian.attention import FEW, FEW_SHOT, Understudy, restored, teach
from agents.thespian.blend import blending
from agents.thespian.checkpoint import Checkpoint, load, save
from agents.thespian.evaluate import chance, games, heuristic, oracle
from agents.thespian.features import Lexicon
from agents.thespian.playbill import BASE, WHAT, in_use
from agents.thespian.rollout import Game, Part, Policy
from agents.thespian.worlds import with_repertoire
from agents.versions import Version
from game import paths
from game.authoring.load import load_world
from game.errors import UsageError

#: Games for a point of the curve, and for a rating.
PROBE_GAMES = 8
RATING_GAMES = 24

CARD = """# {role}, learned in {world}

Learned by `game cast train {world} --role {role}` in {steps:,} steps over a frozen core (thespian
attention; Cui, Peng and Riedl, arXiv 2308.01872). It earns {after:.0f}% of what a perfect player
does there. The other roles are those of the version it was learned on, to the last bit.
"""


@dataclass(frozen=True, slots=True)
class Rating:
    """Mean scores of some games in a role, in percent of `most`, what a perfect player earns:
    by the cast (None: it does not know the role), by the heuristic, and by chance."""

    role: str
    most: float
    games: int
    cast: float | None
    heuristic: float
    chance: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """How learning a role went. `curve` has (steps, percent of `most`); `heuristic` is the score of
    who would play the role otherwise. `plays`: whether the version is the one in use now."""

    version: str
    parent: str | None
    world: str
    role: str
    most: float
    curve: tuple[tuple[int, float], ...]
    score: float
    heuristic: float
    core: str
    seconds: float
    plays: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def setting_of(world: str) -> Setting:
    """The world of that name or path, with the roles every world can have. Raises UsageError or
    WorldError."""
    return Setting(with_repertoire(load_world(paths.find_world(world))))


def in_play(registry: Registry) -> tuple[Checkpoint, Version | None]:
    """The cast that plays now, and its version (None: the one that came with the game)."""
    return load(in_use(registry)), registry.active_version(WHAT, BASE)


def understudies(checkpoint: Checkpoint) -> dict[str, Understudy]:
    """The roles that it learned after its own, by name."""
    return {role: restored(checkpoint.net, own) for role, own in checkpoint.learned.items()}


def best(setting: Setting, role: str) -> float:
    """What a perfect player of the role earns in the world.

    Raises UsageError for a role that the world has not, or that pays its player nothing there.
    """
    setting.check(setting.world.player, role)
    most = oracle(setting, role)
    if most <= 0:
        raise UsageError(
            f"Nothing in {setting.world.title} can be found that pays the role {role}.",
            "Give the role rewards that somebody who begins where the player does can earn.",
        )
    return most


def learnable(setting: Setting, role: str, registry: Registry) -> float:
    """What a perfect player of the role earns. Raises UsageError if there is nothing to learn."""
    if role in in_play(registry)[0].net.shape.roles:
        raise UsageError(
            f"The cast knows the role {role} already.",
            f"`game cast evaluate` says how well; another name, such as {role}2, is a new role.",
        )
    return best(setting, role)


def _percent(found: Sequence[Game], role: str, most: float) -> float:
    return round(100.0 * float(np.mean([game.scores[role] for game in found])) / most, 2)


def rate(checkpoint: Checkpoint, setting: Setting, role: str, count: int = RATING_GAMES) -> Rating:
    """Play `count` games in the role. Raises UsageError as `best` does."""
    most, lexicon, part = best(setting, role), Lexicon(), Part.of(role)
    learned = understudies(checkpoint)
    cast = None
    if role in (*checkpoint.net.shape.roles, *learned):
        policy = blending(checkpoint.net, lexicon, {role: 1.0}, learned)
        cast = _percent(games(policy, lexicon, [setting], part, count, clock=False), role, most)
    return Rating(
        role, most, count, cast,
        _percent(heuristic([setting], role, count), role, most),
        _percent(chance(lexicon, [setting], part, count), role, most),
    )  # fmt: skip


#: Told at every point of the curve: steps done, of how many, and the percentage reached.
Told = Callable[[int, int, float], None]


def learn(
    setting: Setting, role: str, registry: Registry, told: Told = lambda *_: None,
    steps: int = FEW, seed: int = 0,
) -> Lesson:  # fmt: skip
    """Learn the role few-shot on top of the cast in play, and keep the result as a version.

    It plays from the next game on if it earns more than the heuristic would. Raises UsageError for
    a role that cannot be learned, AdapterError where nothing can be kept.
    """
    most = learnable(setting, role, registry)
    checkpoint, parent = in_play(registry)
    lexicon, part = Lexicon(), Part.of(role)
    args = replace(FEW_SHOT, steps=steps, seed=seed, no_clock=True)
    curve: list[tuple[int, float]] = []

    def watch(done: int, policy: Policy, _: Understudy) -> bool:
        found = games(policy, lexicon, [setting], part, PROBE_GAMES, clock=False)
        curve.append((done, _percent(found, role, most)))
        told(done, steps, curve[-1][1])
        return False

    started = time.monotonic()
    taught = teach(checkpoint.net, lexicon, [setting], part, args, watch=watch)
    own = {name: tensor.detach().clone() for name, tensor in taught.understudy.own().items()}
    learned: Mapping[str, Mapping[str, torch.Tensor]] = {**checkpoint.learned, role: own}
    policy = taught.understudy.policy(lexicon)
    found = games(policy, lexicon, [setting], part, RATING_GAMES, clock=False)
    score = _percent(found, role, most)
    other = _percent(heuristic([setting], role, RATING_GAMES), role, most)
    told(steps, steps, score)
    card = CARD.format(role=role, world=setting.world.id, steps=steps, after=score)
    with tempfile.TemporaryDirectory(prefix="limelight-") as scratch:
        file = save(Path(scratch), checkpoint.net, checkpoint.about, card, learned)
        version = registry.add(
            file, what=WHAT, base=BASE, base_name="thespian", parent=parent.id if parent else None,
            seed=seed,
            data={"world": setting.world.id, "role": role, "steps": steps, "card": card},
            metrics={"score": score, "heuristic": other, "most": most, "curve": curve},
        )  # fmt: skip
    plays = score > other
    if plays:
        registry.activate(version.id, BASE)
    return Lesson(
        version.id, version.parent, setting.world.id, role, most, tuple(curve), score, other,
        taught.after, round(time.monotonic() - started, 1), plays,
    )  # fmt: skip
