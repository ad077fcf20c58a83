"""What the bridge's threads tell the screen. Widgets change only because of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from game.front.asides import Answer
    from game.front.book import Book
    from game.front.says import Says
    from game.front.scene import Scene

NarratorState = Literal["plain", "warming up", "ready", "writing", "failed"]


@dataclass
class GameOpened(Message):
    """The world is loaded; the opening follows as a turn. `resumed`: an earlier game goes on.

    `pending` thumbs wait for training."""

    title: str
    resumed: bool
    pending: int


@dataclass
class TurnBegun(Message):
    """Command number `turn` has moved the world: `scene` is how it stands. Tellings follow."""

    turn: int
    scene: Scene


@dataclass
class BookKept(Message):
    """What the player knows by now: for the map, the journal and the people."""

    book: Book


@dataclass
class Told(Message):
    """The next sentence, or the end, of one telling of command number `turn`."""

    turn: int
    says: Says


@dataclass
class TurnDone(Message):
    """Everything about the turn has been told. `over`: the story has ended; `quitting`: the player
    wants to leave."""

    over: bool
    quitting: bool


@dataclass
class NarratorChanged(Message):
    """The narrator's state, and why it failed if it did."""

    state: NarratorState
    reason: str = ""


@dataclass
class VoteKept(Message):
    """The thumb on block `key` is in the database; `pending` thumbs wait for training."""

    key: int
    pending: int


@dataclass
class VoteFailed(Message):
    """The thumb on block `key` could not be kept: it has again the `value` and `tags` it had."""

    key: int
    value: int
    tags: tuple[str, ...]
    reason: str


@dataclass
class Answered(Message):
    """What came of a retry, a swipe, an edit or a question about the telling that `key` shows."""

    key: int
    answer: Answer


@dataclass
class AsideRefused(Message):
    """Nothing came of it: the block `key` stays as it was."""

    key: int
    reason: str


@dataclass
class Trouble(Message):
    """A command could not be carried out; the game goes on."""

    message: str
    hint: str


@dataclass
class GameFailed(Message):
    """The game cannot go on."""

    error: Exception
