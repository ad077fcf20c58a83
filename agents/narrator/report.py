"""The report of a training run: in the terminal, as Markdown with a plot, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from agents.narrator.evaluate import Comparison, HeldOut, Verdict
from agents.narrator.ppo import BAND, Args, RatioCheck, Run, Step
from agents.versions import write_json
from game.atomic import write_text
from game.narrator.adapters import called

HEADLINES = {
    "promoted": "Promoted: it plays from now on.",
    "candidate": "Kept as a candidate, not playing: inconclusive.",
    "rejected": "Rejected: kept, not playing.",
}
#: An effective sample size of a smaller share than this says nothing.
FEW = 0.1


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: sentences (rows of one cell), or a table with `head`."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()

    def text(self) -> list[str]:
        """Lines for a terminal."""
        table = [self.head, *self.rows] if self.head else self.rows
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        padded = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        )
        return [self.title, *(f"  {row}".rstrip() for row in padded)]

    def markdown(self) -> list[str]:
        """The heading and the body."""
        if not self.head:
            return [f"## {self.title}", "\n".join(f"- {row[0]}" for row in self.rows)]
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        return [f"## {self.title}", "\n".join(f"| {' | '.join(row)} |" for row in lines)]


def _sentences(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((text,) for text in texts)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a training run has to say. `version` is the new version's id, `parent` the one it
    started from ("none": the bare model)."""

    version: str
    parent: str
    model: str
    data: Sequence[str]
    trained: int
    args: Args
    run: Run
    ratios: RatioCheck | None
    votes: HeldOut
    tellings: Comparison
    verdict: Verdict

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    def sections(self) -> tuple[Section, ...]:
        """What was learnt from, the training, and what the two judges found."""
        return self._data(), self._training(), self._held_out(), self._turns()

    def conclusion(self) -> tuple[Section, Section]:
        """The verdict with its reasons, and what to do now."""
        version, outcome = self.version, self.verdict.outcome
        before = called(self.parent)
        again = "Your thumbs are kept: the next training takes these and the new ones."
        steps = {
            "promoted": (
                "A game that is open takes it up at its next turn.",
                f"`game adapters rollback` goes back to {before}.",
            ),
            "candidate": (
                f"`game audition {version}`: choose blindly between the two on turns of yours; "
                "what you clearly prefer plays.",
                f"`game adapters use {version}` lets it play all the same.",
                again,
            ),
            "rejected": (
                f"{before[0].upper()}{before[1:]} goes on telling the story.",
                again,
                f"`game adapters use {version}` lets it play all the same, "
                f"`game adapters remove {version}` deletes it.",
            ),
        }[outcome]
        return (
            Section(f"{version}: {HEADLINES[outcome]}", _sentences(self.verdict.reasons)),
            Section("What now", _sentences(steps)),
        )

    def _data(self) -> Section:
        held = f"{self.trained} to learn from, {self.votes.votes} held out for the verdict"
        return Section("The votes", _sentences([*self.data, held]))

    def _training(self) -> Section:
        ended = {
            "done": "to the end",
            "kl": f"until it was as far from the start as it may go (KL {self.args.kl_stop} a "
            "token)",
            "time": f"until its {self.args.max_minutes:g} minutes were up",
        }
        found = [
            f"{self.args.algo}: {len(self.run.steps)} steps in {self.run.seconds / 60:.1f} min, "
            f"{ended[self.run.stopped]}"
        ]
        if (check := self.ratios) is not None:
            found.append(
                f"ratio check before the first step: mean {check.mean:.3f} (1 is right), "
                f"{check.clipped:.1%} of {check.tokens:,} tokens off by more than {BAND}"
            )
        if self.run.steps:
            last = self.run.steps[-1]
            found.append(
                f"last step: loss {last.loss:.3f}, KL {last.kl:.4f}, clipped {last.clipped:.1%}"
            )
        return Section("Training", _sentences(found))

    def _held_out(self) -> Section:
        votes = self.votes
        few = votes.ess < FEW * votes.votes
        trust = "too few to trust the expected vote" if few else "behind the expected vote"
        return Section(
            f"{votes.votes} held-out votes, with 95% intervals",
            (
                ("ranking (AUC)", str(votes.auc or "not defined"), "0.5 is chance, 1 is perfect"),
                ("expected vote", str(votes.value), "from -1 (all down) to 1 (all up)"),
                ("  its change", str(votes.gain), "above 0 is better"),
                ("effective sample size", f"{votes.ess:.0f} of {votes.votes}", trust),
                ("KL to the start", f"{votes.kl:.4f}", "nats a token"),
            ),
            ("", "value", "meaning"),
        )

    def _turns(self) -> Section:
        before, after, change = (
            self.tellings.before, self.tellings.after, self.tellings.rejected_change
        )  # fmt: skip
        points = f"{100 * change.value:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]"
        return Section(
            f"The same {after.turns} turns, told before and after",
            (
                ("sentences rejected for what they say", f"{before.rejected:.1%}",
                 f"{after.rejected:.1%}", f"{points} points"),
                ("and for saying it again", f"{before.repeated:.1%}",
                 f"{after.repeated:.1%}", ""),
                ("turns told plainly after all", f"{before.fallback:.1%}",
                 f"{after.fallback:.1%}", ""),
                ("length, words a telling", f"{before.words:.1f}", f"{after.words:.1f}", ""),
                ("distinct-2, variety of word pairs", f"{before.distinct2:.3f}",
                 f"{after.distinct2:.3f}", ""),
            ),
            ("", "before", "after", "change"),
        )  # fmt: skip

    def lines(self) -> list[str]:
        """The report for a terminal; what matters most comes last, where it stays in sight."""
        told: list[str] = []
        for pair in self.tellings.pairs:
            before, after = " ".join(pair.before.split()), " ".join(pair.after.split())
            told += [f"> {pair.command}", f"  before: {before}", f"  after:  {after}"]
        turns = Section(f"{len(self.tellings.pairs)} of these turns", _sentences(told))
        found: list[str] = []
        for section in (*self.sections(), turns, *self.conclusion()):
            found += [*section.text(), ""]
        return found[:-1]

    def markdown(self) -> str:
        """The report as a file; what matters most comes first."""
        (verdict, steps), sections = self.conclusion(), self.sections()
        told = "\n".join(
            f"| {_cell(p.command)} | {_cell(p.plain)} | {_cell(p.before)} | {_cell(p.after)} |"
            for p in self.tellings.pairs
        )
        settings = "\n".join(f"| {k} | {v} |" for k, v in asdict(self.args).items())
        parts = [
            f"# {verdict.title}",
            *verdict.markdown()[1:],
            f"Trained from {called(self.parent)}, for `{self.model}`.",
            *steps.markdown(),
            *(part for section in sections for part in section.markdown()),
            "## The same turns, told twice",
            f"| you | what happened | before | after |\n|---|---|---|---|\n{told}",
            "## The course of the training",
            "![Training curves](curves.svg)",
            "## Settings",
            f"| setting | |\n|---|---|\n{settings}",
        ]
        return "\n\n".join(parts) + "\n"

    def save(self, folder: Path) -> Path:
        """Write report.md, curves.svg and report.json; the path of the first. OSError."""
        return keep(folder, self.markdown(), self.as_dict(), self.run.steps)


def keep(folder: Path, markdown: str, found: Mapping[str, Any], steps: Sequence[Step]) -> Path:
    """Write report.md, report.json and curves.svg; the path of the first. OSError."""
    write_text(folder / "curves.svg", curves(steps))
    write_json(folder / "report.json", found)
    write_text(folder / "report.md", markdown)
    return folder / "report.md"


def _cell(text: str) -> str:
    """Text of a world or a model on one line of a Markdown table."""
    for mark in "\\|`*_<>[]#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


# ---- the plot

_WIDTH, _HEIGHT, _MARGIN, _GAP = 720, 120, 56, 34
_CURVES: Mapping[str, str] = {
    "loss": "loss",
    "kl": "KL to the reference, nats a token",
    "clipped": "share of tokens clipped",
    "ratio": "mean ratio",
}


def curves(steps: Sequence[Step]) -> str:
    """The training curves as an SVG picture that any browser shows: one panel a metric."""
    panels = [
        _panel(i, title, [getattr(step, name) for step in steps])
        for i, (name, title) in enumerate(_CURVES.items())
    ]
    height = len(_CURVES) * (_HEIGHT + _GAP) + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12" fill="#334">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>{"".join(panels)}</svg>\n'
    )


def _panel(number: int, title: str, values: Sequence[float]) -> str:
    top = _GAP + number * (_HEIGHT + _GAP)
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or 1.0
    across = (_WIDTH - _MARGIN - 16) / max(1, len(values) - 1)
    points = " ".join(
        f"{_MARGIN + i * across:.1f},{top + _HEIGHT * (1 - (v - low) / span):.1f}"
        for i, v in enumerate(values)
    )
    axis = f"{_MARGIN},{top} {_MARGIN},{top + _HEIGHT} {_WIDTH - 16},{top + _HEIGHT}"
    return (
        f'<text x="{_MARGIN}" y="{top - 8}">{escape(title)}</text>'
        f'<text x="{_MARGIN - 6}" y="{top + 10}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{_MARGIN - 6}" y="{top + _HEIGHT}" text-anchor="end">{low:.3g}</text>'
        f'<polyline points="{axis}" fill="none" stroke="#99a"/>'
        f'<polyline points="{points}" fill="none" stroke="#246" stroke-width="1.5"/>'
        f'<text x="{_WIDTH - 16}" y="{top + _HEIGHT + 14}" text-anchor="end">'
        f"{len(values)} steps</text>"
    )
