"""The learner scores tokens exactly as the sampler drew them, and trains nothing but the LoRA."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from agents import lm
from game.errors import ModelUnavailable
from game.llm.base import Completion, Prompt, Sampler, Segment, SoftPrefix
from game.llm.llama import LlamaModel, weights_hash
from tests.agents.tiny import write_tiny_model

PROMPT = Prompt((Segment("The keeper "),), (Segment("says:"),))


@pytest.fixture
def model(tiny: Path) -> lm.TorchLM:
    return lm.load(tiny, dtype="fp32")


@pytest.fixture(scope="module")
def played(tiny: Path) -> Iterator[LlamaModel]:
    found = LlamaModel(tiny, context=512, threads=1)
    yield found
    found.close()


@pytest.fixture(params=["llama", "gpt2", "gemma3"])
def any_model(request: pytest.FixtureRequest, tmp_path: Path) -> lm.TorchLM:
    """A tiny model of each architecture, with a LoRA that is the identity."""
    found = lm.load(write_tiny_model(tmp_path / "tiny.gguf", request.param), dtype="fp32")
    found.attach_lora(rank=2)
    return found


def rows(completions: list[Completion]) -> tuple[list[list[int]], list[list[int]], list[list]]:
    return (
        [list(c.prompt_ids) for c in completions],
        [[t.id for t in c.tokens] for c in completions],
        [[t.support for t in c.tokens] for c in completions],
    )


@pytest.mark.parametrize(
    "sampler",
    [
        Sampler(temperature=0.7, min_p=0.1, max_tokens=12),
        Sampler(temperature=1.3, min_p=0.0, max_tokens=12),
        Sampler(temperature=1.0, min_p=0.02, top_k=5, max_tokens=12),
    ],
    ids=["min-p", "untruncated", "top-k"],
)
def test_scores_are_the_log_probs_that_were_logged(
    model: lm.TorchLM, played: LlamaModel, sampler: Sampler
) -> None:
    drawn = played.complete(PROMPT, sampler, n=4)
    drawn += played.complete(Prompt((), (Segment("x"),)), sampler, n=2)
    prompts, completions, supports = rows(drawn)
    scored = model.score(prompts, completions, supports, sampler.temperature, batch_tokens=40)
    for row, completion in zip(scored, drawn, strict=True):
        logged = [token.logprob for token in completion.tokens]
        np.testing.assert_allclose(row, logged, atol=0.02)


def test_the_kept_tokens_share_all_the_probability(model: lm.TorchLM) -> None:
    kept = [5, 40, 77, 200]
    scored = model.score([[1, 9, 9]] * 4, [[k] for k in kept], [[kept]] * 4, 0.5)
    assert sum(math.exp(row[0]) for row in scored) == pytest.approx(1.0, abs=1e-5)
    logits = model.next_logits([1, 9, 9])[kept] / 0.5
    expected = logits.log_softmax(0).tolist()
    assert [row[0] for row in scored] == pytest.approx(expected, abs=1e-5)


def test_rows_cut_and_uncut_go_together(model: lm.TorchLM) -> None:
    prompt, row = [1, 30, 31], [40, 41, 42]
    mixed = model.score([prompt], [row], [[None, (41, 99), None]])[0]
    plain = model.score([prompt], [row])[0]
    assert mixed[0] == pytest.approx(plain[0]) and mixed[2] == pytest.approx(plain[2])
    assert mixed[1] > plain[1]


def test_words_that_are_not_in_play_change_neither_scores_nor_gradients(
    any_model: lm.TorchLM,
) -> None:
    weights = any_model.lora_parameters()
    drawn = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in weights:
            weight.normal_(std=0.1, generator=drawn)
    cut = ([[1, 30, 31], [1, 7]], [[40, 41], [9]], [[(40, 12), (41, 3, 99)], [(9, 200)]])
    uncut = ([[1, 8]], [[50]], [None])
    few = any_model.completion_logprobs(*cut, 0.7)
    # A row that was drawn from the whole vocabulary makes it all be computed.
    whole = any_model.completion_logprobs(*(a + b for a, b in zip(cut, uncut, strict=True)), 0.7)
    torch.testing.assert_close(whole.values[:2], few.values)
    first = torch.autograd.grad(few.sums().sum(), weights)
    second = torch.autograd.grad(whole.sums()[:2].sum(), weights)
    assert any(gradient.abs().max() > 0.1 for gradient in first)
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a, b, atol=1e-3 * float(b.abs().max()), rtol=0)


def test_padding_changes_nothing(model: lm.TorchLM) -> None:
    prompts = [[1, 50, 60, 70, 80, 90], [1, 7], [1, 200, 201]]
    completions = [[10, 11], [12, 13, 14, 15, 16], [17]]
    together = model.completion_logprobs(prompts, completions, temperature=[0.5, 1.0, 2.0])
    assert together.mask.sum(dim=1).tolist() == [2, 5, 1]
    assert (together.values[~together.mask] == 0).all()
    for i, temperature in enumerate([0.5, 1.0, 2.0]):
        alone = model.score([prompts[i]], [completions[i]], temperature=temperature)[0]
        assert together.rows()[i] == pytest.approx(alone, abs=1e-5)
        assert together.sums()[i].item() == pytest.approx(sum(alone), abs=1e-4)


def test_a_beginning_that_all_prompts_share_changes_neither_scores_nor_gradients(
    any_model: lm.TorchLM,
) -> None:
    shared = [5, 6, 7, 8]
    prompts = [[*shared, 9], [*shared], [*shared, 20, 21, 22]]
    completions = [[10, 11, 12], [13], [14, 15]]
    together = any_model.completion_logprobs(prompts, completions)
    alone = [
        any_model.completion_logprobs([p], [c]) for p, c in zip(prompts, completions, strict=True)
    ]
    for row, one in zip(together.rows(), alone, strict=True):
        assert row == pytest.approx(one.rows()[0], abs=1e-4)
    weights = any_model.lora_parameters()
    first = torch.autograd.grad(together.sums().sum(), weights)
    second = torch.autograd.grad(sum(one.sums().sum() for one in alone), weights)
    for a, b in zip(first, second, strict=True):
        assert torch.allclose(a, b, atol=1e-3)


def test_only_the_lora_learns_and_it_does(model: lm.TorchLM) -> None:
    prompts, completions = [[1, 50, 60]] * 2, [[70, 71], [72]]
    before = model.score(prompts, completions)
    model.attach_lora(seed=3)
    assert model.score(prompts, completions) == before  # a fresh LoRA is the identity
    trained = model.lora_parameters()
    assert {id(p) for p in model.parameters() if p.requires_grad} == {id(p) for p in trained}
    assert not any("lm_head" in n for n, p in model.named_parameters() if p.requires_grad)
    optimiser = torch.optim.Adam(trained, lr=1e-2)
    for _ in range(5):
        optimiser.zero_grad()
        (-model(prompts, completions).sums().sum()).backward()
        optimiser.step()
    after = model.score(prompts, completions)
    assert all(sum(a) > sum(b) + 0.5 for a, b in zip(after, before, strict=True))
    with model.without_lora():
        assert model.score(prompts, completions) == before


def test_the_seed_decides_the_start(tiny: Path) -> None:
    def start(seed: int) -> torch.Tensor:
        model = lm.load(tiny, dtype="fp32")
        model.attach_lora(seed=seed)
        return torch.cat([p.detach().flatten() for p in model.lora_parameters()])

    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(start(1), start(1)) and not torch.equal(start(1), start(2))
    assert torch.equal(torch.rand(1), expected)  # the caller's own stream is left alone


def test_a_saved_lora_comes_back_and_names_no_path(
    model: lm.TorchLM, tiny: Path, tmp_path: Path
) -> None:
    model.attach_lora(rank=4, alpha=8)
    with torch.no_grad():
        for parameter in model.lora_parameters():
            parameter.normal_(0, 0.2)
    model.save_lora(tmp_path / "lora")
    config = json.loads((tmp_path / "lora" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny.gguf" and config["lora_dropout"] == 0.0
    assert str(tiny.parent) not in (tmp_path / "lora" / "adapter_config.json").read_text()
    again = lm.load(tiny, dtype="fp32")
    again.load_lora(tmp_path / "lora")
    assert torch.equal(again.next_logits([1, 40, 41]), model.next_logits([1, 40, 41]))

    gpt2 = lm.load(write_tiny_model(tmp_path / "gpt2.gguf", "gpt2"), dtype="fp32")
    with pytest.raises(ModelUnavailable, match="does not fit"):
        gpt2.load_lora(tmp_path / "lora")


def test_weights_that_cannot_be_written_are_an_oserror(model: lm.TorchLM, tmp_path: Path) -> None:
    model.attach_lora(rank=4)
    (tmp_path / "lora" / "adapter_model.safetensors").mkdir(parents=True)
    with pytest.raises(OSError):
        model.save_lora(tmp_path / "lora")


def test_a_soft_prompt_means_the_same_to_both_and_learns(
    model: lm.TorchLM, played: LlamaModel
) -> None:
    body = (Segment("and then"),)
    soft = model.embed(range(20, 28)) + 0.05
    theirs = played.next_logits(Prompt((), body, SoftPrefix(soft.numpy())))
    ids = model.tokenizer.tokenize(body, start=True)
    np.testing.assert_allclose(model.next_logits(ids, soft).numpy(), theirs, atol=0.1)
    assert not np.allclose(model.next_logits(ids).numpy(), theirs, atol=1.0)

    soft.requires_grad_(True)
    before = model.completion_logprobs([ids], [[70, 71]], soft=soft).sums()
    before.backward()
    assert soft.grad is not None and soft.grad.abs().sum() > 0
    moved = (soft + 0.02 * soft.grad / soft.grad.norm()).detach()
    assert model.completion_logprobs([ids], [[70, 71]], soft=moved).sums() > before


def test_the_tokeniser_is_the_players(model: lm.TorchLM, played: LlamaModel) -> None:
    text = (Segment("Ärger, <s> in the\n"), Segment("</s>", trusted=True))
    ids = model.tokenizer.tokenize(text, start=True)
    assert ids == played.tokenize(text, start=True)
    assert model.tokenizer.detokenize(ids) == played.detokenize(ids)
    assert model.tokenizer.is_end(ids[-1]) and not model.tokenizer.is_end(ids[0])
    assert model.model_hash == weights_hash(model.path) == played.model_hash


def test_bf16_is_near(model: lm.TorchLM, tiny: Path) -> None:
    other = lm.load(tiny)
    assert next(other.parameters()).dtype == torch.bfloat16
    ours, theirs = (m.next_logits([1, 40, 41]).log_softmax(0) for m in (model, other))
    assert float((ours.exp() * (ours - theirs)).sum()) < 0.01
    other.attach_lora()
    assert all(p.dtype == torch.float32 for p in other.lora_parameters())


def test_loading_asks_no_network(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    lm.load(tiny, dtype="fp32").attach_lora()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1]], [[]]), "needs a token"),
        (([], []), "needs a token"),
        (([[]], [[5]]), "needs a prompt"),
        (([[1]], [[5]], None, 0.0), "must be positive"),
        (([[1]], [[5]], None, [1.0, 1.0]), "must be positive"),
        (([[1]], [[5]], [[(6, 7)]]), "not in the support"),
    ],
)
def test_rows_that_cannot_be_scored(
    model: lm.TorchLM, arguments: tuple[list, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        model.completion_logprobs(*arguments)


def test_files_that_cannot_be_learned_from(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no model file"):
        lm.load(tmp_path / "none.gguf")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:4000])
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        lm.load(cut)
    half = tmp_path / "half.gguf"
    half.write_bytes(tiny.read_bytes()[: tiny.stat().st_size // 2])
    with pytest.raises(ModelUnavailable, match="half.gguf"):
        lm.load(half)


def test_batches_hold_their_budget_and_lose_nobody() -> None:
    lengths = [5, 1, 9, 3, 3, 20, 2]
    batches = list(lm.batches_by_length(lengths, 10))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= 10
