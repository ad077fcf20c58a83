"""Kept KV states: what a prompt's prefix left in the model, so that it is computed only once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from game.llm.base import SoftPrefix


@dataclass(frozen=True, slots=True)
class PrefixKey:
    """What a KV state depends on: the adapter, the soft vectors (by identity) and the token ids."""

    adapter_id: str | None
    soft: SoftPrefix | None
    ids: tuple[int, ...]

    @property
    def length(self) -> int:
        """Positions the prefix takes."""
        return len(self.ids) + (0 if self.soft is None else len(self.soft.vectors))


@dataclass(frozen=True, slots=True)
class PrefixState:
    """A sequence's saved KV state (llama.cpp's own bytes) and the logits after its last token."""

    data: npt.NDArray[np.uint8]
    logits: npt.NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        return self.data.nbytes + self.logits.nbytes


class PrefixCache:
    """The most recently used prefix states that together take at most `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._states: OrderedDict[PrefixKey, PrefixState] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    @property
    def nbytes(self) -> int:
        return sum(state.nbytes for state in self._states.values())

    def get(self, key: PrefixKey) -> PrefixState | None:
        state = self._states.get(key)
        if state is not None:
            self._states.move_to_end(key)
        return state

    def put(self, key: PrefixKey, state: PrefixState) -> None:
        """Keep `state`; the longest unused ones make room, and one too big is not kept at all."""
        self._states.pop(key, None)
        if state.nbytes > self._capacity:
            return
        self._states[key] = state
        while self.nbytes > self._capacity:
            self._states.popitem(last=False)
