"""The door through which learning reaches the narrator: which trained adapter tells the story."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_NAMES = {"shipped": "the narrator that came with the game", "none": "the model as it came"}


def called(version: str) -> str:
    """What a player reads for the id of a version: of those that were not trained here, words."""
    return _NAMES.get(version, version)


@dataclass(frozen=True, slots=True)
class NarratorAdapter:
    """A LoRA adapter file. `schooled`: it was taught the house style and needs no examples."""

    path: Path
    schooled: bool


class Adapters(Protocol):
    """Knows which adapter is active, and when that changes; kept by `agents.registry`."""

    def stamp(self) -> object:
        """A value that changes whenever another adapter becomes active. Cheap."""
        ...

    def active(self, base: str) -> NarratorAdapter | None:
        """The adapter that plays with the model whose hash is `base`; None for the bare model.

        Raises GameError when the chosen one is damaged or gone.
        """
        ...
