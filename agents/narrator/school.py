"""School: teaches a model the house style from the corpus, as a LoRA adapter (supervised).

    python -m agents.narrator.school [--model FILE.gguf] [--out FOLDER] [--epochs 4] ...

The loss is the mean negative log-likelihood of the telling's tokens, end token included, given the
prompt that the game will use (the facts, no examples). Every epoch casts the corpus's scenes anew
and sets its stock lines in other scenes. Scenes of every tenth set and every tenth stock line of a
kind are held out.
Writes a version folder (adapter.gguf in fp16, version.json) and a model card with the settings and
the curve; by default the shipped adapter of this package. `accelerate launch -m` spreads it over
processes or GPUs.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents import distributed, gguf, lm
from agents.narrator.corpus import Row, faults, read_corpus
from agents.narrator.recast import Recaster
from agents.narrator.stock import StockLine, read_stock, staged
from agents.versions import Version, read_card, write_version
from game.llm.base import Segment
from game.llm.bundled import bundled_model_path
from game.narrator.prompt import schooled_prompt, template_hash

SHIPPED = Path(__file__).parent / "adapter"
#: Every set whose seed is a multiple of this is held out.
HELD_OUT = 10


@dataclass
class School:
    """Settings. `batch` rows a step; at most `limit` rows and lines (0: all), for smoke runs."""

    model: Path | None = None  # the GGUF file to teach; the bundled one by default
    out: Path = SHIPPED
    earlier: Path | None = None  # the folder of a version to go on from, at its rank and alpha
    epochs: int = 3
    batch: int = 16
    learning_rate: float = 4e-4
    warmup: float = 0.05  # share of the steps over which the rate rises; it then falls as a cosine
    rank: int = 16
    alpha: int = 32
    share: float = 0.5  # of the scenes that an epoch teaches, beside all stock lines
    recast: float = 0.75  # chance that a row is taught with other names (agents.narrator.recast)
    clip: float = 1.0  # largest gradient norm
    seed: int = 0
    limit: int = 0
    dtype: str = "bf16"


@dataclass
class Curve:
    """Training losses, and held-out losses (nats a token) before training and after every epoch, of
    the corpus's scenes and of stock lines."""

    train: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    held_out_stock: list[float] = field(default_factory=list)
    seconds: float = 0.0


Pair = tuple[list[int], list[int]]


def encode(model: lm.TorchLM, rows: Sequence[Row]) -> list[Pair]:
    """Token ids of each row's prompt and of its telling with the end token."""
    pairs = []
    for row in rows:
        prompt = schooled_prompt(row.facts)
        ids = model.tokenizer.tokenize((*prompt.prefix, *prompt.body), start=True)
        telling = model.tokenizer.tokenize((Segment(row.prose), Segment("<|im_end|>", True)))
        pairs.append((ids, telling))
    return pairs


@dataclass(frozen=True)
class Course:
    """What is taught, and what is held out of it: the corpus's scenes and its stock lines."""

    rows: Sequence[Row]
    stock: Sequence[StockLine]
    held_rows: Sequence[Row]
    held_stock: Sequence[StockLine]

    @classmethod
    def of(cls, rows: Sequence[Row], stock: Sequence[StockLine]) -> Course:
        """No held-out scene's set and no held-out line is taught."""
        return cls(
            [row for row in rows if row.set % HELD_OUT],
            [line for line in stock if not line.held_out],
            [row for row in rows if row.set % HELD_OUT == 0],
            [line for line in stock if line.held_out],
        )

    def lessons(self, a: School, epoch: int) -> list[Row]:
        """What an epoch teaches, in its order: new names and other scenes every time."""
        rng = random.Random(a.seed * 1009 + epoch)
        recaster = Recaster.of(self.rows)
        taught = []
        for row in rng.sample(self.rows, round(a.share * len(self.rows))):
            other = recaster.recast(row, rng) if rng.random() < a.recast else None
            taught.append(other or row)
        taught += staged(self.stock, rng)
        rng.shuffle(taught)
        return taught


def held_out_loss(model: lm.TorchLM, pairs: Sequence[Pair]) -> float:
    """Mean negative log-likelihood in nats a token."""
    scored = model.score([p for p, _ in pairs], [c for _, c in pairs])
    return -sum(map(sum, scored)) / max(1, sum(len(c) for _, c in pairs))


def train(model: lm.TorchLM, course: Course, a: School) -> Curve:
    """Teach `model`'s LoRA adapter in place; returns the curve."""
    torch.manual_seed(a.seed)
    if a.earlier is None:
        model.attach_lora(rank=a.rank, alpha=a.alpha, seed=a.seed)
    else:
        model.load_lora(a.earlier / "adapter.gguf")
    parameters = model.lora_parameters()
    optimizer = torch.optim.AdamW(parameters, lr=a.learning_rate, eps=1e-5, weight_decay=0.0)
    plan = [encode(model, course.lessons(a, epoch)) for epoch in range(a.epochs)]
    held_rows = encode(model, course.held_rows)
    held_stock = encode(model, staged(course.held_stock, random.Random(a.seed)))
    steps = sum(math.ceil(len(pairs) / a.batch) for pairs in plan)
    rising = max(1, round(a.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda n: min((n + 1) / rising, 0.5 + 0.5 * math.cos(math.pi * n / max(1, steps))),
    )
    curve = Curve(
        held_out=[held_out_loss(model, held_rows)],
        held_out_stock=[held_out_loss(model, held_stock)],
    )
    start = time.monotonic()
    columns = ("[progress.description]{task.description}", "loss {task.fields[loss]:.3f}")
    with Progress(
        TextColumn(columns[0]), BarColumn(), MofNCompleteColumn(), TextColumn(columns[1]),
        TimeRemainingColumn(), disable=not distributed.is_main(),
    ) as progress:  # fmt: skip
        task = progress.add_task("school", total=steps, loss=curve.held_out[0])
        for pairs in plan:
            for at in range(0, len(pairs), a.batch):
                batch = pairs[at : at + a.batch]
                optimizer.zero_grad()
                loss = distributed.total({"loss": _backward(model, batch)})["loss"]
                distributed.sum_gradients(parameters)
                torch.nn.utils.clip_grad_norm_(parameters, a.clip)
                optimizer.step()
                schedule.step()
                curve.train.append(loss)
                progress.update(task, advance=1, loss=curve.train[-1])
            curve.held_out.append(held_out_loss(model, held_rows))
            curve.held_out_stock.append(held_out_loss(model, held_stock))
            progress.console.print(
                f"held-out loss {curve.held_out[-1]:.3f}, stock {curve.held_out_stock[-1]:.3f}"
            )
    curve.seconds = time.monotonic() - start
    return curve


def _backward(model: lm.TorchLM, batch: Sequence[Pair]) -> float:
    """Add up the gradients of this process's share of a batch; returns its share of the loss."""
    pairs = distributed.share(batch)
    if not pairs:
        return 0.0
    scored = model([p for p, _ in pairs], [c for _, c in pairs])
    loss = -scored.sums().sum() / sum(len(c) for _, c in batch)
    loss.backward()
    return float(loss.detach())


def card(a: School, base: str, course: Course, curve: Curve, device: str) -> str:
    """The model card, as Markdown."""
    table = "\n".join(f"| {k} | {v} |" for k, v in settings(a).items())
    earlier = "" if a.earlier is None else (a.earlier / "README.md").read_text(encoding="utf-8")
    if earlier:
        earlier = "\nIt went on from this one:\n\n#" + earlier
    losses = ", ".join(f"{x:.3f}" for x in curve.held_out)
    stock = ", ".join(f"{x:.3f}" for x in curve.held_out_stock)
    return f"""# The narrator's house style

A LoRA adapter for `{base}`, made by `python -m agents.narrator.school`.

- **Taught from** {len(course.rows)} scenes and {len(course.stock)} stock lines of
  `agents/narrator/corpus`, all written for this project.
- **Held out**: {len(course.held_rows)} scenes, of sets (small worlds) that no training scene comes
  from, and {len(course.held_stock)} stock lines.
- **Held-out loss**, nats a token, before and after each epoch: {losses}; of stock lines {stock}.
- **Time**: {curve.seconds / 60:.0f} minutes on {device}.
- **Use**: retelling what the rules of the game say happened, in a sentence or two; the guard still
  reads every sentence. It knows nothing else.

| setting | |
|---|---|
{table}
{earlier}"""


def settings(a: School) -> dict[str, Any]:
    """The settings that matter to what was learned."""
    return {k: v for k, v in asdict(a).items() if k not in ("out", "model", "earlier")}


def teach(a: School) -> Curve:
    """The whole run: load, split, train, write the version folder."""
    path = a.model or bundled_model_path()
    model = lm.load(path, dtype=a.dtype, device=distributed.device())  # type: ignore[arg-type]
    rows = read_corpus()
    bad = sum(bool(faults(row)) for row in rows)
    if bad:
        raise SystemExit(
            f"{bad} of {len(rows)} rows are at fault; `python -m agents.narrator.corpus` lists them"
        )
    random.Random(a.seed).shuffle(rows)
    stock = read_stock()
    random.Random(a.seed).shuffle(stock)
    course = Course.of(*((rows[: a.limit], stock[: a.limit]) if a.limit else (rows, stock)))
    curve = train(model, course, a)
    if not distributed.is_main():
        return curve
    with tempfile.TemporaryDirectory() as scratch:
        peft = Path(scratch) / "peft"
        model.save_lora(peft)
        adapter = Path(scratch) / "adapter.gguf"
        gguf.write_adapter(gguf.read_peft(peft), adapter, path, name="house style")
        a.out.mkdir(parents=True, exist_ok=True)
        write_version(
            a.out,
            adapter,
            None,  # adapter.gguf says it all, at half the size
            Version(
                id="",
                what="narrator",
                base=model.model_hash,
                adapter_hash="",
                created="",
                files={},
                base_name=path.name,
                seed=a.seed,
                data={
                    "corpus": len(course.rows),
                    "stock": len(course.stock),
                    "earlier": a.earlier and read_card(a.earlier).adapter_hash,
                    "template": template_hash(schooled_prompt("").prefix),
                },
                metrics={
                    "held_out_loss": curve.held_out,
                    "held_out_loss_stock": curve.held_out_stock,
                    "minutes": curve.seconds / 60,
                },
            ),
        )
    (a.out / "README.md").write_text(
        card(a, path.name, course, curve, model.device.type),
        encoding="utf-8",
    )
    (a.out / "curve.json").write_text(json.dumps(asdict(curve)) + "\n", encoding="utf-8")
    return curve


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for f in fields(School):
        kind = Path if f.name in ("model", "out", "earlier") else type(f.default)
        parser.add_argument(f"--{f.name.replace('_', '-')}", type=kind, default=f.default)
    a = School(**vars(parser.parse_args()))
    curve = teach(a)
    print("held-out loss: " + " → ".join(f"{x:.3f}" for x in curve.held_out))


if __name__ == "__main__":
    main()
