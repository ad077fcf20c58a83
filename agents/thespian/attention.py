"""Few-shot learning of a new role: thespian attention over a frozen core (section 6 of the paper).

The core and its roles are frozen (checked by hash). Each old role is asked, with its own prompt,
for its raw logits; two attentions, one for templates and one for objects, blend the stacks,
together with a row of the new role's own that starts at nothing. The new role's prompt is learned:
from the state that it makes come the queries, the new row and the new value. As in the paper the
value is the mean of the new one and that of the old role attended to most. Beyond the paper, the
value is learned before the rest, and the best games are learned from again: without either,
few-shot learning fails on some seeds.

`Variant` also has the three forms that the paper found to fail (section 8): attention over the
prompts, over prompts given the observation, and over probabilities in place of raw logits.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from agents.envs.episode import Setting
from agents.thespian.a2c import Args, descend, estimates, imitation, losses
from agents.thespian.checkpoint import digest
from agents.thespian.encode import TEMPLATES, collate
from agents.thespian.features import Lexicon
from agents.thespian.imitation import BestGames
from agents.thespian.network import Core, Stack, Tensors, ThespianNet, log_probs, on_device
from agents.thespian.rollout import Part, Policy, Rows, Troupe

Variant = Literal["logits", "prompts", "prompts-observation", "probabilities"]

#: The most steps that few-shot learning may take.
FEW = 3_000

#: A higher rate and a smaller value coefficient than the core's (appendix A.2).
FEW_SHOT = Args(
    steps=FEW, envs=8, horizon=5, learning_rate=2e-3, value=0.1, entropy=0.01, valid=0.0,
    curiosity=0.0, recalled=64, log_every=250,
)  # fmt: skip
#: Steps in which only the value is learned. The old roles' values are of other rewards, and a wrong
#: value drives the policy away from what the old roles do well before it is put right.
VALUE_FIRST = 400


class Understudy(nn.Module):
    """A new role on top of the old ones of a frozen network."""

    def __init__(self, net: ThespianNet, variant: Variant = "logits") -> None:
        super().__init__()
        self.net = net.requires_grad_(False)
        self.variant = variant
        shape = net.shape
        roles, h, k, p = len(shape.roles), shape.hidden, shape.key, shape.prompt
        self.prompt = nn.Parameter(net.prompts.detach().mean(0))
        self.query = nn.Linear(h, 2 * p)
        self.template_key = nn.Linear(len(TEMPLATES), p)
        self.object_key = nn.Linear(2 * k, p)
        self.template_row = nn.Parameter(torch.zeros(h, len(TEMPLATES)))
        self.object_row = nn.Parameter(torch.zeros(h, 2 * k))
        self.value = nn.Linear(h, 1)
        self.mix = nn.Parameter(torch.zeros(roles))  # of the prompts, for the failing variants
        nn.init.zeros_(self.value.weight)
        self.register_buffer("scale", net.scale.mean().reshape(1).clone())
        self.scale: Tensor

    def learned(self) -> list[nn.Parameter]:
        return [p for p in self.parameters() if p.requires_grad]

    def own(self) -> dict[str, Tensor]:
        """Its state without the network's under it."""
        return {k: v for k, v in self.state_dict().items() if not k.startswith("net.")}

    def forward(self, rows: Tensor, b: Tensors) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities [n, most actions], values [n], attention over the old roles [n, r]."""
        if self.variant in ("prompts", "prompts-observation"):
            return self._by_prompt(rows, b)
        found, values, attention = self.raw(rows, b)
        return log_probs(found, b) if self.variant == "logits" else found, values, attention

    def raw(self, rows: Tensor, b: Tensors) -> tuple[Tensor, Tensor, Tensor]:
        """Raw logits float[actions], values [n], attention over the old roles [n, r]; of the
        variant "probabilities" log-probabilities [n, most actions]."""
        new = self.net.core(rows, b, self.prompt.expand(b.size, -1))
        asked_template, asked_object = self.query(new.state).chunk(2, 1)
        olds = [self._old(rows, b, role) for role in range(len(self.net.prompts))]
        templates = torch.stack([s.templates[:, r] for r, (_, s) in enumerate(olds)], 1)
        objects = torch.stack(
            [torch.cat([s.nouns[:, r], s.seconds[:, r]], 1) for r, (_, s) in enumerate(olds)], 1
        )
        to_templates = _attention(asked_template, self.template_key(templates))
        to_objects = _attention(asked_object, self.object_key(objects))
        if self.variant == "probabilities":
            each = torch.stack([self._alone(c, s, b, r) for r, (c, s) in enumerate(olds)], 1)
            there = each[:, 0] > -math.inf
            mixed = to_templates[..., None].log() + each.clamp(min=-1e9)
            found = mixed.logsumexp(1).masked_fill(~there, -math.inf)
        else:
            found = self._own(new, b)
            for role, (core, stack) in enumerate(olds):
                parts = self._parts(core, stack, b, role)
                of = b.actions_of
                found = found + to_templates[of, role] * parts[0] + to_objects[of, role] * parts[1]
        attention = (to_templates + to_objects) / 2
        most = attention.argmax(1)
        old_values = torch.stack([s.values[:, r] for r, (_, s) in enumerate(olds)], 1)
        return found, self._value(new.state, old_values, most), attention

    def _old(self, rows: Tensor, b: Tensors, role: int) -> tuple[Core, Stack]:
        with torch.no_grad():
            core = self.net.core(rows, b, self.net.prompts[role].expand(b.size, -1))
            return core, self.net.stack(core.state)

    def _alone(self, core: Core, stack: Stack, b: Tensors, role: int) -> Tensor:
        roles = torch.full((b.size,), role)
        return log_probs(self.net.action_logits(core, stack, b, roles), b)

    def _parts(self, core: Core, stack: Stack, b: Tensors, role: int) -> tuple[Tensor, Tensor]:
        """An old role's raw template and object logits of every action."""
        net, of = self.net, b.actions_of
        templates = stack.templates[:, role][of, b.template]
        templates = templates + (net.habit[role, b.template] * b.about_actions).sum(1)
        nouns = stack.nouns[:, role][of] + net.noun_of_template[role, b.template]
        seconds = stack.seconds[:, role][of] + net.second_of_template[role, b.template]
        objects = (nouns * core.keys[b.noun]).sum(1) + (seconds * core.keys[b.second]).sum(1)
        return templates, objects

    def _own(self, core: Core, b: Tensors) -> Tensor:
        """The new role's own row of logits, nothing at first."""
        of = b.actions_of
        nouns, seconds = (core.state @ self.object_row).chunk(2, 1)
        logits = (core.state @ self.template_row)[of, b.template]
        logits = logits + (nouns[of] * core.keys[b.noun]).sum(1)
        return logits + (seconds[of] * core.keys[b.second]).sum(1)

    def _value(self, state: Tensor, old: Tensor, most: Tensor) -> Tensor:
        at = torch.arange(len(state))
        theirs = (old * (self.net.scale / self.scale).clone())[at, most]
        new: Tensor = self.value(state)[:, 0]
        return (new + theirs) / 2

    def _by_prompt(self, rows: Tensor, b: Tensors) -> tuple[Tensor, Tensor, Tensor]:
        """The failing variants: a blend of prompts, and the head of the role that leads in it."""
        scores = self.mix.expand(b.size, -1)
        if self.variant == "prompts-observation":
            new = self.net.core(rows, b, self.prompt.expand(b.size, -1))
            asked = self.query(new.state).chunk(2, 1)[0]
            scores = scores + asked @ self.net.prompts.T / math.sqrt(asked.shape[1])
        attention = scores.softmax(1)
        core = self.net.core(rows, b, attention @ self.net.prompts)
        stack = self.net.stack(core.state)
        most = attention.argmax(1)
        logs = log_probs(self.net.action_logits(core, stack, b, most), b)
        return logs, self._value(core.state, stack.values, most), attention

    def policy(self, lexicon: Lexicon) -> Policy:
        rows = Rows(self.net, lexicon)

        def policy(batch: Tensors, roles: Tensor) -> Tensor:
            logs, _, _ = self(rows(), batch)
            return logs  # type: ignore[no-any-return, unused-ignore]

        return policy


def restored(net: ThespianNet, own: Mapping[str, Tensor]) -> Understudy:
    """The understudy of `net` whose `own` state this is, not to be trained on."""
    found = Understudy(net)
    found.load_state_dict({f"net.{k}": v for k, v in net.state_dict().items()} | dict(own))
    return found.requires_grad_(False)


def _attention(query: Tensor, keys: Tensor) -> Tensor:
    """Weights [n, roles] of queries [n, d] over the keys [n, roles, d] of the stacked rows."""
    keys = torch.tanh(keys)
    return ((keys * query[:, None]).sum(2) / math.sqrt(query.shape[1])).softmax(1)


#: Told every `log_every` steps: steps so far and the understudy as it is.
Watch = Callable[[int, Policy, Understudy], bool]


@dataclass
class Taught:
    """A new role as learned, and the hashes of the core before and after."""

    understudy: Understudy
    before: str
    after: str


def teach(
    net: ThespianNet, lexicon: Lexicon, settings: Sequence[Setting], part: Part,
    args: Args = FEW_SHOT, variant: Variant = "logits", watch: Watch | None = None,
) -> Taught:  # fmt: skip
    """Learn `part` in at most `args.steps` steps; stops when `watch` returns True.

    Raises RuntimeError if a weight of the core changed, which cannot be.
    """
    torch.manual_seed(args.seed)
    before = digest(net)
    understudy = Understudy(net, variant)
    troupe = Troupe(
        settings, [part], args.envs, args.seed * 100_003, lexicon,
        max_steps=args.max_steps, clock=not args.no_clock,
    )  # fmt: skip
    of_all, of_value = (
        torch.optim.Adam(parameters, lr=args.learning_rate, eps=1e-5)
        for parameters in (understudy.learned(), list(understudy.value.parameters()))
    )
    rows = net.embed(torch.from_numpy(lexicon.table)).detach()
    policy = understudy.policy(lexicon)
    best = BestGames(args.envs, 1, args.gamma, args.seed)
    done = told = 0
    if watch and watch(0, policy, understudy):
        return Taught(understudy, before, digest(net))
    while done + args.envs * args.horizon <= args.steps:
        played = troupe.play(policy, args.horizon)
        done += args.envs * args.horizon
        left = 1.0 - done / args.steps
        t, n = played.roles.shape
        best.watch(played)
        recalled = best.draw(args.recalled)
        batch = on_device(collate(played.samples + played.next + recalled.samples))
        logs, values, _ = understudy(rows, batch)
        gains, target, scale = estimates(values, played, played.pay, understudy.scale, args)
        if done <= VALUE_FIRST:
            loss = (values[: t * n] - target).square().mean()
        else:
            loss, _ = losses(
                logs, values, played.slots, gains, target, scale, played.roles, args, left
            )
            if recalled.samples:
                first = t * n + n
                again = imitation(logs[first:], values[first:], recalled, scale)
                loss = loss + args.imitation * again
        descend(loss, of_value if done <= VALUE_FIRST else of_all, args.clip)
        if done - told >= args.log_every:
            told = done
            if watch and watch(done, policy, understudy):
                break
    after = digest(net)
    if after != before:
        raise RuntimeError("The frozen core has changed.")
    return Taught(understudy, before, after)


def unfrozen(net: ThespianNet, name: str) -> ThespianNet:
    """The same network with a head for one role more, the mean of the others, and nothing frozen:
    what the paper compares thespian attention with."""
    shape = replace(net.shape, roles=(*net.shape.roles, name))
    wider = ThespianNet(shape)
    state = copy.deepcopy(net.state_dict())
    for key in (
        "prompts", "template_head", "noun_head", "second_head", "noun_of_template",
        "second_of_template", "habit", "value_head", "value_bias", "scale",
    ):  # fmt: skip
        state[key] = torch.cat([state[key], state[key].mean(0, keepdim=True)])
    wider.load_state_dict(state)
    return wider
