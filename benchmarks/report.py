"""Writes the README's table of figures from the committed results, so that no number is typed.

    python -m benchmarks.report

The rows stand between two marker lines; a test fails when the README is not what this would write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.narrator.ppo import Args

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def result(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def rows() -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the benchmark that makes it."""
    found: list[tuple[str, str, str]] = []
    if (r := result("engine")) is not None:
        command = "python -m benchmarks.engine"
        steps, bare = r["admissible_steps_per_s"], r["apply_steps_per_s"]
        found.append(("engine, listing every admissible action", f"{steps:,} steps/s", command))
        found.append(("engine, bare `apply`", f"{bare:,} steps/s", command))
    if (r := result("env")) is not None:
        command = "python -m benchmarks.env"
        s = r["steps_per_s"]
        for key, name in (("textworld", "TextWorld"), ("textworld_express", "TextWorldExpress")):
            if s.get(key):
                text = f"{s['vector'] / s[key]:.1f} ×"
                found.append((f"vectorised environment against {name}", text, command))
    if (r := result("startup")) is not None:
        readable = r["with_model"]["readable_s"]
        command = "python -m benchmarks.startup"
        found.append(("`game play` to a readable screen", f"{readable:.2f} s", command))
    if (r := result("llm")) is not None:
        command = "python -m benchmarks.llm"
        ratio = r["decode_loop"]["ratio"]
        found.append(("our decode loop against llama.cpp's own call", f"{ratio:.2f} ×", command))
    if (r := result("authoring")) is not None:
        command = "python -m benchmarks.authoring"
        seconds = r["check_100_rooms_s"]
        found.append(("`game world check` of a hundred rooms", f"{seconds:.2f} s", command))
    if (r := result("transcript")) is not None:
        command = "python -m benchmarks.transcript"
        few, *_, many = [stop for stop in r["stops"] if stop["turns"] >= 200]
        slowest = max(kind["p95"] for kind in many["ms"].values())
        grown = many["resident_mb"] - few["resident_mb"]
        turns = f"{many['turns']:,} turns on screen"
        found.append((f"a key press with {turns}, 95 of 100 within", f"{slowest:.0f} ms", command))
        found.append((f"memory from {few['turns']} to {turns}", f"+{grown:.0f} MB", command))
    found += _narrator_rows()
    found += _holding_rows()
    found += _school_rows()
    found += _taste_rows()
    found += _cast_rows()
    return found


def _narrator_rows() -> list[tuple[str, str, str]]:
    r = result("narrator")
    if r is None:
        return []
    command = "python -m benchmarks.narrator"
    first, whole = r["first_sentence_s"]["median"], r["whole_turn_s"]["median"]
    told, rejected = r["share_of_turns_told_by_model"], r["share_of_sentences_rejected"]
    return [
        ("Enter to the first sentence, median", f"{first:.2f} s", command),
        ("Enter to the end of the turn, median", f"{whole:.2f} s", command),
        ("turns told by the model", f"{told:.0%}", command),
        ("narrations that the model tried and told", r["attempts"]["narration"], command),
        ("answers of characters that the model tried and told", r["attempts"]["speech"], command),
        ("sentences the guard sent back, answers included", f"{rejected:.0%}", command),
        ("memory while playing", f"{r['resident_mb']} MB", command),
    ]


def _holding_rows() -> list[tuple[str, str, str]]:
    """What was tried to break the game, or to catch it in a lie."""
    found = []
    if (r := result("guard")) is not None:
        drawn = r["second"]["as drawn"]
        passed, rejected = drawn["passed"], drawn["rejected"]
        text = f"{drawn['false_that_passed']} of {passed} passed, "
        text += f"{drawn['good_that_were_rejected']} of {rejected} rejected"
        found.append(
            ("fresh sentences that the guard judged wrongly", text, "python -m benchmarks.guard")
        )
    if (r := result("fuzz")) is not None:
        text = f"{len(r['findings'])} in {r['lines']:,}"
        found.append(("findings in lines of fuzz", text, "python -m benchmarks.fuzz"))
    if (r := result("endings")) is not None:
        text = f"{len(r['findings'])} in {r['turns']} turns to {len(r['endings'])} endings"
        found.append(
            ("findings in walkthroughs with the model on", text, "python -m benchmarks.endings")
        )
    return found


def _school_rows() -> list[tuple[str, str, str]]:
    r = result("school")
    if r is None:
        return []
    command = "python -m benchmarks.school"
    bare, taught = r["bare"], r["schooled"]
    return [
        (
            "sentences sent back, bare model → house style",
            f"{bare['rejected_a_sentence']:.0%} → {taught['rejected_a_sentence']:.0%}",
            command,
        ),
        (
            "turns told plainly after all, bare model → house style",
            f"{bare['fell_back']:.1%} → {taught['fell_back']:.1%}",
            command,
        ),
    ]


def _taste_rows() -> list[tuple[str, str, str]]:
    if (found := result("taste")) is None:
        return []
    command, way = "python -m benchmarks.taste", Args().algo
    rows = [
        (
            f"tellings to a {r['taste']} reader's taste, before and after {r['votes']} thumbs",
            f"{r['before']:.0f}% → {r['score']:.0f}% ({_gain(r)}, {r['seeds']} seeds)",
            command,
        )
        for r in found["rows"]
        if (r["arm"], r["votes"]) == (way, 300)
    ]
    means = {(r["votes"], r["arm"]): r for r in found["overall"]}
    rows += [
        (
            f"the same over all tastes, {votes} thumbs: {way.upper()}, offline PPO",
            f"{_gain(row)}, {_gain(means[votes, 'ppo'])}",
            command,
        )
        for (votes, arm), row in means.items()
        if arm == way
    ]
    if (found := result("taste_minutes")) is not None:
        taken = found["minutes"]
        rows.append(
            (
                f"training with {found['votes']} thumbs: {way.upper()}, offline PPO",
                f"{taken[way]:.1f} min, {taken['ppo']:.1f} min",
                "python -m benchmarks.taste_minutes",
            )
        )
    return rows


def _gain(row: Mapping[str, Any]) -> str:
    return f"{row['gain']:+.0f} [{row['gain_low']:+.0f}, {row['gain_high']:+.0f}]"


def _cast_rows() -> list[tuple[str, str, str]]:
    found = []
    if (r := result("thespian")) is not None:
        command = "python -m benchmarks.thespian"
        for role, other in (("thief", "adventurer"), ("adventurer", "thief")):
            row = r["table1"][f"thespian, {role} prompt"]
            own, others, seeds = row[role][0], row[other][0], row[role][3]
            found.append(
                (
                    f"one agent as {role}: that role's score, and the {other}'s",
                    f"{own:.0f}%, {others:.0f}% ({seeds} seeds)",
                    command,
                )
            )
        for kind, what in (("generated", "generated worlds"), ("light", "LIGHT's worlds")):
            shares = r["transfer"][kind]["all roles"]
            figures = [f"{shares[who][0]:.0f}%" for who in ("thespian", "heuristic", "random")]
            found.append(
                (
                    f"share of the best known score in {what} never trained on: "
                    "thespian, heuristic, chance",
                    ", ".join(figures),
                    command,
                )
            )
    if (r := result("cast_feedback")) is not None:
        mean, votes = r["mean"], r["command"].rsplit(" ", 1)[-1]
        found.append(
            (
                f"how often a thief steals where it could, before and after {votes} thumbs of a "
                "player who dislikes it",
                f"{mean['steal_before']:.0%} → {mean['steal_after']:.0%}",
                "python -m benchmarks.cast_feedback",
            )
        )
    return found


def table() -> str:
    lines = ["| measured | figure | command |", "|---|---|---|"]
    lines += [f"| {what} | {figure} | `{command}` |" for what, figure, command in rows()]
    return "\n".join(lines)


def updated(text: str) -> str:
    """`text` with the table between its markers made anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> None:
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
