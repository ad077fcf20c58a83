"""The tables of the thespian: training, few-shot learning, forgetting, transfer and blends.

    python -m benchmarks.thespian [--seeds 5] [--jobs table1 ...] [--minutes 60] [--light FOLDER]

Every training and every measurement is a job with a JSON file of its own in
benchmarks/results/thespian/; a job whose file is there is not done again, so the command can be
stopped and repeated, and finds what is missing. `python -m benchmarks.thespian_report` makes the
tables and pictures of whatever there is, and says of how many seeds.

Jobs, for each seed: `table1` trains KG-A2C for one role, KG-A2C on summed rewards and the thespian,
and plays 100 games a row (all of them have walkthroughs of the oracle among the games that they
imitate, but the thespian that is "unaided"); `fewshot` teaches the trained thespian the rogue on
three maps; `scratch` learns the rogue from nothing; `forgetting` tunes the trained thespian without
freezing it; and `ablation` tries the attention variants that the paper found to fail. `features`
knows things by other features of their words, with three seeds. `transfer`, `repertoire` (every
role) and `blend` try the shipped thespian, once. Trained networks are kept in build/thespian/.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import torch

from agents.envs.episode import Setting
from agents.envs.vector import VectorEnv
from agents.thespian import checkpoint
from agents.thespian.a2c import Args, Curve, Learner, show, train
from agents.thespian.attention import FEW_SHOT, Understudy, Variant, teach, unfrozen
from agents.thespian.encode import Encoder
from agents.thespian.evaluate import chance, games, heuristic, oracle, share, table
from agents.thespian.features import Lexicon
from agents.thespian.network import ThespianNet
from agents.thespian.rollout import Part, Policy, acting
from agents.thespian.worlds import ROGUE_MAPS, rogue, village
from benchmarks.thespian_features import KINDS, Kind, by_features
from benchmarks.thespian_transfer import blend, repertoire, transfer, unseen, yardsticks

RESULTS = Path(__file__).parent / "results" / "thespian"
NETS = Path(__file__).parents[1] / "build" / "thespian"

ROLES = ("thief", "adventurer")
GAMES = 100
#: Steps of training for each role that an agent of table 1 is paid in.
STEPS = 120_000
#: Walkthroughs of each role that an agent may imitate from the first.
SHOWN = 1
SPEED_STEPS = 20_480
TRAINING = Args(shown=SHOWN, imitation=1.0, recalled=256, entropy=0.015)

AGENTS: dict[str, tuple[Part, ...]] = {
    "thespian": (Part.of("thief"), Part.of("adventurer")),
    "thief": (Part.of("thief"),),
    "adventurer": (Part.of("adventurer"),),
    "both": (Part("both", "thief", {"thief": 1.0, "adventurer": 1.0}),),
    "thespian-unaided": (Part.of("thief"), Part.of("adventurer")),
}
FAILING: tuple[Variant, ...] = ("prompts", "prompts-observation", "probabilities")
#: What counts as having learned the rogue, as a share of its maximum.
LEARNED = 80.0
PROBE_GAMES = 32
SCRATCH_STEPS = 100_000
SCRATCH_PROBE = 5_000
FORGETTING_STEPS = 10_000
FEATURES_SEEDS = 3


class Job(NamedTuple):
    """`again`: it is done whenever it is asked for, as what it measures may have changed."""

    name: str
    run: Callable[[], dict[str, Any]]
    again: bool = False

    @property
    def file(self) -> Path:
        return RESULTS / f"{self.name}.json"


# -- table 1 --------------------------------------------------------------------------------------


@cache
def stage() -> Setting:
    """The village, always the same object, so that a walkthrough is searched for once."""
    return village()


def training(agent: str, seed: int) -> Args:
    """How an agent of table 1 is trained: as long for each role that it is paid in."""
    roles = {role for part in AGENTS[agent] for role in part.pay}
    shown = 0 if agent.endswith("-unaided") else SHOWN
    return replace(TRAINING, steps=STEPS * len(roles), seed=seed, shown=shown)


def maxima(setting: Setting) -> dict[str, float]:
    return {role: oracle(setting, role) for role in ROLES}


def train_agent(agent: str, seed: int) -> dict[str, Any]:
    """Train one agent of table 1 and play its games."""
    setting, args = stage(), training(agent, seed)
    started, worked = time.monotonic(), time.process_time()
    net, lexicon, curve = train([setting], AGENTS[agent], args, progress=show)
    seconds, worked = time.monotonic() - started, time.process_time() - worked
    most = maxima(setting)
    checkpoint.save(NETS / f"{agent}-s{seed}", net, {"args": asdict(args)}, f"# {agent}, {seed}\n")
    rows = table(net, lexicon, setting, AGENTS[agent], most, GAMES)
    if agent.startswith("thespian"):
        rows["random prompt"] = random_prompts(net, lexicon, setting, most, seed)
    return {
        "agent": agent, "seed": seed, "args": asdict(args), "maxima": most, "games": GAMES,
        "rows": rows, "curve": asdict(curve), "seconds": round(seconds, 1),
        "cpu_seconds": round(worked, 1), "steps_per_cpu_s": round(args.steps / worked),
    }  # fmt: skip


def random_prompts(
    net: ThespianNet, lexicon: Lexicon, setting: Setting, most: dict[str, float], seed: int
) -> dict[str, float]:
    """The trained heads under prompts drawn at random, as long as the learned ones."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(net.prompts.shape, generator=generator)
    drawn *= net.prompts.norm(dim=1, keepdim=True) / drawn.norm(dim=1, keepdim=True)
    found = []
    for head, role in enumerate(ROLES):
        policy = acting(net, lexicon, [head], drawn)
        found += games(policy, lexicon, [setting], Part.of(role), GAMES // 2)
    return {role: share(found, role, most[role]) for role in ROLES}


def baselines() -> dict[str, Any]:
    """Chance, the heuristic actor and the oracle on the village."""
    setting, lexicon = stage(), Lexicon()
    most = maxima(setting)
    rows: dict[str, dict[str, float]] = {}
    for role in ROLES:
        for name, found in (
            ("random", chance(lexicon, [setting], Part.of(role), GAMES)),
            ("heuristic", heuristic([setting], role, GAMES)),
        ):
            rows[f"{name}, as {role}"] = {r: share(found, r, most[r]) for r in ROLES}
    return {"maxima": most, "games": GAMES, "rows": rows}


def speed() -> dict[str, Any]:
    """Training steps per second of this process's CPU time, and where the time goes."""
    spent = dict.fromkeys(("environment", "perception", "acting", "learning"), 0.0)

    def timed(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **more: Any) -> Any:
            started = time.process_time()
            try:
                return run(*args, **more)
            finally:
                spent[name] += time.process_time() - started

        return measured

    whole_training = training("thespian", 0)
    args = replace(whole_training, steps=SPEED_STEPS, shown=0)
    parts = (
        (VectorEnv, "step", "environment"), (Encoder, "sample", "perception"),
        (ThespianNet, "forward", "acting"), (Learner, "update", "learning"),
    )  # fmt: skip
    whole = [getattr(owner, method) for owner, method, _ in parts]
    try:
        for (owner, method, name), run in zip(parts, whole, strict=True):
            setattr(owner, method, timed(name, run))
        started = time.process_time()
        train([stage()], AGENTS["thespian"], args)
        total = time.process_time() - started
    finally:
        for (owner, method, _), run in zip(parts, whole, strict=True):
            setattr(owner, method, run)
    return {
        "steps_per_cpu_s": round(SPEED_STEPS / total),
        "minutes_for_table1": round(total / SPEED_STEPS * whole_training.steps / 60, 1),
        "share": {name: round(seconds / total, 3) for name, seconds in spent.items()},
    }  # fmt: skip


# -- the rogue ------------------------------------------------------------------------------------


def trained(seed: int) -> ThespianNet:
    """The thespian of table 1, trained now if it is not there."""
    folder = NETS / f"thespian-s{seed}"
    if not (folder / checkpoint.FILE).exists():
        result = train_agent("thespian", seed)
        write(RESULTS / f"table1-thespian-s{seed}.json", result)
    return checkpoint.load(folder).net


def few_shot(seed: int, place: str, variant: Variant = "logits") -> dict[str, Any]:
    """Teach the trained thespian the rogue; its score every so many steps."""
    net, setting, lexicon = trained(seed), rogue(ROGUE_MAPS[place]), Lexicon()
    most = oracle(setting, "rogue")
    curve: list[tuple[int, float]] = []

    def watch(done: int, policy: Policy, _: Understudy) -> bool:
        found = games(policy, lexicon, [setting], Part.of("rogue"), PROBE_GAMES)
        curve.append((done, share(found, "rogue", most)))
        return False

    before = old_roles(net)
    started = time.monotonic()
    taught = teach(
        net, lexicon, [setting], Part.of("rogue"), replace(FEW_SHOT, seed=seed), variant, watch
    )
    return {
        "map": place, "seed": seed, "variant": variant, "args": asdict(FEW_SHOT), "maximum": most,
        "curve": curve, "learned_at": learned_at(curve), "frozen": taught.before == taught.after,
        "old_roles_before": before, "old_roles_after": old_roles(net),
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def old_roles(net: ThespianNet) -> dict[str, float]:
    """What the thief and the adventurer score, each by its own prompt."""
    setting, lexicon = stage(), Lexicon()
    most = maxima(setting)
    rows = table(net, lexicon, setting, [Part.of(r) for r in ROLES], most, PROBE_GAMES)
    return {role: rows[role][role] for role in ROLES}


def learned_at(curve: Sequence[tuple[int, float]]) -> int | None:
    return next((steps for steps, score in curve if score >= LEARNED), None)


def scratch(seed: int, place: str) -> dict[str, Any]:
    """Learn the rogue from nothing, until it is learned."""
    setting, part = rogue(ROGUE_MAPS[place]), Part.of("rogue")
    most = oracle(setting, "rogue")
    curve: list[tuple[int, float]] = []

    def probe(net: ThespianNet, lexicon: Lexicon, so_far: Curve) -> bool:
        found = games(acting(net, lexicon), lexicon, [setting], part, PROBE_GAMES)
        curve.append((so_far.steps[-1], share(found, "rogue", most)))
        return curve[-1][1] >= LEARNED

    args = Args(steps=SCRATCH_STEPS, seed=seed, envs=16, log_every=SCRATCH_PROBE)
    train([setting], [part], args, keep=probe, keep_every=SCRATCH_PROBE)
    return {
        "map": place, "seed": seed, "maximum": most, "curve": curve,
        "learned_at": learned_at(curve),
    }  # fmt: skip


def forgetting(seed: int, place: str = "balanced") -> dict[str, Any]:
    """Tune the trained thespian for the rogue with nothing frozen: all three roles' scores."""
    net = unfrozen(trained(seed), "rogue").requires_grad_(True)
    setting = rogue(ROGUE_MAPS[place])
    most = oracle(setting, "rogue")
    rows: list[dict[str, float]] = []

    def probe(net: ThespianNet, lexicon: Lexicon, so_far: Curve) -> bool:
        policy = acting(net, lexicon, [len(ROLES)])
        found = games(policy, lexicon, [setting], Part.of("rogue"), PROBE_GAMES)
        score = {"rogue": share(found, "rogue", most)}
        rows.append({"steps": so_far.steps[-1], **score, **old_roles(net)})
        return False

    args = replace(
        FEW_SHOT, steps=FORGETTING_STEPS, seed=seed, learning_rate=TRAINING.learning_rate,
        value=TRAINING.value, log_every=1_000,
    )  # fmt: skip
    before = old_roles(net)
    heads = [len(ROLES)]
    train([setting], [Part.of("rogue")], args, net, keep=probe, keep_every=1_000, heads=heads)
    return {"map": place, "seed": seed, "maximum": most, "before": before, "curve": rows}


# -- running --------------------------------------------------------------------------------------


def jobs(seeds: int, light: Path | None) -> Iterator[Job]:
    """Every job, the most telling first."""
    yield Job("baselines", baselines)
    yield Job("speed", speed)
    for seed in range(seeds):
        for agent in AGENTS:
            yield Job(f"table1-{agent}-s{seed}", partial(train_agent, agent, seed))
        for place in ROGUE_MAPS:
            yield Job(f"fewshot-{place}-s{seed}", partial(few_shot, seed, place))
            yield Job(f"scratch-{place}-s{seed}", partial(scratch, seed, place))
        yield Job(f"forgetting-s{seed}", partial(forgetting, seed))
        for variant in FAILING:
            run = partial(few_shot, seed, "balanced", variant)
            yield Job(f"ablation-{variant}-s{seed}", run)
    yield Job("blend", blend)
    yield Job("repertoire", repertoire)
    for name, setting in unseen(light):
        yield Job(f"yardsticks-{name}", partial(yardsticks, setting))
    for seed, kind in product(range(FEATURES_SEEDS), KINDS):
        yield Job(f"features-{kind}-s{seed}", partial(featured, kind, seed, light))
    yield Job("transfer", partial(transferred, light), again=True)


def measured() -> dict[str, dict[str, Any]]:
    """The yardsticks that there are, by world."""
    files = sorted(RESULTS.glob("yardsticks-*.json"))
    return {f.stem.removeprefix("yardsticks-"): json.loads(f.read_text()) for f in files}


def featured(kind: Kind, seed: int, light: Path | None) -> dict[str, Any]:
    """A thespian that knows things by features of another kind, in worlds that have yardsticks."""
    return by_features(kind, seed, light, measured())


def transferred(light: Path | None) -> dict[str, Any]:
    """The shipped thespian in all worlds that there are yardsticks of."""
    return transfer(measured(), light)


def write(file: Path, result: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", nargs="*", default=[], help="beginnings of names of jobs")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no job after so long")
    parser.add_argument("--light", type=Path, help="a folder of LIGHT's world files")
    args = parser.parse_args()
    torch.set_num_threads(1)
    end = time.monotonic() + 60 * args.minutes
    for job in jobs(args.seeds, args.light):
        wanted = not args.jobs or job.name.startswith(tuple(args.jobs))
        if not wanted or (job.file.exists() and not job.again):
            continue
        if time.monotonic() > end:
            break
        print(job.name, flush=True)
        write(job.file, job.run())


if __name__ == "__main__":
    main()
