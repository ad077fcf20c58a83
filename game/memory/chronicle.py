"""The chronicle of a game: what everybody perceived, found by playing its journal again.

Nothing here is saved. The same world, seed and journal give the same chronicle, so memories come
back with every undo, restore and branch exactly as they were. Only what the journal does not hold
(doors that were tried in vain) is told to the chronicle, and forgotten when it was undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from game.engine.conditions import wording
from game.engine.events import Event
from game.engine.model import State, World
from game.engine.perception import Knowledge, Observation, observe, perceived, perceives
from game.engine.rules import Entry, apply, pass_turn
from game.engine.scope import scope_of
from game.memory.answers import Answer, answer_to
from game.memory.episodes import WEIGHTS, Episode
from game.memory.travels import Travels
from game.narrator.describe import health_word

#: A copy of the progress is kept every so many entries, and so many of them, for undo.
EVERY, KEPT = 48, 6
#: How many of its own replies a character keeps in mind, so as not to repeat itself.
REPLIES = 6

_MILESTONES = frozenset({"started_quest", "reached_goal", "finished_quest"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody as the player last saw them: when first, when last, where, and how they were."""

    first: int
    turn: int
    room: str
    look: str
    mood: str
    health: str
    dead: bool
    following: bool


@dataclass(slots=True)
class Progress:
    """All that is known after `entries` of the journal; `episodes` and `milestones` are counts."""

    state: State
    entries: int = 0
    episodes: int = 0
    milestones: int = 0
    known: dict[str, Knowledge] = field(default_factory=dict)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    travels: Travels = field(default_factory=Travels)
    met: dict[str, Sighting] = field(default_factory=dict)
    views: dict[str, tuple[Observation, tuple[str, ...]]] = field(default_factory=dict)

    def copy(self) -> Progress:
        return Progress(
            self.state.clone(),
            self.entries,
            self.episodes,
            self.milestones,
            {who: Knowledge(who, k.facts.copy()) for who, k in self.known.items()},
            self.said.copy(),
            self.travels.copy(),
            self.met.copy(),
            self.views.copy(),
        )


class Chronicle:
    """Follows one game at a time. Not thread-safe.

    `episodes` and `milestones` (quests begun and goals reached: turn, event) are in order; `tried`
    gives each door found locked the journal's length and the turn when it was.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.episodes: list[Episode] = []
        self.milestones: list[tuple[int, Event]] = []
        self.tried: dict[str, tuple[int, int]] = {}
        self.answer: Answer | None = None
        self._seed: int | None = None
        self._entries: list[Entry] = []
        self._start: State = world.initial_state()
        self._kept: list[Progress] = []
        self._now = self._begin(self._start)

    # -- following ----------------------------------------------------------------------------

    def sync(self, seed: int, journal: Sequence[Entry], state: State) -> Chronicle:
        """Catch up with a game: the entries that it has more, or fewer, or others.

        A state that does not follow from the journal (a game carried over from another version of
        its world) is where the chronicle begins anew.
        """
        if seed != self._seed:
            if self._seed is not None:
                self.tried = {}
            self._restart(seed, self.world.initial_state(seed))
        same = 0
        for mine, theirs in zip(self._entries, journal, strict=False):
            if mine != theirs:
                break
            same += 1
        if same < len(self._entries):
            self._go_back_to(same)
        for entry in journal[self._now.entries :]:
            self._play(entry)
        if self._now.state.digest() != state.digest():
            self.tried = {}
            self._restart(seed, state)
            self._entries = list(journal)
            self._now.entries = len(journal)
        return self

    def found_locked(self, thing: str) -> None:
        """Note that the player tried a door or lid and found it locked. Sync first."""
        self.tried[thing] = (self._now.entries, self._now.state.turn)

    def _restart(self, seed: int, start: State) -> None:
        self._seed, self._start = seed, start.clone()
        self._entries, self._kept = [], []
        self.episodes, self.milestones, self.answer = [], [], None
        self._now = self._begin(self._start)

    def _begin(self, start: State) -> Progress:
        now = Progress(start.clone())
        now.known = {who: Knowledge(who) for who in self.world.characters}
        for who in self.world.characters:
            self._look(now, who)
        return now

    def _go_back_to(self, entries: int) -> None:
        """To the last kept progress at or before `entries`; what lies between is played again."""
        self._kept = [p for p in self._kept if p.entries <= entries]
        self._now = self._kept[-1].copy() if self._kept else self._begin(self._start)
        del self._entries[self._now.entries :]
        del self.episodes[self._now.episodes :]
        del self.milestones[self._now.milestones :]
        self.tried = {d: at for d, at in self.tried.items() if at[0] <= entries}
        self.answer = None

    def _play(self, entry: Entry) -> None:
        now, (actor, action) = self._now, entry
        if actor is None or action is None:
            events = pass_turn(now.state)
        else:
            events = apply(now.state, actor, action)
        self._entries.append(entry)
        now.entries += 1
        player = self.world.player
        seen = perceived(now.state, player, events)
        now.travels.notice(now.state, player, seen)
        for event in events:
            if event.type in _MILESTONES:
                self.milestones.append((now.state.turn, event))
            self._keep(event)
        self.answer = None
        if actor == player and action is not None:
            self._reply(answer_to(self, action, events))
        lookers = self.world.characters if actor is None else {player, actor}
        for who in lookers:
            self._look(now, who)
        now.episodes, now.milestones = len(self.episodes), len(self.milestones)
        if now.entries % EVERY == 0:
            self._kept = [*self._kept[-KEPT:], now.copy()]

    def _keep(self, event: Event) -> None:
        if event.type not in WEIGHTS:
            return
        state = self._now.state
        who = frozenset(
            c
            for c in self.world.characters
            if (c == event.actor or state.parent[c] in self.world.rooms)
            and perceives(state, c, event)
        )
        self.episodes.append(Episode(state.turn, self._now.entries, event, who))

    def _reply(self, answer: Answer | None) -> None:
        self.answer = answer
        if answer is None:
            return
        said = self._now.said.get(answer.character, ())
        self._now.said[answer.character] = (*said, answer.plain)[-REPLIES:]
        if answer.words:
            room = self._now.state.parent[answer.character]
            self._keep(
                Event(
                    "told",
                    answer.character,
                    target=self.world.player,
                    room=room,
                    text=answer.words,
                    manner="answer",
                )  # fmt: skip
            )

    def _look(self, now: Progress, who: str) -> None:
        state = now.state
        if who in state.dead or state.parent[who] not in self.world.rooms:
            return
        seen = observe(state, who)
        if who == self.world.player:
            now.travels.look(state, who)
            self._meet(now)
        else:
            # Most people see from turn to turn what they saw before, and learn nothing from it.
            parents = tuple([state.parent[id] for id in (*seen.things, *seen.theirs)])
            view = (seen, parents)
            if now.views.get(who) == view:
                return
            now.views[who] = view
        now.known[who].see(state, seen)

    def _meet(self, now: Progress) -> None:
        state, player = now.state, self.world.player
        scope = scope_of(state, player)
        for id in (*scope.here, *scope.bodies):
            if id not in self.world.characters:
                continue
            before = now.met.get(id)
            now.met[id] = Sighting(
                before.first if before else state.turn,
                state.turn,
                scope.room,
                wording(state, self.world.characters[id]).strip(),
                state.mood_of(id),
                health_word(state, id),
                id in state.dead,
                state.following.get(id) == player,
            )

    # -- asking -------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state the chronicle has come to; not to be changed."""
        return self._now.state

    @property
    def entries(self) -> int:
        return self._now.entries

    @property
    def travels(self) -> Travels:
        return self._now.travels

    @property
    def met(self) -> dict[str, Sighting]:
        return self._now.met

    def knowledge(self, who: str) -> Knowledge:
        return self._now.known[who]

    def said(self, who: str) -> tuple[str, ...]:
        """The last replies of `who` to the player, as they were told plainly."""
        return self._now.said.get(who, ())

    def remembered(self, who: str, before: int | None = None) -> list[Episode]:
        """What `who` perceived, in order; `before` leaves out that entry of the journal and on."""
        return [
            e for e in self.episodes if who in e.witnesses and (before is None or e.entry < before)
        ]
