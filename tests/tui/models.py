"""A model that tells when it is opened and closed."""

from __future__ import annotations

from game.llm.scripted import ScriptedModel


class Told(ScriptedModel):
    """Notes its opening and its end in `log`."""

    def __init__(self, log: list[str], name: str) -> None:
        super().__init__(context=100_000)
        self._log, self._name = log, name
        log.append(f"open {name}")

    def close(self) -> None:
        self._log.append(f"close {self._name}")
