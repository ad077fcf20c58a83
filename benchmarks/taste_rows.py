"""Tellings of real turns for `benchmarks.taste`: made once for each seed, then read from a cache.

A taste only rates what was told, so all tastes and all algorithms share the same tellings.
"""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from agents.executor import Backend, run
from agents.narrator.dataset import Example
from agents.narrator.rollout import Told, wander
from game import paths
from game.atomic import replacing
from game.authoring.load import load_world
from game.llm.llama import LlamaModel, weights_hash
from game.narrator import telling

if TYPE_CHECKING:
    from game.llm.base import LanguageModel
    from game.narrator.adapters import NarratorAdapter

#: Where thumbs are given, and where a narrator is judged: the turns there are other games' turns,
#: and the second world is one that no thumb was given in.
TRAIN_WORLD = "village"
HELD_OUT_WORLDS = ("village", "interval")
TRAIN_TELLINGS = 600
HELD_OUT_TURNS = 150
#: Wanders whose turns are held out have seeds from here on.
HELD_OUT_SEED = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One turn as told. `text` is the model's sentence, empty where the turn was told plainly;
    `broken` the guard's rule that each sentence sent back broke; `example` what learning from a
    thumb on it needs (its vote and advantage are not set)."""

    world: str
    game: int
    turn: int
    command: str
    plain: str
    text: str
    broken: tuple[str, ...]
    judged: int
    seconds: float
    example: Example | None


def row_of(told: Told, model: LanguageModel, number: int) -> Row:
    """A telling as `game.performance` would log it and `agents.narrator.dataset` read it."""
    said = told.telling
    example = None
    if said.source == "model" and said.sampler is not None:
        supports = tuple(t.support for t in said.tokens)
        example = Example(
            vote=number,
            value=0,
            source="",
            session=f"{told.world}:{told.seed}",
            at=f"{number:06d}",
            turn=told.turn,
            world=told.world,
            kind=said.kind,
            adapter=model.adapter_id,
            template=said.template_hash,
            text=said.sampled,
            prompt=said.prompt_ids,
            completion=tuple(t.id for t in said.tokens),
            logged=tuple(t.logprob for t in said.tokens),
            support=supports if any(s is not None for s in supports) else None,
            temperature=said.sampler.temperature,
        )
    return Row(
        told.world, told.seed, told.turn, told.command, said.plain, said.sampled,
        tuple(j.verdict.rule for j in said.judged if not j.verdict.ok), len(said.judged),
        said.seconds,
        example,
    )  # fmt: skip


def tell(
    model: LanguageModel, adapter: NarratorAdapter | None, seed: int, *, held_out: bool
) -> Iterator[Row]:
    """The tellings of one seed: those to be thumbed (all by the model), or the held-out turns."""
    if held_out:
        share = HELD_OUT_TURNS // len(HELD_OUT_WORLDS)
        told = itertools.chain.from_iterable(
            itertools.islice(wander(_world(w), model, adapter, seed=HELD_OUT_SEED + seed), share)
            for w in HELD_OUT_WORLDS
        )
    else:
        wandered = wander(_world(TRAIN_WORLD), model, adapter, seed=seed)
        told = itertools.islice((t for t in wandered if t.telling.source == "model"),
                                TRAIN_TELLINGS)  # fmt: skip
    for number, one in enumerate(told):
        yield row_of(one, model, number)


@dataclass(frozen=True, slots=True)
class Rollout:
    """What `rollout` plays: the model file and the adapter (of that hash), the seed, which of its
    turns, and how many of them (None: all)."""

    model: Path
    adapter: NarratorAdapter | None
    adapter_hash: str
    seed: int
    held_out: bool
    rows: int | None = None


def player(file: Path) -> LlamaModel:
    """The model as it plays here: on one thread, and with the narrator's patience counted in
    processor time, for the machine may be shared."""
    telling.time = SimpleNamespace(monotonic=time.process_time)  # type: ignore[assignment]
    return LlamaModel(file, context=4096, threads=1)


def rollout(job: Rollout) -> list[Row]:
    """The rows of `tell`, by a model of its own: the same wherever it runs, but for the seconds."""
    model = player(job.model)
    try:
        told = tell(model, job.adapter, job.seed, held_out=job.held_out)
        return list(itertools.islice(told, job.rows))
    finally:
        model.close()


def prepare(folder: Path, jobs: Sequence[Rollout], backend: Backend, workers: int) -> None:
    """Put the rows of the jobs into the cache, where they are not yet."""
    missing = {path: job for job in jobs if not (path := _place(folder, job)).exists()}
    results = run(rollout, list(missing.values()), backend, workers)
    for path, rows in zip(missing, results, strict=True):
        write(path, rows)


def _place(folder: Path, job: Rollout) -> Path:
    kind = "held-out" if job.held_out else "train"
    name = f"{weights_hash(job.model)}-{job.adapter_hash}-{kind}-{job.seed}.jsonl.gz"
    return folder / name


def _world(name: str) -> Any:
    return load_world(paths.find_world(name))


def cached(
    folder: Path,
    model: LanguageModel,
    job: Rollout,
    on_row: Callable[[int], None] = lambda _done: None,
) -> list[Row]:
    """The rows of a job, from `folder` where a run before this one left them, else by `model`."""
    path = _place(folder, job)
    if path.exists():
        return read(path)
    rows = []
    for row in tell(model, job.adapter, job.seed, held_out=job.held_out):
        rows.append(row)
        on_row(len(rows))
    write(path, rows)
    return rows


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as compressed JSON lines, whole or not at all."""
    paths.ensure(path.parent)
    with replacing(path) as part, gzip.open(part, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


def read(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [_row(json.loads(line)) for line in file]


def _row(found: dict[str, Any]) -> Row:
    if (e := found["example"]) is not None:
        for name in ("prompt", "completion", "logged", "reference"):
            e[name] = tuple(e[name])
        if e["support"] is not None:
            e["support"] = tuple(None if s is None else tuple(s) for s in e["support"])
        found["example"] = Example(**e)
    found["broken"] = tuple(found["broken"])
    return Row(**found)
