"""Plain data to a specification, with pydantic's complaints in words an author knows."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from game.authoring.problems import Path, Report, suggest, written
from game.authoring.schema import EXIT_PATTERN, WorldSpec, fields_of, model_at
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

_LIMITS = {
    "greater_than_equal": "expected {ge} or more",
    "less_than_equal": "expected {le} or less",
    "string_too_short": "expected some text",
    "string_too_long": "expected {max_length} letters at most",
    "too_short": "expected at least {min_length}",
}

#: What an id and the name of an exit may look like.
_KEYS = {
    ID_PATTERN: "lower-case letters, digits and _, such as oak_door",
    EXIT_PATTERN: "lower-case words, such as north or trap door",
}


def _explain(data: dict[str, Any], detail: Any) -> tuple[Path, str]:
    """Where in the author's words an error is, and what it is, in words an author knows."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    path, rest = written(data, detail["loc"])
    if kind == "extra_forbidden":
        model = model_at(detail["loc"][:-1])
        return path, f"unknown field{suggest(str(path[-1]), fields_of(model) if model else [])}"
    if kind == "missing":
        return path, f"needs `{detail['loc'][-1]}`"
    if "[key]" in rest:
        return path, f"a name like this must be {_KEYS.get(context.get('pattern'), 'shorter')}"
    if kind in _EXPECTED:
        return path, f"expected {_EXPECTED[kind]}; got {_shown(value)}"
    if kind == "literal_error":
        near = suggest(
            str(value), context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        )
        return path, f"expected {context['expected']}; got {_shown(value)}{near}"
    if kind == "string_pattern_mismatch":
        return path, f"expected a word of lower-case letters, digits and _; got {_shown(value)}"
    if kind in _LIMITS:
        return path, f"{_LIMITS[kind].format(**context)}; got {_shown(value)}"
    return path, detail["msg"]


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
