"""Saved games: a versioned file that holds the world's identity, the seed and every turn.

A save is JSON: {"format": 2, "world", "world_hash", "seed", "digest", "turn", "room", "saved_at",
"extra": {...}, "at", "branch", "heads": {branch: node}, "nodes": [[node, parent, entries], ...]}.
The nodes are the turns that were played, as a tree (see `game.timeline`); a turn's entries are
[actor, [verb, noun, second, text]], or [null, null] for the passing of a turn. Format 1 had one
"journal" of entries instead. Loading replays the turns up to "at" and checks the digest. Writes are
atomic: a crash leaves the old file or the new one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from game import atomic
from game.errors import SaveError
from game.timeline import FIRST, Timeline

FORMAT = 2
SUFFIX = ".save.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
#: How many games of one world can be played on one home at a time, each with an autosave.
MOST_GAMES = 100


@dataclass(frozen=True)
class Save:
    """One saved game. `extra` holds what others keep beside the state (memories of the cast)."""

    world: str
    world_hash: str
    seed: int
    digest: str
    turn: int
    room: str
    timeline: Timeline
    saved_at: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def save_path(folder: Path, world: str, name: str) -> Path:
    """Where the save `name` of `world` is kept. Raises SaveError for what is no file name."""
    if not _NAME.fullmatch(name):
        raise SaveError(
            f"{name!r} cannot be the name of a save.",
            "Use letters, digits, spaces, - and _ (40 at most).",
        )
    return folder / f"{world}.{name.lower()}{SUFFIX}"


def write_save(path: Path, save: Save) -> None:
    """Write atomically. Raises SaveError when the folder cannot be written or the disk is full."""
    record = {
        "format": FORMAT,
        "world": save.world,
        "world_hash": save.world_hash,
        "seed": save.seed,
        "digest": save.digest,
        "turn": save.turn,
        "room": save.room,
        "saved_at": save.saved_at or datetime.now(UTC).isoformat(timespec="seconds"),
        "extra": save.extra,
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # The tree puts its own text in, because it remembers that of the turns before.
    text = f"{text[:-1]},{save.timeline.as_json()}}}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, text)
    except OSError as error:
        raise SaveError(
            f"The game could not be saved to {path}: {error.strerror or error}.",
            "Free some space or set GAME_HOME to a folder you can write to, then save again.",
        ) from error


def read_save(path: Path) -> Save:
    """Read a save. Raises SaveError for a missing, corrupt or newer file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SaveError(
            f"There is no save called {path.name.removesuffix(SUFFIX)!r}.", "Try: saves."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _corrupt(path, str(error)) from error
    try:
        record = json.loads(text)
        if record["format"] > FORMAT:
            raise SaveError(
                f"{path} was saved by a newer version of the game.",
                "Update the game, or start again with --new.",
            )
        for older in range(record["format"], FORMAT):
            record = _MIGRATIONS[older](record)
        return Save(
            world=record["world"],
            world_hash=record["world_hash"],
            seed=record["seed"],
            digest=record["digest"],
            turn=record["turn"],
            room=record["room"],
            timeline=Timeline.from_json(record),
            saved_at=record["saved_at"],
            extra=record["extra"],
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _corrupt(path, str(error)) from error


def _from_1(record: dict[str, Any]) -> dict[str, Any]:
    """Format 1 to 2: the journal becomes a tree of one branch, a turn wherever the player acts."""
    journal = record.pop("journal")
    turns: list[list[Any]] = []
    for entry in journal:
        if not turns or entry[0] == journal[0][0]:
            turns.append([])
        turns[-1].append(entry)
    nodes = [[n, n - 1, entries] for n, entries in enumerate(turns, 1)]
    standing = {"at": len(nodes), "branch": FIRST, "heads": {FIRST: len(nodes)}, "nodes": nodes}
    return {**record, **standing, "format": 2}


#: How to make of a save's record, in the format of the key, one in the next.
_MIGRATIONS = {1: _from_1}


def _corrupt(path: Path, why: str) -> SaveError:
    return SaveError(
        f"{path} is not a save that can be read ({why}).",
        "Restore another save, or start again with --new; the file is left as it is.",
    )


class Claim:
    """The right to write an autosave, which no other game has until `release` or the process ends.

    `name` is the save's name: `wanted`, or `wanted`-2 and so on while other games hold those.
    """

    def __init__(self, folder: Path, world: str, wanted: str) -> None:
        self.name = wanted
        self._file: IO[bytes] | None = None
        for number in range(1, MOST_GAMES + 1):
            self.name = wanted if number == 1 else f"{wanted}-{number}"
            lock = save_path(folder, world, self.name).with_suffix(".lock")
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = lock.open("ab")
            except OSError:
                return  # nothing can be written here, as saving will say
            if lock_file(self._file):
                return
            self._file.close()

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def lock_file(file: IO[bytes]) -> bool:
    """Lock `file` until it is closed, by a crash too; False when another game has it locked."""
    try:
        import fcntl
    except ImportError:
        return True  # a platform without such locks: the last game to save wins
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def list_saves(folder: Path, world: str) -> list[str]:
    """The names of the saves of `world`, newest first."""
    prefix = f"{world}."
    if not folder.is_dir():
        return []
    files = [p for p in folder.iterdir() if p.name.startswith(prefix) and p.name.endswith(SUFFIX)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [p.name.removeprefix(prefix).removesuffix(SUFFIX) for p in files]
