"""The schema that editors use says what the loader accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from game.authoring.json_schema import json_schema, schema_text
from game.authoring.source import Source
from game.engine.events import EVENT_TYPES
from tests.authoring.test_errors import BASE, CASES
from tests.authoring.test_load import WORLD

WORLDS = Path(__file__).parents[2] / "worlds"
FILES = sorted(WORLDS.glob("*/*.yaml"))


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    whole = json_schema()
    jsonschema.Draft7Validator.check_schema(whole)
    return jsonschema.Draft7Validator(whole)


def test_the_checked_in_schema_is_the_models() -> None:
    kept = (WORLDS / "schema" / "world.json").read_text(encoding="utf-8")
    assert kept == schema_text(), "run: game world schema -o worlds/schema/world.json"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_shipped_files_name_and_satisfy_the_schema(
    file: Path, schema: jsonschema.Draft7Validator
) -> None:
    first = file.read_text(encoding="utf-8").split("\n")[0]
    assert first == "# yaml-language-server: $schema=../schema/world.json"
    assert not [e.message for e in schema.iter_errors(Source(file, file.name).data)]


def test_short_and_long_forms_satisfy_the_schema(
    tmp_path: Path, schema: jsonschema.Draft7Validator
) -> None:
    file = tmp_path / "world.yaml"
    for text in (WORLD, BASE):
        file.write_text(text)
        assert not [e.message for e in schema.iter_errors(Source(file, file.name).data)]


@pytest.mark.parametrize(
    "name",
    [
        "unknown field", "wrong type", "neither of two types", "number out of range",
        "not one of the words", "other format", "exit without to", "exit of no kind",
        "id with capitals", "event type", "event field", "condition", "two conditions in one",
        "consequence", "consequence's argument", "consequence without a value",
    ],
)  # fmt: skip
def test_what_the_loader_refuses_an_editor_underlines(
    name: str, tmp_path: Path, schema: jsonschema.Draft7Validator
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(CASES[name][0])
    assert list(schema.iter_errors(Source(file, file.name).data))


def test_every_field_is_explained(schema: jsonschema.Draft7Validator) -> None:
    whole: Any = schema.schema
    event = whole["definitions"]["PatternSpec"]["properties"]["event"]
    assert event["anyOf"][0]["enum"] == sorted(EVENT_TYPES)
    fields = 0
    for kind, body in {"WorldSpec": whole, **whole["definitions"]}.items():
        for form in (body, *body.get("anyOf", ())):
            for name, field in form.get("properties", {}).items():
                fields += 1
                assert field.get("description"), f"{kind}.{name}"
    assert fields > 200
    assert "null" not in json.dumps(whole)
