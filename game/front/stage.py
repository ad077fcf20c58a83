"""A game opened for playing: world, session, narrator and thumbs behind one door."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from game import paths
from game.errors import FeedbackError
from game.front.says import Says
from game.front.scene import Scene, scene_from
from game.front.thumbs import Ballot, Target

if TYPE_CHECKING:
    from game.feedback.store import FeedbackStore
    from game.session import Session, Turn


@dataclass(frozen=True, slots=True)
class Options:
    """How to open a game.

    `resume`: "auto" goes on from the autosave if there is one, "never" begins anew, any other word
    is the name of a save. `keep` writes the autosave. `model` None is the bundled model; `llm`
    False the plain teller alone. `record` False keeps no feedback.
    """

    world: str
    mode: Literal["tui", "plain", "json"]
    seed: int = 0
    resume: str = "auto"
    keep: bool = True
    llm: bool = True
    model: Path | None = None
    record: bool = True


@dataclass
class Stage:
    """One game being played. One thread at a time, save for `ballot`.

    `notes` are troubles that the player should hear of and that do not stop the game.
    """

    options: Options
    session: Session
    ballot: Ballot
    resumed: bool = False
    notes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, options: Options) -> Stage:
        """Load the world and begin, or go on with, the game.

        Raises UsageError for an unknown world, WorldError for one that cannot be played and
        SaveError for a save that cannot be read.
        """
        from game.authoring.load import load_world
        from game.cast import Cast
        from game.session import Session

        world = load_world(paths.find_world(options.world), cache=paths.home() / "worlds-cache")
        notes: list[str] = []
        store = _open_store(notes) if options.record else None
        session = Session(
            world,
            seed=options.seed,
            cast=Cast(world),
            store=store,
            saves=paths.saves_dir(),
            mode=options.mode,
            autosave=options.keep,
        )
        stage = cls(options, session, Ballot(store), notes=notes)
        if options.resume == "auto":
            stage.resumed = session.resume()
        elif options.resume != "never":
            session.restore(options.resume)
            stage.resumed = True
        return stage

    @property
    def title(self) -> str:
        return self.session.world.title

    @property
    def wants_narrator(self) -> bool:
        """Whether `load_narrator` is still to be called."""
        return False

    def load_narrator(self, cancel: threading.Event) -> None:
        """Make the model ready. Takes seconds, the first time more. Raises ModelUnavailable."""

    def opening(self) -> Turn:
        return self.session.opening()

    def command(self, text: str) -> Turn:
        return self.session.command(text)

    def scene(self) -> Scene:
        return scene_from(self.session.state)

    def narrates(self, turn: Turn) -> bool:
        """Whether the model will tell anything of this turn."""
        return False

    def tell(self, turn: Turn, cancel: threading.Event | None = None) -> Iterator[Says]:
        """The tellings of a turn, sentence by sentence; what can be thumbed goes on the ballot.

        Setting `cancel` stops the model; what is then untold is told plainly.
        """
        rated: set[Target] = set()
        for says in self._tell(turn):
            if says.target in rated:
                # Two tellings of one row would share a thumb: it is the first one's.
                says = replace(says, target=None)
            if says.last and says.target is not None and says.text:
                rated.add(says.target)
                self.ballot.add(says.target, says.text)
            yield says

    def _tell(self, turn: Turn) -> Iterator[Says]:
        for part, beat in enumerate(turn.beats):
            yield Says(part, _KINDS[beat.kind], beat.plain, True, beat.plain,
                       target=_target(turn, beat.kind, beat.decision))  # fmt: skip
        for part, cue in enumerate(turn.speech, len(turn.beats)):
            yield Says(part, "speech", cue.plain, True, cue.plain,
                       target=_target(turn, "speech", None))  # fmt: skip

    def close(self) -> None:
        """Let go of the database. The game itself is saved with every turn."""
        if self.ballot.store is not None:
            self.ballot.store.close()


_KINDS: dict[str, Literal["telling", "character", "notice"]] = {
    "player": "telling",
    "character": "character",
    "notice": "notice",
}


def _target(turn: Turn, kind: str, decision: int | None) -> Target | None:
    """What a thumb on a plain telling goes to: the character's decision, or the turn."""
    if decision is not None:
        return Target("decision", decision)
    if turn.row is None:
        return None
    # Questions, misunderstandings and talk about the game itself are no tellings.
    told = kind != "notice" or turn.action is not None or turn.command == ""
    return Target("telling", turn.row) if told else None


def _open_store(notes: list[str]) -> FeedbackStore | None:
    """The feedback database; without it the game can be played but not thumbed."""
    from game.feedback.store import FeedbackStore

    try:
        return FeedbackStore(paths.feedback_db())
    except FeedbackError as error:
        notes.append(f"Thumbs cannot be kept: {error}")
        return None
