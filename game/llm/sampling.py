"""The sampling distribution: from logits to a drawn token and its exact log-probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from game.llm.base import Sampler


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn token id with what `Token` logs about it."""

    id: int
    logprob: float
    support: tuple[int, ...] | None
    kept_mass: float


def generator(seed: int, candidate: int) -> np.random.Generator:
    """The random stream of one candidate: the same for every number of candidates beside it."""
    return np.random.default_rng([seed & 0xFFFF_FFFF_FFFF_FFFF, candidate])


def draw(logits: npt.NDArray[np.float32], sampler: Sampler, rng: np.random.Generator) -> Draw:
    """Draw a token from `logits` [n_vocab] under `sampler`.

    Both cuts look at the softmax at `temperature`: min-p keeps p >= min_p * max(p), top-k the k
    likeliest, and what passes both is renormalised. Temperature 0 is the limit: all mass on the
    likeliest token (the lowest id of equals).
    """
    if sampler.temperature <= 0.0:
        best = int(logits.argmax())
        return Draw(best, 0.0, (best,), 1.0)

    scaled = (logits - logits.max()) / np.float32(sampler.temperature)
    weights = np.exp(scaled)
    total = float(weights.sum(dtype=np.float64))
    support = _support(weights, sampler)
    kept = weights if support is None else weights[support]

    cumulative = np.cumsum(kept, dtype=np.float64)
    kept_total = float(cumulative[-1])
    # A zero-weight token has an empty interval, so `side="right"` can never choose it.
    position = int(np.searchsorted(cumulative, rng.random() * kept_total, side="right"))
    position = min(position, len(kept) - 1)
    index = position if support is None else int(support[position])
    return Draw(
        id=index,
        logprob=float(scaled[index]) - float(np.log(kept_total)),
        support=None if support is None else tuple(support.tolist()),
        kept_mass=1.0 if support is None else kept_total / total,
    )


def _support(weights: npt.NDArray[np.float32], sampler: Sampler) -> npt.NDArray[np.intp] | None:
    """Ids that survive the cuts, ascending, or None when nothing is cut.

    `weights` are proportional to the probabilities and their maximum is 1, so min-p is a plain
    threshold on them.
    """
    keep = np.flatnonzero(weights >= np.float32(sampler.min_p))
    if 0 < sampler.top_k < len(keep):
        order = np.argsort(-weights[keep], kind="stable")[: sampler.top_k]
        keep = np.sort(keep[order])
    return None if len(keep) == len(weights) else keep
