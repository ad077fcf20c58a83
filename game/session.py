"""The turn loop: one player, the rules, the cast and what the player perceives of it all."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from game import __version__, meta
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.parser import Command, ParserMemory, Question, complete, parse
from game.engine.perception import Knowledge, Triple, observe, perceived
from game.engine.rules import Entry, admissible, apply, canonical, pass_turn
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from game.errors import SaveError
from game.meta import Ask, MetaCommand
from game.narrator.describe import describe_room
from game.narrator.plain import tell
from game.narrator.replies import plain_reply
from game.saves import Save, read_save, save_path, write_save
from game.turn import Beat, SpeechCue, Turn, together

if TYPE_CHECKING:
    from game.cast import Cast
    from game.feedback.store import FeedbackStore

__all__ = ["AUTOSAVE", "Beat", "Session", "SpeechCue", "Turn"]

AUTOSAVE = "autosave"
#: What answers a question of the game's own, and whether it means yes.
ANSWERS = dict.fromkeys(("yes", "y", "yes please", "ok"), True) | dict.fromkeys(
    ("no", "n", "no thanks", "never mind"), False
)
#: The longest command that is read; what is beyond it is cut.
LONGEST_COMMAND = 1_000
#: How many events a character keeps in mind until its next turn.
LONGEST_INBOX = 20
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class _Before:
    """Everything `undo` brings back."""

    state: State
    journal: int
    cast: Any
    heard: dict[str, tuple[Event, ...]]
    knowledge: dict[Triple, int]


@dataclass
class Session:
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
    journal: list[Entry] = field(init=False, default_factory=list)
    knowledge: Knowledge = field(init=False)
    feedback_session: str | None = field(init=False, default=None)
    quitting: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.state = self.world.initial_state(self.seed)
        self.knowledge = Knowledge(self.player)
        self._history: list[_Before] = []
        self._memory = ParserMemory()
        self._heard: dict[str, tuple[Event, ...]] = {}
        self._said: dict[str, deque[str]] = {}
        self._last_command = ""
        self._trouble = ""
        self._asked: Ask | None = None
        self._look_around()

    @property
    def player(self) -> str:
        return self.world.player

    @property
    def number(self) -> int:
        return self.state.turn

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
        fresh = not self.journal
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
        self._asked = answer
        return self._record(replace(self._said_so(text, answer.text), question=answer.text))

    def _steps(self, text: str) -> Iterator[Turn]:
        """Play a line's commands, one after the other, until one of them does not work out."""
        lines = deque([text])
        while lines:
            line = lines.popleft()
            parsed = parse(self.state, self.player, line, memory=self._memory)
            if not isinstance(parsed, Command):
                question = parsed.text if isinstance(parsed, Question) else None
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
        said = canonical(self.world, action) if action.verb in VERBS else action.verb
        before = _Before(
            self.state.clone(),
            len(self.journal),
            self.cast.memory() if self.cast else None,
            dict(self._heard),
            dict(self.knowledge.facts),
        )
        events = apply(self.state, self.player, action)
        refused = events[0].type == "refused"
        free = VERBS[action.verb].free if action.verb in VERBS else True
        mine = perceived(self.state, self.player, events)
        plain = tell(self.state, mine, self.player)
        if assumed:
            plain = f"{assumed}\n{plain}"
        kind: Literal["player", "notice"] = "notice" if free or refused else "player"
        beats = [Beat(kind, tuple(mine), plain, self.player)]
        speech: tuple[SpeechCue, ...] = ()
        if not refused and not free:
            self._history.append(before)
            self.journal.append((self.player, action))
            self._spread(events, self.player)
            speech = self._answers(action, events)
            beats += self._time_passes()
            self._look_around()
            beats += self._health_after(before.state)
            beats += self._autosave()
        return Turn(self.number, command, action, said, tuple(beats), speech, done=self.done)

    def _time_passes(self) -> list[Beat]:
        """The clock moves on, then the cast acts: what the player perceives of it."""
        beats: list[Beat] = []
        if self.done:
            return beats
        for who, events, decision in self._others():
            self._spread(events, who)
            mine = perceived(self.state, self.player, events)
            plain = tell(self.state, mine, self.player)
            if plain:
                kind: Literal["player", "character"] = "character" if who else "player"
                beats.append(Beat(kind, tuple(mine), plain, who or self.player, decision))
        return beats

    def _others(self) -> list[tuple[str | None, list[Event], int | None]]:
        happened: list[tuple[str | None, list[Event], int | None]] = []
        happened.append((None, pass_turn(self.state), None))
        self.journal.append((None, None))
        for who in self.cast.whose_turn(self.state, self._heard) if self.cast else ():
            if self.done or who in self.state.dead:
                continue
            assert self.cast is not None
            decision = self.cast.decide(self.state, who, self._heard.pop(who, ()))
            if decision.action is None:
                continue
            events = apply(self.state, who, decision.action)
            self.journal.append((who, decision.action))
            row = None
            seen = perceived(self.state, self.player, events)
            if self.store and seen:
                row = self.store.record_decision(
                    self._begun(self.store),
                    self.number,
                    character=who,
                    observation=decision.observation,
                    admissible=[canonical(self.world, a) for a in decision.admissible],
                    chosen=canonical(self.world, decision.action),
                    logprob=decision.logprob,
                    policy_id=decision.policy,
                    role=decision.role,
                )
            happened.append((who, events, row))
        return happened

    def _health_after(self, before: State) -> list[Beat]:
        """How the player stands now, when the turn changed it."""
        now, most = self.state.health[self.player], self.world.characters[self.player].health
        if now == before.health[self.player] or self.player in self.state.dead:
            return []
        return [Beat("notice", (), f"[Health: {now} of {most}]")]

    def _spread(self, events: Sequence[Event], actor: str | None) -> None:
        """Let every other character hear of what it perceives, for its next turn."""
        for who in self.world.characters:
            if who not in (self.player, actor):
                seen = perceived(self.state, who, events)
                if seen:
                    self._heard[who] = (*self._heard.get(who, ()), *seen)[-LONGEST_INBOX:]

    def _answers(self, action: Action, events: Sequence[Event]) -> tuple[SpeechCue, ...]:
        """Who should answer what the player said, unless a reaction has them speak already."""
        if not VERBS[action.verb].speech or action.verb == "shout" or self.done:
            return ()
        whom = action.noun
        if whom is None:
            here = Scope(self.state, self.player).here
            named = [p for p in here if self.world.name(p).lower() in str(action.text).lower()]
            whom = next(iter(named or here), None)
        spoke = {e.actor for e in events[1:] if e.type in ("said", "told", "shouted")}
        if whom is None or whom in self.state.dead or whom in spoke:
            return ()
        before = self._said.setdefault(whom, deque(maxlen=6))
        reply = plain_reply(self.state, whom, action.text or "", tuple(before))
        before.append(reply)
        return (SpeechCue(whom, action.text or "", reply),)

    def _look_around(self) -> None:
        if self.player not in self.state.dead:
            self.knowledge.see(self.state, observe(self.state, self.player))

    # -- what commands about the game do -------------------------------------------------------

    def undo(self) -> Action | None:
        """Take the player's last turn back; returns what they had done, None for nothing."""
        if not self._history:
            return None
        undone = self.journal[self._history[-1].journal][1]
        self._bring_back(self._history.pop())
        self._autosave()
        return undone

    def _bring_back(self, before: _Before) -> None:
        self.state = before.state
        del self.journal[before.journal :]
        if self.cast is not None:
            self.cast.restore(before.cast)
        self.knowledge.facts = before.knowledge
        self._heard = before.heard
        self._memory = ParserMemory()

    def leave(self) -> list[str]:
        """End the game, saved; returns what went wrong with that."""
        trouble = self._autosave()
        self.quitting = True
        return [beat.plain for beat in trouble]

    def room_text(self) -> str:
        """Where the player is, as they see it."""
        return describe_room(self.state, self.player, Scope(self.state, self.player))

    # -- saving -------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Write the game to the save `name`. Raises SaveError."""
        if self.saves is None:
            raise SaveError("This game keeps no saves.", "Start it without a pipe to save it.")
        write_save(
            save_path(self.saves, self.world.id, name),
            Save(
                world=self.world.id,
                world_hash=self.world.hash,
                seed=self.seed,
                digest=self.state.digest(),
                turn=self.number,
                room=self.world.name(self.state.parent[self.player]),
                journal=tuple(self.journal),
                extra={
                    "cast": self.cast.memory() if self.cast else None,
                    "heard": {who: list(map(list, seen)) for who, seen in self._heard.items()},
                },
            ),
        )

    def restore(self, name: str) -> None:
        """Go on from the save `name`, with all its turns to undo. Raises SaveError."""
        if self.saves is None:
            raise SaveError("This game keeps no saves.", "Start it without a pipe to save it.")
        path = save_path(self.saves, self.world.id, name)
        save = read_save(path)
        if save.world_hash != self.world.hash:
            raise SaveError(
                f"The world {self.world.id!r} has changed since {name!r} was saved.",
                "Put the old world file back to go on with it, or start again with --new.",
            )
        trial = Session(self.world, save.seed, autosave=False)
        memory = self.cast.memory() if self.cast else None
        for actor, action in save.journal:
            if actor is None or action is None:
                pass_turn(trial.state)
            else:
                if actor == self.player:
                    trial._history.append(
                        _Before(
                            trial.state.clone(),
                            len(trial.journal),
                            memory,
                            {},
                            dict(trial.knowledge.facts),
                        )
                    )
                apply(trial.state, actor, action)
            trial.journal.append((actor, action))
            if actor is None or actor == self.player:
                trial._look_around()
        if trial.state.digest() != save.digest:
            raise SaveError(
                f"The save {name!r} does not lead to the state it was saved in.",
                "It was changed, or made by another version. The game goes on as it was.",
            )
        self.seed, self.state, self.journal = save.seed, trial.state, trial.journal
        self._history, self.knowledge = trial._history, trial.knowledge
        self._memory = ParserMemory()
        self._heard = {
            who: tuple(Event(*fields) for fields in seen)
            for who, seen in save.extra.get("heard", {}).items()
        }
        if self.cast is not None and save.extra.get("cast") is not None:
            self.cast.restore(save.extra["cast"])

    def has_autosave(self) -> bool:
        return self.saves is not None and save_path(self.saves, self.world.id, AUTOSAVE).exists()

    def resume(self) -> bool:
        """Go on from the last autosave, if there is one. Raises SaveError when it is no good."""
        if not self.has_autosave():
            return False
        self.restore(AUTOSAVE)
        return True

    def _autosave(self) -> list[Beat]:
        """Save; trouble is told once, and the game goes on."""
        if not self.autosave or self.saves is None:
            return []
        try:
            self.save(AUTOSAVE)
        except SaveError as error:
            told, self._trouble = self._trouble, str(error)
            return [] if told == self._trouble else [Beat("notice", (), self._trouble)]
        self._trouble = ""
        return []

    def go_on_from(self, state: State) -> None:
        """Play on from a state that was made elsewhere: nothing before it can be undone or kept."""
        self.state = state
        self.journal.clear()
        self._history.clear()
        self._look_around()

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
        if self.store is None:
            return turn
        row = self.store.record_turn(
            self._begun(self.store),
            turn.number,
            command=turn.command,
            action=turn.canonical,
            plain=turn.plain,
            room=self.state.parent[self.player],
            state_hash=self.state.digest(),
        )
        return replace(turn, row=row)

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
