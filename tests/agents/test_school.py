"""The corpus keeps its promises, recasting changes names alone, and any GGUF can go to school."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from agents.narrator import corpus, school, stock
from agents.narrator.corpus import Row, find_scene, read_corpus
from agents.narrator.recast import Recaster
from agents.narrator.stock import StockLine, read_stock
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


def test_what_is_held_out_is_never_taught(rows: list[Row]) -> None:
    course = school.Course.of(rows, read_stock())
    assert {row.set for row in course.rows}.isdisjoint(row.set for row in course.held_rows)
    assert {s.prose for s in course.stock}.isdisjoint(s.prose for s in course.held_stock)
    assert len(course.held_rows) > 100 and len(course.held_stock) > 100


def test_stock_lines_are_true_wherever_they_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert stock.main([]) == 0, capsys.readouterr().out
    lines = read_stock()
    assert len(lines) > 1500 and len({line.facts for line in lines}) > 100


def test_a_stock_line_is_set_in_scenes_of_its_kind() -> None:
    line = StockLine("You give {X} to {A}.", "{A} takes {X}, which you give {A:them}.", False, "")
    told = [stock.set_line(line, random.Random(n)) for n in range(6)]
    assert len({row.prose for row in told if row}) > 3
    for row in filter(None, told):
        scene = find_scene(row)
        assert scene is not None and not corpus.told_faults(row.prose, scene)
        assert "{" not in row.prose and row.prose[0].isupper()


def test_a_faulty_stock_line_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(
        "# You wait.\nYou wait a while.\nYou wait a while.\nA dragon arrives while you wait.\n"
        "You wait for {A}.\n# You fly.\nYou fly off.\n"
    )
    assert stock.main([str(file)]) == 1
    said = {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()}
    assert said == {f"bad.txt:{n}" for n in (3, 4, 5, 7)}


@pytest.mark.parametrize("architecture", ("llama", "qwen2", "gpt2"))
def test_any_model_that_can_be_loaded_goes_to_school(
    architecture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path / "tiny.gguf", architecture)
    settings = school.School(
        model=model, out=tmp_path / "taught", epochs=2, rank=4, alpha=8, batch=4, limit=24,
        dtype="fp32", learning_rate=2e-3,
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
