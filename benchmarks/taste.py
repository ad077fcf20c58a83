"""Do thumbs work? Simulated readers of a known taste, real tellings, every way to learn.

    python -m benchmarks.taste [--only TEXT] [--minutes M] [--summary]

A cell is one taste, one arm (an algorithm, or an algorithm with something taken away), a number of
votes and a seed. Each is a file of its own in benchmarks/results/taste/, in a folder named by the
hash of the adapter that was the start, so that a run that was stopped goes on where it was; the
cells that tell most come first. Ends with the tables of all the cells there are
(`benchmarks.taste_report`). `--adapter` goes on with another start than the adapter that ships.

A cell: thumb the seed's tellings by the taste's rule, every tenth thumb wrongly; train from the
adapter that ships; let the candidate tell 150 turns of other games, half of them in another world,
by the game's own model, prompts and guard.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import torch
from rich.progress import Progress
from torch import Tensor

from agents import gguf, lm
from agents.executor import Backend
from agents.narrator import ppo
from agents.narrator.dataset import Example, with_advantages
from agents.narrator.learners import learner_for
from agents.narrator.tastes import NOISE, TASTES, Reader
from benchmarks import taste_report, taste_rows
from benchmarks.taste_rows import Rollout, Row
from game import paths
from game.atomic import write_text
from game.llm.bundled import bundled_model_path
from game.llm.llama import weights_hash
from game.llm.prepare import prepared_model, requantise
from game.narrator.adapters import NarratorAdapter

if TYPE_CHECKING:
    from agents.lm import LogProbs, TorchLM

ROOT = Path(__file__).parents[1]
ADAPTER = ROOT / "agents" / "narrator" / "adapter" / "adapter.gguf"
CELLS = ROOT / "benchmarks" / "results" / "taste"
VOTES, OTHER_VOTES = 300, (150, 600)
SEEDS = (0, 1, 2)
#: What the tables are of.
MAIN = ("terse", "curt", "sensory", "bodily")
#: Tellings kept in a cell for a reader to judge.
SHOWN = 12


class WithoutRatios(ppo.PPO):
    """The policy gradient as if the policy itself had drawn the tokens."""

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor:
        return self.surrogate(rows, scored, scored.values.detach())


class WholeVocabulary(ppo.PPO):
    """PPO on ratios to the start over the whole vocabulary at temperature 1, as KTO scores."""

    whole = True

    def loss(self, rows: Sequence[Example], scored: LogProbs) -> Tensor:
        return self.surrogate(rows, scored, ppo.padded(rows, "reference", scored.values))


@dataclass(frozen=True)
class Arm:
    """A way to learn: changed settings of PPO's, another loss, rows changed before training, and
    whether the learner has the weights of another file than the player."""

    what: str
    settings: dict[str, Any]
    learner: Callable[[ppo.Args], ppo.Learner] = learner_for
    rows: Callable[[list[Example]], list[Example]] = list
    other_weights: bool = False


def _uncut(rows: list[Example]) -> list[Example]:
    return [replace(e, support=None) for e in rows]


#: As long as it takes to see what holds a run together: two epochs do not lead far from the start.
LONG = {"epochs": 5, "kl_stop": math.inf}
UNCHECKED = {"ratio_tolerance": math.inf, "clip_tolerance": math.inf}
ARMS: dict[str, Arm | None] = {
    "none": None,
    "ppo": Arm("offline PPO", {}),
    "kto": Arm("KTO", {"algo": "kto"}),
    "sft-up": Arm("imitates the applauded", {"algo": "sft-up"}),
    "reweighted": Arm("advantage-weighted regression", {"algo": "reweighted"}),
    "no-ratios": Arm("PPO without importance ratios", {}, WithoutRatios),
    "narrow-clip": Arm("PPO, clipped at 0.2", {"clip": 0.2}),
    "no-kl": Arm("PPO without KL and without a stop", {"beta": 0.0, "kl_stop": math.inf}),
    "untruncated": Arm("PPO, truncated sampling unaccounted", UNCHECKED, rows=_uncut),
    "other-weights": Arm("PPO, learner with Q4_0 weights", UNCHECKED, other_weights=True),
    "fp32": Arm("PPO, learner in fp32", {"dtype": "fp32"}),
    "long": Arm("PPO, five epochs, no stop", LONG),
    "long-no-ratios": Arm("the same without importance ratios", LONG, WithoutRatios),
    "long-no-clip": Arm("the same without clipping", {**LONG, "clip": 1e6, "dual_clip": 1e6}),
    "long-no-kl": Arm("the same without KL", {**LONG, "beta": 0.0}),
    "late-stop": Arm("PPO, stopped at 0.3 nats", {"kl_stop": 0.3}),
    "full-rate": Arm("the same at the full rate", {"kl_stop": 0.3, "full_rate": OTHER_VOTES[-1]}),
    "wide-clip": Arm("PPO, clipped at 1.5", {"clip": 1.5}),
    "whole": Arm("the same over the whole vocabulary", {"clip": 1.5}, WholeVocabulary),
}
ALGORITHMS = ("none", "ppo", "kto", "sft-up", "reweighted")
#: What might take PPO as far as KTO goes with many thumbs.
FURTHER = ("late-stop", "full-rate", "wide-clip", "whole")
ABLATIONS = tuple(name for name in ARMS if name not in (*ALGORITHMS, *FURTHER))


@dataclass(frozen=True)
class Cell:
    taste: str
    arm: str
    votes: int
    seed: int

    @property
    def name(self) -> str:
        return f"{self.taste}-{self.arm}-{self.votes}-{self.seed}"


def plan() -> list[Cell]:
    """Every cell, the ones that tell most first."""
    everything = itertools.chain(
        _cells(("none", "ppo"), VOTES, SEEDS[:1]),
        _cells(ALGORITHMS, VOTES, SEEDS[:1]),
        _cells(("none", "ppo"), VOTES, SEEDS),
        _cells(ABLATIONS, VOTES, SEEDS[:1], ("sensory",)),
        _cells(ALGORITHMS, VOTES, SEEDS),
        *(_cells(("ppo",), votes, SEEDS) for votes in OTHER_VOTES),
        _cells(ABLATIONS, VOTES, SEEDS, ("sensory",)),
        *(_cells(ALGORITHMS[2:], votes, SEEDS) for votes in OTHER_VOTES),
        _cells(FURTHER, OTHER_VOTES[-1], SEEDS[:1]),
        _cells(FURTHER[2:], VOTES, SEEDS[:1]),
    )
    return list(dict.fromkeys(everything))


def _cells(
    arms: Sequence[str], votes: int, seeds: Sequence[int], tastes: Sequence[str] = MAIN
) -> Iterator[Cell]:
    for seed, arm, taste in itertools.product(seeds, arms, tastes):
        yield Cell(taste, arm, 0 if arm == "none" else votes, seed)


@dataclass(frozen=True)
class Trained:
    """The learner as a cell's votes left it: with what settings, how many thumbs were up, the check
    before the first step, the steps, and what it took, scoring included."""

    model: TorchLM
    settings: ppo.Args
    up: int
    check: ppo.RatioCheck
    run: ppo.Run
    seconds: float
    cpu_seconds: float


class Bench:
    """The player, the learner and the tellings that the cells share."""

    def __init__(
        self, adapter: Path, cache: Path, scratch: Path, tell: Callable[[str], None]
    ) -> None:
        """`tell` hears what is going on."""
        self.tell = tell
        # The adapter that ships may change while this runs for hours.
        self.start = Path(shutil.copy(adapter, scratch / "start.gguf"))
        self.start_hash = weights_hash(self.start)
        self.cache = cache
        self.scratch = scratch
        self.source = bundled_model_path()
        self.file = prepared_model(paths.home(), self.source, tell)
        self.player = taste_rows.player(self.file)
        self._learners: dict[tuple[str, bool], tuple[TorchLM, list[Tensor]]] = {}

    def told(self, seed: int, *, held_out: bool) -> list[Row]:
        """What the starting adapter told."""
        return taste_rows.cached(
            self.cache, self.player, self.rollout(seed, held_out=held_out),
            lambda done: self.tell(f"start: turn {done}, seed {seed}"),
        )  # fmt: skip

    def rollout(self, seed: int, *, held_out: bool) -> Rollout:
        """The tellings of the starting adapter, as a job."""
        adapter = NarratorAdapter(self.start, True)
        return Rollout(self.file, adapter, self.start_hash, seed, held_out)

    def prepare(self, seeds: Sequence[int], backend: Backend, workers: int) -> None:
        """Make the tellings that the cells of some seeds share, several at a time."""
        jobs = [self.rollout(s, held_out=held_out) for s in seeds for held_out in (True, False)]
        taste_rows.prepare(self.cache, jobs, backend, workers)

    def learner(self, dtype: lm.Dtype, other_weights: bool) -> TorchLM:
        """The torch model with the starting adapter on; loaded once for each kind."""
        key = (dtype, other_weights)
        if key not in self._learners:
            file = self.file
            if other_weights:
                file = self.scratch / "other.gguf"
                requantise(self.source, file, "Q4_0")
            model = lm.load(file, dtype=dtype)
            model.load_lora(self.start)
            self._learners[key] = (model, [p.detach().clone() for p in model.lora_parameters()])
        model, start = self._learners[key]
        with torch.no_grad():
            for parameter, value in zip(model.lora_parameters(), start, strict=True):
                parameter.copy_(value)
        return model

    def run(self, cell: Cell) -> dict[str, Any]:
        """Train and judge one cell; JSON-ready."""
        found: dict[str, Any] = {
            **asdict(cell), "start": self.start_hash, "model": self.player.model_hash,
        }  # fmt: skip
        arm = ARMS[cell.arm]
        if arm is None:
            return found | self._judged(cell, self.told(cell.seed, held_out=True))
        made = self.trained(cell, arm)
        adapter = self._written(made.model)
        candidate = NarratorAdapter(adapter, True)
        rows_after = []
        for row in taste_rows.tell(self.player, candidate, cell.seed, held_out=True):
            rows_after.append(row)
            self.tell(f"{cell.name}: turn {len(rows_after)}")
        last = made.run.steps[-1] if made.run.steps else None
        return found | {
            "settings": {name: _finite(value) for name, value in asdict(made.settings).items()},
            "up": made.up,
            "steps": len(made.run.steps),
            "stopped": made.run.stopped,
            "first_ratio": round(made.check.mean, 4),
            "first_clipped": round(made.check.clipped, 4),
            "last_clipped": round(last.clipped, 4) if last else None,
            "minutes": round(made.seconds / 60, 2),
            "cpu_minutes": round(made.cpu_seconds / 60, 2),
            "kl": round(self._kl(rows_after), 5),
            **self._judged(cell, rows_after),
        }  # fmt: skip

    def trained(self, cell: Cell, arm: Arm) -> Trained:
        """The learner after the cell's votes."""
        # The same seed trains and samples: one number says it all.
        settings = {"algo": "ppo", "seed": cell.seed, "max_minutes": math.inf}
        a = ppo.Args(**{**settings, **arm.settings})
        reader = Reader(cell.taste, NOISE, cell.seed)
        rows = [row.example for row in self.told(cell.seed, held_out=False)[: cell.votes]]
        examples = [replace(e, value=reader.vote(e.text)) for e in rows if e is not None]
        examples = arm.rows(with_advantages(examples, seed=cell.seed))
        model = self.learner(a.dtype, arm.other_weights)
        wall, cpu = time.perf_counter(), time.process_time()
        # Only this cell's rows were written by the start, so every one is checked.
        examples = ppo.with_reference(model, examples, a)
        check = ppo.ratios(examples)
        run = ppo.train(
            model, examples, a, arm.learner(a), writer=self.start_hash,
            on_step=lambda s: self.tell(f"{cell.name}: step {s.step}/{s.steps} KL {s.kl:.3f}"),
        )  # fmt: skip
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Trained(model, a, sum(e.value > 0 for e in examples), check, run, wall, cpu)

    def _written(self, model: TorchLM) -> Path:
        peft = self.scratch / "peft"
        model.save_lora(peft)
        return gguf.write_adapter(
            gguf.read_peft(peft), self.scratch / "candidate.gguf", self.file, name="taste"
        )

    def _kl(self, rows: Sequence[Row]) -> float:
        """KL(candidate ‖ start) in nats a token, on what the candidate told, by k3 of `start`."""
        told = [row.example for row in rows if row.example is not None]
        scored = ppo.with_reference(self.learner("bf16", False), told, ppo.Args())
        logged = torch.tensor([x for e in scored for x in e.logged])
        start = torch.tensor([x for e in scored for x in e.reference])
        return float(ppo.kl(logged, logged, start).mean())

    def _judged(self, cell: Cell, rows: Sequence[Row]) -> dict[str, Any]:
        """What the report needs, a value a turn: of `hits`, "1" liked, "0" not, "-" told plainly;
        of `broken`, the rule that each sentence sent back broke."""
        rule = TASTES[cell.taste]
        return {
            "hits": "".join("01"[rule(row.text)] if row.text else "-" for row in rows),
            "words": [len(row.text.split()) for row in rows],
            "rejected": [len(row.broken) for row in rows],
            "broken": [row.broken for row in rows],
            "judged": [row.judged for row in rows],
            "distinct2": round(taste_report.distinct(row.text for row in rows if row.text), 4),
            "told": [[row.command, row.text] for row in rows[:: len(rows) // SHOWN]],
        }


def _finite(value: Any) -> Any:
    """JSON has no infinity."""
    return None if value == math.inf else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no cell after this")
    parser.add_argument("--adapter", type=Path, default=ADAPTER)
    parser.add_argument("--cells", type=Path, default=CELLS, help="where cells are kept")
    parser.add_argument("--cache", type=Path, help="where tellings are kept (in your home folder)")
    parser.add_argument("--backend", choices=get_args(Backend), default="here",
                        help="what makes the tellings that the cells share")  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, help="how many at once, elsewhere")
    parser.add_argument("--summary", action="store_true", help="only the tables of what there is")
    given = parser.parse_args()
    folder = given.cells / weights_hash(given.adapter)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [c for c in plan() if given.only in c.name]
    missing = [c for c in wanted if not (folder / f"{c.name}.json").exists()]
    begun = time.monotonic()
    if missing and not given.summary:
        with tempfile.TemporaryDirectory(prefix="limelight-taste-") as scratch, Progress() as bar:
            task = bar.add_task("cells", total=len(wanted), completed=len(wanted) - len(missing))
            bench = Bench(
                given.adapter, given.cache or paths.home() / "taste", Path(scratch),
                lambda text: bar.update(task, description=text),
            )  # fmt: skip
            if given.backend != "here":
                seeds = sorted({cell.seed for cell in missing})
                bench.prepare(seeds, given.backend, given.workers)
            for cell in missing:
                if time.monotonic() - begun > 60 * given.minutes:
                    break
                path = folder / f"{cell.name}.json"
                if not path.exists():  # another run may have made it meanwhile
                    write_text(path, json.dumps(bench.run(cell)) + "\n")
                bar.advance(task)
            bench.player.close()
    taste_report.write(folder, given.cells.parent, ARMS, ALGORITHMS, ABLATIONS, FURTHER)


if __name__ == "__main__":
    main()
