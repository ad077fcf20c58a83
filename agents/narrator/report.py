"""The report of a training run: in the terminal, as Markdown with a plot, and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from agents.narrator.evaluate import Comparison, HeldOut, Verdict
from agents.narrator.ppo import Args, RatioCheck, Run, Step

HEADLINES = {
    "promoted": "Promoted: it plays from now on.",
    "candidate": "Kept as a candidate, not playing: inconclusive.",
    "rejected": "Rejected: kept, not playing.",
}


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

    def lines(self) -> list[str]:
        """The report without the tellings, a line a finding."""
        before, after = self.tellings.before, self.tellings.after
        ended = {
            "done": "all steps",
            "kl": f"stopped at KL {self.args.kl_stop} a token",
            "time": f"stopped after {self.args.max_minutes:g} minutes",
        }
        last = self.run.steps[-1] if self.run.steps else None
        found = [
            *self.data,
            f"trained on {self.trained} votes with {self.args.algo}: {len(self.run.steps)} steps "
            f"in {self.run.seconds / 60:.1f} min ({ended[self.run.stopped]})",
        ]
        if self.ratios is not None:
            found.append(
                f"ratio check: mean {self.ratios.mean:.3f}, {self.ratios.clipped:.1%} of "
                f"{self.ratios.tokens} tokens clip"
            )
        if last is not None:
            found.append(
                f"last step: loss {last.loss:.3f}, KL {last.kl:.4f}, clipped {last.clipped:.1%}"
            )
        return [
            *found,
            f"held-out votes ({self.votes.votes}): AUC {self.votes.auc or 'not defined'}",
            f"expected vote there: {self.votes.value}, change {self.votes.gain}, effective sample "
            f"size {self.votes.ess:.0f}, KL {self.votes.kl:.4f} a token",
            f"on the same {after.turns} turns, before → after:",
            f"  guard rejections {before.rejected:.1%} → {after.rejected:.1%} of sentences "
            f"(change {self.tellings.rejected_change})",
            f"  told plainly     {before.fallback:.1%} → {after.fallback:.1%} of turns",
            f"  words a telling  {before.words:.1f} → {after.words:.1f}",
            f"  distinct-2       {before.distinct2:.3f} → {after.distinct2:.3f}",
            f"{self.version}: {HEADLINES[self.verdict.outcome]}",
            *(f"  {reason}" for reason in self.verdict.reasons),
        ]

    def markdown(self) -> str:
        lines = "\n".join(f"- {line.strip()}" for line in self.lines())
        settings = "\n".join(f"| {k} | {v} |" for k, v in asdict(self.args).items())
        told = "\n".join(
            f"**{_cell(p.command)}** — {_cell(p.plain)}\n\n"
            f"| before | after |\n|---|---|\n| {_cell(p.before)} | {_cell(p.after)} |\n"
            for p in self.tellings.pairs
        )
        return (
            f"# {self.version}, from {self.parent}\n\nModel: `{self.model}`\n\n{lines}\n\n"
            f"![Training curves](curves.svg)\n\n## The same turns, told twice\n\n{told}\n"
            f"## Settings\n\n| setting | |\n|---|---|\n{settings}\n"
        )

    def save(self, folder: Path) -> Path:
        """Write report.md, curves.svg and report.json; the path of the first. OSError."""
        write(folder / "curves.svg", curves(self.run.steps))
        write(folder / "report.json", json.dumps(self.as_dict(), ensure_ascii=False, indent=1))
        return write(folder / "report.md", self.markdown())


def write(path: Path, text: str) -> Path:
    """Write a text file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


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
