"""Offline PPO for the cast: thumbs on decisions change prompts and heads over a frozen core.

A decision is an episode of one step, and the thumb is its return. The loss and the loop are those
of `agents.narrator.ppo`, with the decision in the place of a token: the ratio is taken against the
log-prob that was logged. The actions offered are few, so the KL(π_θ ‖ π_ref) to the cast as it
plays now is summed over them, not estimated; and it leaves out what was thumbed down, of which a
thespian can be nearly certain: to avoid that costs nothing, and all else has to stay in proportion.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from agents.narrator.ppo import Args, Run, Step, descend, ppo_loss
from agents.thespian.attention import Understudy
from agents.thespian.blend import blended
from agents.thespian.checkpoint import Checkpoint
from agents.thespian.encode import collate
from agents.thespian.features import Lexicon
from agents.thespian.lessons import understudies
from agents.thespian.network import ThespianNet, log_probs, on_device
from agents.thespian.thumbs import Example
from game.engine.roles import part_of

#: What thumbs change: the soft prompts and the logits of what is done. The pointers at things stay:
#: a few hundred thumbs would teach them which purse to leave alone, and not to leave purses alone.
LEARNED = ("prompts", "template_head")
#: The same of a role that was learned later.
LEARNED_LATER = ("prompt", "template_row")


class Stage(nn.Module):
    """A network with the roles learned on top of it, as one policy for examples of any part."""

    def __init__(self, net: ThespianNet, learned: Mapping[str, Understudy], lexicon: Lexicon):
        super().__init__()
        self.net = net
        self.understudies = nn.ModuleDict(learned)
        for understudy in learned.values():
            understudy.net = net  # theirs is this one, wherever it is copied to
        self.lexicon = lexicon
        self._rows = torch.zeros(0)

    def forward(self, examples: Sequence[Example]) -> Tensor:
        """Log-probabilities [n, most actions] of what was offered, -inf past the last."""
        if len(self._rows) != len(self.lexicon.table):
            self._rows = self.net.embed(torch.from_numpy(self.lexicon.table)).detach()
        most = max(len(e.sample.template) for e in examples)
        table = torch.full((len(examples), most), -math.inf)
        learned: Any = dict(self.understudies.items())
        for part in dict.fromkeys(e.part for e in examples):
            at = [n for n, e in enumerate(examples) if e.part == part]
            batch = on_device(collate([examples[n].sample for n in at]))
            found = blended(self.net, self._rows, batch, part_of(part), learned)
            logs = log_probs(found.logits, batch)
            table = table.index_put(
                (torch.tensor(at)[:, None], torch.arange(logs.shape[1])[None]), logs
            )
        return table

    def chosen(self, examples: Sequence[Example]) -> Tensor:
        """The log-prob [n] of what was chosen in each."""
        slots = torch.tensor([e.slot for e in examples])
        logs: Tensor = self(examples)
        return logs.gather(1, slots[:, None])[:, 0]

    def trained(self) -> list[nn.Parameter]:
        """The parameters that thumbs change, made trainable; all others are frozen."""
        self.requires_grad_(False)
        found = [p for name, p in self.net.named_parameters() if name in LEARNED]
        for understudy in self.understudies.values():
            own = understudy.named_parameters()
            found += [p for n, p in own if n in LEARNED_LATER]
        for parameter in found:
            parameter.requires_grad_(True)
        return found

    def core_hash(self) -> str:
        """The SHA-256 of every weight that thumbs do not change."""
        found = hashlib.sha256()
        for name, tensor in sorted(self.net.state_dict().items()):
            if name not in LEARNED:
                found.update(name.encode() + tensor.contiguous().numpy().tobytes())
        return found.hexdigest()

    @torch.no_grad()
    def with_reference(self, examples: Sequence[Example]) -> list[Example]:
        """The examples with the log-probs that this policy gives them."""
        if not examples:
            return []
        logs = self.chosen(examples).tolist()
        return [replace(e, reference=(log,)) for e, log in zip(examples, logs, strict=True)]


def stage_of(checkpoint: Checkpoint, lexicon: Lexicon) -> Stage:
    return Stage(copy.deepcopy(checkpoint.net), understudies(checkpoint), lexicon)


def fit(
    stage: Stage, examples: Sequence[Example], a: Args,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Run:  # fmt: skip
    """Train the stage in place on examples with advantages and references (equation 7 of PPO)."""
    torch.manual_seed(a.seed)
    with torch.no_grad():
        references = [stage([e])[0] for e in examples]
    parameters = stage.trained()
    before = stage.core_hash()
    bare = replace(a, beta=0.0)  # the KL is taken exactly instead

    def backward(batch: list[int]) -> dict[str, float]:
        rows = [examples[i] for i in batch]
        table = stage(rows)
        logs = table.gather(1, torch.tensor([[e.slot] for e in rows]))[:, 0]
        logged = torch.tensor([e.logged[0] for e in rows])
        reference = torch.tensor([e.reference[0] for e in rows])
        advantage = torch.tensor([e.advantage for e in rows])
        distance = divergence(table, [references[i] for i in batch], disliked(rows))
        loss = (ppo_loss(logs, logged, reference, advantage, bare) + a.beta * distance).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        now = logs.detach()
        ratio = (now - logged).exp()
        return {
            "loss": float(loss.detach()),
            "kl": float(distance.detach().mean()),
            "clipped": float(((ratio - 1).abs() > a.clip).float().mean()),
            "ratio": float(ratio.mean()),
        }

    run = descend(parameters, len(examples), a, backward, on_step)
    stage.requires_grad_(False)
    if stage.core_hash() != before:
        raise RuntimeError("The frozen core has changed.")
    return run


def disliked(examples: Sequence[Example]) -> list[int | None]:
    """The place of the action that was thumbed down in each; None where it was thumbed up."""
    return [e.slot if e.value < 0 else None for e in examples]


def divergence(
    table: Tensor, references: Sequence[Tensor], without: Sequence[int | None] | None = None
) -> Tensor:
    """KL(π_θ ‖ π_ref) [n] from log-probs [n, most actions] and the references of each row; of a row
    with an action that it goes `without`, given that this one is not taken."""
    like = torch.full_like(table, -math.inf)
    for n, row in enumerate(references):
        like[n, : len(row)] = row
    left = table > -math.inf
    for n, slot in enumerate(without or ()):
        if slot is not None and left[n].sum() > 1:
            left[n, slot] = False
    now, then = (logs.masked_fill(~left, -math.inf).log_softmax(1) for logs in (table, like))
    apart = now.masked_fill(~left, 0.0) - then.masked_fill(~left, 0.0)
    return (now.exp() * apart).sum(1)
