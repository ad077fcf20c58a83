"""How often the model picks the command that a line means, among those that can be done.

    python -m benchmarks.chooser [--model PATH]

Every admissible command is scored in one forward pass: the commands share their beginnings in a
token trie, whose nodes attend only to the line and to their own ancestors, after a prefix of
examples whose KV state is kept. A command's score is its log-prob given the line, summed, averaged
over tokens, or less its log-prob given no line at all (PMI). Peers in the same run: rapidfuzz, and
the cosine of mean token embeddings. Each method dares to act when its best command's softmax
probability passes a threshold, chosen on the odd lines of benchmarks/data/paraphrases.txt as the
one that dares most while right 80 times in 100; the figures are of the even lines. Seconds are
wall-clock; other work on the machine lengthens them.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rapidfuzz import fuzz
from tqdm import tqdm
from transformers import DynamicCache

from agents.lm import TorchLM, load
from benchmarks.embeddings import Embeddings
from benchmarks.record import record
from game.authoring.load import load_world
from game.engine.model import State
from game.engine.parser import Command, parse
from game.engine.rules import admissible, canonical
from game.engine.verbs import DECLINED
from game.llm.base import Segment
from game.llm.bundled import bundled_model_path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "data" / "paraphrases.txt"
NONE = "none"
#: A wrong action costs more than a question: of those it dares, this share must be right.
PRECISE = 0.8

#: What the model is shown before the line, of no world that is tested.
EXAMPLES = """Each line is followed by the game command that means the same, or by none.
Line: bung the apple in the sack
Command: put apple in sack
Line: what does the old map say
Command: examine old map
Line: nip upstairs
Command: go up
Line: order a pizza
Command: none
Line: clobber the ogre
Command: hit ogre
Line: let the miller have the flour
Command: give flour to miller
Line: root about in the hay
Command: search hay
Line: what's that noise
Command: listen
"""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A line, where it is typed, and the command it means. `understood`: the parser acts on it."""

    place: tuple[str, str]
    line: str
    wanted: str
    understood: bool


def read_cases(path: Path = DATA) -> list[Case]:
    """Every labelled line, in the file's order. Raises ValueError for a label that is no action."""
    cases: list[Case] = []
    place = ("", "")
    allowed: set[str] = set()
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.startswith("## "):
            world, room = row[3:].split()
            place = (world, room)
            state = standing(place)
            allowed = {canonical(state.world, a) for a in admissible(state, state.world.player)}
        elif row and not row.startswith("#"):
            line, _, wanted = row.rpartition(" | ")
            if wanted != NONE and wanted not in allowed:
                raise ValueError(f"{line!r}: {wanted!r} cannot be done at {place}")
            parsed = parse(state, state.world.player, line)
            acts = isinstance(parsed, Command) and parsed.action.verb not in DECLINED
            cases.append(Case(place, line, wanted, acts))
    return cases


@cache
def standing(place: tuple[str, str]) -> State:
    """The world's first state with the player in the room."""
    world, room = place
    state = load_world(ROOT / "worlds" / world).initial_state(1)
    state.move(state.world.player, room)
    state.scopes.clear()
    return state


class Scorer:
    """Scores commands by a causal model: one pass over a trie of them, after a kept prefix."""

    def __init__(self, lm: TorchLM) -> None:
        self.lm = lm
        self.prefix = lm.tokenizer.tokenize([Segment(EXAMPLES)], start=True)
        self.cache = DynamicCache()
        with torch.no_grad():
            lm.causal(torch.tensor([self.prefix]), past_key_values=self.cache, use_cache=True)

    def score(self, line: str, commands: Sequence[str]) -> tuple[Scores, NDArray[np.int64]]:
        """The log-prob [n] of each command after `line`, and its length [n] in tokens."""
        tokenize = self.lm.tokenizer.tokenize
        asked = tokenize([Segment(f"Line: {line}\nCommand:")])
        ends = tokenize([Segment("\n")])
        paths = [(*tokenize([Segment(f" {command}")]), *ends) for command in commands]
        nodes, parents, depths, leaves = _trie(paths)
        asks, size, kept = len(asked), len(nodes), len(self.prefix)
        sees = torch.zeros(asks + size, kept + asks + size, dtype=torch.bool)
        sees[:, :kept] = True
        sees[:asks, kept : kept + asks] = torch.ones(asks, asks).tril().bool()
        sees[asks:, kept : kept + asks] = True
        for node, parent in enumerate(parents):
            row = sees[asks + node]
            if parent >= 0:
                row[kept + asks :] = sees[asks + parent, kept + asks :]
            row[kept + asks + node] = True
        dtype = next(self.lm.causal.parameters()).dtype
        mask = torch.zeros(sees.shape, dtype=dtype).masked_fill(~sees, torch.finfo(dtype).min)
        positions = [kept + n for n in range(asks)] + [kept + asks + d for d in depths]
        with torch.no_grad():
            out = self.lm.causal(
                torch.tensor([[*asked, *nodes]]),
                attention_mask=mask[None, None],
                position_ids=torch.tensor([positions]),
                past_key_values=copy.deepcopy(self.cache),  # what is passed grows
                use_cache=True,
            )
        logprobs = torch.log_softmax(out.logits[0].float(), dim=-1)
        before = torch.tensor([asks - 1 if p < 0 else asks + p for p in parents])
        step = logprobs[before, torch.tensor(nodes)].double().numpy()
        total = np.zeros(size)
        for node, parent in enumerate(parents):
            total[node] = step[node] + (total[parent] if parent >= 0 else 0.0)
        return total[leaves], np.array([len(path) for path in paths])


def _trie(
    paths: Sequence[tuple[int, ...]],
) -> tuple[list[int], list[int], list[int], list[int]]:
    """The paths' trie, parents first: tokens, parents (-1: root), depths; each path's leaf."""
    known: dict[tuple[int, ...], int] = {}
    tokens: list[int] = []
    parents: list[int] = []
    depths: list[int] = []
    for path in paths:
        for depth, token in enumerate(path):
            if path[: depth + 1] not in known:
                known[path[: depth + 1]] = len(tokens)
                tokens.append(token)
                parents.append(known[path[:depth]] if depth else -1)
                depths.append(depth)
    return tokens, parents, depths, [known[path] for path in paths]


def unit_vectors(embeddings: Embeddings, texts: Sequence[str]) -> NDArray[np.float64]:
    """Directions [n, width] whose products are the cosines of the texts' mean embeddings."""
    made = np.stack([embeddings.of(text.lower()) for text in texts])
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def probabilities(scores: Scores, sharpness: float) -> Scores:
    made = np.exp(sharpness * (scores - scores.max()))
    return np.asarray(made / made.sum())


@dataclass(slots=True)
class Judged:
    """One method's best command for each line, with how sure it is."""

    chosen: list[str]
    sure: list[float]
    seconds: float


def choose(cases: Sequence[Case], lm: TorchLM) -> dict[str, Judged]:
    """Every method's choice for every line."""
    scorer = Scorer(lm)
    embeddings = Embeddings(lm)
    sharp = {
        "mean": 8.0,
        "sum": 1.0,
        "pmi": 1.0,
        "mean_pmi": 8.0,
        "rapidfuzz": 0.2,
        "embedding": 20.0,
    }
    found = {name: Judged([], [], 0.0) for name in sharp}
    places: dict[tuple[str, str], tuple[list[str], Scores, NDArray[np.float64]]] = {}
    for case in tqdm(cases, unit="line"):
        if case.place not in places:
            state = standing(case.place)
            able = [canonical(state.world, a) for a in admissible(state, state.world.player)]
            commands = [*able, NONE]
            places[case.place] = (
                commands,
                scorer.score("...", commands)[0],
                unit_vectors(embeddings, commands),
            )
        commands, alone, vectors = places[case.place]
        began = time.perf_counter()
        total, lengths = scorer.score(case.line, commands)
        took = time.perf_counter() - began
        scores: dict[str, tuple[Scores, float]] = {
            "mean": (total / lengths, took),
            "sum": (total, took),
            "pmi": (total - alone, took),
            "mean_pmi": ((total - alone) / lengths, took),
        }
        began = time.perf_counter()
        alike = [fuzz.WRatio(case.line.lower(), command) for command in commands]
        scores["rapidfuzz"] = (np.array(alike), time.perf_counter() - began)
        began = time.perf_counter()
        near = vectors @ unit_vectors(embeddings, [case.line])[0]
        scores["embedding"] = (near, time.perf_counter() - began)
        for name, (score, seconds) in scores.items():
            sure = probabilities(score, sharp[name])
            best = int(sure.argmax())
            found[name].chosen.append(commands[best])
            found[name].sure.append(float(sure[best]))
            found[name].seconds += seconds
    return found


def threshold(cases: Sequence[Case], judged: Judged, rows: Sequence[int]) -> float:
    """The least sureness from which PRECISE of the acts on `rows` are right; inf: there is none."""
    ordered = sorted((judged.sure[n], judged.chosen[n] == cases[n].wanted) for n in rows
                     if judged.chosen[n] != NONE)  # fmt: skip
    best = float("inf")
    for at in range(len(ordered)):
        right = [ok for _, ok in ordered[at:]]
        if len(right) >= 5 and sum(right) / len(right) >= PRECISE:
            best = ordered[at][0]
            break
    return best


def figures(
    cases: Sequence[Case], judged: Judged, rows: Sequence[int], least: float
) -> dict[str, Any]:
    """How good the choices on `rows` are: all of them, and those dared at `least` sureness."""
    acts = [n for n in rows if judged.chosen[n] != NONE]
    dared = [n for n in acts if judged.sure[n] >= least]
    right = sum(judged.chosen[n] == cases[n].wanted for n in dared)
    return {
        "lines": len(rows),
        "accuracy": round(sum(judged.chosen[n] == cases[n].wanted for n in rows) / len(rows), 3),
        "dared": len(dared),
        "dared_right": right,
        "precision": round(right / len(dared), 3) if dared else None,
        "wrong_of_all_lines": round((len(dared) - right) / len(rows), 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--model", type=Path, default=None)
    chosen = options.parse_args(arguments)
    cases = read_cases()
    lm = load(chosen.model or bundled_model_path(), dtype="bf16")
    found = choose(cases, lm)
    tuning, judging = range(0, len(cases), 2), range(1, len(cases), 2)
    lost = [n for n in judging if not cases[n].understood]
    report: dict[str, Any] = {
        "lines": len(cases),
        "understood_by_the_parser": sum(c.understood for c in cases),
    }
    for name, judged in found.items():
        least = threshold(cases, judged, tuning)
        report[name] = {
            "threshold": None if least == float("inf") else round(least, 3),
            "seconds_a_line": round(judged.seconds / len(cases), 4),
            "held_out": figures(cases, judged, judging, least),
            "held_out_not_understood": figures(cases, judged, lost, least),
        }
    record("chooser", report)


if __name__ == "__main__":
    main()
