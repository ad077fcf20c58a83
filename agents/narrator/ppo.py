"""Proximal policy optimisation on logged thumbs: the loss, and the loop that every learner uses.

A narration is one episode and its tokens are the sub-actions; the thumb at its end is the return.
The policy that wrote it is known exactly: its per-token log-probs were logged, under the truncated
distribution that was sampled. So the ratio of every token is taken against what was logged, on the
logged support, at the logged temperature.

    r_t   = π_θ(y_t | x, y_<t) / π_logged(y_t | x, y_<t)
    L_clip = -min(r_t A, clip(r_t, 1-ε, 1+ε) A)      Schulman et al., arXiv 1707.06347, eq. 7
    for A < 0: L = min(L_clip, -c A)                 dual clip, Ye et al., arXiv 1912.09729, eq. 5
    + β KL(π_θ ‖ π_ref), estimated by r_t k3,
      k3 = e^δ - 1 - δ,  δ = log π_ref - log π_θ            Schulman, "Approximating KL", 2020

k3 alone is an estimate for tokens that π_θ drew. These were drawn by π_logged, hence the weight
(DeepSeek-V3.2, arXiv 2512.02556, eq. 7): without it a token that the policy learns to avoid would
count e^δ, and no taste could be learnt within any bound on the KL.

The loss is summed over a narration's tokens and divided by a constant (the mean length), not by the
narration's own length, which would reward long bad and short good texts (Liu et al., arXiv
2503.20783).

The details follow Huang et al., "The N Implementation Details of RLHF with PPO" (2024): temperature
before log-probs, no dropout, Adam's epsilon 1e-5, a linearly falling rate.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from agents import distributed
from agents.lm import LogProbs, TorchLM, batches_by_length
from agents.narrator.dataset import Example, Scored
from game.errors import GameError

Algorithm = Literal["ppo", "kto", "sft-up", "reweighted"]
#: A run stops by the mean KL of so many steps, for that of one batch is mostly chance.
KL_STEPS = 4
#: How far from 1 a token's ratio may be before the check at the start counts it.
BAND = 0.2


@dataclass(frozen=True, slots=True)
class Args:
    """Every setting of a training run.

    `kl_stop` is in nats a token; `max_minutes` bounds the training itself, not the evaluation.
    `ratio_tolerance` and `clip_tolerance` bound the check before the first step: how far the mean
    ratio may be from 1, and which share of tokens may lie outside 1 ± BAND. Both would be 0 were it
    not that the game samples with quantised activations and the learner scores without.
    """

    algo: Algorithm = "kto"
    epochs: int = 2
    batch: int = 16  # narrations a step
    learning_rate: float = 3e-4  # falls linearly to 0
    full_rate: int = 300  # more examples are taken in smaller steps, lest KL be spent on the first
    warmup: int = 5  # steps over which it rises first: Adam's first steps are as large as its rate
    clip: float = 0.7  # ε; at 0.2 a line's few telling tokens stop counting long before the KL does
    dual_clip: float = 3.0  # c
    beta: float = 0.05  # of the KL to the reference
    kl_stop: float = 0.1
    adam_eps: float = 1e-5
    max_grad_norm: float = 1.0
    rank: int = 8
    alpha: int = 16
    seed: int = 0
    max_minutes: float = 10.0
    kto_beta: float = 0.1
    awr_beta: float = 1.0
    ratio_tolerance: float = 0.02
    clip_tolerance: float = 0.1
    dtype: Literal["bf16", "fp32"] = "bf16"
    batch_tokens: int = 512  # in one forward pass, padding included: the less, the less padding


@dataclass(frozen=True, slots=True)
class Step:
    """What one optimiser step saw, before it changed anything.

    `kl` is that to the reference and `ratio` the mean of π_θ/π_logged, both over tokens; `clipped`
    is the share of tokens whose ratio is outside 1 ± clip. `seconds` is since the start.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    kl: float
    clipped: float
    ratio: float
    grad_norm: float
    learning_rate: float
    seconds: float


@dataclass(slots=True)
class Run:
    """The steps taken and why there were no more: "done", "kl" or "time"."""

    steps: list[Step]
    stopped: Literal["done", "kl", "time"] = "done"
    seconds: float = 0.0


class Learner(Protocol):
    """What an algorithm adds to the loop.

    `whole`: whether it scores with the whole vocabulary at temperature 1 instead of under the
    sampler's distribution. `begin` sees each batch before its rows are scored, in parts.
    `loss` gives one number a row [B].
    """

    whole: bool

    def start(self, model: TorchLM, examples: Sequence[Example]) -> None: ...

    def begin(self, model: TorchLM, batch: Sequence[int]) -> None: ...

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor: ...


class RatioMismatch(GameError):
    """The learner does not assign the logged tokens the probabilities they were drawn with."""


# ---- the loss


def ppo_loss(logp: Tensor, logged: Tensor, reference: Tensor, advantage: Tensor, a: Args) -> Tensor:
    """The loss of each token, all arguments and the result of one shape; see the module's top."""
    ratio = (logp - logged).exp()
    clipped = ratio.clamp(1 - a.clip, 1 + a.clip)
    objective = torch.minimum(ratio * advantage, clipped * advantage)
    dual = torch.maximum(objective, a.dual_clip * advantage)
    objective = torch.where(advantage < 0, dual, objective)
    return a.beta * kl(logp, logged, reference) - objective


def kl(logp: Tensor, logged: Tensor, reference: Tensor) -> Tensor:
    """An estimate of KL(π_θ ‖ π_ref) from tokens that π_logged drew; never negative.

    Its gradient is r log(π_θ/π_ref) times that of log π_θ: what is avoided costs nothing more.
    """
    delta = reference - logp
    return (logp - logged).exp() * (delta.exp() - 1 - delta)


class PPO:
    """The loss above, for `train`."""

    whole = False

    def __init__(self, a: Args) -> None:
        self.a = a
        self.tokens = 1.0

    def start(self, model: TorchLM, examples: Sequence[Example]) -> None:
        self.tokens = sum(len(e.completion) for e in examples) / len(examples)

    def begin(self, model: TorchLM, batch: Sequence[int]) -> None:
        pass

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor:
        return self.surrogate(rows, scored, padded(rows, "logged", scored.values))

    def surrogate(self, rows: Sequence[Example], scored: LogProbs, before: Tensor) -> Tensor:
        """The loss [B] with ratios to the log-probs `before` [B, T]."""
        values, mask = scored.values, scored.mask
        reference = padded(rows, "reference", values)
        advantage = values.new_tensor([e.advantage for e in rows])[:, None].expand_as(values)
        return (ppo_loss(values, before, reference, advantage, self.a) * mask).sum(1) / self.tokens


# ---- the loop


def train(
    model: TorchLM,
    examples: Sequence[Example],
    a: Args,
    learner: Learner,
    on_step: Callable[[Step], None] = lambda step: None,
    *,
    writer: str | None = None,
) -> Run:
    """Train `model`'s LoRA in place on `examples`, which have advantages; returns what happened.

    The policy as it is at the start is the reference. `writer` is the hash of the adapter that it
    is (None: the bare model): for PPO what that one wrote must pass the ratio check first. Raises
    RatioMismatch when it does not. Processes that `accelerate launch` started share every batch and
    end with the same weights.
    """
    torch.manual_seed(a.seed)
    begun = time.monotonic()
    if learner.whole or not all(e.reference for e in examples):
        examples = with_reference(model, examples, a, whole=learner.whole)
    if not learner.whole:
        check_ratios([e for e in examples if e.adapter == writer], a)
    learner.start(model, examples)

    def backward(batch: list[int]) -> dict[str, float]:
        learner.begin(model, batch)
        return _backward(model, [examples[i] for i in batch], learner, a)

    return descend(model.lora_parameters(), len(examples), a, backward, on_step, begun)


def descend(
    parameters: Sequence[Tensor],
    count: int,
    a: Args,
    backward: Callable[[list[int]], dict[str, float]],
    on_step: Callable[[Step], None],
    begun: float | None = None,
) -> Run:
    """The loop over batches of `count` examples.

    `backward` adds up the gradients of the examples with these numbers and returns what the step
    saw: "loss", "kl", "clipped" and "ratio". `begun` is when the time began to run.
    """
    rng = random.Random(a.seed)
    begun = time.monotonic() if begun is None else begun
    optimizer = torch.optim.AdamW(parameters, lr=a.learning_rate, eps=a.adam_eps, weight_decay=0.0)
    steps = a.epochs * math.ceil(count / a.batch)
    peak = a.learning_rate * min(1.0, a.full_rate / count)
    run = Run([])
    recent: deque[float] = deque(maxlen=KL_STEPS)
    for number, (epoch, batch) in enumerate(_batches(count, a, rng)):
        elapsed = distributed.agreed(time.monotonic() - begun)
        if elapsed > 60 * a.max_minutes:
            run.stopped = "time"
            break
        # Time that is running out lowers the rate as the last steps would.
        left = 1 - max(number / steps, elapsed / (60 * a.max_minutes))
        rate = peak * min(left, (number + 1) / a.warmup)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        seen = backward(batch)
        distributed.sum_gradients(parameters)
        recent.append(seen["kl"])
        if sum(recent) / len(recent) > a.kl_stop:
            run.stopped = "kl"
            break
        norm = torch.nn.utils.clip_grad_norm_(parameters, a.max_grad_norm)
        optimizer.step()
        run.steps.append(
            Step(
                number + 1,
                steps,
                epoch,
                **seen,
                grad_norm=float(norm),
                learning_rate=rate,
                seconds=time.monotonic() - begun,
            )  # fmt: skip
        )
        on_step(run.steps[-1])
    run.seconds = time.monotonic() - begun
    return run


def _batches(count: int, a: Args, rng: random.Random) -> Iterator[tuple[int, list[int]]]:
    for epoch in range(a.epochs):
        order = list(range(count))
        rng.shuffle(order)
        for at in range(0, count, a.batch):
            yield epoch, order[at : at + a.batch]


def _backward(
    model: TorchLM, batch: Sequence[Example], learner: Learner, a: Args
) -> dict[str, float]:
    """Add up the gradients of this process's share of a batch, a few rows at a time; returns what
    the step saw of all of it."""
    rows = distributed.share(batch)
    sums = dict.fromkeys(("loss", "kl", "clipped", "ratio", "tokens"), 0.0)
    lengths = [len(e.prompt) + len(e.completion) for e in rows]
    for part in batches_by_length(lengths, a.batch_tokens):
        chosen = [rows[i] for i in part]
        scored = score(model, chosen, whole=learner.whole)
        loss = learner.loss(chosen, scored).sum() / len(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        values, mask = scored.values.detach(), scored.mask
        reference = padded(chosen, "reference", values)
        # What scores with the whole vocabulary has its own start to compare itself with.
        logged = reference if learner.whole else padded(chosen, "logged", values)
        ratios = (values - logged).exp()[mask]
        sums["loss"] += float(loss.detach())
        sums["kl"] += float((kl(values, logged, reference) * mask).sum())
        sums["clipped"] += float(((ratios - 1).abs() > a.clip).sum())
        sums["ratio"] += float(ratios.sum())
        sums["tokens"] += int(mask.sum())
    seen = distributed.total(sums)
    tokens = seen.pop("tokens")
    return {name: value if name == "loss" else value / tokens for name, value in seen.items()}


def score(model: TorchLM, rows: Sequence[Example], *, whole: bool = False) -> LogProbs:
    """Log-probs of the rows' tokens with gradient: under the sampler's distribution or, `whole`,
    over the whole vocabulary at temperature 1."""
    found: LogProbs = model(
        [e.prompt for e in rows],
        [e.completion for e in rows],
        None if whole else [e.support for e in rows],
        1.0 if whole else [e.temperature for e in rows],
    )
    return found


def with_reference(
    model: TorchLM, examples: Sequence[Example], a: Args, *, whole: bool = False
) -> list[Example]:
    """The examples with the log-probs that the policy gives them now, computed once."""
    found = model.score(
        [e.prompt for e in examples],
        [e.completion for e in examples],
        None if whole else [e.support for e in examples],
        1.0 if whole else [e.temperature for e in examples],
        batch_tokens=2 * a.batch_tokens,
    )
    return [replace(e, reference=tuple(row)) for e, row in zip(examples, found, strict=True)]


def padded(rows: Sequence[Example], name: Literal["logged", "reference"], like: Tensor) -> Tensor:
    """A per-token field of the rows as a tensor of the shape [B, T] of `like`, 0 at the end."""
    found = torch.zeros_like(like)
    for b, row in enumerate(rows):
        values: tuple[float, ...] = getattr(row, name)
        found[b, : len(values)] = like.new_tensor(values)
    return found


# ---- the check before the first step


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """How well the learner reproduces what was logged: the mean ratio over tokens, the share of
    tokens outside 1 ± BAND, the mean |log ratio|, and of how many tokens."""

    mean: float
    clipped: float
    error: float
    tokens: int

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def ratios(examples: Sequence[Scored]) -> RatioCheck:
    """Compare `reference` with `logged`, token by token."""
    logs = [new - old for e in examples for new, old in zip(e.reference, e.logged, strict=True)]
    if not logs:
        return RatioCheck(1.0, 0.0, 0.0, 0)
    values = [math.exp(min(x, 30.0)) for x in logs]
    return RatioCheck(
        sum(values) / len(values),
        sum(abs(v - 1) > BAND for v in values) / len(values),
        sum(map(abs, logs)) / len(logs),
        len(values),
    )


def check_ratios(examples: Sequence[Example], a: Args) -> RatioCheck:
    """Raise RatioMismatch unless the policy that starts is the one that wrote the examples.

    A wrong template, a missing BOS token, an end token off by one or a forgotten temperature all
    show here, as a mean far from 1 or as clipped tokens, before they could poison the gradient.
    """
    found = ratios(examples)
    if abs(found.mean - 1) > a.ratio_tolerance or found.clipped > a.clip_tolerance:
        raise RatioMismatch(
            "The learner does not give the logged lines the probabilities they were written with: "
            f"mean ratio {found.mean:.3f} (should be 1 ± {a.ratio_tolerance}), "
            f"{found.clipped:.1%} of {found.tokens} tokens clip (at most {a.clip_tolerance:.0%}).",
            "Usual causes: the model or the adapter is not the one that wrote them, the prompt's "
            "marks have changed, or the temperature was not logged. Nothing was trained. "
            "`--algo kto` learns without ratios.",
        )
    return found


def metrics(run: Run) -> Mapping[str, Any]:
    """The last step's numbers and how it ended, for a version's card."""
    last = run.steps[-1] if run.steps else None
    return {
        "steps": len(run.steps),
        "stopped": run.stopped,
        "minutes": round(run.seconds / 60, 2),
        **({"loss": last.loss, "train_kl": last.kl, "clipped": last.clipped} if last else {}),
    }
