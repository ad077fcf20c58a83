"""How often the guard is right, on sentences that a reader has labelled.

    python -m benchmarks.guard                       # judge benchmarks/guard_labels again
    python -m benchmarks.guard collect --out FILE    # draw new sentences to label

A row holds a sentence that the narrator sampled in a real turn, the scene it was held against, and
`label`: "good" (true of the scene, and English), "false" (says what did not happen or is not there)
or "poor" (claims nothing false, but no reader would want it: nonsense, a stutter, a repetition).
Colour that nothing in the world hangs on, such as a smell or a frown, is not false. Prints JSON and
writes it to benchmarks/results/guard.json.

There are two sets, each drawn from the house style and labelled when the guard was as it was. "as
drawn" are the verdicts of then: of the second set they are an estimate for sentences that no rule
was written for. Afterwards the rules were mended on these very sentences, so today's verdicts are
none.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from benchmarks.record import record
from game.engine.events import Event
from game.narrator.guard import check_sentence
from game.narrator.scene import Fact, SceneFacts

ROOT = Path(__file__).parent
LABELS = ROOT / "guard_labels"
#: How many of either verdict are drawn for labelling.
PASSED, REJECTED = 200, 100


def packed(scene: SceneFacts) -> dict[str, Any]:
    """A scene as JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, frozenset | set):
            return sorted(value)
        return value

    made = {f.name: plain(getattr(scene, f.name)) for f in fields(scene)}
    made["facts"] = [
        {k: [sorted(g) for g in v] if k == "needs" else plain(v) for k, v in asdict(fact).items()}
        for fact in scene.facts
    ]
    made["events"] = [
        {k: v for k, v in event._asdict().items() if v is not None} for event in scene.events
    ]
    return made


def unpacked(made: dict[str, Any]) -> SceneFacts:
    """The scene that `packed` wrote."""
    sets = {"allowed", "foreign", "directions", "genders", "reader_names", "held", "proper"}
    values = {k: frozenset(v) if k in sets else v for k, v in made.items()}
    values["facts"] = tuple(
        Fact(f["sentence"], tuple(map(frozenset, f["needs"])), frozenset(f["verbs"]))
        for f in made["facts"]
    )
    values["events"] = tuple(Event(**event) for event in made["events"])
    values["speech"] = tuple((who, words) for who, words in made["speech"])
    values["recent"] = tuple(made["recent"])
    return SceneFacts(**values)


def labelled() -> dict[str, list[dict[str, Any]]]:
    """The labelled rows of each set."""
    return {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(LABELS.glob("*.jsonl"))
    }


def judged_again(row: dict[str, Any]) -> str:
    """The rule that a row's sentence breaks today; "" for none."""
    return check_sentence(row["sentence"], unpacked(row["scene"])).rule


def as_drawn(row: dict[str, Any]) -> str:
    """The rule that a row's sentence broke when it was drawn; "" for none."""
    return "" if row["verdict"] == "passed" else str(row["verdict"])


def summary(
    rows: list[dict[str, Any]], judge: Callable[[dict[str, Any]], str] = judged_again
) -> dict[str, Any]:
    """How the guard did, by the rules that `judge` says were broken. The shares are of what passed
    and of what was rejected."""
    verdicts = [(row, judge(row)) for row in rows]
    passed = [row for row, rule in verdicts if not rule]
    rejected = [(row, rule) for row, rule in verdicts if rule]
    false = [row["sentence"] for row in passed if row["label"] == "false"]
    wrongly = [rule for row, rule in rejected if row["label"] == "good"]
    return {
        "passed": len(passed),
        "false_that_passed": len(false),
        "poor_that_passed": sum(row["label"] == "poor" for row in passed),
        "rejected": len(rejected),
        "good_that_were_rejected": len(wrongly),
        "wrongly_rejected_by_rule": dict(Counter(wrongly).most_common()),
        "false_sentences": false,
    }


def collect(seed: int) -> Iterator[dict[str, Any]]:
    """Rows without labels, from turns of random play told by the narrator that ships."""
    from benchmarks.school import ADAPTER, WORLDS, moments
    from game import paths
    from game.llm.bundled import bundled_model_path
    from game.llm.llama import LlamaModel
    from game.llm.prepare import prepared_model
    from game.narrator.prose import Narrator
    from game.narrator.scene import scene_facts

    model = LlamaModel(prepared_model(paths.home(), bundled_model_path()))
    model.use_adapter(str(ADAPTER))
    narrator = Narrator(model, schooled=True)
    streams = [moments(world, seed + n) for n, world in enumerate(WORLDS)]
    try:
        for number in range(10**6):
            moment = next(streams[number % len(streams)])
            player = moment.state.world.player
            before = tuple(narrator.recent)
            telling = narrator.tell(
                moment.state, player, moment.script, moment.plain, seed=seed * 10_007 + number
            )
            scene = scene_facts(
                moment.state, player, moment.script.events, moment.script.facts, recent=before
            )
            for judged in telling.judged:
                yield {
                    "world": moment.world,
                    "command": moment.command,
                    "facts": scene.plain,
                    "sentence": judged.text,
                    "verdict": judged.verdict.rule or "passed",
                    "detail": judged.verdict.detail,
                    "label": "",
                    "scene": packed(scene),
                }
    finally:
        model.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("do", nargs="?", choices=("judge", "collect"), default="judge")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    if a.do == "judge":
        found = {
            name: {"as drawn": summary(rows, as_drawn), "today": summary(rows)}
            for name, rows in labelled().items()
        }
        record("guard", found)
        return
    if a.out is None:
        parser.error("collect needs --out")
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row in collect(a.seed):
        rows[row["verdict"] == "passed"].append(row)
        if len(rows[True]) >= PASSED and len(rows[False]) >= REJECTED:
            break
    rng = random.Random(a.seed)
    drawn = rng.sample(rows[True], PASSED) + rng.sample(rows[False], REJECTED)
    with a.out.open("w", encoding="utf-8") as file:
        for row in drawn:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
