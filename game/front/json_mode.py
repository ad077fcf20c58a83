"""The game as JSON lines: one object for the opening and one after every command."""

from __future__ import annotations

import json
import sys
from typing import Any

from game.engine.scope import Scope
from game.errors import GameError
from game.front.asides import Answer, parse_aside
from game.front.lines import read_commands, terminating, thumb
from game.front.stage import Options, Stage
from game.front.thumbs import parse_thumb
from game.session import Turn

#: The fields of every object, in this order.
FIELDS = (
    "turn", "command", "action", "events", "plain", "prose", "prose_source", "generation", "room",
    "exits", "visible", "inventory", "health", "score", "admissible", "question", "state_hash",
    "done", "answer",
)  # fmt: skip


def play_json(options: Options) -> int:
    """Play on stdin and stdout; returns the exit code.

    A GameError is an object {"error": {"message", "hint", "exit_code"}}; one that keeps the game
    from opening, or the model from loading, ends it with that exit code.
    """
    try:
        stage = Stage.open(options)
    except GameError as error:
        write(error_record(error))
        return error.exit_code
    try:
        with terminating():
            return _play(stage)
    finally:
        stage.close()


def _play(stage: Stage) -> int:
    for note in stage.notes:
        print(note, file=sys.stderr)
    if stage.wants_narrator:
        try:
            stage.load_narrator()
        except GameError as error:
            write(error_record(error))
            return error.exit_code
    write(record(stage, stage.opening()))
    for line in read_commands():
        rating = parse_thumb(line)
        try:
            if rating is not None:
                write(_unchanged(stage, line, thumb(stage, rating)))
            elif (aside := parse_aside(line)) is not None:
                write(_answered(stage, line, stage.aside(aside)))
            else:
                write(record(stage, stage.command(line)))
        except GameError as error:
            write(error_record(error))
        if stage.session.quitting:
            break
    return 0


def record(stage: Stage, turn: Turn) -> dict[str, Any]:
    """The object for a turn: what came of it, and how the world stands after it."""
    told = [says for says in stage.tell(turn) if says.last and says.text]
    by_model = [says for says in told if says.source == "model"]
    return _fields(
        stage,
        turn=turn.number,
        command=turn.command,
        action=turn.canonical,
        events=[event.as_dict() for event in turn.events],
        plain=turn.plain,
        prose="\n".join(says.text for says in told),
        prose_source="model" if by_model else "plain",
        generation=next((s.generation for s in by_model if s.generation is not None), None),
        question=turn.question,
        done=turn.done,
    )


def _unchanged(stage: Stage, command: str, text: str) -> dict[str, Any]:
    """The object for a command that is not about the world: a thumb."""
    return _fields(
        stage,
        turn=stage.session.number,
        command=command,
        action=None,
        events=[],
        plain=text,
        prose=text,
        prose_source="plain",
        generation=None,
        question=None,
        done=stage.session.done,
    )


def _answered(stage: Stage, command: str, answer: Answer) -> dict[str, Any]:
    """The object for a command about a telling: how that stands now, and what was asked for."""
    says, kind = answer.says, answer.aside.kind
    asked = kind in ("why", "context")
    return _unchanged(stage, command, answer.text if asked else says.text) | {
        "plain": answer.text if asked else says.facts,
        "prose_source": "plain" if asked else says.source,
        "generation": says.generation,
        "answer": {kind: answer.data},
    }


def _fields(stage: Stage, **told: Any) -> dict[str, Any]:
    """What was told, with how the world stands now: ids, and exits by the word to go by."""
    session = stage.session
    state, player = session.state, session.player
    scope = Scope(state, player)
    stands = {
        "room": scope.room,
        "exits": [exit.name for exit in scope.exits],
        "visible": [*scope.here, *scope.bodies, *scope.loose, *scope.enclosed()],
        "inventory": list(scope.carried),
        "health": state.health[player],
        "score": state.score,
        "admissible": session.admissible(),
        "state_hash": state.digest(),
        "answer": None,
    }
    return {name: (told | stands)[name] for name in FIELDS}


def error_record(error: GameError) -> dict[str, Any]:
    """The object for something that did not work."""
    return {
        "error": {
            "message": error.message,
            "hint": error.hint,
            "exit_code": error.exit_code,
        }
    }


def write(fields: dict[str, Any]) -> None:
    """Print one object as a line."""
    print(json.dumps(fields, ensure_ascii=True), flush=True)
