"""A world file or folder to a World, or everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path as FilePath

from game.authoring.problems import Path, Problem, WorldFileError, written
from game.engine.model import World

WORLD_FILE = "world.yaml"


def load_world(path: FilePath, cache: FilePath | None = None) -> World:
    """The world in `path`: a YAML file, or a folder with a world.yaml.

    With `cache`, a folder that need not exist, the compiled world is kept there and reading the
    same files again takes milliseconds. Raises WorldFileError (a WorldError) whose `problems` are
    all that is wrong, in file order; each is
    "world.yaml:10:5 rooms.kitchen.nmae: unknown field (did you mean name?)".
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
    from game.authoring.compile import compile_world
    from game.authoring.source import read_world
    from game.authoring.validate import validate

    source = read_world(file)
    problems, places = source.problems, source.places

    def report(path: Path, message: str) -> None:
        path, _ = written(source.data, path)
        problems.append(Problem(places[path], path, message))

    world = None
    if source.data:
        name = file.resolve().parent.name if file.name == WORLD_FILE else file.stem
        spec = validate(source.data, report)
        if spec is not None:
            world = compile_world(spec, name, report)
    if problems or world is None:
        raise WorldFileError(_in_order(problems, file.name))
    return world, source.files


def _in_order(problems: list[Problem], main: str) -> list[Problem]:
    once = dict.fromkeys(problems)
    return sorted(once, key=lambda p: (p.place.file != main, p.place, str(p.path), p.message))
