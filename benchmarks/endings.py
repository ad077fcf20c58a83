"""Every ending of The Long Interval, played with the model on: does it hold to the end?

    python -m benchmarks.endings [--only NAME ...] [--transcripts FOLDER]

The walkthroughs are those of tests/worlds/test_interval_endings.py, with the cast about and the
bundled model telling every turn in the house style. A walkthrough that raises or ends elsewhere, a
telling without words, a turn that was lost and a state that changed while it was told are findings,
and the exit code is then 1. The result goes to benchmarks/results/endings.json; `--transcripts`
keeps what was read, with the plain telling under every line of the model's, to look for lies.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.narrator import Shipped
from game import paths
from game.engine.model import World
from game.llm.base import LanguageModel
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.prepare import prepared_model
from game.performance import Performer
from game.session import Turn
from tests.worlds import test_interval_endings as walkthroughs
from tests.worlds.walking import Walk, shipped

RESULT = Path(__file__).parent / "results" / "endings.json"

#: What each walkthrough is to end in, and the walkthrough.
ENDINGS: dict[str, tuple[str, Callable[[Walk], None]]] = {
    "name": ("name", walkthroughs.test_the_name_on_the_bill),
    "name, by a kindness": ("name", walkthroughs.test_the_name_on_the_bill_by_a_kindness),
    "pyle": ("pyle", walkthroughs.test_mr_edmund_pyle),
    "understudy": ("understudy", walkthroughs.test_the_understudy_goes_on),
    "understudy, after a death": (
        "understudy_blood",
        walkthroughs.test_killing_is_answered_for_and_leaves_another_way,
    ),
    "usurper": ("usurper", walkthroughs.test_whoever_wears_it),
    "notices": ("notices", walkthroughs.test_a_theft_is_paid_for),
    "takings": ("takings", walkthroughs.test_stage_gold),
    "departed": ("departed", walkthroughs.test_leaving_with_nothing),
    "death": ("death", walkthroughs.carried_off),
}


@dataclass
class Evening:
    """One walkthrough as it was read, into `transcript` too, if there is one.

    `waits` are the seconds from a line to all of its turn.
    """

    transcript: Path | None = None
    waits: list[float] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    #: Tellings that the model tried, those that it told, and sentences that the guard sent back.
    tried: int = 0
    told: int = 0
    refused: int = 0

    def note(self, text: str) -> None:
        if self.transcript is not None:
            with self.transcript.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")


class ToldWalk(Walk):
    """A walkthrough whose every turn is told by the model, as a player reads it."""

    def __init__(
        self, world: World, seed: int, model: LanguageModel, transcript: Path | None
    ) -> None:
        super().__init__(world, seed, cast=True)
        self.evening = Evening(transcript)
        self.performer = Performer(self.session, model, adapters=Shipped())
        self.performer.warm_up()

    def _type(self, line: str) -> Turn:
        evening, before = self.evening, self.session.timeline.depth
        begun = time.perf_counter()
        turn = super()._type(line)
        digest = self.state.digest()
        evening.note(f"\n> {line}")
        for piece in self.performer.perform(turn):
            telling = piece.final
            if telling is None:
                continue
            model = telling.source == "model"
            evening.tried += telling.sampler is not None
            evening.told += model
            evening.refused += sum(not j.verdict.ok for j in telling.judged)
            evening.note(f"{'*' if model else ' '} {telling.prose}")
            if model:
                evening.note(f"    [{telling.plain}]")
            if not telling.prose.strip():
                evening.findings.append(f"> {line}: nothing was told")
        evening.waits.append(time.perf_counter() - begun)
        if self.state.digest() != digest:
            evening.findings.append(f"> {line}: telling it changed the world")
        if self.session.timeline.depth <= before:
            evening.findings.append(f"> {line}: no turn was kept")
        return turn


def play(
    name: str, world: World, model: LanguageModel, transcripts: Path | None
) -> tuple[ToldWalk, str]:
    """One walkthrough with the model on; the ending that it came to, "" for none."""
    transcript = None
    if transcripts is not None:
        transcripts.mkdir(parents=True, exist_ok=True)
        transcript = transcripts / f"{name.replace(', ', '-').replace(' ', '-')}.txt"
        transcript.unlink(missing_ok=True)
    walk = ToldWalk(world, 0, model, transcript)
    ending, through = ENDINGS[name]
    try:
        through(walk)
    except Exception as error:  # whatever stops a player is a finding
        walk.evening.findings.append(f"{type(error).__name__}: {error}")
    reached = walk.state.ended or ""
    if reached != ending:
        walk.evening.findings.append(f"ended in {reached or 'nothing'}, not in {ending}")
    return walk, reached


def report(model: str, endings: dict[str, Any], everything: Evening) -> str:
    """What all that was played so far comes to, as JSON."""
    waits = sorted(everything.waits)
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 1),
        "model": model,
        "findings": everything.findings,
        "endings": endings,
        "turns": len(waits),
        "turn_s": {
            "median": round(statistics.median(waits), 3),
            "p95": round(waits[int(0.95 * (len(waits) - 1))], 3),
        },
        "tellings_tried": everything.tried,
        "told_by_the_model": round(everything.told / max(1, everything.tried), 3),
        "sentences_sent_back": everything.refused,
    }
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(ENDINGS), default=list(ENDINGS))
    parser.add_argument("--transcripts", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args(arguments)
    world = shipped("interval")
    path = prepared_model(paths.home(), bundled_model_path())
    model = LlamaModel(path)
    endings: dict[str, Any] = {}
    everything, text = Evening(), ""
    for name in tqdm(args.only, unit="ending"):
        walk, reached = play(name, world, model, args.transcripts)
        evening = walk.evening
        endings[name] = {"ending": reached, "turns": len(evening.waits)}
        everything.waits += evening.waits
        everything.tried += evening.tried
        everything.told += evening.told
        everything.refused += evening.refused
        everything.findings += [f"{name}: {finding}" for finding in evening.findings]
        text = report(path.name, endings, everything)
        args.out.write_text(text, encoding="utf-8")
    model.close()
    print(text, end="")
    return 1 if everything.findings else 0


if __name__ == "__main__":
    sys.exit(main())
