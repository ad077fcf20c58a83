"""The distribution that a logged token was drawn from: what the sampler kept, at its temperature.

Truncated sampling (min-p, top-k, top-p) renormalises over the ids it keeps. Log-probs over the
whole vocabulary would be off by the kept mass, so the learner's are taken over the same ids.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Ids = Sequence[int]
#: For each completion token the ids that survived the sampler's cuts; None: nothing was cut.
Support = Sequence[Sequence[int] | None]


def check_rows(
    prompts: Sequence[Ids],
    completions: Sequence[Ids],
    supports: Sequence[Support | None] | None,
    prefixed: bool = False,
) -> None:
    """Raise ValueError for rows that cannot be scored; `prefixed`: a soft prompt comes first."""
    if not completions or any(not row for row in completions):
        raise ValueError("every completion needs a token")
    if len(prompts) != len(completions) or (not prefixed and any(not p for p in prompts)):
        raise ValueError("every completion needs a prompt of at least one token")
    for row, support in zip(completions, supports or (), strict=bool(supports)):
        if support is None:
            continue
        for token, kept in zip(row, support, strict=True):
            if kept is not None and token not in kept:
                raise ValueError(f"token {token} is not in the support it was drawn from")


def temperatures(temperature: float | Sequence[float], rows: int) -> Tensor:
    """One positive float32 for each row. Raises ValueError for what is not positive."""
    each = [temperature] * rows if isinstance(temperature, int | float) else list(temperature)
    if len(each) != rows or any(not t > 0 for t in each):
        raise ValueError("temperatures must be positive, one for all rows or one each")
    return torch.tensor(each, dtype=torch.float32)


def in_play(completions: Sequence[Ids], supports: Sequence[Support | None] | None) -> Tensor | None:
    """The ids [K], sorted, that any token was drawn from; None where one had the vocabulary."""
    if supports is None or any(kept is None for row in supports for kept in row or (None,)):
        return None
    return torch.tensor(sorted({i for row in supports for kept in row or () for i in kept or ()}))


def log_normaliser(
    logits: Tensor,
    completions: Sequence[Ids],
    supports: Sequence[Support | None] | None,
    ids: Tensor | None = None,
) -> Tensor:
    """The log of the sum of exp(logits) [N] over what each token was drawn from.

    `logits` [N, n_vocab] are those of all completions' tokens, one row after the other; with `ids`
    [N, K], those of these ids alone, which is all that is `in_play`.
    """
    if supports is None or all(support is None for support in supports):
        return logits.logsumexp(dim=1)
    kept: list[Sequence[int] | None] = []
    for row, support in zip(completions, supports, strict=True):
        kept += [None] * len(row) if support is None else list(support)
    cut = [i for i, ids in enumerate(kept) if ids is not None]
    whole = [i for i, ids in enumerate(kept) if ids is None]
    found = torch.empty(len(kept), device=logits.device)
    if whole:
        found = found.index_copy(
            0, torch.tensor(whole, device=logits.device), logits[whole].logsumexp(dim=1)
        )
    if cut:
        index, mask = _ragged([kept[i] or () for i in cut], logits.device)
        if ids is not None:
            index = torch.searchsorted(ids, index)
        chosen = logits[cut].gather(1, index).masked_fill(~mask, -torch.inf)
        found = found.index_copy(
            0, torch.tensor(cut, device=logits.device), chosen.logsumexp(dim=1)
        )
    return found


def _ragged(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows of ids padded to [len(rows), widest], with the mask of what is no padding."""
    widest = max(map(len, rows))
    index = torch.tensor([[*row, *[0] * (widest - len(row))] for row in rows], device=device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    return index, torch.arange(widest, device=device)[None, :] < lengths[:, None]
