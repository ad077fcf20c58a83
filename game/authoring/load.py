"""A world file or folder to a World, or everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path as FilePath

from game.authoring.problems import Problem, WorldFileError
from game.engine.model import World

WORLD_FILE = "world.yaml"


def load_world(path: FilePath, cache: FilePath | None = None) -> World:
    """The world in `path`: a YAML file, or a folder with a world.yaml.

    With `cache`, a folder that need not exist, the compiled world is kept there and reading the
    same files again takes milliseconds. Raises WorldFileError (a WorldError) whose `problems` are
    all that is wrong, in file order; each is
    "world.yaml:10:5 E012 unknown field 'nmae' in room 'kitchen' (did you mean 'name'?)".
    """
    file = path / WORLD_FILE if path.is_dir() else path
    if cache is None:
        return _load(file)[0]
    from game.authoring.cache import recall, remember

    world = recall(cache, file)
    if world is None:
        world, files = _load(file)
        remember(cache, file, files, world)
    return world


def _load(file: FilePath) -> tuple[World, list[FilePath]]:
    """The world, and the files it was read from."""
    # pydantic and the YAML parser take a third of a second to import: a kept world needs neither.
    from game.authoring.reading import read

    reading = read(file)
    if reading.world is None:
        raise WorldFileError(in_order(reading.source.problems, file.name))
    return reading.world, reading.source.files


def in_order(problems: list[Problem], main: str) -> list[Problem]:
    """Each problem once: the main file's first, by place."""
    once = dict.fromkeys(problems)
    return sorted(once, key=lambda p: (p.place.file != main, p.place, str(p.path), p.message))
