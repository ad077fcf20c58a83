"""Saved games: a versioned file that holds the world's identity, the seed and the journal.

A save is JSON: {"format": 1, "world", "world_hash", "seed", "digest", "turn", "room", "saved_at",
"journal": [[actor, [verb, noun, second, text]], ...], "extra": {...}}; [null, null] in the journal
is the passing of a turn. Loading replays the journal and checks the digest. Writes are atomic: a
crash leaves the old file or the new one.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from game.engine.events import Action
from game.engine.rules import Entry
from game.errors import SaveError

FORMAT = 1
SUFFIX = ".save.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")


@dataclass(frozen=True)
class Save:
    """One saved game. `extra` holds what others keep beside the state (memories of the cast)."""

    world: str
    world_hash: str
    seed: int
    digest: str
    turn: int
    room: str
    journal: tuple[Entry, ...]
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
        "journal": [[actor, list(action) if action else None] for actor, action in save.journal],
        "extra": save.extra,
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
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
        journal = tuple(
            (actor, Action(*action) if action is not None else None)
            for actor, action in record["journal"]
        )
        return Save(
            world=record["world"],
            world_hash=record["world_hash"],
            seed=record["seed"],
            digest=record["digest"],
            turn=record["turn"],
            room=record["room"],
            journal=journal,
            saved_at=record["saved_at"],
            extra=record["extra"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _corrupt(path, str(error)) from error


def _corrupt(path: Path, why: str) -> SaveError:
    return SaveError(
        f"{path} is not a save that can be read ({why}).",
        "Restore another save, or start again with --new; the file is left as it is.",
    )


def list_saves(folder: Path, world: str) -> list[str]:
    """The names of the saves of `world`, newest first."""
    prefix = f"{world}."
    if not folder.is_dir():
        return []
    files = [p for p in folder.iterdir() if p.name.startswith(prefix) and p.name.endswith(SUFFIX)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [p.name.removeprefix(prefix).removesuffix(SUFFIX) for p in files]
