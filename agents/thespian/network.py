"""The thespian's network: KG-A2C's encoder with a soft prompt, and a stack of heads, one a role.

Equation 1 of Cui, Peng and Riedl (arXiv 2308.01872): s_i = W cat(o, p_i). The observation o is made
of the four texts, an attention over the things in sight and one over the graph of known rooms. The
actor has logits for templates (verbs with so many objects) and points at objects by features of
their words and state; the critic has one value a role. The logit of an action is the sum of its
template's and its objects', and the softmax runs over the admissible actions only, so that masking
is exact and every object counts in the policy gradient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.thespian.encode import ACTION, DYNAMIC, ROOM, SCALARS, TEMPLATES, Batch
from agents.thespian.features import WIDTH


@dataclass(frozen=True)
class Shape:
    """Sizes of the network. `roles` names its heads and prompts, in order."""

    roles: tuple[str, ...]
    embedding: int = 64
    hidden: int = 128
    prompt: int = 32
    key: int = 48
    channels: int = 24  # what is looked for beyond an exit

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"roles": list(self.roles)}


class Tensors(NamedTuple):
    """A Batch on a device; see `agents.thespian.encode.Batch`."""

    size: int
    things: Tensor
    about: Tensor
    things_of: Tensor
    rooms: Tensor
    about_rooms: Tensor
    rooms_of: Tensor
    held: Tensor
    held_in: Tensor
    exits: Tensor
    near: Tensor
    near_rooms: Tensor
    template: Tensor
    noun: Tensor
    second: Tensor
    about_actions: Tensor
    actions_of: Tensor
    slot: Tensor
    most_actions: int
    heard: Tensor
    heard_of: Tensor
    last: Tensor
    last_of: Tensor
    scalars: Tensor
    here: Tensor


def on_device(batch: Batch, device: torch.device | str = "cpu") -> Tensors:
    """The batch as tensors; indices become int64."""

    def tensor(value: Any) -> Any:
        if isinstance(value, int):
            return value
        if value.dtype != np.float32:
            value = value.astype(np.int64)
        return torch.from_numpy(value).to(device)

    return Tensors(*[tensor(value) for value in batch])


def moved(batch: Tensors, device: torch.device) -> Tensors:
    """The batch on another device, or itself where it is there already."""
    there: list[Any] = [v.to(device) if isinstance(v, Tensor) else v for v in batch]
    return Tensors(*there)


class Core(NamedTuple):
    """What the frozen part makes of a batch: state float[n, hidden], keys float[things + 1, key].

    The last key is zero: it stands for no object. `seen` float[n, ...] is the observation o alone.
    """

    state: Tensor
    keys: Tensor
    seen: Tensor


class Stack(NamedTuple):
    """The raw logits of every role: templates float[n, roles, templates], the pointers' queries
    float[n, roles, key], and values float[n, roles]."""

    templates: Tensor
    nouns: Tensor
    seconds: Tensor
    values: Tensor


class ThespianNet(nn.Module):
    """One policy for all roles of `shape`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        e, h, p, k = shape.embedding, shape.hidden, shape.prompt, shape.key
        roles, templates = len(shape.roles), len(TEMPLATES)
        self.embed = nn.Linear(WIDTH, e, bias=False)
        self.thing_state = nn.Linear(DYNAMIC, e)
        self.thing = nn.Linear(e, e)
        self.thing_norm = nn.LayerNorm(e)
        self.room_state = nn.Linear(ROOM, e)
        self.room_held = nn.Linear(e, e, bias=False)
        self.room = nn.Linear(e, e)
        self.room_norm = nn.LayerNorm(e)
        self.beyond = nn.Linear(e, shape.channels)
        self.way = nn.Linear(shape.channels, e, bias=False)
        self.look_query = nn.Linear(p + e, e)
        self.graph_query = nn.Linear(p + e, e)
        self.state1 = nn.Linear(6 * e + SCALARS + p, h)
        self.state2 = nn.Linear(h, h)
        self.key = nn.Linear(e, k)
        self.prompts = nn.Parameter(torch.randn(roles, p))
        self.template_head = nn.Parameter(_small(roles, h, templates))
        self.noun_head = nn.Parameter(_small(roles, h, k))
        self.second_head = nn.Parameter(_small(roles, h, k))
        self.noun_of_template = nn.Parameter(_small(roles, templates, k))
        self.second_of_template = nn.Parameter(_small(roles, templates, k))
        self.habit = nn.Parameter(torch.zeros(roles, templates, ACTION))
        self.value_head = nn.Parameter(_small(roles, h))
        self.value_bias = nn.Parameter(torch.zeros(roles))
        self.scale: Tensor  # float[roles]: the pay that a value of 1 stands for
        self.register_buffer("scale", torch.ones(roles))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.prompts.device

    def core(self, rows: Tensor, b: Tensors, prompts: Tensor) -> Core:
        """`rows` is `embed` of the lexicon's table; `prompts` float[n, prompt], one a sample."""
        n, e = b.size, self.shape.embedding
        zeros = rows.new_zeros(n, e)
        held = rows.new_zeros(len(b.rooms), e).index_add(0, b.held_in, rows[b.held])
        rooms = rows[b.rooms] + self.room_state(b.about_rooms) + self.room_held(held)
        rooms = self.room_norm(F.relu(self.room(F.relu(rooms))))
        things = rows[b.things] + self.thing_state(b.about)
        if len(b.exits):
            beyond = F.relu(self.beyond(rooms))[b.near_rooms] * b.near[..., None]
            things = things.index_add(0, b.exits, self.way(beyond.amax(1)))
        things = self.thing_norm(F.relu(self.thing(F.relu(things))))
        count = rows.new_zeros(n).index_add(0, b.things_of, rows.new_ones(len(b.things)))
        mean = zeros.index_add(0, b.things_of, things) / count[:, None]
        asked = torch.cat([prompts, mean], 1)
        look = _attend(self.look_query(asked), things, b.things_of, n)
        graph = _attend(self.graph_query(asked), rooms, b.rooms_of, n)
        heard = zeros.index_add(0, b.heard_of, rows[b.heard])
        last = zeros.index_add(0, b.last_of, rows[b.last])
        seen = torch.cat([rooms[b.here], mean, look, graph, heard, last, b.scalars], 1)
        state = F.relu(self.state2(F.relu(self.state1(torch.cat([seen, prompts], 1)))))
        keys = torch.cat([self.key(things), rows.new_zeros(1, self.shape.key)])
        return Core(state, keys, seen)

    def stack(self, state: Tensor) -> Stack:
        """Raw logits and values of all roles from states float[n, hidden]."""
        return Stack(
            torch.einsum("nh,rht->nrt", state, self.template_head),
            torch.einsum("nh,rhk->nrk", state, self.noun_head),
            torch.einsum("nh,rhk->nrk", state, self.second_head),
            state @ self.value_head.T + self.value_bias,
        )

    def action_logits(self, core: Core, stack: Stack, b: Tensors, role: Tensor) -> Tensor:
        """Raw logits float[actions] of the role int[n] played in each sample."""
        of = b.actions_of
        at = torch.arange(b.size, device=role.device)
        r = role[of]
        logits = stack.templates[at, role][of, b.template]
        nouns = stack.nouns[at, role][of] + self.noun_of_template[r, b.template]
        seconds = stack.seconds[at, role][of] + self.second_of_template[r, b.template]
        logits = logits + (nouns * core.keys[b.noun]).sum(1)
        logits = logits + (seconds * core.keys[b.second]).sum(1)
        return logits + (self.habit[r, b.template] * b.about_actions).sum(1)

    def forward(
        self, rows: Tensor, b: Tensors, role: Tensor, prompts: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Log-probabilities float[n, most_actions] (-inf past the last) and values float[n].

        `prompts` float[roles, prompt] stand in for the learned ones.
        """
        core = self.core(rows, b, (self.prompts if prompts is None else prompts)[role])
        stack = self.stack(core.state)
        logits = self.action_logits(core, stack, b, role)
        values = stack.values[torch.arange(b.size, device=role.device), role]
        return log_probs(logits, b), values

    def validity(self, core: Core, stack: Stack, b: Tensors, role: Tensor) -> Tensor:
        """The supervised valid-action loss of KG-A2C: binary cross-entropies of the played role's
        template logits against the templates admissible now, and of its object logits against the
        things that an admissible action has as its object."""
        at = torch.arange(b.size, device=role.device)
        templates = stack.templates[at, role]
        valid = torch.zeros_like(templates)
        valid[b.actions_of, b.template] = 1.0
        things = len(b.things)
        objects = (stack.nouns[at, role][b.things_of] * core.keys[:-1]).sum(1)
        handled = torch.zeros(things + 1, device=role.device)
        handled[b.noun] = 1.0
        return F.binary_cross_entropy_with_logits(
            templates, valid
        ) + F.binary_cross_entropy_with_logits(objects, handled[:-1])


def log_probs(logits: Tensor, b: Tensors) -> Tensor:
    """Flat action logits as log-probabilities float[n, most_actions], -inf past the last."""
    table = logits.new_full((b.size, b.most_actions), -math.inf)
    table[b.actions_of, b.slot] = logits
    return F.log_softmax(table, 1)


def entropy(logs: Tensor) -> Tensor:
    """Of each row of log-probabilities, in nats, over the actions that there are."""
    there = logs > -math.inf
    safe = torch.where(there, logs, torch.zeros_like(logs))
    return -(safe.exp() * safe * there).sum(1)


def role_indices(names: Sequence[str], roles: Sequence[str]) -> Tensor:
    """int64[n]: the head of each name."""
    at = {role: n for n, role in enumerate(roles)}
    return torch.tensor([at[name] for name in names])


def _small(*shape: int) -> Tensor:
    return torch.randn(*shape) * 0.02


def _attend(query: Tensor, rows: Tensor, of: Tensor, n: int) -> Tensor:
    """Scaled dot-product attention of each query over the rows of its own sample."""
    scores = (query[of] * rows).sum(1) / math.sqrt(rows.shape[1])
    top = scores.new_full((n,), -math.inf).scatter_reduce(0, of, scores.detach(), "amax")
    weights = (scores - top[of]).exp()
    total = weights.new_zeros(n).index_add(0, of, weights)
    mixed = rows.new_zeros(n, rows.shape[1]).index_add(0, of, weights[:, None] * rows)
    return mixed / total[:, None]
