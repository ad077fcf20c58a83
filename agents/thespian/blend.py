"""Several roles at once: attention with fixed weights over the stack of raw logits.

Each role of the blend is asked in the state that its own prompt makes, because its logits were
learned there; the raw logits are then summed by weight (section 6 of the paper).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor

from agents.thespian.attention import Understudy
from agents.thespian.features import Lexicon
from agents.thespian.network import Tensors, ThespianNet, log_probs
from agents.thespian.rollout import Policy, Rows


class Blended(NamedTuple):
    """Raw logits float[actions] of the blend, those of its roles float[roles, actions], and the
    pay hoped for float[n], in the rewards' units."""

    logits: Tensor
    each: Tensor
    values: Tensor


def blended(
    net: ThespianNet,
    rows: Tensor,
    b: Tensors,
    part: Mapping[str, float],
    learned: Mapping[str, Understudy] = MappingProxyType({}),
) -> Blended:
    """The roles of `part`, by weight, in every sample of the batch; `learned` are those that the
    network learned after its own."""
    each, values = [], torch.zeros(b.size)
    for name, weight in part.items():
        if name in learned:
            logits, hoped, _ = learned[name].raw(rows, b)
            each.append(logits)
            values = values + weight * hoped * learned[name].scale[0]
            continue
        role = torch.full((b.size,), net.shape.roles.index(name))
        core = net.core(rows, b, net.prompts[role])
        stack = net.stack(core.state)
        each.append(net.action_logits(core, stack, b, role))
        values = values + weight * stack.values[:, role[0]] * net.scale[role[0]]
    table = torch.stack(each)
    weights = torch.tensor(list(part.values()), dtype=table.dtype)
    return Blended((weights[:, None] * table).sum(0), table, values)


def blending(
    net: ThespianNet,
    lexicon: Lexicon,
    part: Mapping[str, float],
    learned: Mapping[str, Understudy] = MappingProxyType({}),
) -> Policy:
    """The blend as a policy, whatever part is being played."""
    rows = Rows(net, lexicon)
    return lambda batch, roles: log_probs(blended(net, rows(), batch, part, learned).logits, batch)
