"""Training the thespian that ships with the game: every role of the repertoire, in many worlds.

    python -m agents.thespian.repertory --out agents/thespian/checkpoint

The trainer is `agents.thespian.a2c`; only what it is given differs: the village and many generated
worlds, some without tags, and no clock, because games do not end after a hundred turns.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

import torch

from agents.thespian.a2c import Args, Curve, show, train
from agents.thespian.checkpoint import save
from agents.thespian.features import Lexicon
from agents.thespian.network import ThespianNet
from agents.thespian.playbill import SHIPPED
from agents.thespian.rollout import Part
from agents.thespian.worlds import REPERTOIRE, generated, village

#: Generated worlds of these seeds are for training; tests use others.
TRAINING_SEED = 1
#: Environments that play the village; each of the others has a world of its own.
VILLAGES = 16

CARD = """# The thespian that ships with Limelight

One policy that plays {roles}.
A character acts in role by the role's soft prompt and stack of logits (Cui, Peng and Riedl, arXiv
2308.01872). {parameters:,} parameters, {size} kB.

- **Made by** `python -m agents.thespian.repertory --steps {steps} --seed {seed}`, after {done:,}
  steps and {minutes:.0f} minutes on a part of a busy core.
- **Trained in** the village and {worlds} generated worlds (`agents.thespian.worlds.generated`, seed
  {training_seed}); a third of them without tags. No text or world from elsewhere.
- **Reward in training**, mean of the latest games: {pay}.
- **Use**: non-player characters of any world, by `agents.thespian.actor`. It chooses among actions
  that the rules allow; it writes no text. It has never played with others who act, and it does what
  its role is paid for as fast as it can: who acts when is for the cast to pace.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=700_000)
    parser.add_argument("--envs", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--smoke", action="store_true")
    found = parser.parse_args()
    torch.set_num_threads(1)
    args = Args(
        steps=found.steps, envs=found.envs, seed=found.seed, smoke=found.smoke, no_clock=True,
        curiosity=0.1, imitation=0.2, learning_rate=1e-3,
    )  # fmt: skip
    worlds = found.envs - VILLAGES
    settings = [village()] * VILLAGES + generated(worlds, TRAINING_SEED)
    parts = [Part.of(role) for role in REPERTOIRE]

    def keep(net: ThespianNet, lexicon: Lexicon, curve: Curve) -> bool:
        write(found.out, net, args, curve, worlds)
        return False

    train(settings, parts, args, progress=show, keep=keep)


def write(folder: Path, net: ThespianNet, args: Args, curve: Curve, worlds: int) -> None:
    """Save the network as it is, with its card."""
    parameters = sum(p.numel() for p in net.parameters())
    pay = ", ".join(f"{name} {values[-1]:.1f}" for name, values in curve.pay.items())
    card = CARD.format(
        roles=", ".join(net.shape.roles), parameters=parameters, size=4 * parameters // 1000,
        steps=args.steps, done=curve.steps[-1], seed=args.seed, minutes=curve.seconds[-1] / 60,
        worlds=worlds, training_seed=TRAINING_SEED, pay=pay,
    )  # fmt: skip
    save(folder, net, {"args": asdict(args), "curve": asdict(curve), "worlds": worlds}, card)


if __name__ == "__main__":
    main()
