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
        codes: dict[Path, str] = {}
        for detail in error.errors(include_url=False):
            path, code, message = _explain(data, detail)
            codes.setdefault(path, code)
            wanted.setdefault(path, [])
            if message not in wanted[path]:
                wanted[path].append(message)
        for path, messages in wanted.items():
            report(path, codes[path], _joined(messages))
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


def _explain(data: dict[str, Any], detail: Any) -> tuple[Path, str, str]:
    """Where in the author's words an error is, its code, and what it is in their words."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    path, rest = written(data, detail["loc"])
    if kind == "extra_forbidden":
        model = model_at(detail["loc"][:-1])
        near = suggest(str(path[-1]), fields_of(model) if model else [])
        return path, "E012", f"unknown field {path[-1]!r} in {owner(path[:-1])}{near}"
    if kind == "missing":
        return path, "E013", f"needs `{detail['loc'][-1]}`"
    if "[key]" in rest:
        must = _KEYS.get(context.get("pattern"), "shorter")
        return path, "E017", f"a name like this must be {must}"
    if kind in _EXPECTED:
        return path, "E014", f"expected {_EXPECTED[kind]}; got {_shown(value)}"
    if kind == "literal_error":
        near = suggest(
            str(value), context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        )
        return path, "E015", f"expected {context['expected']}; got {_shown(value)}{near}"
    if kind == "string_pattern_mismatch":
        message = f"expected a word of lower-case letters, digits and _; got {_shown(value)}"
        return path, "E017", message
    if kind in _LIMITS:
        return path, "E016", f"{_LIMITS[kind].format(**context)}; got {_shown(value)}"
    return path, "E018", detail["msg"]


#: The sections of a world, and what an entry of each is.
_ENTRIES = {
    "rooms": "room", "doors": "door", "items": "item", "carrying": "item", "wearing": "item",
    "wielding": "item", "characters": "character", "exits": "exit", "reactions": "reaction",
    "quests": "quest", "goals": "goal", "roles": "role", "rewards": "reward", "endings": "ending",
    "prototypes": "prototype", "lore": "lore note",
}  # fmt: skip


def owner(path: Path) -> str:
    """The innermost room, item, person or rule that a path is in, in words."""
    found = "the player" if path[:1] == ("player",) else "the world"
    for section, id in zip(path, path[1:], strict=False):
        if section in _ENTRIES:
            found = f"{_ENTRIES[str(section)]} {id!r}"
    return found


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
