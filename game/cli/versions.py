"""The narrator's versions, for front ends that compare, choose and take back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from game.errors import UsageError

if TYPE_CHECKING:
    from agents.registry import Registry
    from agents.versions import Version
    from game.audition import Contender

_WHAT = "narrator"


class RegisteredVersions:
    """`game.audition.Versions` of the registry, for the narrator that plays from the file `model`
    (None: the settings' model)."""

    def __init__(self, model: Path | None = None) -> None:
        self.model = model

    @property
    def enough(self) -> int:
        from agents.narrator.dataset import LEAST_VOTES

        return LEAST_VOTES

    def contenders(self, candidate: str | None) -> tuple[Contender, Contender]:
        from agents.registry import BARE, Registry

        registry = Registry()
        base, source = self._hashes()
        playing = registry.active_version(_WHAT, base, source)
        fitting = [v for v in registry.versions(_WHAT) if v.base in (base, source)]
        others = [v for v in fitting if playing is None or v.id != playing.id]
        now = playing.id if playing else BARE
        if candidate is None and not others:
            raise UsageError(
                "There is no other version of the narrator to compare with.",
                "`game train-from-feedback` makes one from your thumbs.",
            )
        if candidate == BARE:
            chosen: Version | None = None
        else:
            chosen = others[-1] if candidate is None else registry.get(candidate, _WHAT)
        if chosen is not None and chosen.base not in (base, source):
            raise UsageError(
                f"{chosen.id} was trained on another model than the one that plays.",
                "Name that model: --model FILE",
            )
        if (chosen.id if chosen else BARE) == now:
            raise UsageError(
                f"{now} is the version that plays.", "Name another one: see `game adapters list`."
            )
        return _contender(registry, playing), _contender(registry, chosen)

    def use(self, version: str) -> None:
        from agents.registry import Registry

        Registry().activate(version, *self._hashes(), _WHAT)

    def rollback(self) -> str:
        from agents.registry import BARE, Registry

        registry = Registry()
        base, source = self._hashes()
        registry.rollback(_WHAT, base)
        version = registry.active_version(_WHAT, base, source)
        return version.id if version else BARE

    def _hashes(self) -> tuple[str, str]:
        from game.cli.adapters import playing_hashes

        return playing_hashes(self.model)


def _contender(registry: Registry, version: Version | None) -> Contender:
    from agents.registry import BARE
    from agents.versions import ADAPTER, check_files
    from game.audition import Contender
    from game.narrator.adapters import NarratorAdapter
    from game.narrator.prompt import schooled_prompt, template_hash

    if version is None:
        return Contender(BARE)
    check_files(registry.path(version), version)
    schooled = version.data.get("template") == template_hash(schooled_prompt("").prefix)
    adapter = NarratorAdapter(registry.path(version) / ADAPTER, schooled)
    return Contender(version.id, adapter, version.adapter_hash)
