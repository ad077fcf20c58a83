"""Our KTO is TRL's, which the tables of `benchmarks.taste` compare offline PPO with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor

from agents import lm
from agents.narrator import dataset, learners, ppo
from game.feedback import FeedbackStore
from game.llm.llama import weights_hash
from tests.agents.thumbs import thumb

A = ppo.Args(algo="kto", dtype="fp32", kto_beta=0.3)
END = 2


@pytest.fixture
def rows(tiny: Path, tmp_path: Path) -> list[dataset.Example]:
    """Lines of the tiny model, thumbed by rule, each with the end that TRL puts there."""
    with FeedbackStore(tmp_path / "feedback.db") as opened:
        thumb(opened, tiny, 13)
        found = dataset.collect(opened, base=weights_hash(tiny)).examples
    assert {e.value for e in found} == {-1, 1}
    return [replace(e, completion=(*e.completion[:-1], END)) for e in found]


def model_at(tiny: Path) -> lm.TorchLM:
    """The tiny model with a LoRA that does something."""
    found = lm.load(tiny, dtype="fp32")
    found.attach_lora(rank=4)
    drawn = torch.Generator().manual_seed(0)
    move(found, [0.05 * torch.randn(w.shape, generator=drawn) for w in found.lora_parameters()])
    return found


def move(model: lm.TorchLM, by: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for weight, change in zip(model.lora_parameters(), by, strict=True):
            weight += change


def text(ids: Sequence[int]) -> str:
    return " ".join(f"<{i}>" for i in ids)


def test_loss_and_gradient_are_those_of_trls_trainer(
    tiny: Path, rows: list[dataset.Example], tmp_path: Path
) -> None:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast
    from trl import KTOConfig, KTOTrainer

    ours = model_at(tiny)
    rows = ppo.with_reference(ours, rows, A, whole=True)
    learner = learners.KTO(A)
    learner.start(ours, rows)
    # Somewhere else, and where mismatched texts are likelier than before, so that z0 counts.
    prompts, texts = zip(*learner.pairs, strict=True)
    rising = ours(prompts, texts).sums().mean()
    further = [0.003 * g for g in torch.autograd.grad(rising, ours.lora_parameters())]
    move(ours, further)
    learner.begin(ours, range(len(rows)))
    assert learner.z0 > 0.1
    loss = learner.loss(rows, ppo.score(ours, rows, whole=True)).mean()
    gradient = torch.autograd.grad(loss, ours.lora_parameters())

    # Within a batch TRL pairs each prompt with the text before; ours are to be the same pairs.
    chain = [0]
    while len(chain) < len(rows):
        following = learner.pairs[chain[-1]][1]
        chain.append(next(i for i, row in enumerate(rows) if row.completion is following))
    batch = [rows[i] for i in reversed(chain)]
    words = Tokenizer(models.WordLevel({f"<{i}>": i for i in range(259)}, unk_token="<0>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    theirs = model_at(tiny)
    trainer = KTOTrainer(
        theirs._one_peft(),
        args=KTOConfig(
            output_dir=str(tmp_path),
            per_device_train_batch_size=len(batch),
            beta=A.kto_beta,
            desirable_weight=learner.weights[1],
            undesirable_weight=learner.weights[-1],
            max_length=None,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to=[],
        ),
        train_dataset=Dataset.from_dict(
            {
                "prompt": [text(e.prompt) for e in batch],
                "completion": [" " + text(e.completion) for e in batch],
                "label": [e.value > 0 for e in batch],
            }
        ),
        processing_class=PreTrainedTokenizerFast(tokenizer_object=words, eos_token=f"<{END}>"),
    )
    inputs = trainer.data_collator([trainer.train_dataset[n] for n in range(len(batch))])
    move(theirs, further)
    expected = trainer.compute_loss(trainer.model, inputs)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    for found, wanted in zip(
        gradient, torch.autograd.grad(expected, theirs.lora_parameters()), strict=True
    ):
        torch.testing.assert_close(found, wanted, atol=1e-3 * float(wanted.abs().max()), rtol=0)
