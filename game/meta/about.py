"""Commands that tell about the game, and leave it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from game.engine.scope import Scope
from game.errors import SaveError
from game.meta import registry
from game.meta.registry import MetaCommand, Play
from game.narrator.describe import exit_label
from game.transcripts import Transcript

if TYPE_CHECKING:
    from game.session import Session


def help_lines(commands: Iterable[MetaCommand]) -> list[str]:
    """The part of the help page that is about the game itself."""
    return [
        "About the game itself:",
        *registry.help_lines(commands),
        "  again, g: the last command once more.",
        "The last telling: retry (another), swipe left, swipe right, edit TEXT, why, context.",
        "Thumbs: :up and :down rate the last telling, with reasons if you like (:down dull).",
        "For authors: :skein save NAME keeps this game as a test of its world.",
    ]


def oops(session: Session, argument: str) -> str | Play:
    """Play the last line again with its strange word put right."""
    if session.strange is None:
        return "There is no word to put right."
    line, word = session.strange
    if not argument:
        return f'What did you mean by "{word}"? For example: oops lamp'
    whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    return Play(whole.sub(lambda _: argument, line, count=1))


def exits(session: Session, argument: str) -> str:
    state, world = session.state, session.world
    scope, seen = Scope(state, session.player), session.seen_rooms()
    if not scope.exits:
        return "There is no way out that you can see."
    lines = []
    for exit in scope.exits:
        to = world.rooms[exit.to].name if exit.to in seen else "not been there yet"
        lines.append(f"  {exit_label(state, exit, lit=scope.lit)}: {to}")
    return "\n".join(["Ways out:", *lines])


def score(session: Session, argument: str) -> str:
    state = session.state
    turns = "1 turn" if session.number == 1 else f"{session.number} turns"
    parts = [f"Your score is {state.score}, in {turns}."]
    done = sum(standing == "done" for standing in state.quests.values())
    if state.quests:
        parts.append(f"You have done {done} of the {len(state.quests)} things you set out to do.")
    return " ".join(parts)


def verbose(session: Session, argument: str) -> str:
    session.brief = False
    session.keep()
    return "Rooms are described in full every time."


def brief(session: Session, argument: str) -> str:
    session.brief = True
    session.keep()
    return "Rooms are described in full the first time only; look does it again."


def transcript(session: Session, argument: str) -> str:
    log = session.transcript
    if argument.lower() == "off":
        session.transcript = None
        return f"The transcript ends: {log.path}" if log else "No transcript is being written."
    if not argument and log is not None:
        return f"A transcript is being written: {log.path}. transcript off ends it."
    try:
        name = "" if argument.lower() == "on" else argument
        session.transcript = Transcript.named(name, session.world.id)
    except SaveError as error:
        return str(error)
    return f"A transcript is being written: {session.transcript.path}"


def leave(session: Session, argument: str) -> str:
    trouble = session.leave()
    if trouble or not session.saves or not session.autosave:
        return "\n".join([*trouble, "Until next time."])
    return "Your game is saved. Until next time."
