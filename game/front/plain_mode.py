"""The game as plain lines: for screen readers, pipes and dumb terminals."""

from __future__ import annotations

import sys

from game.errors import GameError, ModelUnavailable
from game.front.asides import parse_aside
from game.front.lines import read_commands, terminating, thumb
from game.front.stage import Options, Stage
from game.front.text import clean
from game.front.thumbs import parse_thumb
from game.session import Turn


def play_plain(options: Options) -> None:
    """Play on stdin and stdout until quit or end of input. Nothing is ever redrawn.

    Raises GameError when the game cannot be opened, KeyboardInterrupt and Terminated on signals;
    the game is saved after every turn.
    """
    stage = Stage.open(options)
    try:
        with terminating():
            _play(stage)
    finally:
        stage.close()


def _play(stage: Stage) -> None:
    for note in stage.notes:
        print(note, file=sys.stderr)
    if stage.wants_narrator:
        try:
            stage.load_narrator()
        except ModelUnavailable as error:
            print(f"The narrator is not available: {error}", file=sys.stderr)
    if stage.resumed:
        print("Your game goes on where you left it.\n")
    _print(stage, stage.opening())
    prompt = "> " if sys.stdin.isatty() else ""
    for line in read_commands(prompt):
        if not line:
            continue
        rating = parse_thumb(line)
        if rating is not None:
            print(clean(thumb(stage, rating)), flush=True)
            continue
        try:
            aside = parse_aside(line)
            if aside is not None:
                print(clean(stage.aside(aside).text) + "\n", flush=True)
                continue
            turn = stage.command(line)
        except GameError as error:
            print(clean(str(error)), flush=True)
            continue
        _print(stage, turn)
        if stage.session.quitting:
            return


def _print(stage: Stage, turn: Turn) -> None:
    """Print every telling as it comes, a sentence at a time, and a blank line after each."""
    said = ""
    for says in stage.tell(turn):
        if not says.last:
            print((" " if said else "") + clean(says.text), end="", flush=True)
            said = f"{said} {says.text}".strip()
            continue
        # What stands may say more than what was streamed, or something else altogether.
        rest = says.text.removeprefix(said) if said else says.text
        if said and rest == says.text and rest:
            print()
        print(clean(rest) + "\n", flush=True)
        said = ""
