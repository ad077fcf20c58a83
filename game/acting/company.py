"""The learned actor of a game, loaded behind its back: who plays until it is there is not its care.

Loading costs seconds, as it brings torch in. A game that is played on a screen does not wait for
it. One that must come out the same each time (plain lines, JSON) waits when it first needs it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Protocol

from game import paths
from game.acting.kin import playable
from game.acting.restraint import Scripted
from game.engine.model import World


class Thespian(Protocol):
    """A policy for many characters: `playing` gives the actor of the one who has those notes."""

    @property
    def policy(self) -> str: ...

    def playing(self, notes: Any) -> Scripted: ...


class Company:
    """The thespian, once it is loaded. `roles` are those that it can play.

    With `patient`, whoever asks for it waits until it is there.
    """

    def __init__(
        self, roles: Iterable[str], load: Callable[[], Thespian], *, patient: bool = False
    ) -> None:
        self.roles = frozenset(roles)
        self.patient = patient
        self._load = load
        self._thread: threading.Thread | None = None
        self._thespian: Thespian | None = None

    def plays(self, world: World, role: str | None) -> bool:
        """Whether the role, or every role of the blend, is in the repertoire or akin to one."""
        return bool(playable(world, role, self.roles))

    def begin(self) -> None:
        """Load in the background, if that has not begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._fetch, name="thespian", daemon=True)
            self._thread.start()

    def ready(self) -> Thespian | None:
        """The thespian; None while it is being loaded, and for good where it cannot be."""
        self.begin()
        assert self._thread is not None
        if self.patient:
            self._thread.join()
        return self._thespian

    def _fetch(self) -> None:
        try:
            self._thespian = self._load()
        # Whatever is wrong with an optional part must not end a game: others act in its place.
        except Exception as error:
            note(f"The thespians stay away: {error}")


def note(text: str) -> None:
    """Add a line to the log: nobody at the screen has to hear of it."""
    with suppress(OSError):
        file = paths.log_file()
        paths.ensure(file.parent)
        with file.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n")
