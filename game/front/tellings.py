"""Everything told in this game, with all the ways it was told: swipes, edits, and what they say."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

from game.errors import UsageError
from game.front.says import Says, SaysKind
from game.front.thumbs import Target

if TYPE_CHECKING:
    from game.feedback.store import FeedbackStore
    from game.narrator.context import Context
    from game.narrator.telling import Telling
    from game.performance import Occasion, Performer

#: The longest wording that an edit may have, in characters.
LONGEST_EDIT = 1_000

#: As many of the latest tellings can be told another way: each of them keeps a copy of its state.
RETELLABLE = 200


@dataclass
class Take:
    """One way in which something was told; `edit` is the player's wording of the model's words."""

    telling: Telling
    context: Context | None = None
    edit: str | None = None

    @property
    def words(self) -> str:
        """The model's own words, or what the player made of them."""
        return self.telling.sampled if self.edit is None else self.edit

    @property
    def text(self) -> str:
        """The whole telling as shown."""
        prose = self.telling.prose
        return prose if self.edit is None else prose.replace(self.telling.sampled, self.edit, 1)


@dataclass
class Told:
    """One thing told, in one or more takes of which one is `shown`.

    `number` identifies it in this game. `fixed` is the row a thumb goes to whatever the take (what
    a character decided), `plain_row` the one it goes to when the take was told plainly.
    """

    number: int
    kind: SaysKind
    occasion: Occasion
    takes: list[Take]
    fixed: Target | None = None
    plain_row: Target | None = None
    shown: int = 0

    @property
    def take(self) -> Take:
        return self.takes[self.shown]

    @property
    def text(self) -> str:
        return self.take.text

    @property
    def target(self) -> Target | None:
        """Where a thumb on the take that is shown goes."""
        if self.fixed is not None:
            return self.fixed
        generation = self.take.telling.generation
        return self.plain_row if generation is None else Target("generation", generation)

    @property
    def generations(self) -> list[int]:
        """The rows of the takes that the model wrote, in order."""
        found = (take.telling.generation for take in self.takes)
        return [generation for generation in found if generation is not None]

    def forget_state(self) -> None:
        """Let go of the copies of the state; what was told, and every take of it, stays."""
        beat = self.occasion.beat
        beat = None if beat is None else replace(beat, why=None)
        self.occasion = replace(self.occasion, state=None, beat=beat)

    def says(self) -> Says:
        """How it stands now."""
        telling = self.take.telling
        return Says(
            self.occasion.number, self.kind, self.text, True,
            facts=telling.plain, source=telling.source, target=self.target,
            generation=telling.generation, told=self.number, take=self.shown + 1,
            takes=len(self.takes), edited=self.take.edit is not None,
        )  # fmt: skip


@dataclass
class Tellings:
    """What was told in this game, oldest first, and what the player does with it beyond a thumb.

    Used by the thread that plays; `thumbed` by any. `store` None keeps nothing.
    """

    store: FeedbackStore | None
    told: list[Told] = field(default_factory=list)
    _open: list[Told] = field(default_factory=list)
    _settled: dict[int, Told] = field(default_factory=dict)

    def add(
        self, kind: SaysKind, occasion: Occasion, take: Take,
        fixed: Target | None, plain_row: Target | None,
    ) -> Told:  # fmt: skip
        """Note what was told; its tokens are the database's, so that a long game stays small."""
        take.telling = replace(take.telling, tokens=[], prompt_ids=(), prompt=None)
        told = Told(len(self.told) + 1, kind, occasion, [take], fixed, plain_row)
        self.told.append(told)
        if len(self.told) > RETELLABLE:
            self.told[-RETELLABLE - 1].forget_state()
        return told

    def last(self, n: int = 1) -> Told:
        """The n-th last telling. Raises UsageError when there is none."""
        if not 1 <= n <= len(self.told):
            raise UsageError(
                f"There is no telling that far back ({len(self.told)} so far).",
                "Play a turn first, or use a smaller number.",
            )
        return self.told[-n]

    def retry(
        self, told: Told, performer: Performer, cancel: threading.Event | None = None
    ) -> None:
        """Tell it another way and show that. Raises UsageError when it cannot be, or nothing new
        passes the guard."""
        others = [take.telling.sampled for take in told.takes if take.telling.sampled]
        telling = performer.retell(
            told.occasion, others, swipe_of=next(iter(told.generations), None), cancel=cancel
        )
        if telling.source != "model":
            if cancel is not None and cancel.is_set():
                raise UsageError("Stopped: the telling you have stands.")
            raise UsageError(
                f"None of {len(telling.judged)} other tellings kept to the facts.",
                "The telling you have stands; you may ask again.",
            )
        context = performer.measure(telling)
        telling = replace(telling, tokens=[], prompt_ids=(), prompt=None)
        told.takes.append(Take(telling, context))
        self._show(told, len(told.takes) - 1, performer)

    def swipe(self, told: Told, step: int, performer: Performer) -> None:
        """Show the take before (-1) or after (1). Raises UsageError at either end."""
        at = told.shown + step
        if not 0 <= at < len(told.takes):
            raise UsageError(
                "There is no other telling on that side.", "Ask for another one with: retry"
            )
        self._show(told, at, performer)

    def edit(self, told: Told, text: str, performer: Performer) -> None:
        """Put the player's wording in the place of the model's words; the same words take an edit
        back. Raises UsageError for what cannot be edited."""
        telling = told.take.telling
        text = " ".join(text.split())
        if telling.source != "model" or not telling.sampled:
            raise UsageError(
                "This was told plainly: its words are the facts and stay.",
                "Edit what the narrator told, or ask for another telling with: retry",
            )
        if not text or len(text) > LONGEST_EDIT:
            raise UsageError(
                f"A telling has between 1 and {LONGEST_EDIT} characters.", "Write: edit TEXT"
            )
        before = told.take.words
        if text == before:
            return
        told.take.edit = None if text == telling.sampled else text
        performer.amend(told.occasion, before, told.take.words)
        if self.store is not None and telling.generation is not None:
            self.store.record_edit(telling.generation, text)

    def _show(self, told: Told, at: int, performer: Performer) -> None:
        before = told.take
        told.shown = at
        performer.amend(told.occasion, before.words, told.take.words)
        if told not in self._open:
            self._open.append(told)
        chosen = told.take.telling.generation
        if self.store is not None and chosen is not None:
            self.store.mark_chosen(chosen, [g for g in told.generations if g != chosen])

    # -- what it says of the player's taste ---------------------------------------------------

    def settle(self) -> None:
        """The game goes on: what was retold since has been chosen by going on with it."""
        for told in self._open:
            for generation in told.generations:
                self._settled[generation] = told
            self._prefer(told)
        self._open.clear()

    def thumbed(self, target: Target) -> None:
        """A thumb changed: what it says of a telling that the game has gone on with changes too."""
        told = self._settled.get(target.id) if target.kind == "generation" else None
        if told is not None:
            self._prefer(told)

    def _prefer(self, told: Told) -> None:
        """Keep, for every two takes that were seen, which one was liked better, if any was.

        The thumbs decide; where they are alike, the one that the game went on with is preferred,
        unless it was thumbed down.
        """
        if self.store is None:
            return
        thumbs = {}
        for generation in told.generations:
            vote = self.store.current_vote("generation", generation)
            thumbs[generation] = 0 if vote is None else vote.value
        kept = told.take.telling.generation
        for one, other in combinations(told.generations, 2):
            if thumbs[one] != thumbs[other]:
                chosen = max(one, other, key=thumbs.__getitem__)
                self.store.prefer(chosen, one + other - chosen, origin="thumbs")
            elif kept in (one, other) and thumbs[kept] >= 0:
                self.store.prefer(kept, one + other - kept, origin="kept")
            else:
                self.store.withdraw_preference(one, other)
