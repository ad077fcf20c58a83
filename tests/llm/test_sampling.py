"""The sampling distribution is the one that the log-probs claim."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.llm.base import Sampler
from game.llm.sampling import draw, generator

LOGITS = np.array([2.0, 1.0, 0.5, -1.0, -8.0], dtype=np.float32)


def test_draws_follow_the_reported_probabilities() -> None:
    sampler = Sampler(temperature=0.8, min_p=0.1)
    rng = generator(3, 0)
    draws = [draw(LOGITS, sampler, rng) for _ in range(20_000)]
    assert {d.support for d in draws} == {(0, 1, 2)}
    for token in (0, 1, 2):
        share = np.mean([d.id == token for d in draws])
        reported = math.exp(next(d.logprob for d in draws if d.id == token))
        assert share == pytest.approx(reported, abs=0.015)


def test_nothing_cut_reports_the_plain_softmax() -> None:
    drawn = draw(LOGITS, Sampler(temperature=1.0, min_p=0.0), generator(0, 0))
    expected = LOGITS[drawn.id] - np.log(np.exp(LOGITS.astype(np.float64)).sum())
    assert drawn.support is None
    assert drawn.kept_mass == 1.0
    assert drawn.logprob == pytest.approx(expected, abs=1e-6)


def test_greedy_takes_the_likeliest_with_certainty() -> None:
    drawn = draw(LOGITS, Sampler(temperature=0.0), generator(0, 0))
    assert (drawn.id, drawn.logprob, drawn.support, drawn.kept_mass) == (0, 0.0, (0,), 1.0)


def test_a_candidates_stream_does_not_depend_on_its_neighbours() -> None:
    assert generator(5, 2).random() == generator(5, 2).random()
    assert generator(5, 2).random() != generator(5, 1).random()
    assert generator(-1, 0).random() != generator(1, 0).random()


@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=40),
    temperature=st.floats(0.1, 3.0),
    min_p=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
    top_k=st.integers(0, 8),
    seed=st.integers(),
)
def test_probabilities_over_the_support_sum_to_one(
    logits: list[float], temperature: float, min_p: float, top_k: int, seed: int
) -> None:
    row = np.array(logits, dtype=np.float32)
    sampler = Sampler(temperature=temperature, min_p=min_p, top_k=top_k)
    drawn = draw(row, sampler, generator(seed, 0))
    full = (row.astype(np.float64) - row.max()) / temperature
    full -= np.log(np.exp(full).sum())
    support = range(len(row)) if drawn.support is None else drawn.support
    mass = float(np.exp(full[list(support)]).sum())
    assert drawn.id in support
    assert top_k == 0 or len(support) <= top_k
    assert drawn.kept_mass == pytest.approx(mass, abs=1e-5)
    assert drawn.logprob == pytest.approx(full[drawn.id] - math.log(mass), abs=1e-4)
    assert 0.0 < drawn.kept_mass <= 1.0 + 1e-9
