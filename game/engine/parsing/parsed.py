"""What a line comes to: something to try, something to settle, or nothing that can be tried."""

from __future__ import annotations

from dataclasses import dataclass

from game.engine.events import Action


@dataclass(frozen=True, slots=True)
class Command:
    """An action to try. The rules may still refuse it, and say why.

    `assumed` announces what the parser chose for the player, "(with the brass key)". `then` are
    command lines to be parsed and played after it, each in the state that the one before left; a
    refusal, question or misunderstanding ends them.
    """

    action: Action
    assumed: str = ""
    then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something the player must settle. Each of `choices` (there may be none) is an answer."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misunderstanding:
    """Nothing that can be tried. `word` is the one that was not understood, if it was one.

    `suggestion` is the nearest command that would work; answering "yes" gives it.
    """

    text: str
    word: str = ""
    suggestion: str = ""


Parsed = Command | Question | Misunderstanding
