"""Tables and pictures of the thespian from the jobs that are done (`benchmarks.thespian`).

    python -m benchmarks.thespian_report

Writes benchmarks/results/thespian.json, docs/pictures/thespian_*.svg, and the block of figures in
docs/thespian.md. Every
figure is an interquartile mean over seeds (or worlds) with a 95% bootstrap interval and its n;
with one seed the interval is that seed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.thespian.evaluate import Interval, interquartile
from benchmarks.thespian import LEARNED, RESULTS, ROLES

OUT = RESULTS.parent / "thespian.json"
PAGE = RESULTS.parents[2] / "docs" / "thespian.md"
PICTURES = PAGE.parent / "pictures"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
#: How the names end of agents that had no walkthroughs to imitate.
UNAIDED = "-unaided"

COLOURS = ("#1b6ca8", "#c8553d", "#588157", "#8d5a97", "#b08900")
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 700, 320, 56, 190, 44, 28

#: One line of a picture: its name and its points (steps, value).
Line = tuple[str, Sequence[tuple[float, float]]]


def results(prefix: str) -> list[dict[str, Any]]:
    return [json.loads(f.read_text()) for f in sorted(RESULTS.glob(f"{prefix}-*.json"))]


def told(value: Interval) -> str:
    return f"{value.mean:,.0f} [{value.low:,.0f}, {value.high:,.0f}] n={value.n}"


# -- tables ---------------------------------------------------------------------------------------


def table1() -> dict[str, dict[str, Interval]]:
    """Rows of table 1: percentages of each role's maximum."""
    cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for result in results("table1"):
        for row, scores in result["rows"].items():
            name = row if row == "random prompt" else f"{row} prompt"
            actor = "thespian" if result["agent"].startswith("thespian") else "KG-A2C"
            label = f"{actor}, {name}" if actor == "thespian" else f"KG-A2C {row}"
            if result["agent"].endswith(UNAIDED):
                label += ", unaided"
            for role in ROLES:
                cells[label][role].append(scores[role])
    return {
        row: {role: interquartile(values) for role, values in columns.items()}
        for row, columns in cells.items()
    }


def few_shot() -> dict[str, dict[str, Any]]:
    """The rogue on every map: scores frozen, and steps to learn it frozen and from scratch. Who has
    not learned it counts with the steps that were tried."""
    rows = {}
    for place, found in _by(results("fewshot"), "map").items():
        scratch = [r for r in results("scratch") if r["map"] == place]
        rows[place] = _scores(found) | {
            "steps": _steps(found), "learned": _learned(found),
            "scratch_steps": _steps(scratch) if scratch else None,
            "scratch_learned": _learned(scratch), "scratch_n": len(scratch),
            "frozen": all(r["frozen"] for r in found),
            "unchanged": all(r["old_roles_before"] == r["old_roles_after"] for r in found),
        }  # fmt: skip
    return rows


def ablation() -> dict[str, dict[str, Interval]]:
    """The rogue on the balanced map by every form of attention."""
    found = [r for r in results("fewshot") if r["map"] == "balanced"] + results("ablation")
    return {variant: _scores(rows) for variant, rows in _by(found, "variant").items()}


def forgetting() -> dict[str, dict[str, Interval]]:
    """Scores in each role before and after tuning for the rogue with nothing frozen."""
    found = results("forgetting")
    return {
        role: {
            "before": interquartile([r["before"].get(role, r["curve"][0][role]) for r in found]),
            "after": interquartile([r["curve"][-1][role] for r in found]),
        }
        for role in ("rogue", *ROLES)
        if found
    }


def _by(rows: Iterable[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(sorted(groups.items()))


def _scores(rows: Sequence[dict[str, Any]]) -> dict[str, Interval]:
    """At the first probe, the last and the best one."""
    curves = [[score for _, score in row["curve"]] for row in rows]
    return {
        "start": interquartile([curve[0] for curve in curves]),
        "end": interquartile([curve[-1] for curve in curves]),
        "best": interquartile([max(curve) for curve in curves]),
    }


def _steps(rows: Sequence[dict[str, Any]]) -> Interval:
    return interquartile([row["learned_at"] or row["curve"][-1][0] for row in rows])


def _learned(rows: Sequence[dict[str, Any]]) -> int:
    return sum(row["learned_at"] is not None for row in rows)


#: Where, role, player, and a share in percent.
Share = tuple[str, str, str, float]
Shares = dict[str, dict[str, dict[str, Interval]]]
OF_ORACLE = "thespian, of the oracle's"


def repertoire() -> Shares:
    """By where and role: every player's share of the oracle's score, over worlds, at most all."""

    def shares() -> Iterator[Share]:
        for cell in (one("repertoire") or {"cells": []})["cells"]:
            for player in ("thespian", "heuristic", "random"):
                share = 100 * min(1.0, cell[player] / cell["oracle"]) if cell["oracle"] else 100.0
                yield cell["world"].split("-")[0], cell["role"], player, share

    return _intervals(shares())


def transfer() -> Shares:
    """By kind of world and role: every player's share of the best score, over worlds, and that of
    the oracle's that the thespian gets, of which more than all counts as all."""

    def shares() -> Iterator[Share]:
        for cell in (one("transfer") or {"cells": []})["cells"]:
            kind = cell["world"].split("-")[0]
            for role in (cell["role"], "all roles"):
                for player in ("thespian", "heuristic", "random"):
                    yield kind, role, player, 100 * cell[player] / cell["most"]
                yield kind, role, OF_ORACLE, 100 * min(1.0, cell["thespian"] / cell["oracle"])

    return _intervals(shares())


def _intervals(shares: Iterable[Share]) -> Shares:
    """The shares together that have all but the number in common."""
    groups: dict[str, dict[str, dict[str, list[float]]]] = {}
    for where, role, player, share in shares:
        players = groups.setdefault(where, {}).setdefault(role, {})
        players.setdefault(player, []).append(share)
    return {
        where: {
            role: {player: interquartile(values) for player, values in players.items()}
            for role, players in roles.items()
        }
        for where, roles in groups.items()
    }


def features() -> dict[str, dict[str, Any]]:
    """By kind of features: what they cost a world, and by kind of unseen world the share of the
    oracle's score, over seeds, worlds and roles together."""
    found: dict[str, dict[str, Any]] = {}
    for kind, rows in _by(results("features"), "kind").items():
        shares: dict[str, list[float]] = defaultdict(list)
        for cell in (cell for row in rows for cell in row["cells"]):
            shares[cell["world"].split("-")[0]].append(100 * cell["share"])
        costs = [row["ms_a_world"] for row in rows]
        found[kind] = {"seeds": len(rows), "ms_a_world": sorted(costs)[len(costs) // 2]}
        found[kind] |= {place: interquartile(values) for place, values in shares.items()}
    return found


# -- pictures -------------------------------------------------------------------------------------


def curves(file: Path, title: str, lines: Sequence[Line], level: float | None = None) -> None:
    """Draw lines over training steps, with what scores 100 at the top."""
    right = max(x for _, points in lines for x, _ in points) or 1
    highest = max(100.0, *(y for _, points in lines for _, y in points))

    def at(x: float, y: float) -> str:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x / right
        return f"{across:.1f},{TOP + (HEIGHT - TOP - BOTTOM) * (1 - y / highest):.1f}"

    def text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#444") -> str:
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{words}</text>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, 18, title, colour="#111"),
        text(LEFT, HEIGHT - 8, f"steps, to {right:,.0f}"),
    ]
    for tick in (0, 25, 50, 75, 100):
        a, b = at(0, tick), at(right, tick)
        parts.append(f'<polyline points="{a} {b}" stroke="#ddd" fill="none"/>')
        parts.append(text(LEFT - 6, float(a.split(",")[1]) + 4, f"{tick}%", "end"))
    if level is not None:
        line = f"{at(0, level)} {at(right, level)}"
        parts.append(
            f'<polyline points="{line}" stroke="#888" stroke-dasharray="4 4" fill="none"/>'
        )
    for n, (name, points) in enumerate(lines):
        colour = COLOURS[n % len(COLOURS)]
        drawn = " ".join(at(x, y) for x, y in points)
        parts.append(
            f'<polyline points="{drawn}" stroke="{colour}" stroke-width="1.8" fill="none"/>'
        )
        parts.append(text(WIDTH - RIGHT + 8, TOP + 14 + 17 * n, name, colour=colour))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def mean_lines(named: Iterable[Line]) -> list[Line]:
    """Lines of the same name as one: the interquartile mean where all of them have a point."""
    groups: dict[str, list[dict[float, float]]] = defaultdict(list)
    for name, points in named:
        groups[name].append(dict(points))
    lines: list[Line] = []
    for name, members in groups.items():
        shared = sorted(set.intersection(*(set(m) for m in members)))
        label = f"{name} (n={len(members)})"
        lines.append((label, [(x, interquartile([m[x] for m in members]).mean) for x in shared]))
    return lines


def learning_lines() -> list[Line]:
    """Figure 3: the pay of every part in training, as a percentage of what there is."""
    lines: list[Line] = []
    for result in results("table1"):
        most = result["maxima"]
        for part, pays in result["curve"]["pay"].items():
            top = most.get(part) or sum(most.values())
            if result["agent"].endswith(UNAIDED):
                continue
            name = f"thespian {part}" if result["agent"] == "thespian" else f"KG-A2C {part}"
            steps = result["curve"]["steps"]
            lines.append((name, [(s, 100 * p / top) for s, p in zip(steps, pays, strict=True)]))
    return mean_lines(lines)


def pictures() -> None:
    if lines := learning_lines():
        curves(
            PICTURES / "thespian_learning.svg", "Reward in training, share of the maximum", lines
        )
    rogues = [(f"{r['map']}", r["curve"]) for r in results("fewshot")]
    if rogues:
        curves(
            PICTURES / "thespian_rogue.svg", "A new role over a frozen core, share of its maximum",
            mean_lines(rogues), LEARNED,
        )  # fmt: skip
    forgotten: list[Line] = []
    for result in results("forgetting"):
        for role in ("rogue", *ROLES):
            points = [(row["steps"], row[role]) for row in result["curve"]]
            if role in result["before"]:
                points.insert(0, (0, result["before"][role]))
            forgotten.append((role, points))
    if forgotten:
        curves(
            PICTURES / "thespian_forgetting.svg", "Tuned for the rogue with nothing frozen",
            mean_lines(forgotten),
        )  # fmt: skip


# -- the text -------------------------------------------------------------------------------------


def written(found: dict[str, Any]) -> str:
    lines = ["Table 1. Share of the role's maximum, percent, 100 games a cell", ""]
    for row, columns in found["table1"].items():
        cells = "   ".join(f"{role} {told(value)}" for role, value in columns.items())
        lines.append(f"  {row:<30} {cells}")
    for row, columns in (found["baselines"] or {}).items():
        lines.append(f"  {row:<30} " + "   ".join(f"{r} {v:.0f}" for r, v in columns.items()))
    lines += ["", f"A new role, the rogue: steps to {LEARNED:.0f}% of its maximum", ""]
    for place, r in found["few_shot"].items():
        same = "and old roles unchanged" if r["frozen"] and r["unchanged"] else "CHANGED"
        lines.append(f"  {place:<17} from {told(r['start'])} to {told(r['end'])}")
        lines.append(f"  {'':<17} steps {told(r['steps'])}, learned by {r['learned']}; core {same}")
        if r["scratch_steps"]:
            lines.append(
                f"  {'':<17} from scratch {told(r['scratch_steps'])}, "
                f"learned by {r['scratch_learned']}"
            )
    lines += ["", "Attention variants on the balanced map: first and last scores, percent", ""]
    for variant, r in found["ablation"].items():
        lines.append(f"  {variant:<20} {told(r['start'])} to {told(r['end'])}")
    lines += ["", "Tuned for the rogue with nothing frozen: first and last scores, percent", ""]
    for role, r in found["forgetting"].items():
        lines.append(f"  {role:<20} {told(r['before'])} to {told(r['after'])}")
    for name, roles in found["transfer"].items():
        lines += ["", f"Worlds never trained in ({name}): share of the best known score", ""]
        for role, players in roles.items():
            cells = "   ".join(f"{player} {told(value)}" for player, value in players.items())
            lines.append(f"  {role:<12} {cells}")
    for place, roles in found["repertoire"].items():
        lines += ["", f"The six roles that ship ({place}): share of the oracle's score", ""]
        for role, players in roles.items():
            cells = "   ".join(f"{player} {told(value)}" for player, value in players.items())
            lines.append(f"  {role:<12} {cells}")
    if found["features"]:
        lines += ["", "Features of words: share of the oracle's score in unseen worlds", ""]
        for kind, r in found["features"].items():
            cells = "   ".join(f"{p} {told(r[p])}" for p in ("generated", "light") if p in r)
            cost = f"{r['ms_a_world']:.1f} ms a world"
            lines.append(f"  {kind:<12} {cells}   {cost}   seeds {r['seeds']}")
    if found["blend"]:
        lines += ["", "Blends: mean score by weight of the first role", ""]
        for row in found["blend"]["rows"]:
            weight, *pays = row.items()
            cells = "   ".join(f"{role} {pay:.2f}" for role, pay in pays)
            lines.append(f"  {weight[1]:<5} {cells}")
    if found["speed"]:
        r = found["speed"]
        shares = ", ".join(f"{name} {100 * share:.0f}%" for name, share in r["share"].items())
        lines += ["", "Speed of training the two roles", ""]
        lines.append(
            f"  {r['steps_per_cpu_s']:,} steps a second of one core; "
            f"{r['minutes_for_table1']} minutes of it for table 1"
        )
        lines.append(f"  where it goes: {shares}")
    return "\n".join(lines) + "\n"


def one(name: str) -> dict[str, Any] | None:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def main() -> None:
    baselines = one("baselines")
    found = {
        "table1": table1(),
        "baselines": baselines and baselines["rows"],
        "few_shot": few_shot(),
        "ablation": ablation(),
        "forgetting": forgetting(),
        "transfer": transfer(),
        "repertoire": repertoire(),
        "features": features(),
        "blend": one("blend"),
        "speed": one("speed"),
    }  # fmt: skip
    pictures()
    OUT.write_text(json.dumps(found, indent=1, default=list) + "\n", encoding="utf-8")
    figures = written(found)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    block = f"{BEGIN}\n```text\n{figures}```\n{END}"
    PAGE.write_text(before + block + after, encoding="utf-8")
    print(figures)


if __name__ == "__main__":
    main()
