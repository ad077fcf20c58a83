"""The turn loop: one player, the rules, the cast and what the player perceives of it all."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from game import __version__, meta
from game.course import AUTOSAVE, Course
from game.engine.conditions import wording
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.parser import Command, Misunderstanding, Question, complete, parse
from game.engine.perception import Knowledge, perceived
from game.engine.roles import DIRECT
from game.engine.rules import Entry, admissible, apply, canonical, pass_turn
from game.engine.verbs import VERBS
from game.errors import FeedbackError
from game.memory.notebook import Notebook
from game.meta import Ask, MetaCommand, Play
from game.meta.hints import Hinted
from game.moment import Moment
from game.narrator.plain import tell
from game.timeline import ROOT, Timeline
from game.turn import Beat, SpeechCue, Turn, together

if TYPE_CHECKING:
    from game.cast import Cast, Decision
    from game.feedback.store import FeedbackStore
    from game.transcripts import Transcript
    from game.turn import Why

__all__ = ["AUTOSAVE", "Beat", "Session", "SpeechCue", "Turn"]

#: What answers a question of the game's own, and whether it means yes.
ANSWERS = dict.fromkeys(("yes", "y", "yes please", "ok"), True) | dict.fromkeys(
    ("no", "n", "no thanks", "never mind"), False
)
#: The longest command that is read; what is beyond it is cut.
LONGEST_COMMAND = 1_000
#: Control characters, halves of characters, and marks that turn the direction of a line.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]+")


@dataclass
class Session(Course):
    """One game in progress. Not thread-safe: one thread plays it.

    `cast` None leaves every character to scripted reactions alone; `store` None records nothing;
    `saves` None saves nothing. `mode` ("tui", "plain", "json") is kept with the feedback.
    """

    world: World
    seed: int = 0
    cast: Cast | None = None
    store: FeedbackStore | None = None
    saves: Path | None = None
    mode: str = "plain"
    model_hash: str | None = None
    autosave: bool = True
    state: State = field(init=False)
    timeline: Timeline = field(init=False, default_factory=Timeline)
    knowledge: Knowledge = field(init=False)
    feedback_session: str | None = field(init=False, default=None)
    quitting: bool = field(init=False, default=False)
    #: Rooms that were seen before are told without their descriptions.
    brief: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.notebook = Notebook(self.world)
        self._begin_course()
        self._last_command = ""
        self._asked: Ask | None = None
        #: The last line with a word that was not known, and that word.
        self.strange: tuple[str, str] | None = None
        self.hinted = Hinted()
        #: Why the feedback store could not be written, what was told of it, and in which turn.
        self._unkept = self._unkept_told = ""
        self._unkept_turn: int | None = None
        self.transcript: Transcript | None = None

    @property
    def done(self) -> bool:
        """Whether the story has ended (undo and restore still work)."""
        return self.state.ended is not None

    def admissible(self) -> list[str]:
        """What the player could do now, speech aside, as commands that mean exactly that."""
        return [canonical(self.world, a) for a in admissible(self.state, self.player)]

    def complete(self, prefix: str) -> list[str]:
        """Commands that begin with `prefix` and would work now, the likeliest first."""
        return complete(self.state, self.player, prefix)

    # -- turns --------------------------------------------------------------------------------

    def opening(self) -> Turn:
        """The scene as the game begins or goes on; changes nothing."""
        room = self.room_text()
        fresh = self.timeline.at == ROOT
        plain = "\n\n".join(p for p in (self.world.intro.strip() if fresh else "", room) if p)
        return self._record(
            Turn(self.number, "", None, None, (Beat("notice", (), plain),), done=self.done)
        )

    def command(self, text: str) -> Turn:
        """Take one line from the player and play it out."""
        text = _CONTROLS.sub(" ", text[:LONGEST_COMMAND]).strip()
        words = text.lower().rstrip(".!").split()
        if words in (["again"], ["g"]):
            text = self._last_command
            words = text.lower().split()
        asked, self._asked = self._asked, None
        if asked is not None and " ".join(words) in ANSWERS:
            return self.notice(text, asked.yes() if ANSWERS[" ".join(words)] else asked.no)
        found = meta.find(self, text)
        if found is not None:
            return self._about_the_game(text, *found)
        turns = list(self._steps(text))
        if turns[0].action is not None:
            self._last_command = text
        return self._record(together(text, turns))

    def _about_the_game(self, text: str, command: MetaCommand, argument: str) -> Turn:
        answer = command.run(self, argument)
        if isinstance(answer, str):
            return self.notice(text, answer)
        if isinstance(answer, Play):
            return self.command(answer.line)
        self._asked = answer
        return self._record(replace(self._said_so(text, answer.text), question=answer.text))

    def _steps(self, text: str) -> Iterator[Turn]:
        """Play a line's commands, one after the other, until one of them does not work out."""
        lines = deque([text])
        self.strange = None
        while lines:
            line = lines.popleft()
            parsed = parse(self.state, self.player, line, memory=self._memory)
            if not isinstance(parsed, Command):
                question = parsed.text if isinstance(parsed, Question) else None
                if isinstance(parsed, Misunderstanding) and parsed.word:
                    self.strange = ". ".join((line, *lines)), parsed.word
                beat = Beat("notice", (), parsed.text)
                yield Turn(self.number, line, None, None, (beat,), (), question, self.done)
                return
            turn = self._act(parsed.action, line, parsed.assumed)
            yield turn
            if turn.done or any(e.type == "refused" for e in turn.beats[0].events):
                return
            lines.extendleft(reversed(parsed.then))

    def act(self, action: Action, command: str | None = None, assumed: str = "") -> Turn:
        """Play out one action of the player's and, if it took time, everybody else's."""
        said = canonical(self.world, action) if action.verb in VERBS else action.verb
        return self._record(self._act(action, said if command is None else command, assumed))

    def _act(self, action: Action, command: str, assumed: str) -> Turn:
        before = self._moment()
        try:
            return self._play_out(action, command, assumed, before)
        except BaseException:
            # Interrupted, it never happened: half a turn could be neither undone nor replayed.
            self._be(before)
            raise

    def _play_out(self, action: Action, command: str, assumed: str, before: Moment) -> Turn:
        said = canonical(self.world, action) if action.verb in VERBS else action.verb
        events = apply(self.state, self.player, action)
        refused = events[0].type == "refused"
        free = VERBS[action.verb].free if action.verb in VERBS else True
        mine = perceived(self.state, self.player, events)
        plain = self._shortened(tell(self.state, mine, self.player), before)
        if assumed:
            plain = f"{assumed}\n{plain}"
        kind: Literal["player", "notice"] = "notice" if free or refused else "player"
        beats = [Beat(kind, tuple(mine), plain, self.player)]
        speech: tuple[SpeechCue, ...] = ()
        if refused:
            self.notebook.refused(events[0], self.seed, self.journal, self.state)
        elif not free:
            entries: list[Entry] = [(self.player, action)]
            self._spread(events, self.player)
            speech = self._answers(entries)
            self._take_directions(entries)
            beats += self._time_passes(entries)
            self._look_around()
            beats += self._health_after(before.state)
            self._moments.put(self.timeline.at, self.timeline.depth, before)
            self.timeline.add(entries)
            beats += [Beat("notice", (), trouble) for trouble in self.keep()]
        return Turn(self.number, command, action, said, tuple(beats), speech, done=self.done)

    def _shortened(self, plain: str, before: Moment) -> str:
        """What is told of coming to a room, without what the player has read before, if brief."""
        room = self.state.parent[self.player]
        if not self.brief or room == before.state.parent[self.player]:
            return plain
        if any(fact[:2] == (room, "has_exit") for fact in before.knowledge):
            described = wording(self.state, self.world.rooms[room]).strip()
            return plain.replace(f"\n{described}\n", "\n", 1)
        return plain

    def _take_directions(self, entries: list[Entry]) -> None:
        """Let the characters that the director spoke to play what they were given."""
        for who, role in self.directions.items():
            action = Action(DIRECT, text=role)
            apply(self.state, who, action)
            entries.append((who, action))
        self.directions = {}

    def _time_passes(self, entries: list[Entry]) -> list[Beat]:
        """The clock moves on, then the cast acts: what the player perceives of it.

        What is done goes to `entries`."""
        beats: list[Beat] = []
        if self.done:
            return beats
        for who, events, decision, why in self._others(entries):
            self._spread(events, who)
            mine = perceived(self.state, self.player, events)
            plain = tell(self.state, mine, self.player)
            if plain:
                kind: Literal["player", "character"] = "character" if who else "player"
                beats.append(Beat(kind, tuple(mine), plain, who or self.player, decision, why))
        return beats

    def _others(
        self, entries: list[Entry]
    ) -> list[tuple[str | None, list[Event], int | None, Why | None]]:
        happened: list[tuple[str | None, list[Event], int | None, Why | None]] = []
        happened.append((None, pass_turn(self.state), None, None))
        entries.append((None, None))
        for who in self.cast.whose_turn(self.state, self._heard) if self.cast else ():
            if self.done or who in self.state.dead:
                continue
            assert self.cast is not None
            before = self.state.clone()
            decision = self.cast.decide(self.state, who, self._heard.pop(who, ()))
            if decision.action is None:
                continue
            events = apply(self.state, who, decision.action)
            entries.append((who, decision.action))
            row = None
            seen = perceived(self.state, self.player, events)
            if seen:
                row = self._kept(partial(self._keep_decision, decision, decision.action))
            why = partial(self.cast.explain, before, decision)
            happened.append((who, events, row, why))
        return happened

    def _health_after(self, before: State) -> list[Beat]:
        """How the player stands now, when the turn changed it."""
        now, most = self.state.health[self.player], self.world.characters[self.player].health
        if now == before.health[self.player] or self.player in self.state.dead:
            return []
        return [Beat("notice", (), f"[Health: {now} of {most}]")]

    def _answers(self, entries: Sequence[Entry]) -> tuple[SpeechCue, ...]:
        """Who should answer what the player has just said, the last of `entries`, and how."""
        if entries[-1][1] is None or not VERBS[entries[-1][1].verb].speech:
            return ()
        journal = [*self.journal, *entries]
        answer = self.notebook.answer(self.seed, journal, self.state)
        if answer is None:
            return ()
        in_mind = self.notebook.in_mind(answer)
        return (SpeechCue(answer.character, answer.heard, answer.plain, answer.recalled, in_mind),)

    def notice(self, command: str, text: str) -> Turn:
        """A turn that only tells the player something: the answer to a front end's own command."""
        return self._record(self._said_so(command, text))

    # -- records ------------------------------------------------------------------------------

    def _said_so(self, command: str, text: str) -> Turn:
        return Turn(
            self.number,
            command,
            None,
            None,
            (Beat("notice", (), text),),
            done=self.done or self.quitting,
        )

    def _record(self, turn: Turn) -> Turn:
        """Keep the turn in the feedback store, so that it can be thumbed."""
        row = self._kept(partial(self._keep_turn, turn))
        told, self._unkept_told = self._unkept_told, self._unkept
        if self._unkept and self._unkept != told:
            # The game goes on: what a thumb needs may be lost, a turn never.
            news = Beat("notice", (), f"[This turn cannot be thumbed: {self._unkept}]")
            turn = replace(turn, beats=(*turn.beats, news))
        return replace(turn, row=row)

    def _kept(self, keep: Callable[[FeedbackStore, str], int | None]) -> int | None:
        """The row that `keep` makes in the feedback store; None where that fails.

        After a failure nothing more is tried in the same turn, as each try may wait for a lock.
        """
        if self.store is None or self._unkept_turn == self.number:
            return None
        try:
            row = keep(self.store, self._begun(self.store))
        except FeedbackError as error:
            self.not_kept(error)
            return None
        self._unkept, self._unkept_turn = "", None
        return row

    def not_kept(self, error: FeedbackError) -> None:
        """Take note that something of this turn could not be kept in the feedback store. The next
        turn says so, unless it can be kept."""
        self._unkept, self._unkept_turn = str(error), self.number

    def unkept(self, turn: int) -> bool:
        """Whether keeping something of that turn has failed before."""
        return self._unkept_turn == turn

    def _keep_turn(self, turn: Turn, store: FeedbackStore, session: str) -> int | None:
        return store.record_turn(
            session,
            turn.number,
            command=turn.command,
            action=turn.canonical,
            plain=turn.plain,
            room=self.state.parent[self.player],
            state_hash=self.state.digest(),
        )

    def _keep_decision(
        self, decision: Decision, chosen: Action, store: FeedbackStore, session: str
    ) -> int | None:
        return store.record_decision(
            session,
            self.number,
            character=decision.who,
            observation=decision.observation,
            admissible=[canonical(self.world, a) for a in decision.admissible],
            chosen=canonical(self.world, chosen),
            logprob=decision.logprob,
            policy_id=decision.policy,
            role=decision.role,
        )

    def _begun(self, store: FeedbackStore) -> str:
        """The id of this session in the feedback store, begun on first use."""
        if self.feedback_session is None:
            self.feedback_session = store.start_session(
                world=self.world.id,
                world_hash=self.world.hash,
                seed=self.seed,
                game_version=__version__,
                model_hash=self.model_hash,
                mode=self.mode,
            )
        return self.feedback_session
