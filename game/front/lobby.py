"""What the title screen offers: the worlds that can be played, and the games in progress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from game import paths
from game.errors import SaveError

_KEY = re.compile(r"^(\w+)\s*:", re.MULTILINE)
_SHOWN = ("title", "author", "intro")
#: The world that teaches how to play; it is offered before all others.
TUTORIAL = "tutorial"


@dataclass(frozen=True, slots=True)
class Poster:
    """What the head of a world file says of it; `trouble` is why it cannot be read, if so."""

    world: str
    title: str
    author: str = ""
    intro: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A game that goes on where it was left: `room` by name, `turn` counts from 0."""

    world: str
    room: str
    turn: int
    saved_at: str


def posters() -> list[Poster]:
    """Every playable world, the tutorial first, then by name. Reads the heads of their files
    alone; takes a tenth of a second the first time, for the YAML reader."""
    worlds = sorted(paths.list_worlds().items(), key=lambda world: world[0] != TUTORIAL)
    return [poster(name, folder) for name, folder in worlds]


def poster(name: str, folder: Path) -> Poster:
    """The poster of the world `name` in `folder`; never raises for what its file says."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = (folder / paths.WORLD_FILE).read_text(encoding="utf-8")
        found = YAML(typ="safe", pure=True).load(_head(text)) or {}
    except (OSError, UnicodeDecodeError, YAMLError, ValueError):
        return Poster(name, name, trouble=f"It cannot be read; try: game world check {name}")
    said = {key: " ".join(str(found.get(key) or "").split()) for key in _SHOWN}
    return Poster(name, said["title"] or name, said["author"], said["intro"])


def _head(text: str) -> str:
    """The blocks of the top-level keys that a poster shows, cut out of a world file."""
    starts = [(match.group(1), match.start()) for match in _KEY.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    blocks = zip(starts, ends, strict=True)
    return "".join(text[start:end] for (key, start), end in blocks if key in _SHOWN)


def unfinished() -> list[Unfinished]:
    """The games in progress of the worlds here, the latest first. Damaged saves are left out: they
    are reported to whoever opens them."""
    if not (paths.home() / "games").is_dir():
        return []
    # The engine comes along with these, and a first title screen should not wait for it.
    from game.course import AUTOSAVE
    from game.saves import SUFFIX, read_save

    worlds, found = paths.list_worlds(), []
    for file in (paths.home() / "games").glob(f"*.{AUTOSAVE}{SUFFIX}"):
        world = file.name.removesuffix(f".{AUTOSAVE}{SUFFIX}")
        if world not in worlds:
            continue
        try:
            save = read_save(file)
        except SaveError:
            continue
        found.append(Unfinished(world, save.room, save.turn, save.saved_at))
    return sorted(found, key=lambda game: game.saved_at, reverse=True)


def ago(saved_at: str, now: datetime | None = None) -> str:
    """How long ago an ISO time was, in words; "" for what is no time."""
    try:
        then = datetime.fromisoformat(saved_at)
    except ValueError:
        return ""
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if (count := int(seconds // size)) >= 1:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
