"""By what a thespian knows things: the features of their words, and what others would be worth.

The same network, trained as long in the same worlds, with only the numbers exchanged that names,
descriptions and tags become. What counts is how it plays in worlds whose things it never met.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from agents.lm import load
from agents.thespian import features
from agents.thespian.a2c import Args, show, train
from agents.thespian.features import NAMES, TAGS, TEXTS, Lexicon
from agents.thespian.repertory import TRAINING_SEED
from agents.thespian.rollout import Part
from agents.thespian.worlds import generated
from benchmarks.embeddings import Embeddings
from benchmarks.thespian_transfer import ROLES, WORTHWHILE, mean, played, unseen
from game.llm.bundled import bundled_model_path

#: Hashed words and letter trigrams, as the game has them; hashed words alone; the mean of the
#: bundled model's token embeddings, projected at random to as many numbers; and no words at all.
Kind = Literal["hashed", "words", "embeddings", "none"]
KINDS: tuple[Kind, ...] = get_args(Kind)

STEPS, ENVS, WORLDS, GAMES = 150_000, 32, 10, 5
Row = NDArray[np.float32]


def by_features(
    kind: Kind, seed: int, light: Path | None, measured: Mapping[str, Any]
) -> dict[str, Any]:
    """Train with features of one kind; the shares of the best known score in unseen worlds.

    `measured` are the yardsticks of those worlds by their names.
    """
    parts = [Part.of(role) for role in ROLES]
    args = Args(
        steps=STEPS, envs=ENVS, seed=seed, no_clock=True, curiosity=0.1, imitation=0.2,
        learning_rate=1e-3,
    )  # fmt: skip
    rows = []
    with exchanged(kind):
        settings = generated(ENVS, TRAINING_SEED)
        Lexicon().world(settings[0].world)  # loads what there is to load
        started = time.process_time()
        for setting in settings:
            Lexicon().world(setting.world)
        per_world = (time.process_time() - started) / len(settings)
        net, _, curve = train(settings, parts, args, progress=show)
        for name, setting in unseen(light):
            if not _wanted(name):
                continue
            for cell in measured.get(name, {"cells": []})["cells"]:
                if cell["oracle"] < WORTHWHILE:
                    continue
                role = cell["role"]
                found = played(net, setting, role, GAMES)
                share = min(1.0, mean(found, role) / cell["oracle"])
                rows.append({"world": name, "role": role, "share": round(share, 4)})
    return {
        "kind": kind, "seed": seed, "steps": STEPS, "games": GAMES, "cells": rows,
        "ms_a_world": round(1000 * per_world, 2), "pay": curve.pay,
    }  # fmt: skip


def _wanted(name: str) -> bool:
    kind, number = name.split("-")
    return kind != "generated" or int(number) < WORLDS


@contextmanager
def exchanged(kind: Kind) -> Iterator[None]:
    """Within, what words become is that kind's."""
    if kind == "hashed":
        yield
    elif kind == "words":
        with patch.object(features, "_grams", lambda text: [(w, 1.0) for w in _words(text)]):
            yield
    else:
        place = _nothing if kind == "none" else _embedded
        with patch.object(features, "_described", _describing(place)):
            yield


_words: Callable[[str], list[str]] = features._words


def _describing(place: Callable[[str, int], Row]) -> Callable[..., Row]:
    def described(kind: str, name: str, text: str, tags: frozenset[str]) -> Row:
        row = features._blank(kind)
        row[:NAMES] = place(name, NAMES)
        row[NAMES : NAMES + TEXTS] = place(text, TEXTS)
        row[NAMES + TEXTS : NAMES + TEXTS + TAGS] = place(" ".join(sorted(tags)), TAGS)
        return row

    return described


def _nothing(text: str, width: int) -> Row:
    return np.zeros(width, np.float32)


def _embedded(text: str, width: int) -> Row:
    """The mean embedding of the words of a text, projected to `width` numbers of length 1."""
    words = _words(text)
    if not words:
        return np.zeros(width, np.float32)
    found = np.mean([_embedding(word) for word in words], 0) @ _projection(width)
    made: Row = (found / np.linalg.norm(found)).astype(np.float32)
    return made


@cache
def _embedding(word: str) -> NDArray[np.float64]:
    return _embeddings().of(word)


@cache
def _embeddings() -> Embeddings:
    return Embeddings(load(bundled_model_path()))


@cache
def _projection(width: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(width)
    return rng.standard_normal((_embeddings().width, width)) / np.sqrt(width)
