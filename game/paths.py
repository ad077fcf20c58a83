"""Where files live: the player's home folder, and the worlds that can be played."""

from __future__ import annotations

import os
from pathlib import Path

from game.errors import SaveError, UsageError

PACKAGE = Path(__file__).resolve().parent
WORLD_FILE = "world.yaml"


def checkout() -> Path | None:
    """The root of the source checkout this code runs from, or None when it is installed."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def home() -> Path:
    """The player's home: GAME_HOME, else saves/ in a checkout, else the platform's data folder.

    It need not exist yet; `ensure` makes it.
    """
    if chosen := os.environ.get("GAME_HOME"):
        return Path(chosen).expanduser().absolute()
    if root := checkout():
        return root / "saves"
    import platformdirs  # only an installed game needs it, and start-up time counts

    return platformdirs.user_data_path("limelight", appauthor=False)


def ensure(folder: Path) -> Path:
    """Make `folder` (and its parents) unless it exists, and return it.

    Raises SaveError when it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("no permission to write there")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(
            f"Cannot write to {folder}: {reason}.",
            "Set GAME_HOME to a folder you can write to.",
        ) from error
    return folder


def saves_dir() -> Path:
    """The folder of saved games, made if needed. Raises SaveError when it cannot be written."""
    return ensure(home() / "games")


def models_dir() -> Path:
    """The folder of prepared and fetched models, made if needed. Raises SaveError."""
    return ensure(home() / "models")


def adapters_dir() -> Path:
    """The folder of trained adapters, made if needed. Raises SaveError."""
    return ensure(home() / "adapters")


def feedback_db() -> Path:
    """The SQLite file of generations and votes; its folder is made if needed. Raises SaveError."""
    return ensure(home()) / "feedback.db"


def log_file() -> Path:
    """The file for notes that must not reach the screen; its folder is made if needed."""
    return ensure(home()) / "game.log"


def settings_file() -> Path:
    """The settings file, which need not exist."""
    return home() / "settings.toml"


def worlds_dirs() -> list[Path]:
    """The existing folders that hold worlds, first come first served: the player's, then ours."""
    root = checkout()
    candidates = [home() / "worlds", *([root / "worlds"] if root else []), PACKAGE / "worlds"]
    return [folder for folder in candidates if folder.is_dir()]


def list_worlds() -> dict[str, Path]:
    """Every playable world: its name to its folder, in order of name."""
    found: dict[str, Path] = {}
    for folder in worlds_dirs():
        for world in folder.iterdir():
            if (world / WORLD_FILE).is_file():
                found.setdefault(world.name, world)
    return dict(sorted(found.items()))


def find_world(name: str) -> Path:
    """The world file for `name`: a world's name, a folder holding world.yaml, or a YAML file.

    Raises UsageError, offering near names, when there is none.
    """
    worlds = list_worlds()
    if name in worlds:
        return worlds[name] / WORLD_FILE
    given = Path(name).expanduser()
    if given.is_file():
        return given.absolute()
    if (given / WORLD_FILE).is_file():
        return (given / WORLD_FILE).absolute()
    import difflib

    near = difflib.get_close_matches(name.lower(), worlds, n=3, cutoff=0.5)
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    elif worlds:
        hint = f"Worlds here: {', '.join(worlds)}. A path to a world.yaml works too."
    else:
        hint = "Give the path of a world.yaml file."
    raise UsageError(f"There is no world called {name!r}.", hint)
