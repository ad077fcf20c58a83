"""The tables and the picture of `benchmarks.taste`, from whatever cells there are."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
#: Cells before and after, of one seed.
Pairs = Sequence[tuple[Cells, Cells]]


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
    intervals are 95% of a bootstrap over seeds, then over turns within them. `worse` is the change
    of the guard's rejections, and `faults` that of those that are not for having been told a moment
    before, of the seeds whose cells say which these are. What cannot be said is None.
    """
    rows = []
    for (taste, arm, votes), by_seed in sorted(cells.items(), key=_order):
        start = next((c for (t, a, _), c in cells.items() if (t, a) == (taste, "none")), {})
        seeds = sorted(set(by_seed) & set(start))
        if not seeds:
            continue
        after = [by_seed[s] for s in seeds]
        before = [start[s] for s in seeds]
        pairs = [*zip(before, after, strict=True)]
        known = [pair for pair in pairs if all("broken" in cell for cell in pair)]
        ppo = {} if arm in ("none", "ppo") else cells.get((taste, "ppo", votes), {})
        against = [(ppo[s], by_seed[s]) for s in sorted(set(ppo) & set(by_seed))]
        words = np.concatenate([[w for w in c["words"] if w] for c in after])
        rows.append(
            {
                "taste": taste, "arm": arm, "votes": votes, "seeds": len(seeds),
                "before": _share([_hits(c) for c in before]),
                "score": _share([_hits(c) for c in after]),
                **_change("gain", [[pair] for pair in pairs], _hits),
                "rejected": _share([_rejections(c) for c in after]),
                **_change("worse", [[pair] for pair in pairs], _rejections),
                **_change("faults", [[pair] for pair in known], _faults),
                **_change("against", [[pair] for pair in against], _hits),
                "plainly": 100 * sum(c["hits"].count("-") for c in after)
                / sum(len(c["hits"]) for c in after),
                "kl": _mean(after, "kl"), "words": float(words.mean()),
                "distinct2": _mean(after, "distinct2"),
                "first_ratio": _mean(after, "first_ratio"),
                "first_clipped": _mean(after, "first_clipped"),
                "steps": _mean(after, "steps"),
                "stopped": sorted({c["stopped"] for c in after if "stopped" in c}),
            }
        )  # fmt: skip
    return rows


def overall(cells: Mapping[Key, Mapping[int, Cells]], arms: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each of `arms` and number of votes: the mean over the tastes that offline PPO was
    given as many votes of, on the seeds that have them all. The columns are those of `summary`;
    a seed's turns are the same for all tastes, and are drawn together for the intervals.
    """
    rows = []
    for votes, arm in itertools.product(sorted({v for _, _, v in cells}), arms):
        tastes = [t for t in TASTES if (t, "ppo", votes) in cells]
        names = (("none", 0), ("ppo", votes), (arm, votes))
        asked = [cells.get((t, a, v), {}) for t in tastes for a, v in names]
        seeds = sorted(set.intersection(*map(set, asked))) if asked else []
        if not seeds:
            continue
        start, ppo, own = (
            [[cells[t, a, v][seed] for t in tastes] for seed in seeds] for a, v in names
        )
        against = [] if arm == "ppo" else _paired(ppo, own)
        known = all("broken" in cell for of_seed in (*start, *own) for cell in of_seed)
        rows.append(
            {
                "arm": arm, "votes": votes, "tastes": tastes, "seeds": len(seeds),
                **_change("gain", _paired(start, own), _hits),
                **_change("against", against, _hits),
                **_change("worse", _paired(start, own), _rejections),
                **_change("faults", _paired(start, own) if known else [], _faults),
                "kl": _mean([c for of_seed in own for c in of_seed], "kl"),
            }
        )  # fmt: skip
    return rows


def _paired(before: Sequence[Sequence[Cells]], after: Sequence[Sequence[Cells]]) -> list[Pairs]:
    return [[*zip(b, a, strict=True)] for b, a in zip(before, after, strict=True)]


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


def _change(
    name: str, seeds: Sequence[Pairs], counted: Callable[[Cells], Floats]
) -> dict[str, float | None]:
    """The mean change of a share in points, and its interval, as columns; None without seeds.

    Turns are paired; seeds are drawn again, and turns within them.
    """
    columns = (name, f"{name}_low", f"{name}_high")
    if not seeds:
        return dict.fromkeys(columns)
    # [seeds, tastes, before and after, turns, 2]
    parts = np.array([[[counted(cell) for cell in pair] for pair in pairs] for pairs in seeds])
    rng = np.random.default_rng(0)
    turns = parts.shape[3]
    drawn = np.zeros(RESAMPLES)
    for _ in seeds:
        times = rng.multinomial(turns, np.full(turns, 1 / turns), RESAMPLES)
        one = rng.integers(0, len(seeds), RESAMPLES)
        for seed, part in enumerate(parts):
            chosen = one == seed
            drawn[chosen] += _gain(times[chosen] @ part) / len(seeds)
    values = (_gain(parts.sum(axis=3, keepdims=True)).mean(), *np.quantile(drawn, [0.025, 0.975]))
    return {column: float(100 * value) for column, value in zip(columns, values, strict=True)}


def _gain(counts: Floats) -> Floats:
    """The change of the share, meaned over tastes: [tastes, 2, n, 2] to [n], or such a stack."""
    share = counts[..., 0] / np.maximum(counts[..., 1], 1)
    return np.asarray((share[..., 1, :] - share[..., 0, :]).mean(axis=-2))


# ---- tables

OVERALL = (
    "| way to learn | votes | tastes | seeds | change | beside PPO | guard rejections, change "
    "| but for repeats | KL |\n|---|---|---|---|---|---|---|---|---|"
)
HEAD = (
    "| taste | way to learn | votes | seeds | taste score | change | beside PPO "
    "| guard rejections | change "
    "| but for repeats | told plainly | KL | words | distinct-2 |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def overall_table(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """The rows of `overall`, as Markdown; `names` says what to call an arm."""
    lines = [
        f"| {names.get(r['arm'], r['arm'])} | {r['votes']} | {len(r['tastes'])} | {r['seeds']} "
        f"| {_told(r, 'gain')} | {_told(r, 'against')} | {_told(r, 'worse')} "
        f"| {_told(r, 'faults')} | {_number(r['kl'], '.3f')} |"
        for r in rows
    ]
    return "\n".join([OVERALL, *lines])


def table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """The rows of the arms `names`, as Markdown."""
    lines = [HEAD]
    for r in rows:
        if r["arm"] not in names:
            continue
        none = r["arm"] == "none"
        lines.append(
            f"| {r['taste']} | {r['arm']} | {'' if none else r['votes']} | {r['seeds']} "
            f"| {r['score']:.0f} | {'' if none else _told(r, 'gain')} | {_told(r, 'against')} "
            f"| {r['rejected']:.0f}% | {'' if none else _told(r, 'worse')} "
            f"| {'' if none else _told(r, 'faults')} "
            f"| {r['plainly']:.1f}% "
            f"| {_number(r['kl'], '.3f')} | {r['words']:.1f} | {r['distinct2']:.2f} |"
        )
    return "\n".join(lines)


def _told(row: Mapping[str, Any], name: str) -> str:
    """A change with its interval, in words."""
    if row[name] is None:
        return ""
    return f"{row[name]:+.0f} [{row[f'{name}_low']:+.0f}, {row[f'{name}_high']:+.0f}]"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def ablations(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, Any]) -> str:
    """PPO with something taken away beside PPO, as Markdown."""
    lines = [
        "| taste | | seeds | first step: ratio, clipped | steps | change | beside PPO "
        "| guard, change | KL |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    tastes = {r["taste"] for r in rows if r["arm"] in arms and r["arm"] != "ppo"}
    shown = [r for r in rows if r["arm"] in arms and r["taste"] in tastes]
    for r in sorted(shown, key=lambda r: (r["taste"], list(arms).index(r["arm"]))):
        lines.append(
            f"| {r['taste']} | {arms[r['arm']].what} | {r['seeds']} "
            f"| {r['first_ratio']:.3f}, {r['first_clipped']:.1%} "
            f"| {r['steps']:.0f} ({', '.join(r['stopped'])}) | {_told(r, 'gain')} "
            f"| {_told(r, 'against')} | {_told(r, 'worse')} | {_number(r['kl'], '.3f')} |"
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
    further: Sequence[str],
) -> None:
    """Write taste.json, taste.md and taste.svg into `out`, and print the tables."""
    cells = read(folder)
    rows = summary(cells)
    if not rows:
        print("No cells yet.")
        return
    means = overall(cells, [name for name in algorithms if arms[name] is not None])
    least, most = (f(r["seeds"] for r in rows) for f in (min, max))
    told = table(rows, algorithms)
    taken = ablations(
        [r for r in rows if r["votes"] == 300], {n: arms[n] for n in ("ppo", *without)}
    )
    tried = overall_table(overall(cells, further), {n: arms[n].what for n in further})
    text = (
        "# What thumbs do\n\nMade by `python -m benchmarks.taste`. Scores are shares of the "
        "model's tellings on 150 held-out turns that the taste's rule likes, in per cent; changes "
        "are in points against the start, on the same turns, with 95% bootstrap "
        f"intervals over seeds and turns ({least} to {most} seeds: see the column). The guard "
        "sends back what is not so, and what was told a moment before; the column after the "
        'rejections counts the first alone. "Beside PPO" is the score less that of offline PPO, on '
        "the same seeds and turns. The first table has the means over the tastes.\n\n"
        f"{overall_table(means, {})}\n\n{told}\n\n## What goes wrong without\n\n{taken}\n\n"
        f"## What might take PPO further\n\nMeans over the tastes.\n\n{tried}\n"
    )
    write_text(out / "taste.json", json.dumps({"overall": means, "rows": rows}, indent=1) + "\n")
    write_text(out / "taste.md", text)
    shown = [r for r in rows if r["votes"] == 300 and r["arm"] in algorithms[1:]]
    write_text(out / "taste.svg", picture(shown))
    print(text)
