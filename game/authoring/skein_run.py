"""Playing skeins: does what should happen happen; writing them from what did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from game.authoring.skein import Expectation, Skein, Step, parse_skein
from game.cast import Cast
from game.engine.conditions import holds
from game.engine.events import Event
from game.engine.model import World
from game.engine.rules import admissible, canonical
from game.engine.verbs import VERBS
from game.engine.verbs.emotes import Emote
from game.errors import SaveError, UsageError
from game.session import Session, Turn

#: The fields of an event that a recording keeps.
_KEPT = ("actor", "item", "target", "reason")
#: Events that say nothing another one does not.
_DULL = {"turn_passed", "felt", "looked", "found_nothing", "narrated"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not go as expected.

    `expected` is the line that failed, None when the command itself did not work. `told` is what
    the player read, `events` what they perceived, `could` the commands that would have worked.
    """

    skein: str
    line: int
    command: str
    expected: str | None
    told: str
    events: tuple[Event, ...]
    could: tuple[str, ...]


def play_skein(world: World, skein: Skein, bless: list[str] | None = None) -> Failure | None:
    """Play a skein up to its first failure, and return that.

    With `bless`, play all of it and put there the lines of a skein that holds: expectations that
    failed are replaced by what happened.
    """
    session = Session(world, skein.seed, Cast(world) if skein.cast else None, autosave=False)
    kept = list(skein.lines)
    failure = None
    for step in skein.steps:
        could = _possible(session)
        turn = session.command(step.command)
        failed = [e for e in step.expected if not _met(e, turn, session)]
        worked = turn.action is None or not _refused(turn)
        understood = turn.action is not None or step.command.split()[0] in ("undo",)
        fine = bool(step.expected) or (worked and understood)
        if not failed and fine:
            continue
        expected = failed[0] if failed else None
        failure = failure or Failure(
            skein.name,
            expected.line if expected else step.line,
            step.command,
            str(expected) if expected else None,
            turn.plain,
            turn.events,
            could,
        )
        if bless is None:
            return failure
        _replace(kept, step, failed, turn)
    if bless is not None:
        bless[:] = [line for block in kept for line in block.split("\n") if block != _GONE]
    return failure


def _possible(session: Session) -> tuple[str, ...]:
    """What the player could do now, as commands; speech, gestures and mere looking aside."""
    actions = admissible(session.state, session.player)
    return tuple(
        canonical(session.world, a)
        for a in actions
        if not isinstance(VERBS[a.verb], Emote) and not VERBS[a.verb].idle
    )


#: Stands for a line that is taken out.
_GONE = "\0"


def _replace(kept: list[str], step: Step, failed: Sequence[Expectation], turn: Turn) -> None:
    """Take out the lines that failed and put what happened under the command."""
    for expectation in failed:
        kept[expectation.line - 1] = _GONE
    there = {kept[e.line - 1].strip() for e in step.expected}
    new = [line for line in event_lines(turn) if line not in there]
    if not new and not turn.events:
        new = [f"? {turn.plain.splitlines()[0]}"] if turn.plain.strip() else []
    kept[step.line - 1] = "\n".join([kept[step.line - 1], *new])


def _met(expectation: Expectation, turn: Turn, session: Session) -> bool:
    if expectation.pattern is not None:
        pattern, state = expectation.pattern, session.state
        found = any(pattern.matches(state, e, session.player) for e in turn.events)
    elif expectation.condition is not None:
        # The test must not draw from the game's own dice.
        condition, player = expectation.condition, session.player
        state = session.state.clone()
        return holds(state, condition, lambda name: player if name == "player" else name)
    else:
        found = _plain(expectation.body) in _plain(turn.plain)
    return found != expectation.mark.endswith("-")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _refused(turn: Turn) -> bool:
    return any(e.type == "refused" for e in turn.events)


def quests_completed(world: World, skein: Skein) -> set[str]:
    """The quests that a play of this skein completes."""
    session = Session(world, skein.seed, Cast(world) if skein.cast else None, autosave=False)
    for step in skein.steps:
        session.command(step.command)
    return {quest for quest, standing in session.state.quests.items() if standing == "done"}


def event_lines(turn: Turn) -> list[str]:
    """What came of the player's own doing in a turn, as expectations."""
    lines = []
    for beat in turn.beats:
        if beat.kind == "character":
            continue
        for event in beat.events:
            if event.type in _DULL:
                continue
            given = ((name, getattr(event, name)) for name in _KEPT)
            # The goal's key in a `reached_goal` is no plain word, and has to be quoted.
            fields = [f"{n}: {_quoted(v)}" for n, v in given if v is not None]
            lines.append(f"! {{{', '.join([f'event: {event.type}', *fields])}}}")
    return list(dict.fromkeys(lines))


def _quoted(value: str) -> str:
    return value if value.replace("_", "").replace(".", "").isalnum() else f"'{value}'"


def record(session: Session) -> str:
    """The game so far as a skein: its seed, the player's commands and what came of each."""
    world = session.world
    again = Session(world, session.seed, Cast(world) if session.cast else None, autosave=False)
    lines = [f"seed: {session.seed}", f"cast: {'on' if session.cast else 'off'}", ""]
    for actor, action in session.journal:
        if actor != session.player or action is None:
            continue
        turn = again.act(action)
        lines += [f"> {turn.canonical}", *event_lines(turn)]
    return "\n".join(lines) + "\n"


def save_skein(session: Session, folder: Path, name: str) -> tuple[Path, Failure | None]:
    """Write the game so far to `folder`/NAME.skein; also says where playing it again would fail.

    Raises UsageError for a name that is none, SaveError when it cannot be written or is there.
    """
    if not name.replace("_", "").replace("-", "").isalnum() or len(name) > 60:
        raise UsageError("A skein's name is letters, digits, - and _.", "Try :skein save my-test")
    if not any(actor == session.player for actor, _ in session.journal):
        raise UsageError("Nothing has been played yet.", "Play a few turns, then save them.")
    file = folder / f"{name}.skein"
    text = record(session)
    try:
        folder.mkdir(exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise SaveError(f"There is a skein {file.name} already.", "Choose another name.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(f"Cannot write {file}: {reason}.", "Copy the world first.") from error
    return file, play_skein(session.world, parse_skein(text, file.name, session.world))
