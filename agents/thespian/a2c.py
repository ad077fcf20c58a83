"""Training a thespian: advantage actor-critic over several roles, in one file.

    python -m agents.thespian.a2c --world village --roles thief adventurer --steps 800000

Mnih et al. (2016) in the form of KG-A2C, as section 4 of Cui, Peng and Riedl has it: the role and
its prompt rotate every two games, and only the logits and the value of the role played enter the
loss. Returns and advantages are divided by a running deviation of the role's own: a shared
normaliser leaks between roles. Early on, what is seen, owned or done for the first time in a game
pays a little as well, the more the rarer it was so far; and the best games are learned from
again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agents.envs.episode import Setting
from agents.executor import Backend
from agents.thespian.checkpoint import save
from agents.thespian.encode import collate
from agents.thespian.features import Lexicon
from agents.thespian.imitation import BestGames, Recalled, demonstration
from agents.thespian.network import Shape, ThespianNet, entropy, log_probs, on_device
from agents.thespian.rollout import Part, Steps
from agents.thespian.workers import Plan, company, lexicon_of


@dataclass
class Args:
    """What can be set. Defaults train the two roles of the village."""

    steps: int = 800_000  # steps of the environments in all
    envs: int = 64
    horizon: int = 8  # steps between updates: n-step returns
    learning_rate: float = 1.5e-3  # falls to a tenth linearly
    gamma: float = 0.98
    curiosity: float = 0.3  # pay for what is novel, the less the oftener it was found
    curious_until: float = 0.7  # share of the steps at which it has fallen to nothing
    gae: float = 0.95  # lambda of generalised advantages (Schulman et al., 2016)
    entropy: float = 0.03  # falls to a tenth linearly
    value: float = 0.5
    imitation: float = 0.5  # of self-imitation
    shown: int = 0  # walkthroughs of the oracle for each role paid, among the games to imitate
    recalled: int = 128  # steps of the best games in every update
    valid: float = 0.2  # of the valid-action loss; gone after `valid_until`
    valid_until: float = 0.2  # share of the steps
    clip: float = 1.0  # of the gradient's norm
    seed: int = 0
    max_steps: int = 100
    random_start: bool = False  # games begin anywhere the player could have walked to
    no_clock: bool = False  # the agent does not observe how much of the game is over
    workers: int = 1  # that play; they share the environments
    backend: str = "here"  # where: here, processes, ray
    device: str = "cpu"  # of the learner
    log_every: int = 20_000  # steps
    smoke: bool = False  # a few updates, to see that all of it runs


@dataclass
class Curve:
    """How training went: at each of `steps`, the mean pay of the latest games of every part."""

    steps: list[int] = field(default_factory=list)
    pay: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


def rescale(scale: Tensor, returns: NDArray[np.float32], roles: NDArray[np.int64]) -> None:
    """Move each role's `scale` towards the root mean square of its own returns, in place."""
    for role in np.unique(roles):
        fresh = float((returns[roles == role] ** 2).mean())
        square = float(scale[role]) ** 2
        scale[role] = max(square + 0.01 * (fresh - square), 1e-2) ** 0.5


def advantages(
    pay: NDArray[np.float32], over: NDArray[np.bool_], values: NDArray[np.float32],
    last: NDArray[np.float32], args: Args,
) -> NDArray[np.float32]:  # fmt: skip
    """Generalised advantages [t, n] from values [t, n] and the bootstrap [n], in the pay's units.

    A game cut off at `max_steps` ends like any other: how much time is left is observed.
    """
    found = np.zeros_like(values)
    ahead = np.zeros_like(last)
    following = last
    for t in reversed(range(len(values))):
        going = 1.0 - over[t]
        error = pay[t] + args.gamma * following * going - values[t]
        ahead = error + args.gamma * args.gae * going * ahead
        found[t] = ahead
        following = values[t]
    return found


def estimates(
    values: Tensor, played: Steps, pay: NDArray[np.float32], scale: Tensor, args: Args
) -> tuple[NDArray[np.float32], Tensor, NDArray[np.float32]]:
    """What the critic makes of the steps played: advantages [t, n] in the pay's units, the values'
    targets [t * n] in units of each role's `scale`, and that scale as it was; it is then moved.

    `values` are of the steps, then of the bootstrap; what follows is not looked at.
    """
    t, n = played.roles.shape
    before = scale.cpu().numpy().copy()
    roles = np.concatenate([played.roles.reshape(-1), played.next_roles])
    known = values[: t * n + n].detach().cpu().numpy() * before[roles]
    now, last = known[: t * n].reshape(t, n), known[t * n :]
    gains = advantages(pay, played.over, now, last, args)
    rescale(scale, gains + now, played.roles)
    target = torch.from_numpy(((gains + now) / before[played.roles]).reshape(-1))
    return gains, target.to(values.device), before


class Learner:
    """The network, its optimiser, and one update."""

    def __init__(self, net: ThespianNet, lexicon: Lexicon, args: Args) -> None:
        self.net = net.to(args.device)
        self.args = args
        self.table = torch.from_numpy(lexicon.table).to(args.device)
        trained = [p for p in net.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(trained, lr=args.learning_rate, eps=1e-5)
        self.best = BestGames(args.envs, len(net.shape.roles), args.gamma, args.seed)

    def update(self, played: Steps, progress: float) -> dict[str, float]:
        """One step of gradient on what was just played by this very network."""
        args, net = self.args, self.net
        t, n = played.roles.shape
        left = max(0.0, 1.0 - progress)
        for group in self.optimiser.param_groups:
            group["lr"] = args.learning_rate * (0.1 + 0.9 * left)
        self.best.watch(played)
        recalled = self.best.draw(args.recalled)
        batch = on_device(collate(played.samples + played.next + recalled.samples), args.device)
        everyone = np.concatenate([played.roles.reshape(-1), played.next_roles, recalled.roles])
        role = torch.from_numpy(everyone).to(args.device)
        rows = net.embed(self.table)
        core = net.core(rows, batch, net.prompts[role])
        stack = net.stack(core.state)
        logs = log_probs(net.action_logits(core, stack, batch, role), batch)
        at = torch.arange(batch.size, device=role.device)
        values = stack.values[at, role]
        curious = args.curiosity * max(0.0, 1.0 - progress / args.curious_until)
        pay = played.pay + curious * played.fresh
        gains, target, scale = estimates(values, played, pay, net.scale, args)
        loss, told = losses(
            logs, values, played.slots, gains, target, scale, played.roles, args, left
        )
        if recalled.samples:
            first = t * n + n
            again = imitation(logs[first:], values[first:], recalled, scale)
            loss = loss + args.imitation * again
        help = args.valid * max(0.0, 1.0 - progress / args.valid_until)
        if help:
            loss = loss + help * net.validity(core, stack, batch, role)
        told["grad_norm"] = descend(loss, self.optimiser, args.clip)
        return told


def losses(
    logs: Tensor, values: Tensor, slots: NDArray[np.int64], gains: NDArray[np.float32],
    target: Tensor, scale: NDArray[np.float32], roles: NDArray[np.int64], args: Args, left: float,
) -> tuple[Tensor, dict[str, float]]:  # fmt: skip
    """Policy gradient, value error and entropy bonus (Mnih et al., 2016, section 4).

    `logs` and `values` begin with the rows of the steps played, then come those of the bootstrap.
    `gains` [t, n] are in the pay's units and are divided by the role's own `scale`; `left` is the
    share of training still to come.
    """
    rows = len(target)
    chosen = logs[:rows].gather(1, torch.from_numpy(slots.reshape(-1, 1)).to(logs.device))[:, 0]
    advantage = torch.from_numpy((gains / scale[roles]).reshape(-1)).to(logs.device)
    policy_loss = -(chosen * advantage).mean()
    value_loss = (values[:rows] - target).square().mean()
    bonus = entropy(logs[:rows]).mean()
    weight = args.entropy * (0.1 + 0.9 * left)
    loss = policy_loss + args.value * value_loss - weight * bonus
    told = {"policy_loss": policy_loss, "value_loss": value_loss, "entropy": bonus}
    return loss, {name: value.item() for name, value in told.items()}


def imitation(
    logs: Tensor, values: Tensor, recalled: Recalled, scale: NDArray[np.float32]
) -> Tensor:
    """Self-imitation (Oh et al., 2018, equations 1 to 3): what was done in the best games is made
    likelier, and expected, by as much as its return exceeds the value."""
    slots = torch.from_numpy(recalled.slots).to(logs.device)
    returns = torch.from_numpy(recalled.returns / scale[recalled.roles]).to(logs.device)
    chosen = logs.gather(1, slots[:, None])[:, 0]
    excess = (returns - values).clamp(min=0)
    return -(chosen * excess.detach()).mean() + 0.05 * excess.square().mean()


def descend(loss: Tensor, optimiser: torch.optim.Optimizer, clip: float) -> float:
    """One step down the gradient, its norm clipped; returns the norm."""
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    trained = [p for group in optimiser.param_groups for p in group["params"]]
    norm = nn.utils.clip_grad_norm_(trained, clip)
    optimiser.step()
    return norm.item()


#: Told now and then: steps done, of how many, and the mean pay of each part lately.
Progress = Callable[[int, int, Mapping[str, float]], None]


#: Called every so many steps and at the end with what there is; True ends the training.
Keep = Callable[[ThespianNet, Lexicon, Curve], bool]


def show(done: int, total: int, means: Mapping[str, float]) -> None:
    """The progress bar: one line on the screen, or a line each time in a file."""
    pays = "  ".join(f"{name} {mean:.2f}" for name, mean in means.items())
    share = done / total
    bar = "#" * int(20 * share)
    end = "\r" if sys.stderr.isatty() and done < total else "\n"
    line = f"[{bar:<20}] {done:>9,} of {total:,} steps  {pays}"
    print(line, file=sys.stderr, end=end, flush=True)


def train(
    settings: Sequence[Setting], parts: Sequence[Part], args: Args, net: ThespianNet | None = None,
    progress: Progress | None = None, keep: Keep | None = None, keep_every: int = 250_000,
    heads: Sequence[int] | None = None,
) -> tuple[ThespianNet, Lexicon, Curve]:  # fmt: skip
    """Train a network (a new one unless given) on these worlds.

    `heads` are the places of the heads that play the parts, by default in their order.
    """
    torch.manual_seed(args.seed)
    net = net or ThespianNet(Shape(tuple(part.name for part in parts)))
    lexicon = lexicon_of(settings)
    plan = Plan(
        tuple(settings), tuple(parts), net.shape, args.envs, args.seed, args.workers,
        args.max_steps, args.random_start, not args.no_clock, tuple(heads) if heads else None,
    )  # fmt: skip
    learner = Learner(net, lexicon, args)
    for head, part in zip(heads or range(len(parts)), parts, strict=True):
        for n, role in product(range(args.shown), part.pay):
            setting, asked = settings[n % len(settings)], replace(part, role=role)
            shown = demonstration(setting, asked, lexicon, n, args.max_steps, not args.no_clock)
            learner.best.show(head, shown)
    curve = Curve(pay={part.name: [] for part in parts})
    recent: dict[str, deque[float]] = {part.name: deque(maxlen=100) for part in parts}
    started, done, told = time.monotonic(), 0, 0
    stride = args.envs * args.horizon
    total = 3 * stride if args.smoke else args.steps
    backend: Backend = args.backend  # type: ignore[assignment]
    with company(plan, backend) as workers:
        while done < total:
            played = workers.play(net.state_dict(), args.horizon)
            done += stride
            for game in played.games:
                recent[game.part].append(game.pay)
            if heads is not None:
                played.roles = np.array(heads)[played.roles]
                played.next_roles = np.array(heads)[played.next_roles]
            learner.update(played, done / total)
            if done - told >= args.log_every or done >= total:
                told = done
                means = {name: float(np.mean(p)) if p else 0.0 for name, p in recent.items()}
                curve.steps.append(done)
                curve.seconds.append(round(time.monotonic() - started, 1))
                for name, mean in means.items():
                    curve.pay[name].append(round(mean, 3))
                if progress:
                    progress(done, total, means)
            due = done >= total or done // keep_every > (done - stride) // keep_every
            if keep and due and keep(net, lexicon, curve):
                break
    return net, lexicon, curve


def parse(argv: Sequence[str] | None = None) -> tuple[argparse.Namespace, Args]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="village")
    parser.add_argument("--roles", nargs="+", default=["thief", "adventurer"])
    parser.add_argument("--out", type=Path)
    for f in fields(Args):
        name = "--" + f.name.replace("_", "-")
        if isinstance(f.default, bool):
            parser.add_argument(name, action="store_true")
        else:
            parser.add_argument(name, type=type(f.default), default=f.default)
    found = parser.parse_args(argv)
    return found, Args(**{f.name: getattr(found, f.name) for f in fields(Args)})


def main() -> None:
    torch.set_num_threads(1)
    found, args = parse()

    parts = [Part.of(role) for role in found.roles]
    net, lexicon, curve = train([Setting(found.world)], parts, args, progress=show)
    about = {"args": asdict(args), "curve": asdict(curve), "world": found.world}
    if found.out:
        command = "python -m agents.thespian.a2c " + " ".join(sys.argv[1:])
        save(found.out, net, about, f"# A thespian\n\nMade by `{command}`.\n")
    else:
        print(json.dumps(about))


if __name__ == "__main__":
    main()
