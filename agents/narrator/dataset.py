"""Votes as training data: the thumbed generations that a learner of one model can use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from game.errors import NotEnoughFeedback
from game.feedback.rows import PLAYER, DecisionRow, GenerationRow, TurnRow, Vote

if TYPE_CHECKING:
    from game.feedback.arrays import Support
    from game.feedback.reader import FeedbackReader

#: Fewer votes in all, or of either kind, are not worth a training run.
LEAST_VOTES = 64
LEAST_OF_A_KIND = 16
#: Share of the votes kept aside for the verdict.
HELD_OUT = 0.25
#: Kinds of generation that the narrator's adapter writes; answers are the bare model's.
KINDS = ("narration", "action")

# Why a vote cannot be used.
VANISHED = "the line was forgotten"
NOT_PROSE = "on an answer, a decision or a plain telling, which the narrator did not write"
OTHER_MODEL = "written by another model"
NO_LOGPROBS = "written without log-probs (a server, or an older game)"
GREEDY = "written at temperature 0, which says nothing about chance"


@dataclass(frozen=True, slots=True)
class Example:
    """One thumbed generation.

    `logged` holds the natural-log probability of each of `completion` under the distribution it
    was drawn from: softmax at `temperature`, cut to `support` (None: not cut), renormalised.
    `adapter` is the hash of the adapter that wrote it (None: the bare model). `advantage` is
    filled in by `with_advantages`, `reference` (per token, as `logged`) by the trainer.
    """

    vote: int
    value: int
    source: str
    session: str
    at: str
    turn: int
    world: str
    kind: str
    adapter: str | None
    template: str
    text: str
    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    logged: tuple[float, ...]
    support: Support | None
    temperature: float
    advantage: float = 0.0
    reference: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.completion or len(self.logged) != len(self.completion):
            raise ValueError("an example needs one logged log-prob for each of its tokens")


class Rated(Protocol):
    """Anything that was thumbed, as far as counting and splitting votes goes; see `Example`."""

    @property
    def vote(self) -> int: ...
    @property
    def value(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def world(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Scored(Protocol):
    """A vote on what was sampled: the log-probs of its parts, as logged and by the reference."""

    @property
    def value(self) -> int: ...
    @property
    def logged(self) -> tuple[float, ...]: ...
    @property
    def reference(self) -> tuple[float, ...]: ...


E = TypeVar("E", bound=Rated)


@dataclass(slots=True)
class Votes(Generic[E]):
    """The usable votes, oldest first, how many could not be used, by reason, and how many were not
    asked for, by source."""

    examples: list[E] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    @property
    def up(self) -> int:
        return sum(e.value > 0 for e in self.examples)

    @property
    def down(self) -> int:
        return len(self.examples) - self.up

    @property
    def sessions(self) -> int:
        return len({e.session for e in self.examples})

    def as_dict(self) -> dict[str, Any]:
        """The counts, JSON-ready."""
        return {
            "votes": len(self.examples),
            "up": self.up,
            "down": self.down,
            "unused": dict(self.unused),
        }

    def lines(self) -> list[str]:
        """What there is, in words."""
        kinds = Counter(e.kind for e in self.examples)
        told = ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        found = [
            f"{len(self.examples)} votes: {self.up} up, {self.down} down, "
            f"from {self.sessions} session{'s' * (self.sessions != 1)}" + f" ({told})" * bool(told)
        ]
        sources = Counter(e.source for e in self.examples)
        if set(sources) - {PLAYER}:
            found.append("sources: " + ", ".join(f"{s} {n}" for s, n in sources.most_common()))
        return found + [f"{n} not used: {why}" for why, n in self.unused.most_common()]


def collect(reader: FeedbackReader, *, base: str, source: str = PLAYER) -> Votes[Example]:
    """The standing votes whose source matches the pattern `source` ("player", "simulated:*"), on
    text that the model with the hash `base` wrote."""
    votes: Votes[Example] = Votes()
    found = {voted.vote.id: voted for voted in reader.iter_voted()}
    for vote in reader.current_votes():
        if not fnmatchcase(vote.source, source):
            votes.others[vote.source] += 1
            continue
        voted = found.get(vote.id)
        row = voted.target if voted else None
        why = unusable(row, base)
        if why or not isinstance(row, GenerationRow) or voted is None:
            votes.unused[why] += 1
        else:
            votes.examples.append(_example(vote, row, voted.world))
    return votes


def unusable(row: GenerationRow | DecisionRow | TurnRow | None, base: str) -> str:
    """Why a vote's target cannot be learnt from; empty when it can."""
    if row is None:
        return VANISHED
    if not isinstance(row, GenerationRow) or row.kind not in KINDS:
        return NOT_PROSE
    if row.model_hash != base:
        return OTHER_MODEL
    if not row.trainable or not row.prompt_ids:
        return NO_LOGPROBS
    if not float(row.sampler.get("temperature", 0.0)) > 0:
        return GREEDY
    return ""


def _example(vote: Vote, row: GenerationRow, world: str) -> Example:
    return Example(
        vote=vote.id,
        value=vote.value,
        source=vote.source,
        session=row.session,
        at=row.at,
        turn=row.turn,
        world=world,
        kind=row.kind,
        adapter=row.adapter_id,
        template=row.template_hash,
        text=row.text,
        prompt=row.prompt_ids,
        completion=row.completion_ids,
        logged=row.logprobs,
        support=row.support,
        temperature=float(row.sampler["temperature"]),
    )


def check_enough(
    votes: Votes[Any], *, force: bool = False, rated: str = "lines that the model told"
) -> None:
    """Raise NotEnoughFeedback, saying what is missing, when there is too little to learn from.

    `force` goes on with less, but never without one vote of each kind: a learner that only ever
    sees applause learns that everything is good.
    """
    missing = []
    if (short := LEAST_VOTES - len(votes.examples)) > 0:
        missing.append(f"{short} more votes")
    for name, count in (("up", votes.up), ("down", votes.down)):
        if (short := LEAST_OF_A_KIND - count) > 0:
            missing.append(f"{short} more thumbs {name}")
    if not missing or (force and votes.up and votes.down):
        return
    have = "; ".join(votes.lines())
    hint = f"Missing: {', '.join(missing)}."
    if votes.unused[OTHER_MODEL] >= LEAST_OF_A_KIND:
        hint += " Votes belong to the model that wrote the lines: `--model` trains that one."
    elif votes.up and votes.down:
        hint += " Play on and thumb more, or go on with `--force`."
    elif votes.examples:
        hint += " Thumbs of one kind alone teach nothing, not even with --force."
    else:
        hint += f" Play, and thumb {rated}."
    if votes.others:
        whose, count = votes.others.most_common(1)[0]
        hint += f" There are {count} votes of another source: `--source {whose}` takes those."
    raise NotEnoughFeedback(f"There is not enough feedback to learn from: {have}.", hint)


def split(examples: Sequence[E], held_out: float = HELD_OUT) -> tuple[list[E], ...]:
    """Training and held-out examples, both oldest first.

    Whole sessions are held out, the newest first, as long as they do not take more than half
    again of the share wanted; where one session is too big for that, its newest votes are.
    """
    wanted = max(1, round(held_out * len(examples)))
    ordered = sorted(examples, key=lambda e: (e.at, e.vote))
    newest = dict.fromkeys(e.session for e in reversed(ordered))
    chosen: set[str] = set()
    taken = 0
    for session in newest:
        size = sum(e.session == session for e in ordered)
        if taken and taken + size > 1.5 * wanted:
            break
        if not taken and size > 1.5 * wanted:
            at_the_end = [e for e in ordered if e.session == session][-wanted:]
            ids = {e.vote for e in at_the_end}
            return [e for e in ordered if e.vote not in ids], at_the_end
        chosen.add(session)
        taken += size
        if taken >= wanted:
            break
    return (
        [e for e in ordered if e.session not in chosen],
        [e for e in ordered if e.session in chosen],
    )


def with_advantages(examples: Sequence[Example], *, folds: int = 5, seed: int = 0) -> list[Example]:
    """Each example with its advantage: its vote less what votes in such a state usually are."""
    votes = np.array([e.value for e in examples], dtype=np.float64)
    found = cross_fitted(votes, state_features(examples), folds=folds, seed=seed)
    return [replace(e, advantage=float(a)) for e, a in zip(examples, found, strict=True)]


def cross_fitted(
    votes: npt.NDArray[np.float64],
    features: npt.NDArray[np.float64],
    *,
    folds: int = 5,
    seed: int = 0,
) -> npt.NDArray[np.float64]:
    """Advantages [N] of votes [N] over what features [N, F] of the state foretell.

    The baseline is a ridge regression on features of the state (not of what was sampled), fitted on
    the other folds only, so that no vote explains itself away (cross-fitting, Chernozhukov et al.
    2018). Advantages are divided by their standard deviation.
    """
    fold = np.random.default_rng(seed).permutation(len(votes)) % folds
    baseline = np.empty(len(votes))
    for k in range(folds):
        inside, outside = fold == k, fold != k
        if not outside.any():
            baseline[inside] = 0.0
            continue
        baseline[inside] = _ridge(features[outside], votes[outside], features[inside])
    advantages = votes - baseline
    found: npt.NDArray[np.float64] = advantages / (advantages.std() or 1.0)
    return found


def state_features(examples: Sequence[Example]) -> npt.NDArray[np.float64]:
    """[N, F]: which prompt template and kind it was, how long the prompt, how late in the game."""
    templates = [t for t, n in Counter(e.template for e in examples).most_common(12) if n > 3]
    columns = [[float(e.template == t) for e in examples] for t in templates]
    columns += [[float(e.kind == kind) for e in examples] for kind in KINDS]
    for numbers in ([len(e.prompt) for e in examples], [e.turn for e in examples]):
        values = np.log1p(np.array(numbers, dtype=np.float64))
        columns.append(list((values - values.mean()) / (values.std() or 1.0)))
    return np.array(columns, dtype=np.float64).T


def _ridge(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], at: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Ridge regression with an unpenalised intercept, at a penalty of ten observations."""
    mean, level = x.mean(axis=0), y.mean()
    centred = x - mean
    gram = centred.T @ centred + 10.0 * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, centred.T @ (y - level))
    predicted: npt.NDArray[np.float64] = np.clip(level + (at - mean) @ weights, -1.0, 1.0)
    return predicted


def vote_ids(examples: Iterable[Rated]) -> list[int]:
    return [e.vote for e in examples]
