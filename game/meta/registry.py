"""What a command about the game itself is, and which one a line means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from game.session import Session

#: More words than this after the name of a command, and the line is one for the parser.
MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """A handler's answer that asks back: `yes` is done if the player agrees, else `no` is said."""

    text: str
    yes: Callable[[], str]
    no: str


@dataclass(frozen=True, slots=True)
class Play:
    """A handler's answer that stands for another line: `line` is played as if it was typed."""

    line: str


#: Carries out a command: gets the words after its name as they were typed, returns what to tell.
Handler = Callable[["Session", str], str | Ask | Play]


@dataclass(frozen=True, slots=True)
class MetaCommand:
    """A command about the game, not the world: it takes no time and is not told by the narrator.

    `words` are other names for it. `argument` says what may follow the name, for the help page
    ("" for nothing; "[NAME]" for something that may be left out). `fits`, given the session and
    the argument, says whether the line may be meant so; otherwise it goes to the parser.
    """

    name: str
    run: Handler
    help: str
    words: tuple[str, ...] = ()
    argument: str = ""
    fits: Callable[[Session, str], bool] | None = None

    @property
    def say(self) -> str:
        """How to type it: "save [NAME]"."""
        return f"{self.name} {self.argument}".strip()


def find(
    commands: Iterable[MetaCommand], session: Session, line: str
) -> tuple[MetaCommand, str] | None:
    """The command that `line` means and the words after its name; None for a line of the game."""
    spoken = line.strip().rstrip(".").rstrip()
    lowered = spoken.lower()
    for command in commands:
        for name in (command.name, *command.words):
            if lowered.rstrip("!") == name:
                argument = ""
            elif command.argument and lowered.startswith(f"{name} "):
                argument = spoken[len(name) :].strip()
            else:
                continue
            # No line of the game begins with a colon.
            few = name.startswith(":") or len(argument.split()) <= MOST_WORDS
            if few and (command.fits is None or command.fits(session, argument)):
                return command, argument
    return None


def help_lines(commands: Iterable[MetaCommand]) -> list[str]:
    """The help page's lines about the commands, in columns."""
    listed = list(commands)
    width = max(len(c.say) for c in listed)
    return [f"  {c.say.ljust(width)}  {c.help}" for c in listed]
