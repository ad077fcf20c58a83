"""From thumbs to a version: dataset, training, evaluation, registry, one run at a time."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from agents.narrator.dataset import (
    LEAST_OF_A_KIND,
    Example,
    Votes,
    check_enough,
    collect,
    split,
    vote_ids,
    with_advantages,
)
from agents.registry import SHIPPED, Registry
from agents.versions import ADAPTER, Version
from game import paths
from game.errors import GameError, NotEnoughFeedback
from game.feedback.rows import PLAYER
from game.narrator.adapters import NarratorAdapter

if TYPE_CHECKING:
    from agents.lm import TorchLM
    from agents.narrator.ppo import Args, Step
    from agents.narrator.report import Report
    from game.engine.model import World
    from game.feedback.store import FeedbackStore

WHAT = "narrator"
#: Rows of adapters further from the starting one than this have to prove themselves.
OLDEST = 2
#: The share of rows that must count effectively where the adapter is older or unknown.
LEAST_ESS = 0.3
#: Added to the seed for the games that are told twice: those of the default seed are the ones that
#: `game feedback simulate` gives thumbs in, and what was trained on shows nothing.
UNHEARD = 500
TOO_OLD = "written by an adapter too far from the one that plays"


class Busy(GameError):
    """Another training is running."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to train: the model file that plays, the hash of the file it was prepared from, whose
    votes (a pattern), and how. `turns` are told twice for the comparison, in `world`."""

    playing: Path
    source_hash: str = ""
    source: str = PLAYER
    force: bool = False
    world: str | None = None
    turns: int = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, known before any model is loaded."""

    votes: Votes[Example]
    train: Sequence[Example]
    held_out: Sequence[Example]
    start: Version | None
    base: str
    world: str

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.votes.as_dict(),
            "train": len(self.train),
            "held_out": len(self.held_out),
            "start": self.start.id if self.start else None,
            "base": self.base,
            "world": self.world,
            "tokens": sum(len(e.prompt) + len(e.completion) for e in self.train),
        }


class Watcher(Protocol):
    """Hears how the run goes: the name of each phase as it begins, and every step."""

    def phase(self, text: str) -> None: ...

    def step(self, step: Step) -> None: ...


def plan(store: FeedbackStore, request: Request, registry: Registry) -> Plan:
    """Read the votes and split them. Raises NotEnoughFeedback."""
    from game.llm.llama import weights_hash

    base = weights_hash(request.playing)
    votes = collect(store, base=base, source=request.source)
    check_enough(votes, force=request.force)
    train, held = split(votes.examples)
    start = registry.active_version(WHAT, base, request.source_hash)
    return Plan(votes, train, held, start, base, request.world or _most_played(votes))


def _most_played(votes: Votes[Example]) -> str:
    """The installed world with the most votes, else the first installed one."""
    installed = paths.list_worlds()
    voted = [e.world for e in votes.examples if e.world in installed]
    return max(sorted(set(voted)), key=voted.count) if voted else next(iter(installed))


def train_from_feedback(
    store: FeedbackStore, request: Request, a: Args, watcher: Watcher, registry: Registry
) -> Report | None:
    """The whole run: a new version in the registry, active only if it was promoted.

    Nothing is kept of a run that fails or is interrupted. Of the processes that `accelerate launch`
    started, the main one judges and keeps; the others return None once they have trained. Raises
    NotEnoughFeedback, Busy, RatioMismatch, ModelUnavailable, AdapterError, FeedbackError.
    """
    from agents import distributed

    mine = one_at_a_time(registry.folder) if distributed.is_main() else contextlib.nullcontext()
    with mine, scratch_folder() as scratch:
        planned = plan(store, request, registry)
        return _Trainer(store, request, a, watcher, registry, planned, scratch).run()


@dataclass
class _Trainer:
    store: FeedbackStore
    request: Request
    a: Args
    watcher: Watcher
    registry: Registry
    plan: Plan
    scratch: Path

    def run(self) -> Report | None:
        from agents import distributed
        from agents.narrator import evaluate, ppo
        from agents.narrator.learners import learner_for
        from agents.narrator.report import Report

        world = _world(self.plan.world)
        self.watcher.phase("loading the model")
        model = self._model()
        self.watcher.phase(f"scoring {len(self.plan.votes.examples)} lines as they were written")
        train = self._near(model, self.plan.train)
        held = self._near(model, self.plan.held_out)
        self._still_enough(train, held)
        check = ppo.ratios([e for e in train if e.adapter == self._writer])
        train = with_advantages(train, seed=self.a.seed)
        self.watcher.phase("training")
        run = ppo.train(
            model, train, self.a, learner_for(self.a), self.watcher.step, writer=self._writer
        )
        if not distributed.is_main():
            return None
        self.watcher.phase("scoring held-out votes")
        votes = evaluate.held_out(
            held, [e.reference for e in ppo.with_reference(model, held, self.a)]
        )
        adapter, peft = self._write(model)
        del model
        self.watcher.phase(f"telling {self.request.turns} turns twice")
        tellings = self._tell_twice(world, adapter)
        verdict = evaluate.judge(votes, tellings)
        self.watcher.phase("keeping the new version")
        report = Report(
            "", self.plan.start.id if self.plan.start else "none", self.request.playing.name,
            self.plan.votes.lines(), len(train), self.a, run, check, votes, tellings, verdict,
        )  # fmt: skip
        return self._keep(report, adapter, peft, vote_ids([*train, *held]))

    @property
    def _writer(self) -> str | None:
        """The hash of the adapter that training starts from."""
        return self.plan.start.adapter_hash if self.plan.start else None

    def _model(self) -> TorchLM:
        """The model with the adapter that training starts from."""
        from agents import distributed, lm

        model = lm.load(self.request.playing, dtype=self.a.dtype, device=distributed.device())
        start = self.plan.start
        if start is None:
            model.attach_lora(rank=self.a.rank, alpha=self.a.alpha, seed=self.a.seed)
        else:
            folder = self.registry.path(start)
            peft = folder / "peft"
            model.load_lora(peft if peft.is_dir() else folder / ADAPTER)
        return model

    def _near(self, model: TorchLM, examples: Sequence[Example]) -> list[Example]:
        """The examples with reference log-probs, without those of adapters too far away.

        Adapters up to two versions from the starting one count as they are, if it wrote anything
        itself to check the ratios by; the rows of any other must keep an effective sample size of
        0.3 of their number under the starting policy.
        """
        import numpy as np

        from agents.narrator.evaluate import effective_size
        from agents.narrator.ppo import with_reference

        scored = with_reference(model, examples, self.a)
        own = any(e.adapter == self._writer for e in examples)
        near = adapters_near(self.registry, self.plan.start) if own else set()
        far = [e for e in scored if e.adapter not in near]
        if far:
            logs = np.array([sum(e.reference) - sum(e.logged) for e in far])
            if effective_size(np.exp(logs - logs.max())) < LEAST_ESS * len(far):
                self.plan.votes.unused[TOO_OLD] += len(far)
                return [e for e in scored if e.adapter in near]
        return scored

    def _still_enough(self, train: Sequence[Example], held: Sequence[Example]) -> None:
        up = sum(e.value > 0 for e in train)
        fewest = 1 if self.request.force else LEAST_OF_A_KIND // 2
        if not held or min(up, len(train) - up) < fewest:
            raise NotEnoughFeedback(
                "Too little is left to learn from: " + "; ".join(self.plan.votes.lines()) + ".",
                "Go back to the version that wrote the lines (`game adapters list`), or play on.",
            )

    def _write(self, model: TorchLM) -> tuple[Path, Path]:
        from agents import gguf

        peft = self.scratch / "peft"
        model.save_lora(peft)
        adapter = gguf.write_adapter(
            gguf.read_peft(peft), self.scratch / ADAPTER, self.request.playing, name=self.a.algo
        )
        return adapter, peft

    def _tell_twice(self, world: World, adapter: Path) -> Any:
        """The same turns by the model as it plays now and by the candidate."""
        from agents.narrator import evaluate
        from game.llm.llama import LlamaModel

        # Roomier than in play: a narrator that rambles must not fail the comparison.
        player = LlamaModel(self.request.playing, context=4096)
        try:
            turns, seed = self.request.turns, self.a.seed + UNHEARD
            schooled = is_schooled(self.plan.start)
            now = adapter_of(self.registry, self.plan.start)
            before = evaluate.listen(world, player, now, turns, seed)
            candidate = NarratorAdapter(adapter, schooled)
            after = evaluate.listen(world, player, candidate, turns, seed)
        finally:
            player.close()
        return evaluate.compare(before, after)

    def _keep(self, report: Report, adapter: Path, peft: Path, votes: list[int]) -> Report:
        """Add the version with its report, mark the votes as used, and let it play if promoted."""
        from agents.narrator import ppo

        start = self.plan.start
        version = self.registry.add(
            adapter,
            peft,
            what=WHAT,
            base=self.plan.base,
            base_name=self.request.playing.name,
            parent=start.id if start else None,
            seed=self.a.seed,
            data={
                **self.plan.as_dict(),
                "source": self.request.source,
                # Whoever plays it must prompt as its parent was prompted.
                **({"template": start.data["template"]} if is_schooled(start) and start else {}),
            },
            metrics={
                **ppo.metrics(report.run),
                "held_out": asdict(report.votes),
                "guard_change": asdict(report.tellings.rejected_change),
                "verdict": report.verdict.outcome,
            },
        )
        report = replace(report, version=version.id)
        try:
            report.save(self.registry.path(version))
            self.store.mark_trained(votes, part=WHAT, adapter_id=version.adapter_hash)
        except BaseException:
            self.registry.remove(version.id)
            raise
        if report.verdict.outcome == "promoted":
            self.registry.activate(version.id, self.plan.base, self.request.source_hash)
        return report


def is_schooled(version: Version | None) -> bool:
    """Whether a version was taught the house style, and so is prompted without examples."""
    from game.narrator.prompt import schooled_prompt, template_hash

    house = template_hash(schooled_prompt("").prefix)
    return version is not None and version.data.get("template") == house


def adapter_of(registry: Registry, version: Version | None) -> NarratorAdapter | None:
    """A version in the form in which a game plays it; None for the bare model."""
    if version is None:
        return None
    return NarratorAdapter(registry.path(version) / ADAPTER, is_schooled(version))


def adapters_near(registry: Registry, start: Version | None) -> set[str | None]:
    """The adapter hashes of `start` and of what is at most two versions from it, as an ancestor or
    as a descendant; None stands for the bare model.

    The shipped style has no ancestor: school changed the prompts too."""
    versions = {v.id: v for v in registry.versions(WHAT)}

    def line(version: Version | None) -> list[str | None]:
        """The version and its ancestors, by adapter hash, down to the bare model."""
        found: list[str | None] = []
        while version is not None and version.adapter_hash not in found:
            found.append(version.adapter_hash)
            if version.id == SHIPPED:
                return found
            version = versions.get(version.parent) if version.parent else None
        return [*found, None]

    own = start.adapter_hash if start else None
    near = set(line(start)[: OLDEST + 1])
    near |= {v.adapter_hash for v in versions.values() if own in line(v)[: OLDEST + 1]}
    return near


def _world(name: str) -> World:
    from game.authoring.load import load_world

    return load_world(paths.find_world(name))


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for what is being made, gone afterwards; a full disk becomes a GameError."""
    try:
        with tempfile.TemporaryDirectory(prefix="limelight-") as name:
            yield Path(name)
    except OSError as error:
        raise GameError(
            f"The training could not write its files: {error.strerror or error}.",
            "Nothing was lost: free some space and train again.",
        ) from error


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock of training; Busy when somebody has it. The system frees it when we die."""
    paths.ensure(folder)
    with (folder / ".training.lock").open("a+b") as file:
        if not _try_lock(file):
            raise Busy(
                "Another training is running on these adapters.",
                "Wait for it, or stop it with Ctrl-C where it runs.",
            )
        yield


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
