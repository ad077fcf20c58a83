"""The tables and the picture of `benchmarks.taste`, from whatever cells there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from agents.narrator.corpus import distinct_n
from agents.narrator.tastes import TASTES
from game.atomic import write_text
from game.narrator.guard import REPEATS

RESAMPLES = 2000
Cells = dict[str, Any]
Floats = npt.NDArray[np.float64]
#: taste, arm, votes
Key = tuple[str, str, int]


def distinct(texts: Iterable[str]) -> float:
    """Distinct word pairs as a share of all."""
    return distinct_n(list(texts), 2)


def read(folder: Path) -> dict[Key, dict[int, Cells]]:
    """The cells, by taste, arm and votes, then by seed."""
    found: dict[Key, dict[int, Cells]] = defaultdict(dict)
    for path in sorted(folder.glob("*.json")):
        cell = json.loads(path.read_text(encoding="utf-8"))
        found[cell["taste"], cell["arm"], cell["votes"]][cell["seed"]] = cell
    return dict(found)


def summary(cells: Mapping[Key, Mapping[int, Cells]]) -> list[dict[str, Any]]:
    """A row for each taste, arm and number of votes that has cells and a start to compare with.

    Scores are shares of the turns told by the model, in points. `gain` is against the same seeds'
    start, `against` the score of offline PPO with as many votes on the seeds that both have;
    intervals are 95% of a bootstrap over seeds, then over turns within them. `faults` are the
    guard's rejections without those of sentences that had been told a moment before, of the seeds
    whose cells say which these are. What cannot be said is None.
    """
    rows = []
    for (taste, arm, votes), by_seed in sorted(cells.items(), key=_order):
        start = next((c for (t, a, _), c in cells.items() if (t, a) == (taste, "none")), {})
        seeds = sorted(set(by_seed) & set(start))
        if not seeds:
            continue
        after = [by_seed[s] for s in seeds]
        before = [start[s] for s in seeds]
        gain, low, high = _interval([_hits(c) for c in before], [_hits(c) for c in after])
        worse = _interval([_rejections(c) for c in before], [_rejections(c) for c in after])
        known = [
            (b, a) for b, a in zip(before, after, strict=True) if "broken" in b and "broken" in a
        ]
        faults = _changed([(_faults(b), _faults(a)) for b, a in known])
        ppo = {} if arm in ("none", "ppo") else cells.get((taste, "ppo", votes), {})
        against = _changed(
            [(_hits(ppo[s]), _hits(by_seed[s])) for s in sorted(set(ppo) & set(by_seed))]
        )
        words = np.concatenate([[w for w in c["words"] if w] for c in after])
        rows.append(
            {
                "taste": taste, "arm": arm, "votes": votes, "seeds": len(seeds),
                "before": _share([_hits(c) for c in before]),
                "score": _share([_hits(c) for c in after]),
                "gain": gain, "gain_low": low, "gain_high": high,
                "rejected": _share([_rejections(c) for c in after]),
                **_spread("rejected", worse),
                **_spread("faults", faults), **_spread("against", against),
                "plainly": 100 * sum(c["hits"].count("-") for c in after)
                / sum(len(c["hits"]) for c in after),
                "kl": _mean(after, "kl"), "words": float(words.mean()),
                "distinct2": _mean(after, "distinct2"), "minutes": _mean(after, "cpu_minutes"),
                "first_ratio": _mean(after, "first_ratio"),
                "first_clipped": _mean(after, "first_clipped"),
                "steps": _mean(after, "steps"),
                "stopped": sorted({c["stopped"] for c in after if "stopped" in c}),
            }
        )  # fmt: skip
    return rows


def _order(item: tuple[Key, object]) -> tuple[int, int, str]:
    (taste, arm, votes), _ = item
    return votes, list(TASTES).index(taste), "" if arm == "none" else arm


def _mean(cells: Sequence[Cells], name: str) -> float | None:
    values = [c[name] for c in cells if c.get(name) is not None]
    return float(np.mean(values)) if values else None


def _hits(cell: Cells) -> Floats:
    """[T, 2]: of each turn, liked and told by the model."""
    return np.array([[h == "1", h != "-"] for h in cell["hits"]], dtype=np.float64)


def _rejections(cell: Cells) -> Floats:
    """[T, 2]: of each turn, sentences rejected and judged."""
    return np.array([cell["rejected"], cell["judged"]], dtype=np.float64).T


def _faults(cell: Cells) -> Floats:
    """[T, 2]: of each turn, sentences rejected for what they say, not for being told again, and
    judged."""
    wrong = [sum(rule != REPEATS for rule in rules) for rules in cell["broken"]]
    return np.array([wrong, cell["judged"]], dtype=np.float64).T


def _share(parts: Sequence[Floats]) -> float:
    """The mean over seeds of a ratio of sums, in points."""
    return float(100 * np.mean([_ratio(p) for p in parts]))


def _ratio(part: Floats) -> float:
    top, bottom = part.sum(axis=0)
    return float(top / max(bottom, 1))


def _interval(before: Sequence[Floats], after: Sequence[Floats]) -> tuple[float, float, float]:
    """The change of the share in points, and its interval: turns are paired, seeds resampled."""
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(RESAMPLES):
        seeds = rng.integers(0, len(after), len(after))
        changes = []
        for s in seeds:
            turns = rng.integers(0, len(after[s]), len(after[s]))
            changes.append(_ratio(after[s][turns]) - _ratio(before[s][turns]))
        draws.append(np.mean(changes))
    low, high = np.quantile(draws, [0.025, 0.975])
    return _share(after) - _share(before), float(100 * low), float(100 * high)


def _changed(
    pairs: Sequence[tuple[Floats, Floats]],
) -> tuple[float, float, float] | tuple[None, None, None]:
    """`_interval` of pairs of before and after; Nones where there are none."""
    if not pairs:
        return None, None, None
    return _interval([before for before, _ in pairs], [after for _, after in pairs])


def _spread(
    name: str, found: tuple[float, float, float] | tuple[None, None, None]
) -> dict[str, float | None]:
    """A change and its interval as columns of a row."""
    return dict(zip((f"{name}_change", f"{name}_low", f"{name}_high"), found, strict=True))


# ---- tables


HEAD = (
    "| taste | way to learn | votes | seeds | taste score | change | beside PPO "
    "| guard rejections | change "
    "| but for repeats | told plainly | KL | words | distinct-2 | minutes |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """The rows of the arms `names`, as Markdown."""
    lines = [HEAD]
    for r in rows:
        if r["arm"] not in names:
            continue
        none = r["arm"] == "none"
        lines.append(
            f"| {r['taste']} | {r['arm']} | {'' if none else r['votes']} | {r['seeds']} "
            f"| {r['score']:.0f} | {'' if none else _change(r, 'gain')} | {_change(r, 'against')} "
            f"| {r['rejected']:.0f}% | {'' if none else _change(r, 'rejected')} "
            f"| {'' if none else _change(r, 'faults')} "
            f"| {r['plainly']:.1f}% "
            f"| {_number(r['kl'], '.3f')} | {r['words']:.1f} | {r['distinct2']:.2f} "
            f"| {_number(r['minutes'], '.1f')} |"
        )
    return "\n".join(lines)


def _change(row: Mapping[str, Any], name: str) -> str:
    value = row["gain" if name == "gain" else f"{name}_change"]
    if value is None:
        return ""
    return f"{value:+.0f} [{row[f'{name}_low']:+.0f}, {row[f'{name}_high']:+.0f}]"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def ablations(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, Any]) -> str:
    """PPO with something taken away beside PPO, as Markdown."""
    lines = [
        "| taste | | seeds | first step: ratio, clipped | steps | change | guard, change | KL |",
        "|---|---|---|---|---|---|---|---|",
    ]
    tastes = {r["taste"] for r in rows if r["arm"] in arms and r["arm"] != "ppo"}
    for r in rows:
        if r["arm"] not in arms or r["taste"] not in tastes or r["first_ratio"] is None:
            continue
        lines.append(
            f"| {r['taste']} | {arms[r['arm']].what} | {r['seeds']} "
            f"| {r['first_ratio']:.3f}, {r['first_clipped']:.1%} "
            f"| {r['steps']:.0f} ({', '.join(r['stopped'])}) | {_change(r, 'gain')} "
            f"| {_change(r, 'rejected')} | {_number(r['kl'], '.3f')} |"
        )
    return "\n".join(lines)


# ---- the picture

_LEFT, _WIDTH, _LINE = 190, 640, 22


def picture(rows: Sequence[Mapping[str, Any]]) -> str:
    """Each row's change with its interval, as SVG: a line at 0, and one at the 15 points sought."""
    height = _LINE * (len(rows) + 3)
    low = min([0.0, *(r["gain_low"] for r in rows)]) - 3
    high = max([20.0, *(r["gain_high"] for r in rows)]) + 3

    def x(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - 20)

    parts = [
        f'<line x1="{x(v):.1f}" x2="{x(v):.1f}" y1="{_LINE}" y2="{height - _LINE}" '
        f'stroke="{colour}" stroke-dasharray="{dash}"/>'
        f'<text x="{x(v):.1f}" y="{height - 6}" text-anchor="middle">{v:+.0f}</text>'
        for v, colour, dash in ((0, "#667", "none"), (15, "#a63", "4 3"))
    ]
    for number, r in enumerate(rows):
        y = _LINE * (number + 1.7)
        colour = "#246" if r["arm"] == "ppo" else "#789"
        name = f"{r['taste']}, {r['arm']} ({r['seeds']} seed{'s' * (r['seeds'] > 1)})"
        parts.append(
            f'<text x="{_LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>'
            f'<line x1="{x(r["gain_low"]):.1f}" x2="{x(r["gain_high"]):.1f}" y1="{y:.1f}" '
            f'y2="{y:.1f}" stroke="{colour}" stroke-width="3"/>'
            f'<circle cx="{x(r["gain"]):.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12" fill="#334">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="10" y="14">Taste score after training less before, in points, 95%</text>'
        f"{''.join(parts)}</svg>\n"
    )


def write(
    folder: Path,
    out: Path,
    arms: Mapping[str, Any],
    algorithms: Sequence[str],
    without: Sequence[str],
) -> None:
    """Write taste.json, taste.md and taste.svg into `out`, and print the tables."""
    rows = summary(read(folder))
    if not rows:
        print("No cells yet.")
        return
    least, most = (f(r["seeds"] for r in rows) for f in (min, max))
    told = table(rows, algorithms)
    taken = ablations(
        [r for r in rows if r["votes"] == 300], {n: arms[n] for n in ("ppo", *without)}
    )
    text = (
        "# What thumbs do\n\nMade by `python -m benchmarks.taste`. Scores are shares of the "
        "model's tellings on 150 held-out turns that the taste's rule likes, in per cent; changes "
        "are in points against the start, on the same turns, with 95% bootstrap "
        f"intervals over seeds and turns ({least} to {most} seeds: see the column). The guard "
        "sends back what is not so, and what was told a moment before; the column after the "
        'rejections counts the first alone. "Beside PPO" is the score less that of offline PPO, on '
        "the same seeds and turns. Minutes are of one core, for scoring and training."
        "\n\n"
        f"{told}\n\n## What goes wrong without\n\n{taken}\n"
    )
    write_text(out / "taste.json", json.dumps(rows, indent=1) + "\n")
    write_text(out / "taste.md", text)
    shown = [r for r in rows if r["votes"] == 300 and r["arm"] in algorithms[1:]]
    write_text(out / "taste.svg", picture(shown))
    print(text)
