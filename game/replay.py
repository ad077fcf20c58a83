"""The player's own recent turns, played again from what the feedback database knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from game import paths
from game.errors import GameError
from game.performance import Performer
from game.session import Session

if TYPE_CHECKING:
    from game.acting.company import Company
    from game.engine.model import State, World
    from game.feedback.reader import FeedbackReader
    from game.feedback.rows import SessionRow, TurnRow
    from game.llm.base import LanguageModel
    from game.turn import Turn

#: How a person plays; other sessions are a program's.
MODES = ("tui", "plain", "json")


@dataclass(frozen=True)
class Past:
    """A turn as it was played, with the state that it left."""

    world: World
    seed: int
    state: State
    turn: Turn

    def session(self) -> Session:
        """A game that stands where the turn left it, and that keeps nothing."""
        session = Session(self.world, seed=self.seed, autosave=False)
        session.go_on_from(self.state.clone())
        return session


def recent_turns(reader: FeedbackReader, model: LanguageModel, most: int) -> list[Past]:
    """At most `most` turns that a model would tell, the newest first, no two of them alike.

    Commands are replayed, and a turn counts only if it leads to the very state that was recorded: a
    world that has changed since, or a game whose beginning is no longer saved, has none.
    """
    found: list[Past] = []
    seen: set[str] = set()
    worlds: dict[str, World | None] = {}
    for row in reversed([s for s in reader.sessions() if s.mode in MODES]):
        if row.world not in worlds:
            worlds[row.world] = _world(row.world)
        for past in reversed(_replayed(worlds[row.world], row, reader.turns(row.id))):
            told = Performer(past.session(), model).narrates(past.turn)
            if told and past.turn.plain not in seen:
                seen.add(past.turn.plain)
                found.append(past)
            if len(found) == most:
                return found
    return found


def _replayed(world: World | None, row: SessionRow, turns: list[TurnRow]) -> list[Past]:
    """The turns of one session, as far as they can be played again: with the thespians, or without
    them as older games and those of programs were played, whichever leads further."""
    from game.cast import company

    if world is None or world.hash != row.world_hash or not turns:
        return []
    casts = (company(patient=True), None)
    return max((list(_again(world, row, turns, found)) for found in casts), key=len)


def _again(
    world: World, row: SessionRow, turns: list[TurnRow], found: Company | None
) -> Iterator[Past]:
    session = _begun(world, row, turns[0], found)
    if session is None:
        return
    for played in turns:
        if not played.command:
            continue
        try:
            turn = session.command(played.command)
        except GameError:
            return
        if session.state.digest() != played.state_hash:
            return
        if turn.action is not None and turn.speech == ():
            yield Past(session.world, session.seed, session.state.clone(), turn)


def _begun(world: World, row: SessionRow, first: TurnRow, found: Company | None) -> Session | None:
    """The game as the session found it: new, or as a save that is still there remembers it."""
    from game.cast import Cast
    from game.saves import list_saves

    new = Session(world, seed=row.seed, cast=Cast(world, found), autosave=False)
    if first.number == 0 or new.state.digest() == first.state_hash:
        return new
    for name in list_saves(paths.saves_dir(), world.id):
        session = Session(
            world, seed=row.seed, cast=Cast(world, found), saves=paths.saves_dir(), autosave=False
        )
        try:
            session.restore(name)
        except GameError:
            continue
        for node in sorted(session.timeline.nodes):
            if session.timeline.nodes[node].depth == first.number:
                session.go_to(node)
                if session.state.digest() == first.state_hash:
                    session.saves = None  # a command among the old ones must not reach the files
                    return session
    return None


def _world(name: str) -> World | None:
    """The world of that name; None when it is gone or broken."""
    from game.authoring.load import load_world

    try:
        return load_world(paths.find_world(name), cache=paths.home() / "worlds-cache")
    except GameError:
        return None
