"""The ways to learn from thumbs beside offline PPO: KTO, imitation of the applauded, reweighting.

None of them uses the logged log-probs, so they score text with the whole vocabulary at temperature
1, as their usual implementations do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from agents.lm import LogProbs, TorchLM
from agents.narrator.dataset import Example
from agents.narrator.ppo import PPO, Args, Learner


class KTO:
    """Kahneman-Tversky optimisation (Ethayarajh et al., arXiv 2402.01306, eq. 8).

    r = log π_θ(y|x) - log π_ref(y|x) over whole texts, z0 = max(0, mean of r on mismatched pairs),

        L = λ_D (1 - σ(β (r - z0)))  for a thumb up,   λ_U (1 - σ(β (z0 - r)))  for a thumb down

    z0 comes from pairing each prompt with the next one's text, and carries no gradient. The rarer
    kind of thumb weighs more, so that both weigh the same in sum (the paper's section 4.3).
    """

    whole = True

    def __init__(self, a: Args) -> None:
        self.a = a
        self.z0 = 0.0

    def start(self, model: TorchLM, examples: Sequence[Example]) -> None:
        order = list(range(len(examples)))
        random.Random(self.a.seed).shuffle(order)
        # The text that stands in for row i's own, from another prompt.
        following = dict(zip(order, order[1:] + order[:1], strict=True))
        self.pairs = [
            (examples[i].prompt, examples[following[i]].completion) for i in range(len(examples))
        ]
        self.before = self._sums(model, range(len(examples)))
        up = sum(e.value > 0 for e in examples)
        down = len(examples) - up
        self.weights = {1: max(up, down) / max(1, up), -1: max(up, down) / max(1, down)}

    def begin(self, model: TorchLM, batch: Sequence[int]) -> None:
        now = self._sums(model, batch)
        moved = sum(a - self.before[i] for a, i in zip(now, batch, strict=True)) / len(batch)
        self.z0 = max(0.0, moved)

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor:
        sums = scored.sums()
        reward = sums - sums.new_tensor([sum(e.reference) for e in rows])
        sign = sums.new_tensor([float(e.value) for e in rows])
        weight = sums.new_tensor([self.weights[e.value] for e in rows])
        return kto_loss(reward, sign, self.z0, self.a.kto_beta) * weight

    def _sums(self, model: TorchLM, rows: Sequence[int]) -> list[float]:
        prompts, texts = zip(*(self.pairs[i] for i in rows), strict=True)
        return [sum(r) for r in model.score(prompts, texts, batch_tokens=2 * self.a.batch_tokens)]


def kto_loss(reward: Tensor, sign: Tensor, z0: float, beta: float) -> Tensor:
    """The loss of each row before its weight: `reward` r, `sign` 1 or -1; all [B]."""
    return 1 - torch.sigmoid(beta * sign * (reward - z0))


class Reweighted:
    """Advantage-weighted regression (Peng et al., arXiv 1910.00177, eq. 8): imitate every text, in
    proportion to exp(advantage / β), cut at 20 as there."""

    whole = True

    def __init__(self, a: Args) -> None:
        self.a = a
        self.scale = 1.0

    def start(self, model: TorchLM, examples: Sequence[Example]) -> None:
        total = sum(float(self._weights([e])[0]) * len(e.completion) for e in examples)
        self.scale = len(examples) / total

    def begin(self, model: TorchLM, batch: Sequence[int]) -> None:
        pass

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor:
        return -scored.sums() * self._weights(rows).to(scored.values.device) * self.scale

    def _weights(self, rows: Sequence[Example]) -> Tensor:
        advantages = torch.tensor([e.advantage for e in rows])
        return (advantages / self.a.awr_beta).exp().clamp(max=20.0)


class Imitation(Reweighted):
    """Supervised fine-tuning on the thumbed-up texts alone."""

    def _weights(self, rows: Sequence[Example]) -> Tensor:
        return torch.tensor([float(e.value > 0) for e in rows])


def learner_for(a: Args) -> Learner:
    """The algorithm that `a` names."""
    makers: dict[str, Callable[[Args], Learner]] = {
        "ppo": PPO,
        "kto": KTO,
        "sft-up": Imitation,
        "reweighted": Reweighted,
    }
    return makers[a.algo](a)
