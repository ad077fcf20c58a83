"""What the language model costs: speed of the decode loop, of each quantisation, and memory.

Run `python -m benchmarks.llm`; prints JSON and writes it to benchmarks/results/llm.json.
Compare figures within one run only. Everything is measured in alternating rounds, and speeds are
those of the best round, because other work on the machine can only slow a round down; the ratio of
the two decode loops is the median over rounds, each of which runs both.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.record import record
from game.llm import native
from game.llm.base import Prompt, Sampler, Segment, Token
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.llm.prepare import TARGET, requantise

KINDS = ("Q4_0", "IQ4_NL", "Q8_0", "BF16")
REFERENCE = "F32"
ROUNDS = 4
PREFIX_TOKENS, BODY_TOKENS, SENTENCE_TOKENS = 500, 80, 25

NARRATION = """\
You push the heavy door and step out of the rain into the tavern. Smoke hangs low under the beams,
and the fire has burned down to a red heap that a boy is poking with the wrong end of a broom. The
keeper looks you over, wipes a mug on her sleeve and sets it down without a word. At the far table
an old sailor is telling three farmers how the lake took his boat, his brother and, after a pause
that he has practised, his best hat. Nobody laughs. You take the brass key from the hook beside
the stairs and slip it into your pocket while the sailor is looking at his hands. A floorboard
creaks. The boy has stopped poking the fire.

You follow the path north until the last roofs are gone and the trees close over you. It is quiet
here, quieter than a forest should be. A lantern hangs from a branch, unlit, its glass still warm.
You lift the lid of the chest and find a coil of rope, a loaf gone hard as a boot and a letter
sealed with green wax. Behind you the guard clears his throat. "That is not yours," he says, "but
it is not mine either, so put it back and we shall both have seen nothing." You close the lid. He
nods, blocks the way to the bridge with his spear and begins to whistle.

The merchant counts the coins twice and pushes one of them back across the counter. "This one is
lead," she tells you, kindly enough. You wear the grey cloak, wield the rusted sword and feel, for
the first time since the ferry, a little less like somebody who is about to be robbed. The wolf
steps between the graves. You strike at it and miss; it bites your arm and backs away, growling.
The graveyard gate is locked, and the key that you stole does not fit.
"""
TEXT = NARRATION.replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")


def filler(model: LlamaModel, tokens: int, salt: str) -> tuple[Segment, ...]:
    """Narration of exactly `tokens` tokens, beginning with `salt` so that no cache knows it."""
    ids = model.tokenize((Segment(f"{salt} {TEXT} {TEXT}"),))[:tokens]
    return (Segment(model.detokenize(ids)),)


def measure_turns(models: dict[str, LlamaModel]) -> dict[str, dict[str, float]]:
    """Best speeds of each model, taken in alternating rounds."""
    samples: dict[str, dict[str, list[float]]] = {name: {} for name in models}
    for round_ in range(ROUNDS + 1):
        for name, model in models.items():
            prefix = filler(model, PREFIX_TOKENS, f"Tale {round_}.")
            started = time.perf_counter()
            model.complete(Prompt(prefix, ()), Sampler(max_tokens=0))
            prefill = time.perf_counter() - started
            moments: list[float] = []

            def note(_i: int, _tokens: object, moments: list[float] = moments) -> bool:
                moments.append(time.perf_counter())
                return False

            body = filler(model, BODY_TOKENS, f"Turn {round_}.")
            sampler = Sampler(max_tokens=SENTENCE_TOKENS, min_p=0.1, seed=round_)
            started = time.perf_counter()
            model.complete(Prompt(prefix, body), sampler, on_token=note)
            if round_ == 0 or len(moments) < SENTENCE_TOKENS:
                continue  # warming up, or the model ended early
            row = {
                "prefill_tokens_per_s": PREFIX_TOKENS / prefill,
                "first_token_s": moments[0] - started,
                "sentence_s": moments[-1] - started,
                "decode_tokens_per_s": (len(moments) - 1) / (moments[-1] - moments[0]),
            }
            for key, value in row.items():
                samples[name].setdefault(key, []).append(value)
    return {
        name: {
            key: round(min(values) if key.endswith("_s") and "per" not in key else max(values), 3)
            for key, values in rows.items()
        }
        for name, rows in samples.items()
    }


def next_token_logprobs(path: Path, ids: list[int]) -> npt.NDArray[np.float64]:
    """Log-probs [len(ids), n_vocab] after each of `ids`, by llama-cpp-python's own evaluation."""
    llama = native.library().Llama(
        str(path), n_ctx=1024, n_threads=native.usable_cores(), logits_all=True, verbose=False
    )
    llama.eval(ids)
    logits = np.array(llama.scores[: len(ids)], dtype=np.float64)
    llama.close()
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def measure_quality(paths: dict[str, Path], reference: Path, ids: list[int]) -> dict[str, Any]:
    """Mean next-token KL to `reference`, likeliest-token agreement and perplexity over `ids`."""
    truth = next_token_logprobs(reference, ids)
    mass = np.exp(truth)
    rows = {}
    for name, path in paths.items():
        found = next_token_logprobs(path, ids)
        rows[name] = {
            "kl_to_source": round(float((mass * (truth - found)).sum(axis=1).mean()), 5),
            "argmax_agreement": round(float((truth.argmax(1) == found.argmax(1)).mean()), 4),
            "perplexity": round(float(np.exp(-found[range(len(ids) - 1), ids[1:]].mean())), 3),
        }
    return rows


def measure_loop(path: Path) -> dict[str, float]:
    """Tokens/s of our loop and of the high-level streaming call, same file, prompt and sampler."""
    llama_cpp = native.library()
    threads = native.usable_cores()
    model = LlamaModel(path, threads=threads)
    high = llama_cpp.Llama(
        str(path), n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False
    )
    tokens = 96
    speeds: dict[str, list[float]] = {"own": [], "high_level": []}
    for round_ in range(ROUNDS + 1):
        text = filler(model, 200, f"Tale {round_}.")
        ids = model.tokenize(text)
        moments: list[float] = []

        def note(_i: int, _tokens: Sequence[Token], moments: list[float] = moments) -> bool:
            moments.append(time.perf_counter())
            return False

        model.complete(Prompt(text, ()), Sampler(max_tokens=tokens, seed=round_), on_token=note)
        own = (len(moments) - 1) / (moments[-1] - moments[0])
        moments = []
        for _ in high.create_completion(
            ids, max_tokens=tokens, temperature=0.7, min_p=0.1, top_k=0, top_p=1.0,
            repeat_penalty=1.0, seed=round_, stream=True,
        ):  # fmt: skip
            moments.append(time.perf_counter())
        if round_ > 0:
            speeds["own"].append(own)
            generated = high.n_tokens - len(ids)
            speeds["high_level"].append((generated - 1) / (moments[-1] - moments[0]))
    model.close()
    high.close()
    own, other = (max(speeds[name]) for name in ("own", "high_level"))
    ratio = statistics.median(a / b for a, b in zip(*speeds.values(), strict=True))
    return {
        "own_tokens_per_s": round(own, 1),
        "high_level_tokens_per_s": round(other, 1),
        "ratio": round(ratio, 3),
    }


def measure_candidates(path: Path) -> dict[str, float]:
    """Tokens/s in total when n candidates are decoded side by side over one 580-token prompt."""
    model = LlamaModel(path)
    prompt = Prompt(filler(model, PREFIX_TOKENS, "Tale."), filler(model, BODY_TOKENS, "Turn."))
    model.complete(prompt, Sampler(max_tokens=1))
    rows = {}
    for n in (1, 2, 4, 8, 16):
        rates = []
        for seed in range(ROUNDS):
            started = time.perf_counter()
            found = model.complete(prompt, Sampler(max_tokens=32, seed=seed), n=n)
            rates.append(sum(len(c.tokens) for c in found) / (time.perf_counter() - started))
        rows[str(n)] = round(max(rates), 1)
    model.close()
    return rows


def measure_memory(path: Path) -> dict[str, float]:
    """Load time and resident memory of a fresh process that plays a turn and resamples it."""
    script = f"""
import json, time
started = time.perf_counter()
from game.llm.llama import LlamaModel
from game.llm.base import Prompt, Sampler, Segment
from benchmarks.llm import filler
model = LlamaModel({str(path)!r})
loaded = time.perf_counter() - started
prompt = Prompt(filler(model, 500, "Tale."), filler(model, 80, "Turn."))
model.complete(prompt, Sampler())
model.complete(prompt, Sampler(), n=8)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
row = {{k: int(status[k].split()[0]) // 1024 for k in ("VmRSS", "VmHWM", "RssAnon", "RssFile")}}
print(json.dumps({{"import_and_load_s": round(loaded, 3), **row}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    row = json.loads(done.stdout)
    return {
        "import_and_load_s": row["import_and_load_s"],
        "resident_mb": row["VmRSS"],
        "peak_mb": row["VmHWM"],
        "of_which_mapped_file_mb": row["RssFile"],
    }


def main() -> None:
    load = round(os.getloadavg()[0], 1)  # of other work: above 1 the speeds say little
    source = bundled_model_path()
    with tempfile.TemporaryDirectory() as folder:
        paths = {"Q4_1 (as bundled)": source}
        preparing = {}
        for kind in (*KINDS, REFERENCE):
            target = Path(folder) / f"{kind}.gguf"
            started = time.perf_counter()
            requantise(source, target, kind)
            preparing[kind] = round(time.perf_counter() - started, 2)
            paths[kind] = target
        reference = paths.pop(REFERENCE)
        models = {name: LlamaModel(path) for name, path in paths.items()}
        ids = models[TARGET].tokenize((Segment(TEXT),))
        turns = measure_turns(models)
        for model in models.values():
            model.close()
        quality = measure_quality(paths, reference, ids)
        result = {
            "machine": f"{platform.machine()}, {native.usable_cores()} cores",
            "load_average_before": load,
            "prompt": {
                "prefix_tokens": PREFIX_TOKENS,
                "body_tokens": BODY_TOKENS,
                "sentence_tokens": SENTENCE_TOKENS,
                "kl_positions": len(ids),
            },
            "prepared_kind": TARGET,
            "quantisations": {
                name: {
                    "size_mb": path.stat().st_size // 1_000_000,
                    **({"prepare_s": preparing[name]} if name in preparing else {}),
                    **turns[name],
                    **quality[name],
                }
                for name, path in paths.items()
            },
            "decode_loop": measure_loop(paths[TARGET]),
            "candidates_tokens_per_s": measure_candidates(paths[TARGET]),
            "memory": measure_memory(paths[TARGET]),
        }
    record("llm", result)


if __name__ == "__main__":
    main()
