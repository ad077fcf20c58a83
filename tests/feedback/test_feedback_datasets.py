"""Feedback as data sets: the columns that TRL and OpenRLHF read, loaded with `datasets`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from game import paths, settings
from game.cli import main
from game.feedback import FeedbackStore
from game.feedback.rows import GenerationRow
from game.llm.base import Segment
from game.settings import Settings
from tests.agents.thumbs import thumb
from tests.agents.tiny import write_tiny_model


@pytest.fixture
def model(tmp_path: Path, home: Path) -> Path:
    """A tiny model that the settings choose, with eight thumbed lines."""
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    settings.save(Settings(model=str(path)))
    with FeedbackStore(paths.feedback_db()) as store:
        thumb(store, path, 8, sessions=1)
    return path


def load(path: Path, format: str) -> Any:
    """The export in `format` as a data set of the `datasets` package."""
    datasets = pytest.importorskip("datasets")
    file = path.with_name(f"{format}.jsonl")
    assert main(["feedback", "export", "--format", format, str(file)]) == 0
    return datasets.load_dataset(
        "json", data_files=str(file), split="train", cache_dir=str(path.with_name("cache"))
    )


def prompt(turn: int) -> str:
    # A vocabulary of bytes alone cannot spell back the blank that Llama tokenisers write as "▁".
    return f"Tell: turn {turn % 7}.".replace(" ", "▁")


def generations() -> list[GenerationRow]:
    with FeedbackStore(paths.feedback_db()) as store:
        return list(store.iter_generations())


def test_votes_for_trl_have_the_unpaired_preference_columns(model: Path) -> None:
    found = load(model, "trl-kto")
    assert set(found.column_names) == {"prompt", "completion", "label", "source"}
    assert {name: found.features[name].dtype for name in ("prompt", "completion", "label")} == {
        "prompt": "string", "completion": "string", "label": "bool",
    }  # fmt: skip
    rows = generations()
    assert list(found["prompt"]) == [prompt(n) for n in range(8)]
    assert list(found["completion"]) == [row.text for row in rows]
    with FeedbackStore(paths.feedback_db()) as store:
        assert list(found["label"]) == [vote.value > 0 for vote in store.current_votes()]


def test_votes_for_openrlhf_have_the_columns_it_knows_without_being_told(model: Path) -> None:
    found = load(model, "openrlhf-kto")
    assert set(found.column_names) == {"instruction", "response", "score", "source"}
    assert found.features["score"].dtype == "int64" and set(found["score"]) <= {0, 1}
    assert list(found["instruction"]) == list(load(model, "trl-kto")["prompt"])


@pytest.mark.parametrize("format", ["trl-dpo", "openrlhf-dpo"])
def test_preferences_are_pairs_over_one_prompt(
    format: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = generations()
    with FeedbackStore(paths.feedback_db()) as store:
        # Turns 0 and 7 have the same prompt, turn 1 another one.
        store.prefer(rows[0].id, rows[7].id, origin="audition")
        store.prefer(rows[7].id, rows[1].id, origin="kept", source="simulated:terse")
        store.record_edit(rows[2].id, "You wait.")
    found = load(model, format)
    assert set(found.column_names) == {"prompt", "chosen", "rejected", "source"}
    assert [dict(row) for row in found] == [
        {"prompt": prompt(0), "chosen": rows[0].text, "rejected": rows[7].text,
         "source": "player"},
        {"prompt": prompt(2), "chosen": "You wait.", "rejected": rows[2].text,
         "source": "player"},
    ]  # fmt: skip
    err = capsys.readouterr().err
    assert "2 preferences exported." in err and "1 left out: between tellings of different" in err


def test_prompts_spell_the_marks_of_the_chat_format(model: Path) -> None:
    from game.llm.native import library, load_model
    from game.llm.vocabulary import Vocabulary

    llama, loaded = library(), load_model(model, weights=False)
    vocabulary = Vocabulary(llama, llama.llama_model_get_vocab(loaded))
    ids = vocabulary.tokenize((Segment("<s>Tell</s>", True),))
    assert vocabulary.spell([*vocabulary.start, *ids]) == "<s>Tell</s>"
    llama.llama_model_free(loaded)


def test_lines_of_another_model_are_left_out_and_counted(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_tiny_model(tmp_path / "other.gguf", "llama", seed=1)
    code = main(["feedback", "export", "--format", "trl-kto", "--model", str(other)])
    captured = capsys.readouterr()
    assert code == 0 and captured.out == ""
    assert "0 votes exported." in captured.err
    assert "8 left out: written by another model." in captured.err


def test_a_format_and_jsonl_exclude_each_other(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "export", "--jsonl", "--format", "trl-kto"]) == 2
    assert main(["feedback", "export", "--format", "parquet"]) == 2
