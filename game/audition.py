"""A blind comparison of two narrators: both tell the same turns, and the player says which is
better."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from game.errors import NotEnoughFeedback
from game.llm.presets import STEADY
from game.narrator.adapters import NarratorAdapter
from game.performance import Performer
from game.replay import Past

if TYPE_CHECKING:
    from game.feedback.store import FeedbackStore
    from game.llm.base import LanguageModel
    from game.narrator.telling import Telling

#: What marks the generations' session and the preferences.
ORIGIN = "audition"
#: No verdict before so many votes for one of two.
LEAST = 12
#: How long an audition is, for whoever is asked.
ASKED = f"{LEAST} choices can be enough for a verdict."
#: The chance that a verdict is wrong where there is nothing to choose.
ERROR = 0.05

Choice = Literal["left", "right", "neither"]


# ---- the count


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes for the candidate, votes for the one that plays, and pairs where neither was better."""

    wins: int = 0
    losses: int = 0
    neither: int = 0

    @property
    def votes(self) -> int:
        return self.wins + self.losses

    @property
    def rate(self) -> float:
        """The share of the votes that went to the candidate; 0.5 before the first."""
        return self.wins / self.votes if self.votes else 0.5

    @property
    def interval(self) -> tuple[float, float]:
        """A 95% interval of the preference that holds however often it is looked at.

        It has every share p under which the votes are not 20 times as likely as under a share
        drawn evenly from 0 to 1: B(k+1, n-k+1) / (p^k (1-p)^(n-k)) < 20. That this ratio ever
        exceeds 20 for the true share has a probability of at most 1/20 (Ville 1939; Robbins 1970),
        so one may stop as soon as the interval is clear of 50%.
        """
        k, n = self.wins, self.votes
        mixture = math.lgamma(k + 1) + math.lgamma(n - k + 1) - math.lgamma(n + 2)

        def outside(p: float) -> bool:
            return mixture - _times_log(k, p) - _times_log(n - k, 1 - p) >= -math.log(ERROR)

        return _edge(outside, 0.0, self.rate), _edge(outside, 1.0, self.rate)

    @property
    def verdict(self) -> Literal["better", "worse", "open"]:
        """Whether the candidate is preferred to the one that plays, beyond chance."""
        low, high = self.interval
        if self.votes < LEAST or low <= 0.5 <= high:
            return "open"
        return "better" if low > 0.5 else "worse"

    @property
    def missing(self) -> int | None:
        """About how many more votes a verdict takes if they go on as they went; None: no number
        that anybody would give."""
        for more in range(1, 401):
            wins = self.wins + round(more * self.rate)
            if Tally(wins, self.losses + more - round(more * self.rate)).verdict != "open":
                return more
        return None

    def lines(self, candidate: str, current: str) -> list[str]:
        """The result in words."""
        low, high = self.interval
        share = f"{self.rate:.0%} [{low:.0%}, {high:.0%}]"
        found = [f"{candidate} was preferred to {current} in {self.wins} of {self.votes}: {share}"]
        if self.neither:
            found.append(f"in {self.neither} more neither was better")
        if self.verdict != "open":
            return [*found, f"That is {self.verdict} beyond chance."]
        if self.votes < LEAST:
            return [*found, f"No verdict before {LEAST} votes: {LEAST - self.votes} to go."]
        wanted = "more votes than anybody would give"
        if (missing := self.missing) is not None:
            wanted = f"about {missing} more vote{'s' * (missing > 1)}"
        return [*found, f"Not clear: 50% is inside the interval. As it goes, it takes {wanted}."]


def _times_log(count: int, p: float) -> float:
    return 0.0 if count == 0 else -math.inf if p <= 0 else count * math.log(p)


def _edge(outside: Callable[[float], bool], end: float, inside: float) -> float:
    """Where the interval ends between `inside` and `end` of the scale."""
    if not outside(end):
        return end
    for _ in range(50):
        middle = (end + inside) / 2
        end, inside = (middle, inside) if outside(middle) else (end, middle)
    return inside


# ---- who takes part


@dataclass(frozen=True, slots=True)
class Contender:
    """A version of the narrator: its id in the registry, its adapter (None: the bare model) and
    that adapter's hash, as generations log it."""

    id: str
    adapter: NarratorAdapter | None = None
    adapter_id: str | None = None

    def stamp(self) -> object:
        return self.id

    def active(self, base: str) -> NarratorAdapter | None:
        """What makes of a contender the only one of `Adapters`."""
        return self.adapter


class Versions(Protocol):
    """The narrator's versions for the model that plays, kept by `agents.registry`.

    All raise GameError.
    """

    @property
    def enough(self) -> int:
        """How many votes are worth a training."""
        ...

    def contenders(self, candidate: str | None) -> tuple[Contender, Contender]:
        """The version that plays and `candidate` (None: the newest one that does not play).

        UsageError when there is no such version, ModelUnavailable without the model."""
        ...

    def use(self, version: str) -> None:
        """Let a version play."""
        ...

    def rollback(self) -> str:
        """Let the one before play again; returns its name."""
        ...


# ---- the pairs


@dataclass(frozen=True)
class Pair:
    """One turn told by both, in an order that only `_candidate` knows. Texts as shown in play;
    `facts` is what truly happened."""

    number: int
    command: str
    facts: str
    left: str
    right: str
    _candidate: Literal["left", "right"]
    _generations: dict[str, int | None]


class Audition:
    """Tells pairs and counts votes. Tellings and preferences are kept in `store`, and earlier votes
    on the same two count.

    `model` may be lent from a game: afterwards it wears no adapter. One thread at a time.
    """

    def __init__(
        self,
        store: FeedbackStore,
        model: LanguageModel,
        current: Contender,
        candidate: Contender,
        past: Sequence[Past],
        sampling: str = STEADY,
        rng: random.Random | None = None,
    ) -> None:
        """`past` are the turns to be told, the first ones first.

        Raises NotEnoughFeedback when they cannot come to a verdict.
        """
        self.current, self.candidate = current, candidate
        self._store, self._model, self._sampling = store, model, sampling
        self._rng = rng or random.Random()
        self._sessions: dict[tuple[str, int], str] = {}
        self.tally, voted = self._earlier()
        self._past = [p for p in past if (p.world.id, p.seed, p.turn.number) not in voted]
        #: Turns that could not be compared, as one did not tell them or both did alike.
        self.skipped = 0
        self._told = 0
        if self.tally.votes + len(self._past) < LEAST:
            raise NotEnoughFeedback(
                f"There are {len(self._past)} turns of yours to tell again, and {LEAST} pairs are"
                " the least that can show anything.",
                "Play on for a while; turns of worlds that have changed since do not count.",
            )

    @property
    def kept(self) -> bool:
        """Whether choices are kept: not while feedback is off."""
        return self._store.recording

    def next(self, cancel: threading.Event | None = None) -> Pair | None:
        """The next pair; None when there is no turn left or `cancel` was set."""
        while self._past and not (cancel is not None and cancel.is_set()):
            past = self._past.pop(0)
            tellings = [self._tell(past, c, cancel) for c in (self.current, self.candidate)]
            now, then = tellings
            if now is None or then is None or now.prose == then.prose:
                self.skipped += 1
                continue
            self._told += 1
            side: Literal["left", "right"] = self._rng.choice(("left", "right"))
            left, right = (then, now) if side == "left" else (now, then)
            return Pair(
                self._told, past.turn.command, now.plain, left.prose, right.prose, side,
                {"left": left.generation, "right": right.generation},
            )  # fmt: skip
        return None

    def vote(self, pair: Pair, choice: Choice) -> None:
        """Count the player's choice, and keep it where the tellings could be kept."""
        if choice == "neither":
            self.tally = replace(self.tally, neither=self.tally.neither + 1)
            return
        other = "right" if choice == "left" else "left"
        chosen, rejected = pair._generations[choice], pair._generations[other]
        if chosen is not None and rejected is not None:
            self._store.prefer(chosen, rejected, origin=ORIGIN)
        won = choice == pair._candidate
        self.tally = replace(
            self.tally, wins=self.tally.wins + won, losses=self.tally.losses + (not won)
        )

    def _tell(
        self, past: Past, contender: Contender, cancel: threading.Event | None
    ) -> Telling | None:
        """The model's telling of the turn in the contender's words; None when it was told plainly.

        As in play, with the same seed for both, and with nothing remembered from before.
        """
        session = past.session()
        session.feedback_session = self._session(past)
        self._model.use_adapter(None)  # which is what a new performer takes for granted
        performer = Performer(session, self._model, self._store, contender)
        performer.sample_as(self._sampling)
        turn = replace(past.turn, speech=())
        found = None
        for piece in performer.perform(turn, cancel=cancel):
            if piece.final is not None and piece.final.source == "model":
                found = piece.final
        self._model.use_adapter(None)
        return found

    def _session(self, past: Past) -> str:
        """The feedback session for the tellings of one game's turns."""
        key = (past.world.id, past.seed)
        if key not in self._sessions:
            from game import __version__

            self._sessions[key] = self._store.start_session(
                world=past.world.id,
                world_hash=past.world.hash,
                seed=past.seed,
                game_version=__version__,
                model_hash=self._model.model_hash,
                mode=ORIGIN,
            )
        return self._sessions[key]

    def _earlier(self) -> tuple[Tally, set[tuple[str, int, int]]]:
        """The votes on these two from before, and the turns (world, seed, number) they were on."""
        both = (self.candidate.adapter_id, self.current.adapter_id)
        games = {s.id: (s.world, s.seed) for s in self._store.sessions() if s.mode == ORIGIN}
        wins = losses = 0
        voted = set()
        for preference in self._store.preferences("player"):
            if preference.origin != ORIGIN or preference.session not in games:
                continue
            chosen = self._store.generation(preference.chosen)
            rejected = self._store.generation(preference.rejected)
            if chosen is None or rejected is None or chosen.model_hash != self._model.model_hash:
                continue
            order = (chosen.adapter_id, rejected.adapter_id)
            if order in (both, both[::-1]):
                wins, losses = wins + (order == both), losses + (order != both)
                voted.add((*games[preference.session], chosen.turn))
        return Tally(wins, losses), voted
