"""Commands about the game itself, one line each: add yours to the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from game.meta import about, branching, directing, hints, keeping, knowing, registry
from game.meta.registry import Ask, MetaCommand, Play
from game.narrator.describe import help_text

if TYPE_CHECKING:
    from game.session import Session

__all__ = ["COMMANDS", "Ask", "MetaCommand", "Play", "find"]


def _help(session: Session, argument: str) -> str:
    return "\n".join([help_text(), "", *about.help_lines(COMMANDS)])


COMMANDS: tuple[MetaCommand, ...] = (
    MetaCommand(
        "undo",
        keeping.undo,
        "Take the last turn back, or the last N.",
        argument="[N]",
        fits=keeping.is_count,
    ),
    MetaCommand("oops", about.oops, "Put the word right that was not known.", argument="WORD"),
    MetaCommand(
        "hint",
        hints.hint,
        "What to aim for; plainer each time. WORDS choose a goal.",
        words=("hints",),
        argument="[WORDS]",
    ),
    MetaCommand("exits", about.exits, "The ways out, and where they lead."),
    MetaCommand("map", knowing.show_map, "Where you have been, and the ways you have seen."),
    MetaCommand(
        "journal", knowing.show_journal, "What you know; WORDS search it.", argument="[WORDS]"
    ),
    MetaCommand(
        "people", knowing.show_people, "Whom you have met; NAME: their card.", argument="[NAME]"
    ),
    MetaCommand(
        "pin",
        knowing.pin,
        "Keep line N of the journal on top, and a memory in mind; again: no longer.",
        words=("unpin",),
        argument="N",
        fits=knowing.is_number,
    ),
    MetaCommand("score", about.score, "How far you have come."),
    MetaCommand("brief", about.brief, "Describe a room in full the first time only."),
    MetaCommand("verbose", about.verbose, "Describe rooms in full every time."),
    MetaCommand(
        "transcript",
        about.transcript,
        "Write what you read to a text file.",
        argument="[on|off|FILE]",
    ),
    MetaCommand(
        "save", keeping.save, "Keep this moment; NAME! replaces an older one.", argument="[NAME]"
    ),
    MetaCommand(
        "restore", keeping.restore, "Go back to a kept one.", words=("load",), argument="[NAME]"
    ),
    MetaCommand("saves", keeping.list_all, "The names of what is kept."),
    MetaCommand("history", branching.history, "Your turns, and the branches that leave them."),
    MetaCommand(
        "rewind", branching.rewind, "Go to turn N and play on; what was stays.", argument="N"
    ),
    MetaCommand("branches", branching.branches, "Every branch of your game."),
    MetaCommand("branch", branching.branch, "Name what you play from here.", argument="NAME"),
    MetaCommand(
        "switch",
        branching.switch,
        "Play on with another branch.",
        argument="NAME [N]",
        fits=branching.means_branch,
    ),
    MetaCommand(
        ":direct",
        directing.direct,
        "Whom somebody plays; as ROLE: play that from now on.",
        argument="[NAME [as ROLE]]",
    ),
    MetaCommand("help", _help, "This page.", words=("?", "help me", "instructions")),
    MetaCommand("quit", about.leave, "Save and leave.", words=("q", "bye", "quit game")),
)


def find(session: Session, line: str) -> tuple[MetaCommand, str] | None:
    """The command about the game that `line` means, and its argument; None if it means none."""
    return registry.find(COMMANDS, session, line)
