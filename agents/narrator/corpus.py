"""The school's corpus: scenes from the backlot and how they were told, and the check it must pass.

    python -m agents.narrator.corpus [FILE ...]

A row is {"set", "step", "family", "place", "facts", "prose"}: the scene is rebuilt from set and
step, so that every sentence meets the same guard as the model's own. Prints each row that the guard
rejects, that repeats another or that leaves a fact out, and how varied the whole is; exits 1 on a
rejection, a repetition or a scene that is no longer what the row says.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agents.narrator.backlot import Scene, scenes
from game.narrator.guard import check_sentence
from game.narrator.prose import in_order
from game.narrator.scene import scene_facts

FOLDER = Path(__file__).parent / "corpus"
_SENTENCE = re.compile(r"[^.!?]+[.!?]+[\"”']?\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """One pair: the facts as the prompt gives them, and the prose."""

    set: int
    step: int
    family: str
    place: str
    facts: str
    prose: str


def read_corpus(paths: Iterable[Path] | None = None) -> list[Row]:
    """The rows of the given files, or of the whole corpus in a fixed order."""
    rows = []
    for path in paths or sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                record = json.loads(line)
                rows.append(Row(**{name: record[name] for name in Row.__slots__}))
    return rows


def sentences(prose: str) -> list[str]:
    return [s.strip() for s in _SENTENCE.findall(prose)] or [prose]


@lru_cache(maxsize=256)
def _rehearsed(set_seed: int) -> dict[int, Scene]:
    return {scene.step: scene for scene in scenes(set_seed)}


def find_scene(row: Row) -> Scene | None:
    """The scene the row tells, rebuilt; None when the set no longer plays out that way."""
    scene = _rehearsed(row.set).get(row.step)
    return scene if scene is not None and scene.facts == row.facts else None


def faults(row: Row) -> list[str]:
    """What is wrong with one row, in words."""
    scene = find_scene(row)
    if scene is None:
        return ["the scene is no longer what the row says"]
    return told_faults(row.prose, scene)


def told_faults(prose: str, scene: Scene) -> list[str]:
    """What is wrong with `prose` as a telling of `scene`, in words."""
    facts = scene_facts(scene.state, "player", scene.script.events, scene.script.facts)
    found = []
    told = sentences(prose)
    for at, sentence in enumerate(told):
        verdict = check_sentence(sentence, facts, " ".join(told[:at]))
        if not verdict.ok:
            found.append(f"{verdict.rule}: {verdict.detail} — {sentence}")
    return found


def uncovered(row: Row) -> list[str]:
    """The plain facts that the prose leaves out (the game would add them)."""
    scene = find_scene(row)
    if scene is None:
        return []
    before, after = in_order(scene.script.facts, row.prose)
    return [*before, *after]


def distinct_n(texts: Sequence[str], n: int) -> float:
    """Different word n-grams as a share of all (Li et al. 2016, distinct-n)."""
    grams: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = re.findall(r"[a-z']+", text.lower())
        grams.update(zip(*(words[i:] for i in range(n)), strict=False))
    return len(grams) / max(1, sum(grams.values()))


def openings(texts: Sequence[str], words: int = 2) -> list[tuple[str, int]]:
    """The commonest first words."""
    return Counter(" ".join(t.split()[:words]).lower() for t in texts).most_common(8)


def main(arguments: Sequence[str]) -> int:
    rows = read_corpus([Path(a) for a in arguments] or None)
    bad = 0
    seen: dict[str, int] = {}
    missed = 0
    for number, row in enumerate(rows, 1):
        problems = faults(row)
        if row.prose in seen:
            problems.append(f"the same words as row {seen[row.prose]}")
        seen.setdefault(row.prose, number)
        left = uncovered(row)
        missed += bool(left)
        for problem in problems:
            print(f"row {number} ({row.facts}): {problem}")
        if left:
            print(f"row {number} leaves out: {' '.join(left)} — {row.prose}")
        bad += bool(problems)
    prose = [row.prose for row in rows]
    lengths = sorted(len(p.split()) for p in prose)
    print(f"{len(rows)} rows, {bad} at fault, {missed} leaving something out", file=sys.stderr)
    if rows:
        print(
            f"distinct-1 {distinct_n(prose, 1):.3f}, distinct-2 {distinct_n(prose, 2):.3f}, "
            f"words {lengths[len(lengths) // 10]}–{lengths[len(lengths) // 2]}–"
            f"{lengths[-len(lengths) // 10]} (10%, half, 90%)",
            file=sys.stderr,
        )
        print("openings: " + ", ".join(f"{o} {n}" for o, n in openings(prose)), file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
