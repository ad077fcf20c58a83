"""Plays a shipped world through the real session and parser, a command at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import State, World
from game.session import Session, Turn

WORLDS = Path(__file__).parents[2] / "worlds"


def shipped(name: str) -> World:
    return load_world(WORLDS / name)


class Walk:
    """A player who types commands and is stopped by the first that does not work out."""

    def __init__(self, world: World, seed: int = 7, *, cast: bool = False) -> None:
        self.session = Session(world, seed, cast=Cast(world) if cast else None, autosave=False)
        self.told = ""

    @property
    def state(self) -> State:
        return self.session.state

    def do(self, *lines: str) -> str:
        """Type each line; what was told of all of them. AssertionError where one fails."""
        told = []
        for line in lines:
            turn = self._type(line)
            assert turn.action is not None, f"> {line}\n{turn.plain}"
            refused = any(e.type == "refused" for e in turn.beats[0].events)
            assert not refused, f"> {line}\n{turn.plain}"
            told.append(turn.plain)
        return "\n".join(told)

    def go(self, *ways: str) -> str:
        """Walk, again and again where somebody stands in the way."""
        told = []
        for way in ways:
            here = self.state.parent["player"]
            for _ in range(30):
                told.append(self.do(way))
                if self.state.parent["player"] != here or self.state.ended:
                    break
            else:
                raise AssertionError(f"cannot get {way} from {here}:\n{self.told}")
        return "\n".join(told)

    def steal(self, item: str, command: str) -> None:
        """Try a theft until it comes off."""
        for _ in range(60):
            if self.state.parent[item] == "player":
                return
            self.do(command)
        raise AssertionError(f"could not {command}")

    def kill(self, who: str, command: str) -> str:
        """Strike until they are dead or the story is over."""
        told = []
        while who not in self.state.dead and self.state.ended is None:
            told.append(self.do(command))
        return "\n".join(told)

    def _type(self, line: str) -> Turn:
        turn = self.session.command(line)
        self.told = turn.plain
        return turn


def ways(text: str) -> Iterable[str]:
    """ "n n e" as three commands."""
    return text.split()
