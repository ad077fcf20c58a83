"""Adapters written for llama.cpp mean there what they mean in torch, for every architecture."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from agents import gguf as adapters
from agents import lm
from game.errors import ModelUnavailable
from game.llm.base import Prompt, Segment
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel, weights_hash
from game.llm.prepare import prepared_model
from tests.agents.tiny import SHAPES, write_tiny_model

TEXTS = ("You take the lamp.", "A wolf lifts", "rain on the quay, and", "ten", "0 1 2 3 4 5 6")
TURNS = [
    f"<|im_start|>user\n{facts}<|im_end|>\n<|im_start|>assistant\n{said}"
    for facts in (
        "You open the oak door. A wolf is here. It is dark, and the rain has not stopped.",
        "The merchant gives you a pearl. You have a pearl. You are in the marketplace.",
    )
    for said in ("", "The rain comes in with you, and something at the back of")
]


def mean_kl(model: lm.TorchLM, played: LlamaModel, texts: list[str]) -> float:
    """KL(llama.cpp || torch) of the next token, averaged over the ends of `texts`."""
    found = []
    for text in texts:
        segments = (Segment(text, trusted=True),)
        theirs = torch.from_numpy(played.next_logits(Prompt((), segments))).double()
        ids = model.tokenizer.tokenize(segments, start=True)
        ours = model.next_logits(ids).double().log_softmax(0)
        theirs = theirs.log_softmax(0)
        found.append(float((theirs.exp() * (theirs - ours)).sum()))
    return sum(found) / len(found)


def with_random_lora(path: Path, size: float = 0.15) -> lm.TorchLM:
    """The model at `path` with a LoRA large enough to change what it says."""
    model = lm.load(path, dtype="fp32")
    model.attach_lora(seed=1)
    torch.manual_seed(2)
    with torch.no_grad():
        for parameter in model.lora_parameters():
            parameter.normal_(0, size)
    return model


def lora_of(model: lm.TorchLM, folder: Path) -> adapters.Lora:
    model.save_lora(folder)
    return adapters.read_peft(folder)


@pytest.mark.parametrize("architecture", SHAPES)
def test_both_runtimes_agree_with_and_without_an_adapter(architecture: str, tmp_path: Path) -> None:
    base = write_tiny_model(tmp_path / "tiny.gguf", architecture)
    model, played = with_random_lora(base), LlamaModel(base, context=128, threads=1)
    lora = lora_of(model, tmp_path / "peft")
    texts = list(TEXTS)
    with model.without_lora():
        assert mean_kl(model, played, texts) < 1e-3
    assert mean_kl(model, played, texts) > 0.1
    for half in (False, True):
        path = adapters.write_adapter(lora, tmp_path / f"{half}.gguf", base, half=half)
        played.use_adapter(str(path))
        assert mean_kl(model, played, texts) < 1e-3
    played.close()
    assert (tmp_path / "True.gguf").stat().st_size < (tmp_path / "False.gguf").stat().st_size

    again = lm.load(base, dtype="fp32")
    again.load_lora(tmp_path / "False.gguf")
    ids = again.tokenizer.tokenize((Segment(TEXTS[0]),), start=True)
    assert torch.equal(again.next_logits(ids), model.next_logits(ids))


@pytest.mark.slow
def test_both_runtimes_agree_on_the_model_that_plays(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = prepared_model(tmp_path, bundled_model_path())
    model, played = with_random_lora(base, 0.03), LlamaModel(base, context=256, threads=1)
    lora = lora_of(model, tmp_path / "peft")
    path = adapters.write_adapter(lora, tmp_path / "lora.gguf", base)
    assert path.stat().st_size < 12e6
    with model.without_lora():
        assert mean_kl(model, played, TURNS) <= 0.01
    assert mean_kl(model, played, TURNS[:1]) > 0.05
    played.use_adapter(str(path))
    assert mean_kl(model, played, TURNS) <= 0.01
    played.close()


def test_an_adapter_names_its_base_and_kind(tiny: Path, tmp_path: Path) -> None:
    lora = lora_of(with_random_lora(tiny), tmp_path / "peft")
    path = adapters.write_adapter(lora, tmp_path / "a.gguf", tiny, name="house style")
    assert adapters.base_hash(path) == weights_hash(tiny)
    assert path.stat().st_mode & 0o777 == 0o644
    read = adapters.read_adapter(path, tiny)
    assert (read.rank, read.alpha) == (8, 16.0)
    assert set(read.tensors) == set(lora.tensors)
    for name, array in lora.tensors.items():
        np.testing.assert_allclose(read.tensors[name], array, atol=1e-3)


def test_a_failed_writing_leaves_what_was_there(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lora = lora_of(with_random_lora(tiny), tmp_path / "peft")
    target = tmp_path / "out" / "a.gguf"
    target.parent.mkdir()
    target.write_bytes(b"what was there")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adapters.gguf.GGUFWriter, "write_tensors_to_file", full)
    with pytest.raises(OSError, match="No space left"):
        adapters.write_adapter(lora, target, tiny)
    assert [p.name for p in target.parent.iterdir()] == ["a.gguf"]
    assert target.read_bytes() == b"what was there"


def test_an_adapter_for_another_architecture_is_refused(tiny: Path, tmp_path: Path) -> None:
    lora = lora_of(with_random_lora(tiny), tmp_path / "peft")
    path = adapters.write_adapter(lora, tmp_path / "a.gguf", tiny)
    gpt2 = write_tiny_model(tmp_path / "gpt2.gguf", "gpt2")
    with pytest.raises(ModelUnavailable, match="no place in a gpt2 model"):
        adapters.read_adapter(path, gpt2)
    with pytest.raises(ModelUnavailable, match="no place in a gpt2 model"):
        adapters.write_adapter(lora, tmp_path / "b.gguf", gpt2)
    head = dataclasses.replace(
        lora, tensors={"base_model.model.lm_head.lora_A.weight": np.zeros((8, 64), np.float32)}
    )
    with pytest.raises(ModelUnavailable, match="lm_head"):
        adapters.write_adapter(head, tmp_path / "b.gguf", tiny)
    assert not (tmp_path / "b.gguf").exists()


def test_damaged_files_are_explained(tiny: Path, tmp_path: Path) -> None:
    lora = lora_of(with_random_lora(tiny), tmp_path / "peft")
    path = adapters.write_adapter(lora, tmp_path / "a.gguf", tiny)
    cut = tmp_path / "cut.gguf"
    for length in (6, 60, path.stat().st_size // 2):
        cut.write_bytes(path.read_bytes()[:length])
        with pytest.raises(ModelUnavailable, match="damaged"):
            adapters.read_adapter(cut, tiny)
    with pytest.raises(ModelUnavailable, match="no adapter file"):
        adapters.read_adapter(tmp_path / "none.gguf", tiny)
    (tmp_path / "peft" / "adapter_model.safetensors").write_bytes(b"short")
    with pytest.raises(ModelUnavailable, match="no readable peft adapter"):
        adapters.read_peft(tmp_path / "peft")
    with pytest.raises(ModelUnavailable, match="no readable peft adapter"):
        adapters.read_peft(tmp_path / "none")


def test_what_gguf_cannot_hold_is_refused(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "peft"
    lora_of(with_random_lora(tiny), folder)
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "use_rslora": True}))
    with pytest.raises(ModelUnavailable, match="use_rslora"):
        adapters.read_peft(folder)
