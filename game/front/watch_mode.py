"""Playing a world while it is written: its files are read again whenever they change."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from game import paths
from game.authoring.load import load_world
from game.authoring.problems import WorldFileError
from game.authoring.staging import carry_over
from game.cast import Cast
from game.front.json_mode import error_record, record, write
from game.front.lines import read_commands, terminating
from game.front.stage import Options, Stage
from game.front.text import clean
from game.front.thumbs import Ballot
from game.session import Session, Turn

#: How often the files are looked at while nothing is typed, in seconds.
PAUSE = 0.4
_Stamp = tuple[tuple[str, int, int], ...]


def play_watching(options: Options) -> None:
    """Play on stdin and stdout; a change to the world's files takes effect at once.

    The game goes on where it was, as far as what it is about is still there. Files that cannot be
    read are reported, and the game goes on with the last ones that could. In the mode "json",
    turns and errors are the objects of `game play --json`, and what is shown of a world read again
    has the field `reloaded`, its title.
    """
    file = paths.find_world(options.world)
    read = _stamp(file)  # before the files are, so that no change in between is missed
    stage = Stage.open(options)
    try:
        with terminating():
            _play(stage, file, read)
    finally:
        stage.close()


def _play(stage: Stage, file: Path, before: _Stamp) -> None:
    _tell(stage, stage.opening())
    for line in _lines():
        now = _stamp(file)
        if now != before:
            before = now
            stage = _changed(stage, file)
        if not line:
            continue
        _tell(stage, stage.command(line))
        if stage.session.quitting:
            return


def _tell(stage: Stage, turn: Turn, **also: str) -> None:
    if stage.options.mode == "json":
        write({**record(stage, turn), **also})
    else:
        print(clean(turn.plain) + "\n", flush=True)


def _lines() -> Iterator[str]:
    """The lines of stdin as they come, and "" every now and then."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in read_commands():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name="reader", daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=PAUSE)
        except queue.Empty:
            line = ""
        if line is None:
            return
        yield line


def _stamp(file: Path) -> _Stamp:
    """Changes whenever a YAML file of the world does."""
    found = []
    for path in sorted(file.parent.rglob("*.y*ml")):
        try:
            about = path.stat()
        except OSError:
            continue
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)


def _changed(stage: Stage, file: Path) -> Stage:
    """The game in the world as it is now; the one before, when that cannot be played."""
    old = stage.session
    try:
        world = load_world(file)
    except WorldFileError as error:
        if stage.options.mode == "json":
            write(error_record(error))
        else:
            lead = "[The world cannot be read; the game goes on as it was.]"
            print(f"{lead}\n{error.message}\n", flush=True)
        return stage
    if world.hash == old.world.hash:
        return stage
    cast = Cast(world, old.cast.company if old.cast else None)
    session = Session(world, old.seed, cast, mode=old.mode, autosave=False)
    session.go_on_from(carry_over(old.state, world))
    title = clean(world.title)
    print(f"[Read again: {title}]", file=sys.stderr)
    changed = Stage(stage.options, session, Ballot(None))
    _tell(changed, changed.opening(), reloaded=title)
    return changed
