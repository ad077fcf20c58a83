"""docs/worlds.md: its example is a sound world, and no field or kind is missing from it.

docs/fields.md is the schema, as a page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from game.authoring import patterns, schema
from game.authoring.json_schema import json_schema
from game.authoring.load import load_world
from game.authoring.reference import reference
from game.authoring.spec import Spec
from game.engine.conditions import CONDITIONS
from game.engine.consequences import CONSEQUENCES

PAGE = (Path(__file__).parents[2] / "docs" / "worlds.md").read_text(encoding="utf-8")


def test_the_example_is_sound(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)[0]
    (tmp_path / "world.yaml").write_text(example)
    assert load_world(tmp_path).title == "The Lighthouse"


@pytest.mark.parametrize(
    "model",
    [
        schema.WorldSpec, schema.RoomSpec, schema.ExitSpec, schema.DoorSpec, schema.ItemSpec,
        schema.ContainerSpec, schema.CharacterSpec, schema.PlayerSpec, schema.ReactionSpec,
        schema.QuestSpec, schema.GoalSpec, schema.LoreSpec, schema.VariantSpec,
        schema.EndingSpec, schema.RoleSpec, schema.RewardSpec,
        patterns.PatternSpec, patterns.MatchSpec, patterns.ConditionSpec, patterns.ConsequenceSpec,
    ],
)  # fmt: skip
def test_every_field_is_in_the_reference(model: type[Spec]) -> None:
    code = " ".join(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.S)))
    words = set(re.findall(r"\w+", code))
    assert set(schema.fields_of(model)) <= words


def test_the_format_knows_what_the_engine_knows() -> None:
    assert set(schema.fields_of(patterns.ConditionSpec)) == set(CONDITIONS)
    assert set(schema.fields_of(patterns.ConsequenceSpec)) == set(CONSEQUENCES)


def test_the_page_of_fields_is_the_schema() -> None:
    kept = Path(__file__).parents[2] / "docs" / "fields.md"
    text = kept.read_text(encoding="utf-8")
    assert text == reference(), "run: game world schema --markdown -o docs/fields.md"
    assert text.count("\n## ") == len(json_schema()["definitions"]) + 1
    anchors = {line[3:].lower().replace(" ", "-") for line in text.split("\n") if line[:3] == "## "}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
    assert "anything" not in re.findall(r"^\| `\w+` \| ([^|]+) \|", text, re.M)
