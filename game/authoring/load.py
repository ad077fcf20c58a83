"""A world file or folder to a World, or everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from game.authoring.compile import compile_world
from game.authoring.problems import Path, Place, Problem, WorldFileError, suggest
from game.authoring.schema import WorldSpec, fields_of, model_at
from game.authoring.source import read_world
from game.authoring.spec import ID_PATTERN, Spec
from game.engine.model import World

WORLD_FILE = "world.yaml"


def load_world(path: FilePath) -> World:
    """The world in `path`: a YAML file, or a folder with a world.yaml.

    Raises WorldFileError (a WorldError) whose `problems` are all that is wrong, in file order; each
    is "world.yaml:10:5 rooms.kitchen.nmae: unknown field (did you mean name?)".
    """
    file = path / WORLD_FILE if path.is_dir() else path
    data, places, problems = read_world(file)

    def report(path: Path, message: str) -> None:
        problems.append(Problem(_place(places, path), path, message))

    world = None
    if data:
        name = file.resolve().parent.name if file.name == WORLD_FILE else file.stem
        spec = _validate(data, report)
        if spec is not None:
            world = compile_world(spec, name, report)
    if problems or world is None:
        raise WorldFileError(_in_order(problems, file.name))
    return world


def _in_order(problems: list[Problem], main: str) -> list[Problem]:
    once = dict.fromkeys(problems)
    return sorted(once, key=lambda p: (p.place.file != main, p.place, str(p.path), p.message))


def _place(places: dict[Path, Place], path: Path) -> Place:
    """The place of the innermost part of `path` that is in a file."""
    while path not in places:
        path = path[:-1]
    return places[path]


def _validate(data: dict[str, Any], report: Any) -> WorldSpec | None:
    try:
        return WorldSpec.model_validate(data)
    except ValidationError as error:
        wanted: dict[Path, list[str]] = {}
        for detail in error.errors(include_url=False):
            path, message = _explain(data, detail)
            wanted.setdefault(path, [])
            if message not in wanted[path]:
                wanted[path].append(message)
        for path, messages in wanted.items():
            report(path, _joined(messages))
    except RecursionError:
        report((), "is nested too deeply")
    return None


def _joined(messages: list[str]) -> str:
    """Several things one value may be ("expected x; got z", "expected y; got z"), as one message."""
    wants = [m.removeprefix("expected ").split("; got ")[0] for m in messages]
    if len(messages) > 1 and all(m.startswith("expected ") for m in messages):
        return f"expected {' or '.join(wants)}; got {messages[0].split('; got ')[-1]}"
    return "; ".join(messages)


#: pydantic's error types, as what was expected.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "model_type": "a mapping of fields",
}


def _explain(data: dict[str, Any], detail: Any) -> tuple[Path, str]:
    """Where in the author's words an error is, and what it is, in words an author knows."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    path: Path = ()
    here: Any = data
    rest = list(detail["loc"])
    while rest:
        part = rest[0]
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            break
        path = (*path, rest.pop(0))
    if kind == "extra_forbidden":
        model = model_at(path[:-1])
        return path, f"unknown field{suggest(str(path[-1]), fields_of(model) if model else [])}"
    if kind == "missing":
        return path, f"needs `{detail['loc'][-1]}`"
    if "[key]" in rest:
        if "pattern" in context and context["pattern"] == ID_PATTERN:
            return path, "an id must be lower-case letters, digits and _ , such as oak_door"
        return path, f"cannot be a key: {detail['msg'].lower()}"
    if kind in _EXPECTED:
        return path, f"expected {_EXPECTED[kind]}; got {_shown(value)}"
    if kind == "literal_error":
        near = suggest(str(value), context["expected"].replace("'", "").replace(" or ", ", ").split(", "))
        return path, f"expected {context['expected']}; got {_shown(value)}{near}"
    if kind == "string_pattern_mismatch":
        return path, f"expected a word of lower-case letters, digits and _; got {_shown(value)}"
    return path, _plain(detail["msg"])


def _plain(message: str) -> str:
    for kind in ("String", "Input", "Value", "List", "Dictionary"):
        message = message.removeprefix(f"{kind} should ").removeprefix("Value error, ")
    return message


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | Spec):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "...") if isinstance(value, str) else text
