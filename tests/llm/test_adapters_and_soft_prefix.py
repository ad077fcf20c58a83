"""LoRA adapters swapped while running, and soft prompts given as embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from game.errors import ModelUnavailable
from game.llm.base import Prompt, Sampler, Segment, SoftPrefix
from game.llm.llama import LlamaModel
from tests.llm.adapters import write_adapter
from tests.llm.conftest import turn

PROMPT = turn("You greet the keeper.")
BODY = (Segment("Once upon a time, in a small village by the lake,"),)


def soft(seed: int, k: int = 16) -> SoftPrefix:
    """Random vectors of about the length of the model's own token embeddings."""
    rng = np.random.default_rng(seed)
    return SoftPrefix(rng.normal(0, 0.12, (k, 576)).astype(np.float32))


def test_adapters_change_and_restore_the_logits(model: LlamaModel, tmp_path: Path) -> None:
    one = write_adapter(tmp_path / "one.gguf", 1)
    two = write_adapter(tmp_path / "two.gguf", 2)
    plain = model.next_logits(PROMPT)
    model.use_adapter(str(one))
    first_id, first = model.adapter_id, model.next_logits(PROMPT)
    model.use_adapter(str(two))
    second_id, second = model.adapter_id, model.next_logits(PROMPT)
    model.use_adapter(str(one))
    assert np.array_equal(model.next_logits(PROMPT), first)
    model.use_adapter(None)
    assert np.array_equal(model.next_logits(PROMPT), plain)
    assert np.abs(first - plain).max() > 0.5
    assert np.abs(first - second).max() > 0.5
    assert None not in (first_id, second_id) and first_id != second_id
    assert model.adapter_id is None


def test_an_adapter_that_does_not_fit_leaves_the_old_one(model: LlamaModel, tmp_path: Path) -> None:
    good = write_adapter(tmp_path / "good.gguf", 1)
    model.use_adapter(str(good))
    kept, logits = model.adapter_id, model.next_logits(PROMPT)
    wrong = write_adapter(tmp_path / "wrong.gguf", 1, width=640)
    with pytest.raises(ModelUnavailable, match="does not fit this model"):
        model.use_adapter(str(wrong))
    with pytest.raises(ModelUnavailable, match="no adapter file"):
        model.use_adapter(str(tmp_path / "missing.gguf"))
    assert model.adapter_id == kept
    assert np.array_equal(model.next_logits(PROMPT), logits)


def test_a_soft_prefix_is_restored_exactly(model: LlamaModel) -> None:
    one, two = Prompt((), BODY, soft(1)), Prompt((), BODY, soft(2))
    first, second = model.next_logits(one), model.next_logits(two)
    assert np.array_equal(model.next_logits(one), first)
    assert np.array_equal(model.next_logits(two), second)
    assert np.abs(first - second).max() > 0.5
    assert np.abs(first - model.next_logits(Prompt((), BODY))).max() > 0.5


def test_a_soft_prefix_is_never_taken_for_another(model: LlamaModel) -> None:
    sampler = Sampler(temperature=0.0, max_tokens=6)
    prefix = (Segment("The keeper says:"),)
    plain = model.complete(Prompt(prefix, BODY), sampler)[0]
    with_soft = model.complete(Prompt(prefix, BODY, soft(3)), sampler, n=2)
    again = model.complete(Prompt(prefix, BODY), sampler)[0]
    assert again.tokens == plain.tokens
    assert with_soft[0].text != plain.text
    assert with_soft[0].prompt_ids == plain.prompt_ids


def test_a_soft_prefix_of_another_width_is_refused(model: LlamaModel) -> None:
    wide = SoftPrefix(np.zeros((4, 640), dtype=np.float32))
    with pytest.raises(ValueError, match=r"\[k, 576\]"):
        model.next_logits(Prompt((), BODY, wide))


@pytest.mark.slow
def test_a_soft_prefix_means_the_same_to_transformers(model: LlamaModel) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    other = transformers.AutoModelForCausalLM.from_pretrained(
        model.path.parent, gguf_file=model.path.name, dtype=torch.float32
    ).eval()
    ids = torch.tensor([model.tokenize(BODY)])
    embed = other.get_input_embeddings()
    rng = np.random.default_rng(0)
    # Vectors near real embeddings, as training from a text initialisation gives.
    start = embed(torch.from_numpy(rng.integers(1000, 20_000, (1, 16)))).detach()
    noise = torch.from_numpy(rng.normal(0, 0.02, tuple(start.shape)).astype(np.float32))
    vectors = start + noise
    with torch.no_grad():
        row = other(inputs_embeds=torch.cat([vectors, embed(ids)], dim=1)).logits[0, -1]
    expected = torch.log_softmax(row.double(), dim=0).numpy()

    ours = model.next_logits(Prompt((), BODY, SoftPrefix(vectors[0].numpy()))).astype(np.float64)
    found = ours - ours.max()
    found -= np.log(np.exp(found).sum())
    assert float((np.exp(expected) * (expected - found)).sum()) <= 0.02
    bare = model.next_logits(Prompt((), BODY)).astype(np.float64)
    bare -= bare.max() + np.log(np.exp(bare - bare.max()).sum())
    assert float((np.exp(expected) * (expected - bare)).sum()) > 0.1
