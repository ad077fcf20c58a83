"""The reference of the world format as a Markdown page: docs/fields.md is this, written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from game.authoring.json_schema import json_schema

_HEAD = """\
# Every field of a world file

Generated from the schema by `game world schema --markdown -o docs/fields.md`; editors show the same
while you write. [worlds.md](worlds.md) explains how it all works together, and
[authoring.md](authoring.md) begins at the beginning. A field that is **needed** has no default.
"""
#: Sections in the order of a reader's questions; whatever else the schema defines follows by name.
_ORDER = (
    "RoomSpec", "ExitSpec", "DoorSpec", "ItemSpec", "ContainerSpec", "SurfaceSpec", "CharacterSpec",
    "PlayerSpec", "VariantSpec", "ReactionSpec", "PatternSpec", "MatchSpec", "ConditionSpec",
    "ConsequenceSpec", "QuestSpec", "GoalSpec", "EndingSpec", "RoleSpec", "RewardSpec", "LoreSpec",
)  # fmt: skip


def reference() -> str:
    """The whole page, a section for each kind of entry and a row for each of its fields."""
    schema = json_schema()
    kinds = schema["definitions"]
    rest = sorted(set(kinds) - set(_ORDER))
    parts = [_HEAD, "## The world\n", *_section(schema)]
    for kind in (*_ORDER, *rest):
        parts += [f"## {_title(kind)}\n", *_section(kinds[kind])]
    return "\n".join(parts)


def _section(schema: dict[str, Any]) -> Iterator[str]:
    about = schema.get("description")
    if about:
        yield f"{about}\n"
    forms = [schema, *schema.get("anyOf", ())]
    short = [_type(form) for form in forms[1:] if "properties" not in form]
    if short:
        yield f"May be written as {' or '.join(short)} alone.\n"
    body = next((form for form in forms if "properties" in form), None)
    if body is None:
        return
    needed = body.get("required", ())
    yield "| field | holds | what it is |\n|---|---|---|"
    for name, field in body["properties"].items():
        about = field.get("description", "")
        default = field.get("default")
        if name in needed:
            about += " **Needed.**"
        elif default is not None:
            about += f" Default: `{_plain(default)}`."
        yield f"| `{name}` | {_type(field)} | {about.strip()} |".replace("\n", " ")
    yield ""


def _title(kind: str) -> str:
    words = "".join(f" {c}" if c.isupper() else c for c in kind.removesuffix("Spec")).split()
    return " ".join(words).capitalize()


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(schema: dict[str, Any]) -> str:
    """What a field may hold, in words."""
    if "$ref" in schema:
        kind = schema["$ref"].rsplit("/", 1)[1]
        return f"[{_title(kind).lower()}](#{_title(kind).lower().replace(' ', '-')})"
    if "allOf" in schema:
        return _type(schema["allOf"][0])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(side) for side in schema["anyOf"]))
    if "const" in schema:
        return f"`{_plain(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{_plain(value)}`" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_type(schema['items'])}"
        case "object":
            inner = next(iter(schema.get("patternProperties", {}).values()), None)
            return f"by id: {_type(inner)}" if inner else "mapping"
        case "integer":
            low, high = schema.get("minimum"), schema.get("maximum")
            bounds = f" {low} to {high:,}" if low is not None and high is not None else ""
            return f"whole number{bounds}"
        case "number":
            return "number"
        case "boolean":
            return "true or false"
        case "string":
            return "text"
    return "anything"
