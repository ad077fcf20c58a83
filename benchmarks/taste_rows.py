"""Tellings of real turns for `benchmarks.taste`: made once for each seed, then read from a cache.

A taste only rates what was told, so all tastes and all algorithms share the same tellings.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.narrator.dataset import Example
from agents.narrator.rollout import Told, wander
from game import paths
from game.authoring.load import load_world

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
    `example` what learning from a thumb on it needs (its vote and advantage are not set)."""

    world: str
    game: int
    turn: int
    command: str
    plain: str
    text: str
    rejected: int
    judged: int
    seconds: float
    example: Example | None


def row_of(told: Told, model: LanguageModel, number: int) -> Row:
    """A telling as `game.performance` would log it and `agents.narrator.dataset` read it."""
    telling = told.telling
    example = None
    if telling.source == "model" and telling.sampler is not None:
        supports = tuple(t.support for t in telling.tokens)
        example = Example(
            vote=number,
            value=0,
            source="",
            session=f"{told.world}:{told.seed}",
            at=f"{number:06d}",
            turn=told.turn,
            world=told.world,
            kind=telling.kind,
            adapter=model.adapter_id,
            template=telling.template_hash,
            text=telling.sampled,
            prompt=telling.prompt_ids,
            completion=tuple(t.id for t in telling.tokens),
            logged=tuple(t.logprob for t in telling.tokens),
            support=supports if any(s is not None for s in supports) else None,
            temperature=telling.sampler.temperature,
        )
    return Row(
        told.world, told.seed, told.turn, told.command, telling.plain, telling.sampled,
        sum(not j.verdict.ok for j in telling.judged), len(telling.judged), telling.seconds,
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


def _world(name: str) -> Any:
    return load_world(paths.find_world(name))


def cached(
    folder: Path,
    player: LanguageModel,
    adapter: NarratorAdapter | None,
    adapter_hash: str,
    seed: int,
    *,
    held_out: bool,
    on_row: Callable[[int], None] = lambda _done: None,
) -> list[Row]:
    """The rows of `tell`, from `folder` where a run before this one left them."""
    kind = "held-out" if held_out else "train"
    path = folder / f"{player.model_hash}-{adapter_hash}-{kind}-{seed}.jsonl.gz"
    if path.exists():
        return read(path)
    rows = []
    for row in tell(player, adapter, seed, held_out=held_out):
        rows.append(row)
        on_row(len(rows))
    write(path, rows)
    return rows


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as compressed JSON lines, whole or not at all."""
    paths.ensure(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with gzip.open(part, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)
    part.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


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
    return Row(**found)
