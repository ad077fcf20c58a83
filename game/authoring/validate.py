"""Plain data to a specification, with pydantic's complaints in words an author knows."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from game.authoring.problems import Path, Report, suggest
from game.authoring.schema import WorldSpec, fields_of, model_at
from game.authoring.spec import ID_PATTERN, Spec


def validate(data: dict[str, Any], report: Report) -> WorldSpec | None:
    """The world's specification, or None when something was reported."""
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
    """What one value may be ("expected x; got z", "expected y; got z"), as one message."""
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
        known = range(len(here)) if isinstance(here, list) else here
        if not isinstance(known, dict | range) or part not in known:
            break
        here = here[part]
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
        near = suggest(
            str(value), context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        )
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
