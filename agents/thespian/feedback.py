"""From thumbs on what characters did to a version of the cast: offline PPO on prompts and heads.

A decision is an episode of one step, and the thumb is its return. The loss, the loop and the checks
are those of `agents.narrator.ppo`, with the decision in the place of a token: the ratio is taken
against the log-prob that was logged. The actions offered are few, so the KL(π_θ ‖ π_ref) to the
cast as it plays now is summed over them, not estimated; and it leaves out what was thumbed down, of
which a thespian can be nearly certain: to avoid that costs nothing, and all else has to stay in
proportion. Only the prompts and heads of the roles thumbed can change; the
core is frozen, which is checked by its hash.
"""

from __future__ import annotations

import copy
import hashlib
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from agents.narrator.dataset import LEAST_OF_A_KIND, Votes, check_enough, split, vote_ids
from agents.narrator.evaluate import HeldOut, Verdict, effective_size, held_out
from agents.narrator.ppo import (
    Args,
    RatioCheck,
    RatioMismatch,
    Run,
    Step,
    descend,
    metrics,
    ppo_loss,
    ratios,
)
from agents.narrator.report import HEADLINES, curves, write
from agents.narrator.train import LEAST_ESS, TOO_OLD, Watcher, one_at_a_time
from agents.registry import Registry
from agents.thespian.attention import Understudy
from agents.thespian.blend import blended
from agents.thespian.checkpoint import Checkpoint, save
from agents.thespian.encode import collate
from agents.thespian.features import Lexicon
from agents.thespian.lessons import in_play, understudies
from agents.thespian.network import ThespianNet, log_probs, on_device
from agents.thespian.playbill import BASE, WHAT
from agents.thespian.thumbs import Example, collect, with_advantages
from agents.versions import Version
from game.engine.roles import part_of
from game.errors import NotEnoughFeedback
from game.feedback.rows import PLAYER
from game.feedback.store import FeedbackStore

#: What thumbs change: the soft prompts and the logits of what is done. The pointers at things stay:
#: a few hundred thumbs would teach them which purse to leave alone, and not to leave purses alone.
LEARNED = ("prompts", "template_head")
#: The same of a role that was learned later.
LEARNED_LATER = ("prompt", "template_row")
#: How far what was not thumbed down may move, in nats a decision, for a cast to be promoted.
NEAR = 0.25
#: Settings of the run: few parameters, and a decision where the narrator has thirty tokens.
DEFAULTS = Args(
    epochs=12, batch=32, learning_rate=1e-2, clip=0.7, beta=1.0, kl_stop=0.5, max_minutes=5.0,
)  # fmt: skip

CARD = """# {version}

Learned from {votes} thumbs on what characters did, by `game train-from-feedback --what cast`:
offline PPO on the prompts and heads, the core as it was ({core}).
"""


class Stage(nn.Module):
    """A network with the roles learned on top of it, as one policy for examples of any part."""

    def __init__(self, net: ThespianNet, learned: Mapping[str, Understudy], lexicon: Lexicon):
        super().__init__()
        self.net = net
        self.understudies = nn.ModuleDict(learned)
        for understudy in learned.values():
            understudy.net = net  # theirs is this one, wherever it is copied to
        self.lexicon = lexicon
        self._rows = torch.zeros(0)

    def forward(self, examples: Sequence[Example]) -> Tensor:
        """Log-probabilities [n, most actions] of what was offered, -inf past the last."""
        if len(self._rows) != len(self.lexicon.table):
            self._rows = self.net.embed(torch.from_numpy(self.lexicon.table)).detach()
        most = max(len(e.sample.template) for e in examples)
        table = torch.full((len(examples), most), -math.inf)
        learned: Any = dict(self.understudies.items())
        for part in dict.fromkeys(e.part for e in examples):
            at = [n for n, e in enumerate(examples) if e.part == part]
            batch = on_device(collate([examples[n].sample for n in at]))
            found = blended(self.net, self._rows, batch, part_of(part), learned)
            logs = log_probs(found.logits, batch)
            table = table.index_put(
                (torch.tensor(at)[:, None], torch.arange(logs.shape[1])[None]), logs
            )
        return table

    def chosen(self, examples: Sequence[Example]) -> Tensor:
        """The log-prob [n] of what was chosen in each."""
        slots = torch.tensor([e.slot for e in examples])
        logs: Tensor = self(examples)
        return logs.gather(1, slots[:, None])[:, 0]

    def trained(self) -> list[nn.Parameter]:
        """The parameters that thumbs change, made trainable; all others are frozen."""
        self.requires_grad_(False)
        found = [p for name, p in self.net.named_parameters() if name in LEARNED]
        for understudy in self.understudies.values():
            own = understudy.named_parameters()
            found += [p for n, p in own if n in LEARNED_LATER]
        for parameter in found:
            parameter.requires_grad_(True)
        return found

    def core_hash(self) -> str:
        """The SHA-256 of every weight that thumbs do not change."""
        found = hashlib.sha256()
        for name, tensor in sorted(self.net.state_dict().items()):
            if name not in LEARNED:
                found.update(name.encode() + tensor.contiguous().numpy().tobytes())
        return found.hexdigest()

    @torch.no_grad()
    def with_reference(self, examples: Sequence[Example]) -> list[Example]:
        """The examples with the log-probs that this policy gives them."""
        if not examples:
            return []
        logs = self.chosen(examples).tolist()
        return [replace(e, reference=(log,)) for e, log in zip(examples, logs, strict=True)]


def stage_of(checkpoint: Checkpoint, lexicon: Lexicon) -> Stage:
    return Stage(copy.deepcopy(checkpoint.net), understudies(checkpoint), lexicon)


def fit(
    stage: Stage, examples: Sequence[Example], a: Args,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Run:  # fmt: skip
    """Train the stage in place on examples with advantages and references (equation 7 of PPO)."""
    torch.manual_seed(a.seed)
    with torch.no_grad():
        references = [stage([e])[0] for e in examples]
    parameters = stage.trained()
    before = stage.core_hash()
    bare = replace(a, beta=0.0)  # the KL is taken exactly instead

    def backward(batch: list[int]) -> dict[str, float]:
        rows = [examples[i] for i in batch]
        table = stage(rows)
        logs = table.gather(1, torch.tensor([[e.slot] for e in rows]))[:, 0]
        logged = torch.tensor([e.logged[0] for e in rows])
        reference = torch.tensor([e.reference[0] for e in rows])
        advantage = torch.tensor([e.advantage for e in rows])
        distance = divergence(table, [references[i] for i in batch], disliked(rows))
        loss = (ppo_loss(logs, logged, reference, advantage, bare) + a.beta * distance).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        now = logs.detach()
        ratio = (now - logged).exp()
        return {
            "loss": float(loss.detach()),
            "kl": float(distance.detach().mean()),
            "clipped": float(((ratio - 1).abs() > a.clip).float().mean()),
            "ratio": float(ratio.mean()),
        }

    run = descend(parameters, len(examples), a, backward, on_step)
    stage.requires_grad_(False)
    if stage.core_hash() != before:
        raise RuntimeError("The frozen core has changed.")
    return run


def disliked(examples: Sequence[Example]) -> list[int | None]:
    """The place of the action that was thumbed down in each; None where it was thumbed up."""
    return [e.slot if e.value < 0 else None for e in examples]


def divergence(
    table: Tensor, references: Sequence[Tensor], without: Sequence[int | None] | None = None
) -> Tensor:
    """KL(π_θ ‖ π_ref) [n] from log-probs [n, most actions] and the references of each row; of a row
    with an action that it goes `without`, given that this one is not taken."""
    like = torch.full_like(table, -math.inf)
    for n, row in enumerate(references):
        like[n, : len(row)] = row
    left = table > -math.inf
    for n, slot in enumerate(without or ()):
        if slot is not None and left[n].sum() > 1:
            left[n, slot] = False
    now, then = (logs.masked_fill(~left, -math.inf).log_softmax(1) for logs in (table, like))
    apart = now.masked_fill(~left, 0.0) - then.masked_fill(~left, 0.0)
    return (now.exp() * apart).sum(1)


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
            "votes": len(self.votes.examples),
            "up": self.votes.up,
            "down": self.votes.down,
            "unused": dict(self.votes.unused),
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
        import json

        lines = "\n".join(f"- {line.strip()}" for line in self.lines())
        write(folder / "curves.svg", curves(self.run.steps))
        write(folder / "report.json", json.dumps(self.as_dict(), ensure_ascii=False, indent=1))
        return write(
            folder / "report.md",
            f"# {self.version}, from {self.parent}\n\n{lines}\n\n![Curves](curves.svg)\n",
        )


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
    found = ratios(examples, a.clip)
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
    with tempfile.TemporaryDirectory(prefix="limelight-") as scratch:
        file = save(Path(scratch), stage.net, checkpoint.about, card, learned)
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
