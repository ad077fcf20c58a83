"""What school did for the narrator: the bare model with examples against the shipped house style.

    python -m benchmarks.school [--turns 200] [--adapter FILE.gguf]

Both retell the same turns of two worlds that no training scene comes from, with the same guard and
the same patience. Prints JSON, writes it to benchmarks/results/school.json, and sixty pairs side by
side to school.txt beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.progress import track

from agents.narrator.corpus import distinct_n
from benchmarks.record import RESULTS, record
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import State
from game.engine.rules import admissible
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.prepare import prepared_model
from game.narrator.prose import SAMPLER, Narrator, Script, script_for
from game.narrator.telling import Telling
from game.session import Session

ROOT = Path(__file__).parents[1]
ADAPTER = ROOT / "agents" / "narrator" / "adapter" / "adapter.gguf"
WORLDS = ("village", "interval")
PAIRS = 60
#: At the narrator's own temperature the bare model does worse.
BARE = replace(SAMPLER, temperature=0.45)
#: Verbs tried more often than their share of the admissible actions.
WEIGHTS = {
    "go": 5, "take": 4, "search": 3, "open": 4, "hit": 2, "give": 3, "wear": 3, "wield": 3,
    "eat": 3, "drink": 3, "put": 2, "drop": 1, "steal": 2, "wait": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """A beat to retell, with the state after it."""

    world: str
    command: str
    state: State
    script: Script
    plain: str


def moments(world_id: str, seed: int) -> Iterator[Moment]:
    """Tellable beats of random play, a session of forty commands at a time."""
    world = load_world(paths.find_world(world_id))
    rng = random.Random(seed)
    while True:
        session = Session(world, seed=rng.randrange(10**6), cast=Cast(world), autosave=False)
        for _ in range(40):
            actions = admissible(session.state, session.player)
            if not actions:
                break
            verbs = sorted({a.verb for a in actions})
            verb = rng.choices(verbs, [WEIGHTS.get(v, 0.15) for v in verbs])[0]
            turn = session.act(rng.choice([a for a in actions if a.verb == verb]))
            for beat in turn.beats:
                script = None
                if beat.kind != "notice" and beat.events:
                    script = script_for(session.state, beat.events, beat.plain, session.player)
                if script is not None:
                    state = session.state.clone()
                    yield Moment(world_id, turn.command, state, script, beat.plain)
                    break


@dataclass
class Tally:
    """How one narrator did."""

    tellings: list[Telling] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    uncovered: int = 0
    facts: int = 0
    prompt_tokens: list[int] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        judged = [j for t in self.tellings for j in t.judged]
        told = [t for t in self.tellings if t.source == "model"]
        texts = [t.sampled for t in told]
        return {
            "sentences_sampled": len(judged),
            "rejected_a_sentence": round(
                sum(not j.verdict.ok for j in judged) / max(1, len(judged)), 4
            ),
            "rejected_by_rule": dict(
                Counter(j.verdict.rule for j in judged if not j.verdict.ok).most_common()
            ),
            "fell_back": round(1 - len(told) / len(self.tellings), 4),
            "facts_covered": round(1 - self.uncovered / max(1, self.facts), 4),
            "words": round(statistics.mean(len(t.split()) for t in texts), 2) if texts else 0,
            "distinct_2": round(distinct_n(texts, 2), 4),
            "copies_the_facts": round(
                sum(t.sampled.strip() in t.plain for t in told) / max(1, len(told)), 4
            ),
            "seconds_a_turn": round(statistics.median(t.seconds for t in self.tellings), 3),
            "first_sentence_s": round(statistics.median(self.first), 3) if self.first else None,
            "prompt_tokens": round(statistics.mean(self.prompt_tokens))
            if self.prompt_tokens
            else 0,
        }


def tell_all(narrator: Narrator, scenes: list[Moment], name: str) -> Tally:
    tally = Tally()
    narrator.warm_up()
    for number, moment in enumerate(track(scenes, name)):
        start = time.perf_counter()
        heard: list[float] = []

        def listen(text: str, start: float = start, heard: list[float] = heard) -> None:
            heard.append(time.perf_counter() - start)

        telling = narrator.tell(
            moment.state, moment.state.world.player, moment.script, moment.plain,
            seed=number, on_sentence=listen,
        )  # fmt: skip
        tally.tellings.append(telling)
        tally.first += heard[:1]
        if telling.source == "model":
            tally.prompt_tokens.append(len(telling.prompt_ids))
            tally.facts += len(moment.script.facts)
            tally.uncovered += sum(not f.covered_by(telling.sampled) for f in moment.script.facts)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--adapter", type=Path, default=ADAPTER)
    a = parser.parse_args()
    scenes: list[Moment] = []
    for n, world in enumerate(WORLDS):
        stream = moments(world, 11 + n)
        scenes += [next(stream) for _ in range(a.turns // len(WORLDS))]
    path = prepared_model(paths.home(), bundled_model_path())
    model = LlamaModel(path)
    base = tell_all(Narrator(model, sampler=BARE), scenes, "bare, with examples")
    model.use_adapter(str(a.adapter))
    house = tell_all(Narrator(model, schooled=True), scenes, "house style")
    model.close()
    result = {
        "turns": len(scenes),
        "worlds": list(WORLDS),
        "load_average": round(os.getloadavg()[0], 1),
        "bare": base.summary(),
        "schooled": house.summary(),
    }
    record("school", result)
    chosen = random.Random(3).sample(range(len(scenes)), min(PAIRS, len(scenes)))
    pairs = []
    for i in sorted(chosen):
        facts = " ".join(f.sentence for f in scenes[i].script.facts)
        pairs.append(
            f"{scenes[i].world}  > {scenes[i].command}\n  facts     {facts}\n"
            f"  bare      {base.tellings[i].sampled or '(plain)'}\n"
            f"  schooled  {house.tellings[i].sampled or '(plain)'}\n"
        )
    (RESULTS / "school.txt").write_text("\n".join(pairs), encoding="utf-8")


if __name__ == "__main__":
    main()
