"""A world file to everything that can be known of it: its text, its specification and its World."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from game.authoring.compile import compile_world
from game.authoring.load import WORLD_FILE
from game.authoring.problems import Path, Place, Problem, written
from game.authoring.prototypes import expand
from game.authoring.schema import WorldSpec
from game.authoring.source import Sources, read_world
from game.authoring.validate import validate
from game.engine.model import World


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `world` is None when `source.problems` is not empty."""

    source: Sources
    spec: WorldSpec | None
    world: World | None

    def place(self, path: Path) -> Place:
        """Where the author wrote what is at `path`, or the part of it that is written."""
        path, _ = written(self.source.data, path)
        return self.source.places[path]


def read(file: FilePath) -> Reading:
    """Read and compile a world file; what is wrong with it is in the result's `source.problems`."""
    source = read_world(file)
    problems = source.problems
    expand(source.data, source.places, problems)

    def report(path: Path, code: str, message: str) -> None:
        path, _ = written(source.data, path)
        problems.append(Problem(source.places[path], path, code, message))

    spec = world = None
    if source.data:
        name = file.resolve().parent.name if file.name == WORLD_FILE else file.stem
        spec = validate(source.data, report)
        if spec is not None:
            world = compile_world(spec, name, report)
    return Reading(source, spec, None if problems else world)
