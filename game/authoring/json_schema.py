"""The format's JSON Schema (draft 7) for editors; worlds/schema/world.json is this, written out."""

from __future__ import annotations

import json
from typing import Any

from game.authoring.schema import WorldSpec
from game.engine import rules  # noqa: F401 (all event types are defined with it)
from game.engine.events import EVENT_TYPES


def json_schema() -> dict[str, Any]:
    """The schema, with the engine's event types and a description for every field."""
    schema = WorldSpec.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    schema["definitions"] = dict(sorted(schema.pop("$defs").items()))
    events = {"enum": sorted(EVENT_TYPES)}
    several = {"type": "array", "items": events}
    event = schema["definitions"]["PatternSpec"]["properties"]["event"]
    event["anyOf"] = [events, several]
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Limelight world, format 1",
    }
    whole: dict[str, Any] = _draft_7({**schema, **head})
    del whole["required"]  # an included file holds only some of the sections
    return whole


def schema_text() -> str:
    """The schema as it is checked in."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _draft_7(value: Any) -> Any:
    """Without what draft 7 ignores or editors trip over: fields beside a $ref, null defaults."""
    if isinstance(value, list):
        return [_draft_7(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    sides = value.get("anyOf")
    if isinstance(sides, list) and {"type": "null"} in sides:
        rest = [side for side in sides if side != {"type": "null"}]
        others = {key: entry for key, entry in value.items() if key != "anyOf"}
        return _draft_7({**others, **(rest[0] if len(rest) == 1 else {"anyOf": rest})})
    found: dict[str, Any] = {}
    for key, entry in value.items():
        if key == "default" and entry in (None, "", [], (), {}):
            continue
        if key == "properties":
            found[key] = {name: _draft_7(field) for name, field in entry.items()}
        else:
            found[key] = _draft_7(entry)
    if "$schema" not in found:
        found.pop("title", None)  # pydantic's echo of the name
    if "patternProperties" in found:
        found["additionalProperties"] = False
    if "$ref" in found and len(found) > 1:
        found = {"allOf": [{"$ref": found.pop("$ref")}], **found}
    return found
