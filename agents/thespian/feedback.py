"""From thumbs on what characters did to a version of the cast: votes, training, judgement, keeping.

As the narrator's (`agents.narrator.train`), whose votes, checks and figures these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.narrator.dataset import LEAST_OF_A_KIND, Votes, check_enough, split, vote_ids
from agents.narrator.evaluate import HeldOut, Verdict, effective_size, held_out
from agents.narrator.ppo import (
    Args,
    RatioCheck,
    RatioMismatch,
    Run,
    metrics,
    ratios,
)
from agents.narrator.report import HEADLINES, keep
from agents.narrator.train import LEAST_ESS, TOO_OLD, Watcher, one_at_a_time, scratch_folder
from agents.registry import Registry
from agents.thespian.checkpoint import Checkpoint, save
from agents.thespian.features import Lexicon
from agents.thespian.lessons import in_play
from agents.thespian.playbill import BASE, WHAT
from agents.thespian.ppo import Stage, disliked, divergence, fit, stage_of
from agents.thespian.thumbs import Example, collect, with_advantages
from agents.versions import Version
from game.errors import NotEnoughFeedback
from game.feedback.rows import PLAYER
from game.feedback.store import FeedbackStore

#: How far what was not thumbed down may move, in nats a decision, for a cast to be promoted.
NEAR = 0.25
#: Settings of the run: few parameters, and a decision where the narrator has thirty tokens.
DEFAULTS = Args(
    algo="ppo", epochs=20, batch=32, learning_rate=1e-2, clip=0.7, beta=3.0, kl_stop=0.5,
    max_minutes=5.0,
)  # fmt: skip

CARD = """# {version}

Learned from {votes} thumbs on what characters did, by `game train-from-feedback --what cast`:
offline PPO on the prompts and heads, the core as it was ({core}).
"""


def judge(votes: HeldOut, moved: float) -> Verdict:
    """Promote only what ranks unseen votes better than chance, gains value and stays near."""
    if votes.auc is None:
        return Verdict("candidate", ("The held-out votes are all of one kind: no verdict.",))
    ranks = f"It ranks held-out votes with an AUC of {votes.auc}"
    if votes.auc.high < 0.5:
        return Verdict("rejected", (f"{ranks}: worse than chance.",))
    if votes.auc.low <= 0.5:
        return Verdict(
            "candidate", (f"{ranks}: inconclusive, as chance (0.5) is inside the interval.",)
        )
    if votes.gain.value <= 0:
        return Verdict(
            "candidate",
            (f"{ranks}, but its expected vote is not higher: {votes.gain} (votes are ±1).",),
        )
    if moved > NEAR:
        return Verdict(
            "candidate",
            (f"{ranks}, but what was not disliked moved too far: KL {moved:.2f} a decision.",),
        )
    return Verdict(
        "promoted",
        (f"{ranks}: better than chance.", f"Its expected vote (±1) is higher by {votes.gain}."),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do."""

    votes: Votes[Example]
    train: Sequence[Example]
    held_out: Sequence[Example]
    start: Version | None

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.votes.as_dict(),
            "train": len(self.train),
            "held_out": len(self.held_out),
            "start": self.start.id if self.start else None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run has to say; `parent` "shipped" is the cast that came with the game.

    `moved` is the mean KL on held-out decisions, without what was thumbed down there.
    """

    version: str
    parent: str
    data: Sequence[str]
    trained: int
    core: str
    args: Args
    run: Run
    ratios: RatioCheck | None
    votes: HeldOut
    moved: float
    verdict: Verdict

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """A line a finding."""
        ended = {
            "done": "all steps",
            "kl": f"stopped at KL {self.args.kl_stop} a decision",
            "time": f"stopped after {self.args.max_minutes:g} minutes",
        }
        found = [
            *self.data,
            f"trained on {self.trained} votes: {len(self.run.steps)} steps in "
            f"{self.run.seconds:.1f} s ({ended[self.run.stopped]}), the core unchanged",
        ]
        if self.ratios is not None:
            found.append(f"ratio check: mean {self.ratios.mean:.3f} of {self.ratios.tokens}")
        return [
            *found,
            f"held-out votes ({self.votes.votes}): AUC {self.votes.auc or 'not defined'}",
            f"expected vote there: {self.votes.value}, change {self.votes.gain}, effective sample "
            f"size {self.votes.ess:.0f}",
            f"what was not thumbed down there moved by a KL of {self.moved:.3f} a decision",
            f"{self.version}: {HEADLINES[self.verdict.outcome]}",
            *(f"  {reason}" for reason in self.verdict.reasons),
        ]

    def save(self, folder: Path) -> Path:
        """Write report.md, curves.svg and report.json; the path of the first. OSError."""
        lines = "\n".join(f"- {line.strip()}" for line in self.lines())
        markdown = f"# {self.version}, from {self.parent}\n\n{lines}\n\n![Curves](curves.svg)\n"
        return keep(folder, markdown, self.as_dict(), self.run.steps)


def plan(
    store: FeedbackStore, registry: Registry, source: str = PLAYER, force: bool = False,
    lexicon: Lexicon | None = None,
) -> Plan:  # fmt: skip
    """Read the votes and split them. Raises NotEnoughFeedback."""
    checkpoint, start = in_play(registry)
    roles = (*checkpoint.net.shape.roles, *checkpoint.learned)
    votes = collect(store, lexicon or Lexicon(), roles, source)
    check_enough(votes, force=force, rated="what characters do in their roles")
    train, held = split(votes.examples)
    return Plan(votes, train, held, start)


def train_cast(
    store: FeedbackStore, registry: Registry, a: Args, watcher: Watcher, source: str = PLAYER,
    force: bool = False,
) -> Report:  # fmt: skip
    """The whole run: a new version of the cast, in use from the next game on if promoted.

    Raises NotEnoughFeedback, Busy, RatioMismatch, AdapterError, FeedbackError.
    """
    with one_at_a_time(registry.folder):
        watcher.phase("reading the votes")
        lexicon = Lexicon()
        planned = plan(store, registry, source, force, lexicon)
        checkpoint, start = in_play(registry)
        stage = stage_of(checkpoint, lexicon)
        own = f"thespian-{checkpoint.hash[:8]}"
        train = _near(stage, planned.train, own, planned.votes)
        held = _near(stage, planned.held_out, own, planned.votes)
        _still_enough(planned.votes, train, held, force)
        check = _checked([e for e in train if e.policy == own], a)
        watcher.phase("training")
        run = fit(stage, with_advantages(train, a.seed), a, watcher.step)
        watcher.phase("judging by held-out votes")
        with torch.no_grad():
            after = [[log] for log in stage.chosen(held).tolist()]
            was = list(stage_of(checkpoint, lexicon)(held))
            moved = float(divergence(stage(held), was, disliked(held)).mean())
        votes = held_out(held, after)
        core = stage.core_hash()
        report = Report(
            "", start.id if start else "shipped", planned.votes.lines(), len(train), core, a, run,
            check, votes, moved, judge(votes, moved),
        )  # fmt: skip
        return _keep(store, registry, planned, stage, checkpoint, report, [*train, *held], source)


def _near(
    stage: Stage, examples: Sequence[Example], own: str, votes: Votes[Example]
) -> list[Example]:
    """The examples with references; those of other casts only while enough of them count under
    this one."""
    scored = stage.with_reference(examples)
    far = [e for e in scored if e.policy != own]
    if far:
        logs = np.array([e.reference[0] - e.logged[0] for e in far])
        if effective_size(np.exp(logs - logs.max())) < LEAST_ESS * len(far):
            votes.unused[TOO_OLD] += len(far)
            return [e for e in scored if e.policy == own]
    return scored


def _still_enough(
    votes: Votes[Example], train: Sequence[Example], held: Sequence[Example], force: bool
) -> None:
    up = sum(e.value > 0 for e in train)
    if not held or min(up, len(train) - up) < (1 if force else LEAST_OF_A_KIND // 2):
        raise NotEnoughFeedback(
            "Too little is left to learn from: " + "; ".join(votes.lines()) + ".",
            "Go back to the cast that was thumbed (`game adapters list`), or play on.",
        )


def _checked(examples: Sequence[Example], a: Args) -> RatioCheck | None:
    """The ratio check; None where this cast decided nothing itself. Raises RatioMismatch."""
    if not examples:
        return None
    found = ratios(examples)
    if abs(found.mean - 1) > a.ratio_tolerance or found.clipped > a.clip_tolerance:
        raise RatioMismatch(
            "The cast does not give the logged decisions the probabilities they were taken with: "
            f"mean ratio {found.mean:.3f} (should be 1 ± {a.ratio_tolerance}).",
            "The game has changed what characters perceive since. Nothing was trained; play on, "
            "and thumb what they do now.",
        )
    return found


def _keep(
    store: FeedbackStore, registry: Registry, planned: Plan, stage: Stage, checkpoint: Checkpoint,
    report: Report, used: Sequence[Example], source: str,
) -> Report:  # fmt: skip
    """Add the version with its report, mark the votes as used, and let it play if promoted."""
    learned: Any = {role: u.own() for role, u in stage.understudies.items()}  # type: ignore[operator]
    card = CARD.format(version="A cast", votes=report.trained, core=report.core[:16])
    with scratch_folder() as scratch:
        file = save(scratch, stage.net, checkpoint.about, card, learned)
        version = registry.add(
            file, what=WHAT, base=BASE, base_name="thespian",
            parent=planned.start.id if planned.start else None, seed=report.args.seed,
            data={**planned.as_dict(), "source": source, "core": report.core},
            metrics={
                **metrics(report.run),
                "held_out": asdict(report.votes),
                "moved": round(report.moved, 4),
                "verdict": report.verdict.outcome,
            },
        )  # fmt: skip
        report = replace(report, version=version.id)
        try:
            report.save(registry.path(version))
            store.mark_trained(vote_ids(used), part=WHAT, adapter_id=version.adapter_hash)
        except BaseException:
            registry.remove(version.id)
            raise
    if report.verdict.outcome == "promoted":
        registry.activate(version.id, BASE)
    return report
