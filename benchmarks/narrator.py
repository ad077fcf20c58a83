"""What the player waits for, and how much of what they read the model wrote.

Run `python -m benchmarks.narrator`; plays varied turns of the village with the bundled model and
prints JSON, also written to benchmarks/results/narrator.json, with fifty turns in narrator.txt.
Times are wall-clock, from the command to the text; other work on the machine lengthens them.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.llm import measure_loop
from benchmarks.record import RESULTS, record
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.rules import admissible, canonical
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.prepare import prepared_model
from game.narrator.adapters import Adapters, NarratorAdapter
from game.narrator.telling import Telling
from game.performance import Performer
from game.session import Session, Turn

SHIPPED = Path(__file__).parents[1] / "agents" / "narrator" / "adapter"
TURNS = 200
SHOWN = 50
#: How often each verb is tried; the rest of the verbs share what is left.
WEIGHTS = {
    "go": 6, "take": 4, "search": 2, "open": 3, "hit": 3, "give": 2, "wear": 3, "wield": 3,
    "eat": 2, "drink": 2, "put": 1, "drop": 1, "wait": 1, "steal": 1,
}  # fmt: skip
#: Left out: they end the game, or show what an author wrote and leave nothing to retell.
UNTOLD = frozenset({"inventory", "status", "goals", "actions", "look", "examine", "point"})
SPEECHES = (
    "hello", "who are you?", "what do you know about the dragon?", "where is the iron key?",
    "can you help me?", "what is in the crypt?", "do you sell anything?", "tell me about the wolf",
    "is the pearl for sale?", "have you seen the sergeant?",
)  # fmt: skip
FAILURES = ("take moon", "open bar", "go up", "eat stall", "take pump", "unlock gate", "wear stew")


@dataclass
class Tally:
    """What the turns came to."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, telling: Telling) -> None:
        self.sentences += len(telling.judged)
        self.rules.update(j.verdict.rule for j in telling.judged if not j.verdict.ok)


def script(session: Session, rng: random.Random) -> Iterator[str]:
    """Commands for `session`, each fitting the state it is given in."""
    while True:
        dice = rng.random()
        here = [c for c in session.state.contents[session.state.parent[session.player]]
                if c in session.world.characters and c != session.player
                and c not in session.state.dead]  # fmt: skip
        if dice < 0.12 and here:
            yield f"tell {session.world.refs[rng.choice(here)]} {rng.choice(SPEECHES)}"
            continue
        if dice < 0.2:
            yield rng.choice(FAILURES)
            continue
        actions = [
            a for a in admissible(session.state, session.player)
            if a.verb not in UNTOLD and "coach" not in str(a.noun)
        ]  # fmt: skip
        verbs = sorted({a.verb for a in actions})
        verb = rng.choices(verbs, [WEIGHTS.get(v, 0.25) for v in verbs])[0]
        yield canonical(session.world, rng.choice([a for a in actions if a.verb == verb]))


class Shipped:
    """The house style that comes with the game, as the narrator's adapter."""

    def stamp(self) -> object:
        return 1

    def active(self, base: str) -> NarratorAdapter | None:
        return NarratorAdapter(SHIPPED / "adapter.gguf", schooled=True)


def play(model: LlamaModel, turns: int, adapters: Adapters | None) -> Tally:
    """Play `turns` turns, beginning again whenever the story ends."""
    tally = Tally()
    world = load_world(paths.find_world("village"))
    rng = random.Random(7)
    seed = 0
    while len(tally.whole) < turns:
        session = Session(world, seed=seed, cast=Cast(world), autosave=False)
        performer = Performer(session, model, adapters=adapters)
        performer.warm_up()
        for command, _ in zip(script(session, rng), range(40), strict=False):
            _turn(session, performer, command, tally)
            if session.done or len(tally.whole) >= turns:
                break
        seed += 1
    return tally


def _turn(session: Session, performer: Performer, command: str, tally: Tally) -> None:
    start = time.perf_counter()
    turn = session.command(command)
    narrated = performer.narrates(turn)
    first = None
    lines = [f"> {command}"]
    sources = set()
    for piece in performer.perform(turn):
        now = time.perf_counter() - start
        if piece.final is None:
            continue
        telling = piece.final
        first = now if first is None and telling.kind != "notice" else first
        tally.add(telling)
        sources.add(telling.source)
        if telling.sampler is not None:
            tally.tried[telling.kind] += 1
            tally.told[telling.kind] += telling.source == "model"
        mark = "*" if telling.source == "model" else " "
        lines.append(f"{mark} {telling.prose.splitlines()[0] if telling.prose else ''}")
    tally.whole.append(time.perf_counter() - start)
    if narrated and first is not None:
        tally.first.append(first)
    tally.sources[_source(turn, narrated, sources)] += 1
    tally.shown.append("\n".join(lines))


def _source(turn: Turn, narrated: bool, sources: Collection[str]) -> str:
    if "model" in sources:
        return "model"
    if narrated:
        return "fell back"
    return "refused or not understood" if turn.beats[0].kind == "notice" else "authored text"


def resident_mb() -> int:
    """This process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _times(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 3),
        "p90": round(ordered[int(0.9 * (len(ordered) - 1))], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("turns", nargs="?", type=int, default=TURNS)
    parser.add_argument("--bare", action="store_true", help="without the house style")
    arguments = parser.parse_args()
    turns = arguments.turns
    path = prepared_model(paths.home(), bundled_model_path())
    model = LlamaModel(path)
    tally = play(model, turns, None if arguments.bare else Shipped())
    resident = resident_mb()
    model.close()
    tried, told = sum(tally.tried.values()), sum(tally.told.values())
    result: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 1),
        "model": path.name,
        "adapter": None if arguments.bare else "house style",
        "turns": turns,
        "first_sentence_s": _times(tally.first),
        "whole_turn_s": _times(tally.whole),
        "turns_by_source": dict(tally.sources.most_common()),
        "share_of_turns_told_by_model": round(tally.sources["model"] / turns, 3),
        "share_of_attempts_told_by_model": round(told / tried, 3),
        "attempts": {k: f"{tally.told[k]} of {n}" for k, n in sorted(tally.tried.items())},
        "sentences_sampled": tally.sentences,
        "share_of_sentences_rejected": round(sum(tally.rules.values()) / tally.sentences, 3),
        "rejected_by_rule": dict(tally.rules.most_common()),
        "resident_mb": resident,
        "decode_loop": measure_loop(path),
    }
    name = "narrator_bare" if arguments.bare else "narrator"
    record(name, result)
    shown = [s for s in tally.shown if "\n* " in s or "\n  " in s][:SHOWN]
    (RESULTS / f"{name}.txt").write_text("\n\n".join(shown) + "\n")


if __name__ == "__main__":
    main()
