"""Ways of sampling, by name: how freely a model writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from game.llm.base import Sampler


@dataclass(frozen=True, slots=True)
class Preset:
    """`help` says to a player what it is like; the rest is what `Sampler` means by it."""

    help: str
    temperature: float
    min_p: float

    def apply(self, sampler: Sampler) -> Sampler:
        """`sampler` with this preset's freedom and its own length and seed."""
        return replace(sampler, temperature=self.temperature, min_p=self.min_p)


PRESETS = {
    "steady": Preset("keeps close to the facts: most tellings pass the guard", 0.8, 0.1),
    "lively": Preset("more turns of phrase, and more of them sent back", 1.0, 0.07),
    "wild": Preset("surprising, slower, and plain more often", 1.3, 0.05),
}
STEADY = "steady"
