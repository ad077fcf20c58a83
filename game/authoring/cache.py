"""Compiled worlds kept in a folder, for as long as neither their files nor our code change."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any

import game
from game.atomic import replacing
from game.engine import conditions, consequences, events, model, reactions
from game.engine.model import World

#: The only names a kept world may refer to: a file in the player's home is not trusted further.
_CLASSES = {
    (cls.__module__, cls.__name__): cls
    for cls in (
        model.Character, model.Exit, model.Item, model.Room, model.World,
        events.Match, events.Pattern,
        conditions.Condition, conditions.Lore, conditions.Variant,
        consequences.Consequence, reactions.Ending, reactions.Goal,
        reactions.Quest, reactions.Reaction, reactions.Reward, reactions.Role,
        frozenset,
    )
}  # fmt: skip


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a world")
        return _CLASSES[module, name]


def recall(folder: Path, file: Path) -> World | None:
    """The world kept for `file`, or None when there is none or something has changed since."""
    try:
        with _entry(folder, file).open("rb") as stream:
            kept = _Unpickler(io.BytesIO(stream.read())).load()
        code, files, world = kept
        fresh = code == _code() and all(_digest(Path(name)) == was for name, was in files)
    except Exception:  # a damaged entry may fail in any way, and is only read again
        return None
    return world if fresh and isinstance(world, World) else None


def remember(folder: Path, file: Path, files: list[Path], world: World) -> None:
    """Keep `world` for `file`, which was read from `files`. Does nothing where it cannot write."""
    try:
        kept = (_code(), [(str(f), _digest(f)) for f in files], world)
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(_entry(folder, file)) as part:
            part.write_bytes(pickle.dumps(kept))
    except OSError:
        return


def _entry(folder: Path, file: Path) -> Path:
    name = hashlib.blake2b(str(file.resolve()).encode(), digest_size=12).hexdigest()
    return folder / f"{name}.world"


def _digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _code() -> str:
    """Changes with the code that compiles worlds and the classes they are made of."""
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), *sorted((here.parent / "engine").glob("*.py"))]
    stamps = [(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in sources]
    return f"{game.__version__} {stamps}"
