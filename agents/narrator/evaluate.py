"""Is the candidate better? Held-out votes, tellings of the same turns, and the verdict."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from agents.narrator.corpus import distinct_n
from agents.narrator.dataset import Scored
from agents.narrator.ppo import kl
from agents.narrator.rollout import Told, wander
from game.narrator.guard import REPEATS

if TYPE_CHECKING:
    from game.engine.model import World
    from game.llm.base import LanguageModel
    from game.narrator.adapters import NarratorAdapter

Floats = npt.NDArray[np.float64]
#: A candidate whose guard rejections rise by more than this share is not promoted.
GUARD_SLACK = 0.05
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How the candidate ranks and values votes it has not seen.

    `auc`: the chance that the change of log-prob is higher for a line thumbed up than for one
    thumbed down (0.5: blind); None where one kind is missing. `value` is the self-normalised
    importance-weighted mean vote under the candidate, `gain` that less the reference's; `ess` the
    effective sample size (Kish 1965) out of `votes`. `kl` estimates KL(candidate ‖ reference) as
    `agents.narrator.ppo.kl` does, in nats a token.
    """

    votes: int
    auc: Estimate | None
    value: Estimate
    gain: Estimate
    ess: float
    kl: float


@dataclass(frozen=True, slots=True)
class Heard:
    """One narrator on a row of turns: rejections as a share of the sentences judged, turns that
    fell back to the plain telling, words a telling, and distinct-2 over all.

    `rejected` are the rejections of what a sentence says; `repeated` those of sentences that had
    been told a moment before, of which a narrator of a clear taste has more.
    """

    turns: int
    sentences: int
    rejected: float
    repeated: float
    fallback: float
    words: float
    distinct2: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One turn told twice."""

    command: str
    plain: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both narrators on the same turns; `rejected_change` is `rejected` after less before."""

    before: Heard
    after: Heard
    rejected_change: Estimate
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` and the reasons, in sentences."""

    outcome: Literal["promoted", "candidate", "rejected"]
    reasons: tuple[str, ...] = field(default=())


# ---- held-out votes


def held_out(examples: Sequence[Scored], candidate: Sequence[Sequence[float]]) -> HeldOut:
    """Judge by `examples` (with `reference`); `candidate` has the same tokens' log-probs."""
    votes = np.array([e.value for e in examples], dtype=np.float64)
    logged = np.array([sum(e.logged) for e in examples])
    before = np.array([sum(e.reference) for e in examples])
    after = np.array([sum(row) for row in candidate])
    weights = _weights(after - logged)
    return HeldOut(
        len(examples),
        bootstrap(lambda i: auc((after - before)[i], votes[i]), len(votes))
        if len(set(votes)) == 2
        else None,
        bootstrap(lambda i: weighted_mean(votes[i], (after - logged)[i]), len(votes)),
        bootstrap(
            lambda i: (
                weighted_mean(votes[i], (after - logged)[i])
                - weighted_mean(votes[i], (before - logged)[i])
            ),
            len(votes),
        ),
        effective_size(weights),
        _kl(examples, candidate),
    )


def _kl(examples: Sequence[Scored], candidate: Sequence[Sequence[float]]) -> float:
    drawn = torch.tensor([x for e in examples for x in e.logged])
    reference = torch.tensor([x for e in examples for x in e.reference])
    return float(kl(torch.tensor([x for row in candidate for x in row]), drawn, reference).mean())


def auc(scores: Floats, labels: Floats) -> float:
    """The area under the ROC curve (the Mann-Whitney statistic); nan when one label is missing."""
    up, down = scores[labels > 0], scores[labels <= 0]
    if not len(up) or not len(down):
        return float("nan")
    above = (up[:, None] > down[None, :]).mean() + 0.5 * (up[:, None] == down[None, :]).mean()
    return float(above)


def _weights(logs: Floats) -> Floats:
    weights: Floats = np.exp(logs - logs.max())
    return weights


def weighted_mean(values: Floats, logs: Floats) -> float:
    """The self-normalised importance-sampling estimate with log-weights `logs`."""
    weights = _weights(logs)
    return float((weights * values).sum() / weights.sum())


def effective_size(weights: Floats) -> float:
    """(Σw)² / Σw²."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def bootstrap(statistic: Callable[[npt.NDArray[np.intp]], float], count: int) -> Estimate:
    """`statistic` of all rows, with the 2.5% and 97.5% quantiles over resampled rows."""
    rng = np.random.default_rng(0)
    draws = np.array([statistic(rng.integers(0, count, count)) for _ in range(RESAMPLES)])
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return Estimate(statistic(np.arange(count)), float(low), float(high))


# ---- tellings


def listen(
    world: World, model: LanguageModel, adapter: NarratorAdapter | None, turns: int, seed: int
) -> list[Told]:
    """The first `turns` turns of a wander that the model is asked to narrate."""
    return list(itertools.islice(wander(world, model, adapter, seed=seed), turns))


def compare(before: Sequence[Told], after: Sequence[Told], shown: int = 10) -> Comparison:
    """Two narrators on the same turns, with `shown` of them side by side."""
    key = {(t.seed, t.turn, t.telling.kind): t for t in after}
    both = [
        (t, key[t.seed, t.turn, t.telling.kind])
        for t in before
        if (t.seed, t.turn, t.telling.kind) in key
    ]
    counts = np.array([(*_rejections(b), *_rejections(a)) for b, a in both], dtype=np.float64)
    counts = counts.reshape(-1, 6)

    def change(rows: npt.NDArray[np.intp]) -> float:
        bad0, _, all0, bad1, _, all1 = counts[rows].sum(axis=0)
        return float(bad1 / max(all1, 1) - bad0 / max(all0, 1))

    apart = max(1, len(both) // shown)
    return Comparison(
        _heard([b for b, _ in both]),
        _heard([a for _, a in both]),
        bootstrap(change, len(both)) if both else Estimate(0.0, 0.0, 0.0),
        tuple(
            Pair(b.command, b.telling.plain, b.telling.prose, a.telling.prose)
            for b, a in both[::apart][:shown]
        ),
    )


def _rejections(*tellings: Told) -> tuple[int, int, int]:
    """Sentences rejected for what they say, those told a moment before, and all judged."""
    broken = [j.verdict.rule for told in tellings for j in told.telling.judged]
    repeated = broken.count(REPEATS)
    return sum(map(bool, broken)) - repeated, repeated, len(broken)


def _heard(tellings: Sequence[Told]) -> Heard:
    rejected, repeated, judged = _rejections(*tellings)
    texts = [t.telling.sampled for t in tellings if t.telling.source == "model"]
    return Heard(
        len(tellings),
        judged,
        rejected / max(1, judged),
        repeated / max(1, judged),
        1 - len(texts) / max(1, len(tellings)),
        sum(len(t.split()) for t in texts) / max(1, len(texts)),
        distinct_n(texts, 2),
    )


# ---- the verdict


def judge(votes: HeldOut, tellings: Comparison) -> Verdict:
    """Promote only what ranks unseen votes better than chance, gains value and keeps the guard."""
    change = tellings.rejected_change
    guard = (
        f"The guard rejects {tellings.after.rejected:.0%} of its sentences for what they say, "
        f"before {tellings.before.rejected:.0%}."
    )
    if change.low > 0:
        return Verdict("rejected", (f"{guard} That is worse beyond chance.",))
    if votes.auc is None:
        return Verdict("candidate", ("The held-out votes are all of one kind: no verdict.", guard))
    ranks = f"It ranks held-out votes with an AUC of {votes.auc}"
    if votes.auc.high < 0.5:
        return Verdict("rejected", (f"{ranks}: worse than chance.", guard))
    if votes.auc.low <= 0.5:
        return Verdict(
            "candidate", (f"{ranks}: inconclusive, as chance (0.5) is inside the interval.", guard)
        )
    if votes.gain.value <= 0:
        return Verdict(
            "candidate",
            (f"{ranks}, but its expected vote is not higher: {votes.gain} (votes are ±1).", guard),
        )
    if change.value > GUARD_SLACK:
        return Verdict("candidate", (f"{ranks}.", f"{guard} That may be chance; it is not let by."))
    return Verdict(
        "promoted",
        (
            f"{ranks}: better than chance.",
            f"Its expected vote (±1) is higher by {votes.gain}.",
            guard,
        ),
    )


def as_dict(part: Any) -> dict[str, Any]:
    found: dict[str, Any] = asdict(part)
    return found
