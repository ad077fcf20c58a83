"""The corpus keeps its promises, recasting changes names alone, and any GGUF can go to school."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from agents.narrator import corpus, school
from agents.narrator.corpus import Row, find_scene, read_corpus
from agents.narrator.recast import Recaster
from agents.versions import read_card
from game.llm.llama import LlamaModel
from tests.agents.tiny import write_tiny_model


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_corpus()


@pytest.fixture(scope="module")
def recaster(rows: list[Row]) -> Recaster:
    return Recaster.of(rows)


def test_the_corpus_is_large_varied_and_true(capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus.main([]) == 0, capsys.readouterr().out
    rows = read_corpus()
    assert len(rows) >= 1500
    assert {row.family for row in rows} == {
        "body", "fight", "handle", "move", "open", "search", "social",
    }  # fmt: skip
    prose = [row.prose for row in rows]
    assert corpus.distinct_n(prose, 2) > 0.4
    assert corpus.openings(prose, 1)[0][1] < len(rows) / 2


def test_a_recast_row_has_other_names_and_passes_the_guard(
    rows: list[Row], recaster: Recaster
) -> None:
    rng = random.Random(5)
    changed = [(row, other) for row in rows[::9] if (other := recaster.recast(row, rng))]
    assert len(changed) > 100
    for row, other in changed:
        assert other.facts != row.facts and other.prose != row.prose
        scene = find_scene(row)
        assert scene is not None
        old = {scene.state.world.entities[e.actor].name for e in scene.script.events if e.actor}
        gone = [name for name in old if name not in other.facts and name in row.facts]
        assert not [name for name in gone if name in other.prose]


def test_what_is_true_of_one_thing_alone_stays_with_it(rows: list[Row], recaster: Recaster) -> None:
    axe = next(r for r in rows if "runs a thumb along the notches" in r.prose)
    assert not recaster.is_generic(axe)
    other = recaster.recast(axe, random.Random(0))
    assert other is None or "notched axe" in other.prose


def test_recasting_is_the_same_for_the_same_seed(rows: list[Row], recaster: Recaster) -> None:
    first = [recaster.recast(row, random.Random(3)) for row in rows[:40]]
    assert first == [recaster.recast(row, random.Random(3)) for row in rows[:40]]


def test_held_out_sets_are_never_taught(rows: list[Row]) -> None:
    taught, held = school.split(rows)
    assert {row.set for row in taught}.isdisjoint(row.set for row in held)
    assert len(held) > 100


@pytest.mark.parametrize("architecture", ("llama", "qwen2", "gpt2"))
def test_any_model_that_can_be_loaded_goes_to_school(
    architecture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path / "tiny.gguf", architecture)
    settings = school.School(
        model=model, out=tmp_path / "taught", epochs=2, rank=4, alpha=8, batch=4, limit=24,
        dtype="fp32", learning_rate=2e-3, generic=1,
    )  # fmt: skip
    curve = school.teach(settings)
    assert curve.held_out[-1] < curve.held_out[0]
    version = read_card(tmp_path / "taught")
    assert version.metrics["held_out_loss"] == curve.held_out
    assert json.loads((tmp_path / "taught" / "curve.json").read_text())["train"] == curve.train
    assert "Held-out loss" in (tmp_path / "taught" / "README.md").read_text()
    llama = LlamaModel(model, context=512, threads=1)
    llama.use_adapter(str(tmp_path / "taught" / "adapter.gguf"))
    assert llama.adapter_id is not None
    llama.close()
