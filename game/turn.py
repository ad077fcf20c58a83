"""What a command brings about, as the session hands it to the tellers and front ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from game.engine.events import Action, Event

if TYPE_CHECKING:
    from game.acting.explanation import Explanation

    Why = Callable[[], Explanation]


@dataclass(frozen=True, slots=True)
class Beat:
    """A stretch of events in a turn that is told together, and rated together.

    `kind`: "player" (what the player did and what followed), "character" (what one character then
    did, by its own decision), "notice" (help, inventory, errors, saves: shown as they are, never
    retold). `decision` is the feedback row of the character's decision, `why` asks its policy for
    its reasons.
    """

    kind: Literal["player", "character", "notice"]
    events: tuple[Event, ...]
    plain: str
    actor: str | None = None
    decision: int | None = None
    why: Why | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SpeechCue:
    """A character owes the player an answer: who, what was said to them, and the plain reply.

    `recalled` are the sentences of the reply that come from its memory of this game, `in_mind` what
    else it remembers that may matter, the most needful first.
    """

    character: str
    heard: str
    plain: str
    recalled: tuple[str, ...] = ()
    in_mind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One command and everything the player perceived because of it.

    `action` is None when nothing was tried (a question, a misunderstanding, a meta command).
    `question` is what the game asks back. `plain` is the whole turn told plainly. `row` is the
    turn's feedback row, the target of a thumb on a plain telling.
    """

    number: int
    command: str
    action: Action | None
    canonical: str | None
    beats: tuple[Beat, ...]
    speech: tuple[SpeechCue, ...] = ()
    question: str | None = None
    done: bool = False
    row: int | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(e for beat in self.beats for e in beat.events)

    @property
    def plain(self) -> str:
        parts = [beat.plain for beat in self.beats] + [cue.plain for cue in self.speech]
        return "\n".join(p for p in parts if p)


def together(command: str, turns: Sequence[Turn]) -> Turn:
    """The turns of one line's commands as one turn; it stands for the last action tried."""
    if len(turns) == 1:
        return turns[0]
    last = turns[-1]
    tried = [t for t in turns if t.action is not None]
    return replace(
        last,
        command=command,
        action=tried[-1].action,
        canonical=". ".join(t.canonical or "" for t in tried),
        beats=tuple(beat for t in turns for beat in t.beats),
        speech=tuple(cue for t in turns for cue in t.speech),
    )
