"""Performs a turn: beats and answers become tellings, in order, by the model where time allows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from game.errors import FeedbackError, GameError, UsageError
from game.llm.presets import PRESETS
from game.narrator.adapters import Adapters, NarratorAdapter
from game.narrator.context import Context, Meter
from game.narrator.prose import SAMPLER, Narrator, Script, script_for
from game.narrator.speech import Voices
from game.narrator.speech_prompt import Exchange
from game.narrator.telling import Kind, Telling

if TYPE_CHECKING:
    from game.engine.model import State
    from game.feedback.store import FeedbackStore
    from game.llm.base import LanguageModel
    from game.session import Beat, Session, SpeechCue, Turn

# What a character does that is worth the model's time, when the player did nothing to retell.
_INTERESTING = frozenset(
    "hit missed deflected killed stole caught gave took followed blocked hugged ate drank".split()
)
_KINDS: dict[str, Kind] = {"player": "narration", "character": "action", "notice": "notice"}


@dataclass(frozen=True, slots=True)
class Piece:
    """The next text of telling `number` (beats from 0 on, then answers), or with `final`, its end.

    `final.prose` is the whole telling as shown; texts before it are its beginning. `occasion` comes
    with the end.
    """

    number: int
    text: str
    final: Telling | None = None
    occasion: Occasion | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a telling tells of: enough to tell it again, however far the game has gone on.

    `state` is a copy of the state the turn left (None: no longer kept, so that it cannot be told
    again); a `beat` is retold, or a `cue` answered in the light of the `past` exchanges.
    """

    turn: int
    number: int
    kind: Kind
    state: State | None
    beat: Beat | None = None
    cue: SpeechCue | None = None
    past: tuple[Exchange, ...] = ()


class Performer:
    """Tells the turns of `session`. `model` None tells everything plainly and at once.

    The narrator speaks with the adapter that `adapters` says is active, from the next turn on when
    that changes; an adapter that cannot be used is named in `trouble`, and the bare model goes on.
    Answers are the bare model's: the house style is a way of narrating.

    Every generation is kept in `store` (None: nowhere). One thread at a time, the one that owns
    the model.
    """

    def __init__(
        self,
        session: Session,
        model: LanguageModel | None,
        store: FeedbackStore | None = None,
        adapters: Adapters | None = None,
    ) -> None:
        self.session = session
        self.trouble = ""
        self._adapters = adapters
        self._stamp: object = None
        self._adapter: NarratorAdapter | None = None
        self.model = model
        self.store = store
        self._narrator = Narrator(model) if model is not None else None
        self._voices = Voices(model) if model is not None else None
        self._meter = Meter(model) if model is not None else None
        self._told = 0
        self._worn: str | None = None

    def sample_as(self, preset: str) -> None:
        """Narrate with the freedom of the sampling `preset` from the next telling on."""
        if self._narrator is not None:
            self._narrator.sampler = PRESETS[preset].apply(SAMPLER)

    def warm_up(self, cancel: threading.Event | None = None) -> None:
        """Compute every prompt prefix once, which takes seconds, so that no turn has to."""
        if self._voices is not None:
            self._wear(None)
            self._voices.warm_up(cancel)
        if self._narrator is not None:
            self._follow_registry()
            self._wear(self._adapter)
            self._narrator.warm_up(cancel)

    def _follow_registry(self) -> None:
        """Take up the active adapter, if it is another than before."""
        if self._adapters is None or self.model is None or self._narrator is None:
            return
        stamp = self._adapters.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._adapter = self._adapters.active(self.model.model_hash)
            self._wear(self._adapter)
        except GameError as error:
            self._adapter, self.trouble = None, str(error)
            self._wear(None)
        self._narrator.schooled = self._adapter is not None and self._adapter.schooled

    def _wear(self, adapter: NarratorAdapter | None) -> None:
        """Switch the model to `adapter`, unless it is on already."""
        assert self.model is not None
        path = None if adapter is None else str(adapter.path)
        if path != self._worn:
            self.model.use_adapter(path)
            self._worn = path

    def take_back(self) -> None:
        """Go on with the model after somebody else has used it and put other adapters on."""
        if self.model is not None:
            self.model.use_adapter(None)
            self._worn = None

    def narrates(self, turn: Turn) -> bool:
        """Whether the model will try to tell anything of this turn."""
        return self.model is not None and (bool(turn.speech) or self._chosen(turn) is not None)

    def perform(self, turn: Turn, *, cancel: threading.Event | None = None) -> Iterator[Piece]:
        """The tellings of `turn`, in order; at most one narration and one answer by the model.

        Call it before the session's next command: it tells of the state the turn left. Setting
        `cancel` stops the model, and what is then untold is told plainly.
        """
        self._follow_registry()
        chosen = self._chosen(turn) if self._narrator is not None else None
        state = self.session.state.clone()
        for number, beat in enumerate(turn.beats):
            telling = Telling(_KINDS[beat.kind], beat.plain, beat.plain, speaker=beat.actor)
            if chosen is not None and chosen[0] == number:
                telling = self._narrate(turn, beat, chosen[1], cancel)
            occasion = Occasion(turn.number, number, telling.kind, state, beat)
            yield from self._pieces(occasion, telling)
        for number, cue in enumerate(turn.speech, len(turn.beats)):
            telling = Telling("speech", cue.plain, cue.plain, speaker=cue.character)
            past = self._voices.past(cue.character) if self._voices is not None else ()
            if self._voices is not None and number == len(turn.beats):
                self._wear(None)
                telling = self._voices.answer(
                    self.session.state, cue.character, cue.heard, cue.plain,
                    seed=self._seed(turn), recalled=cue.recalled, in_mind=cue.in_mind,
                    cancel=cancel,
                )  # fmt: skip
            occasion = Occasion(turn.number, number, "speech", state, cue=cue, past=past)
            yield from self._pieces(occasion, telling)

    def _chosen(self, turn: Turn) -> tuple[int, Script] | None:
        """The beat that the model retells: the player's own, else something done to the player.

        The last turn of a story is the author's, and so is what comes of using a thing where the
        author says what: how it is used is nothing that a model can know.
        """
        if self.session.state.ended is not None:
            return None
        for kind in ("player", "character"):
            for number, beat in enumerate(turn.beats):
                if beat.kind != kind or not beat.events:
                    continue
                if {"used", "narrated"} <= {event.type for event in beat.events}:
                    continue
                if kind == "character" and not _interesting(beat, self.session.player):
                    continue
                script = script_for(
                    self.session.state, beat.events, beat.plain, self.session.player
                )
                if script is not None:
                    return number, script
        return None

    def _narrate(
        self, turn: Turn, beat: Beat, script: Script, cancel: threading.Event | None
    ) -> Telling:
        assert self._narrator is not None
        self._wear(self._adapter)
        telling = self._narrator.tell(
            self.session.state, self.session.player, script, beat.plain,
            seed=self._seed(turn), cancel=cancel,
        )  # fmt: skip
        telling.kind = _KINDS[beat.kind]
        telling.speaker = beat.actor
        return telling

    def _seed(self, turn: Turn) -> int:
        """A seed of its own for every generation of a game, the same when it is played again."""
        self._told += 1
        return (self.session.seed * 1_000_003 + turn.number * 101 + self._told * 7) & 0x7FFFFFFF

    def retell(
        self,
        occasion: Occasion,
        others: Sequence[str],
        *,
        swipe_of: int | None = None,
        cancel: threading.Event | None = None,
    ) -> Telling:
        """Tell it another way than the `others`, as sampled before; told plainly when that fails.

        It is recorded as a swipe of the generation `swipe_of`, and remembered by the tellers only
        through `amend`. Raises UsageError where there is no model, nothing for it to retell, or no
        state left to retell it from.
        """
        if self.model is None or self._narrator is None or self._voices is None:
            raise UsageError(
                "There is no narrator here to tell it another way.",
                "Wait until it is ready, or start the game without --no-llm.",
            )
        self._follow_registry()
        take = (occasion.number * 31 + len(others) + 1) * 7919
        seed = (self.session.seed * 1_000_003 + occasion.turn * 101 + take) & 0x7FFFFFFF
        state, beat, cue = occasion.state, occasion.beat, occasion.cue
        if state is None:
            raise UsageError(
                "That was told too long ago to be told another way.",
                "Choose a later telling.",
            )
        others = [*others] or [""]
        if cue is not None:
            self._wear(None)
            telling = self._voices.answer(
                state, cue.character, cue.heard, cue.plain,
                seed=seed, past=occasion.past, others=others, recalled=cue.recalled,
                in_mind=cue.in_mind, cancel=cancel,
            )  # fmt: skip
        else:
            script = None
            if beat is not None and beat.kind != "notice":
                script = script_for(state, beat.events, beat.plain, self.session.player)
            if beat is None or script is None:
                raise UsageError(
                    "These are the author's words or the game's own: they are not retold.",
                    "Choose the telling of something that was done.",
                )
            self._wear(self._adapter)
            telling = self._narrator.tell(
                state, self.session.player, script, beat.plain,
                seed=seed, others=others, cancel=cancel,
            )  # fmt: skip
            telling.kind, telling.speaker = occasion.kind, beat.actor
        self._keep(occasion.turn, telling, swipe_of)
        return telling

    def amend(self, occasion: Occasion, old: str, new: str) -> None:
        """Let the tellers remember `new` where they remember having said `old`."""
        if occasion.cue is not None and self._voices is not None:
            self._voices.amend(occasion.cue.character, old, new)
        elif self._narrator is not None:
            self._narrator.amend(old, new)

    def measure(self, telling: Telling) -> Context | None:
        """What the model was given for `telling`, by part; None for one it had no part in."""
        if self._meter is None or telling.prompt is None:
            return None
        return self._meter.measure(telling.prompt)

    def _pieces(self, occasion: Occasion, telling: Telling) -> Iterator[Piece]:
        self._keep(occasion.turn, telling)
        yield Piece(occasion.number, telling.prose, telling, occasion)

    def _keep(self, turn: int, telling: Telling, swipe_of: int | None = None) -> None:
        """Record what the model wrote and note that it is shown.

        What cannot be recorded is told all the same; a thumb then goes to the turn.
        """
        if self.model is not None and telling.prompt is not None:
            telling.adapter = self.model.adapter_id
        if telling.source != "model" or self.session.unkept(turn):
            return
        try:
            telling.generation = self._record(turn, telling, swipe_of)
            if self.store is not None and telling.generation is not None:
                self.store.mark_shown(telling.generation)
        except FeedbackError as error:
            telling.generation = None
            self.session.not_kept(error)

    def _record(self, turn: int, telling: Telling, swipe_of: int | None) -> int | None:
        """Keep the generation with all that learning from a thumb on it needs."""
        session = self.session.feedback_session
        if self.store is None or session is None or self.model is None:
            return None
        assert telling.sampler is not None
        sampler = asdict(telling.sampler)
        sampler.pop("seed")
        # A server's generation is kept to be read, without ids that nothing here could learn from.
        tokens = telling.tokens if all(t.exact for t in telling.tokens) else []
        supports = tuple(t.support for t in tokens)
        return self.store.record_generation(
            session,
            turn,
            kind=telling.kind,
            speaker=telling.speaker,
            text=telling.sampled,
            prompt_ids=telling.prompt_ids,
            completion_ids=[t.id for t in tokens],
            logprobs=[t.logprob for t in tokens],
            kept_mass=[t.kept_mass for t in tokens],
            support=supports if any(s is not None for s in supports) else None,
            sampler=sampler,
            seed=telling.seed,
            model_hash=self.model.model_hash,
            adapter_id=self.model.adapter_id,
            template_hash=telling.template_hash,
            source=telling.source,
            attempt=next((j.attempt for j in telling.judged if j.used), 0),
            candidate=next((j.candidate for j in telling.judged if j.used), 0),
            sentences=[j.as_dict() for j in telling.judged],
            swipe_of=swipe_of,
        )


def _interesting(beat: Beat, player: str) -> bool:
    return any(e.type in _INTERESTING and player in (e.target, e.actor) for e in beat.events)
