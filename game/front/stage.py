"""A game opened for playing: world, session, narrator and thumbs behind one door."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from game import paths
from game.errors import FeedbackError, ModelUnavailable, SaveError
from game.front.says import Says, SaysKind
from game.front.scene import Scene, scene_from
from game.front.tellings import Take, Tellings
from game.front.thumbs import Ballot, Target
from game.llm.presets import STEADY
from game.performance import Performer, Piece

if TYPE_CHECKING:
    from game.acting.company import Company
    from game.feedback.store import FeedbackStore
    from game.front.asides import Answer, Aside
    from game.llm.base import LanguageModel
    from game.narrator.adapters import Adapters
    from game.session import Session, Turn


@dataclass(frozen=True, slots=True)
class Options:
    """How to open a game.

    `resume`: "auto" goes on from the autosave if there is one, "never" begins anew, any other word
    is the name of a save. `keep` writes the autosave. `model` None is the bundled model; `llm`
    False the plain teller alone. `server` is the URL of a server whose model `server_model` plays
    instead; `sampling` names a preset. `brief` begins a new game with short descriptions of rooms
    seen before. `record` False keeps no feedback. `cast` says who plays the characters whose roles
    the thespians know: they, or the heuristic that plays the others. `start` is another room to
    begin in and `holding` what to begin with, for trying parts of a world. `adapters` knows which
    trained adapter narrates.
    """

    world: str
    mode: Literal["tui", "plain", "json"]
    seed: int = 0
    resume: str = "auto"
    keep: bool = True
    llm: bool = True
    model: Path | None = None
    server: str = ""
    server_model: str = ""
    sampling: str = STEADY
    brief: bool = False
    record: bool = True
    cast: Literal["thespian", "heuristic"] = "heuristic"
    start: str | None = None
    holding: tuple[str, ...] = ()
    adapters: Adapters | None = None


@dataclass
class Stage:
    """One game being played. One thread at a time, save for `ballot`.

    `notes` are troubles that the player should hear of and that do not stop the game. `make_model`
    loads the model from a path (None: the bundled one).
    """

    options: Options
    session: Session
    ballot: Ballot
    resumed: bool = False
    notes: list[str] = field(default_factory=list)
    make_model: Callable[[Path | None], LanguageModel] = field(default=lambda p: _load_model(p))
    performer: Performer = field(init=False)
    tellings: Tellings = field(init=False)
    warm: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.performer = Performer(self.session, None)
        self.tellings = Tellings(self.ballot.store)
        self.ballot.thumbed = self.tellings.thumbed

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
        if options.start or options.holding:
            from game.authoring.staging import begin_elsewhere

            world = begin_elsewhere(world, options.start, options.holding)
        notes: list[str] = []
        store = _open_store(notes) if options.record else None
        session = Session(
            world,
            seed=options.seed,
            cast=Cast(world, None if options.cast == "heuristic" else _company(options)),
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
        if not stage.resumed and options.brief:
            session.brief = True
        return stage

    @property
    def title(self) -> str:
        return self.session.world.title

    @property
    def wants_narrator(self) -> bool:
        """Whether `load_narrator` is still to be called."""
        return self.options.llm and self.performer.model is None

    def load_narrator(self) -> None:
        """Load the model; the first time it is prepared, too. Raises ModelUnavailable.

        May run on another thread than the game: the model is handed over when it is ready.
        """
        options = self.options
        model: LanguageModel
        if options.server:
            from game.llm.remote import RemoteModel

            model = RemoteModel(options.server, options.server_model)
        else:
            model = self.make_model(options.model)
        self.session.model_hash = model.model_hash
        # Adapters are made for the weights of a file here, never for what a server has.
        adapters = None if options.server else options.adapters
        performer = Performer(self.session, model, self.ballot.store, adapters)
        performer.sample_as(options.sampling)
        self.performer = performer

    def warm_up(self, cancel: threading.Event) -> None:
        """Make the narrator quick from its first word on. Takes seconds; may be done in pieces."""
        self.performer.warm_up(cancel)
        self.warm = not cancel.is_set()

    def adopt(self, options: Options) -> None:
        """Go on with another narrator, sampling or way of saving; the world stays as it is.

        Afterwards `wants_narrator` says whether to load it. On the thread that plays.
        """
        before, self.options = self.options, options
        self.session.autosave = options.keep
        self.performer.sample_as(options.sampling)
        if _narrated_by(before) != _narrated_by(options):
            model = self.performer.model
            self.drop_narrator()
            self.warm = False
            if model is not None:
                model.close()

    def drop_narrator(self) -> None:
        """Tell everything plainly from now on."""
        self.performer = Performer(self.session, None)

    def opening(self) -> Turn:
        return self.session.opening()

    def command(self, text: str) -> Turn:
        with suppress(FeedbackError):  # a locked database must not keep the game from going on
            self.tellings.settle()
        if text.split()[:1] == [":skein"]:
            from game.front.skeins import skein_command

            folder = paths.find_world(self.options.world).parent / "tests"
            return self.session.notice(text, skein_command(self.session, folder, text))
        return self.session.command(text)

    def scene(self) -> Scene:
        return scene_from(self.session.state)

    def narrates(self, turn: Turn) -> bool:
        """Whether the model will tell anything of this turn."""
        return self.performer.narrates(turn)

    def tell(self, turn: Turn, cancel: threading.Event | None = None) -> Iterator[Says]:
        """The tellings of a turn, sentence by sentence; what can be thumbed is noted in `tellings`.

        Setting `cancel` stops the model; what is then untold is told plainly.
        """
        told: list[str] = []
        for says in self._tell(turn, cancel):
            if says.last:
                told.append(says.text)
            yield says
        yield from self._logged(turn, told)

    def _logged(self, turn: Turn, told: list[str]) -> Iterator[Says]:
        """Write the turn to the transcript, if there is one; trouble ends it, and is told."""
        log = self.session.transcript
        if log is None:
            return
        try:
            log.write(turn.command, told)
        except SaveError as error:
            self.session.transcript = None
            part = len(turn.beats) + len(turn.speech) + 1
            yield Says(part, "notice", str(error), True)

    def _tell(self, turn: Turn, cancel: threading.Event | None) -> Iterator[Says]:
        narrates = self.narrates(turn)
        parts = [(_KINDS[beat.kind], beat.decision) for beat in turn.beats]
        parts += [("speech", None)] * len(turn.speech)
        rated: set[Target] = set()
        told = 0
        if narrates:
            yield Says(0, parts[0][0], "", False)
        try:
            for piece in self.performer.perform(turn, cancel=cancel):
                kind, decision = parts[piece.number]
                if piece.final is None:
                    yield Says(piece.number, kind, piece.text, False)
                    continue
                yield self._final(turn, kind, decision, piece, rated)
                told = piece.number + 1
                if narrates and told < len(parts):
                    yield Says(told, parts[told][0], "", False)
            if self.performer.trouble:
                trouble, self.performer.trouble = self.performer.trouble, ""
                yield Says(len(parts), "notice", trouble, True)
        except ModelUnavailable as error:
            self.drop_narrator()
            for piece in self.performer.perform(turn):
                if piece.number >= told and piece.final is not None:
                    yield self._final(turn, *parts[piece.number], piece, rated)
            yield Says(len(parts), "notice", f"The narrator has left: {error}", True)

    def _final(
        self,
        turn: Turn,
        kind: SaysKind,
        decision: int | None,
        piece: Piece,
        rated: set[Target],
    ) -> Says:
        """The whole of a telling. Of two that would share a thumb, it is the first one's."""
        telling, occasion = piece.final, piece.occasion
        assert telling is not None and occasion is not None
        target = _target(turn, kind, decision, telling.generation)
        target = None if target in rated else target
        says = Says(
            piece.number, kind, telling.prose, True,
            facts=telling.plain, source=telling.source, target=target,
            generation=telling.generation,
        )  # fmt: skip
        kept = target is not None or (turn.row is None and kind != "notice")
        if not telling.prose or not kept:
            return says
        if target is not None:
            rated.add(target)
        fixed = target if decision is not None else None
        row = _target(turn, kind, decision, None)
        take = Take(telling, self.performer.measure(telling))
        told = self.tellings.add(kind, occasion, take, fixed, row)
        return replace(says, told=told.number)

    def aside(
        self, aside: Aside, number: int | None = None, cancel: threading.Event | None = None
    ) -> Answer:
        """Do what a command about a telling asks: of the `number`-th one, or (None) of the one that
        the command counts back to. Raises UsageError for what cannot be done."""
        from game.front.asides import carry_out

        told = self.tellings.last(aside.back) if number is None else self.tellings.told[number - 1]
        return carry_out(self, told, aside, cancel)

    def close(self) -> None:
        """Let go of the model and the files. The game itself is saved with every turn."""
        with suppress(FeedbackError):
            self.tellings.settle()
        self.session.close()
        if self.performer.model is not None:
            self.performer.model.close()
        if self.ballot.store is not None:
            self.ballot.store.close()


_KINDS: dict[str, SaysKind] = {
    "player": "telling",
    "character": "character",
    "notice": "notice",
}


def _target(
    turn: Turn, kind: SaysKind, decision: int | None, generation: int | None
) -> Target | None:
    """What a thumb goes to: what a character decided, else what the model wrote, else the turn."""
    if decision is not None:
        return Target("decision", decision)
    if generation is not None:
        return Target("generation", generation)
    if turn.row is None:
        return None
    if kind == "telling" and turn.speech:
        return None  # the row is the answer's, which says more than "You say: hello"
    # Questions, misunderstandings and talk about the game itself are no tellings.
    told = kind != "notice" or turn.action is not None or turn.command == ""
    return Target("telling", turn.row) if told else None


def _narrated_by(options: Options) -> tuple[object, ...]:
    """What decides which model tells the story."""
    return options.llm, options.model, options.server, options.server_model


def _load_model(path: Path | None) -> LanguageModel:
    """The model at `path`, or the bundled one, in its fast form. Raises ModelUnavailable."""
    from game.llm.bundled import bundled_model_path
    from game.llm.llama import LlamaModel
    from game.llm.prepare import prepared_model

    return LlamaModel(prepared_model(paths.home(), path or bundled_model_path()))


def _company(options: Options) -> Company | None:
    """The thespians. Only the full screen plays on while they are being loaded: lines and JSON come
    out the same each time, whatever the machine."""
    from game.cast import company

    return company(patient=options.mode != "tui")


def _open_store(notes: list[str]) -> FeedbackStore | None:
    """The feedback database; without it the game can be played but not thumbed."""
    from game.feedback.store import FeedbackStore

    try:
        return FeedbackStore(paths.feedback_db())
    except FeedbackError as error:
        notes.append(f"Thumbs cannot be kept: {error}")
        return None
