"""The shipped thespian in worlds it was never trained in, and in blends of roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.envs.episode import Setting
from agents.envs.oracle import BUDGET
from agents.thespian import checkpoint
from agents.thespian.blend import blending
from agents.thespian.evaluate import chance, games, heuristic, oracle
from agents.thespian.features import Lexicon
from agents.thespian.network import ThespianNet
from agents.thespian.rollout import Game, Part, acting
from agents.thespian.worlds import REPERTOIRE, generated, of_light, village

#: Generated worlds of these seeds were never trained in.
UNSEEN_SEED = 77
WORLDS = 20
ROLES = ("thief", "adventurer")
GAMES = 10
#: A role that not even the oracle is paid this much for has nothing to do in a world.
WORTHWHILE = 1.5
#: Worlds with more things are so large that the oracle's search is cut short.
MANY = 120
CUT_SHORT = 250
#: Unseen worlds that every role is played in, beside the village.
REPERTOIRE_WORLDS = 10

BLEND = ("thief", "healer")
#: Few enough that there is no time to do all that both roles are paid for.
BLEND_STEPS = 40
WEIGHTS = (1.0, 0.8, 0.6, 0.5, 0.4, 0.2, 0.0)


def unseen(light: Path | None) -> list[tuple[str, Setting]]:
    """Worlds never trained in, by number: generated ones, and LIGHT's in a folder, in the order of
    their files."""
    made = [(f"generated-{n:02}", s) for n, s in enumerate(generated(WORLDS, UNSEEN_SEED))]
    found = of_light(light) if light else []
    return made + [(f"light-{n:02}", s) for n, (_, s) in enumerate(found)]


def played(net: ThespianNet, setting: Setting, role: str, count: int) -> list[Game]:
    """Games of a trained network in a role, without a clock."""
    lexicon = Lexicon()
    policy = acting(net, lexicon, [net.shape.roles.index(role)])
    return games(policy, lexicon, [setting], Part.of(role), count, clock=False)


def untrained(setting: Setting, role: str) -> tuple[list[Game], list[Game]]:
    """Games of the heuristic actor, and of chance."""
    by_chance = chance(Lexicon(), [setting], Part.of(role), GAMES)
    return heuristic([setting], role, GAMES // 2), by_chance


def yardsticks(setting: Setting) -> dict[str, Any]:
    """Every role in one world by the oracle, and the heuristic actor's and chance's mean scores."""
    cells = []
    budget = BUDGET if len(setting.world.items) <= MANY else CUT_SHORT
    for role in ROLES:
        cell = {"role": role, "oracle": oracle(setting, role, budget=budget)}
        by_heuristic, by_chance = untrained(setting, role)
        cell["heuristic"], cell["random"] = mean(by_heuristic, role), mean(by_chance, role)
        cell["best"] = max(game.scores[role] for game in (*by_heuristic, *by_chance))
        cells.append(cell)
    return {"rooms": len(setting.world.rooms), "budget": budget, "cells": cells}


def transfer(measured: Mapping[str, dict[str, Any]], light: Path | None) -> dict[str, Any]:
    """The shipped thespian's mean scores beside the yardsticks of the worlds in `measured`. `most`
    is the best that anybody got in a game, the oracle where its search is not cut short."""
    loaded = checkpoint.load()
    rows = []
    for name, setting in unseen(light):
        for cell in measured.get(name, {"cells": []})["cells"]:
            role = cell["role"]
            if cell["oracle"] < WORTHWHILE:
                continue
            found = played(loaded.net, setting, role, GAMES)
            best = max(game.scores[role] for game in found)
            most = max(cell["oracle"], cell.get("best", 0.0), best)
            rows.append({"world": name, **cell, "thespian": mean(found, role), "most": most})
            print(rows[-1], flush=True)
    return {"checkpoint": loaded.hash[:8], "games": GAMES, "cells": rows}


def repertoire() -> dict[str, Any]:
    """Every role of the shipped thespian in the village, where it was trained, and in worlds where
    it was not: its mean score, the heuristic actor's, chance's and the oracle's."""
    loaded, rows = checkpoint.load(), []
    for name, setting in [("village", village()), *unseen(None)[:REPERTOIRE_WORLDS]]:
        for role in REPERTOIRE:
            by_heuristic, by_chance = untrained(setting, role)
            rows.append(
                {
                    "world": name,
                    "role": role,
                    "oracle": oracle(setting, role),
                    "thespian": mean(played(loaded.net, setting, role, GAMES), role),
                    "heuristic": mean(by_heuristic, role),
                    "random": mean(by_chance, role),
                }
            )
            print(rows[-1], flush=True)
    return {"checkpoint": loaded.hash[:8], "games": GAMES, "cells": rows}


def blend() -> dict[str, Any]:
    """What a blend of two roles is paid in each, as the weight moves from one to the other."""
    loaded = checkpoint.load()
    settings: list[Setting] = generated(WORLDS, UNSEEN_SEED)
    rows = []
    for weight in WEIGHTS:
        lexicon = Lexicon()
        mix = {BLEND[0]: weight, BLEND[1]: 1.0 - weight}
        policy = blending(loaded.net, lexicon, {r: w for r, w in mix.items() if w})
        # Of the part only the offered verbs matter: those of both roles.
        part = Part(BLEND[0], BLEND[0], dict.fromkeys(BLEND, 1.0))
        played = games(
            policy, lexicon, settings, part, 5 * WORLDS, clock=False, max_steps=BLEND_STEPS
        )
        rows.append({"weight": weight} | {role: mean(played, role) for role in BLEND})
        print(rows[-1], flush=True)
    return {"checkpoint": loaded.hash[:8], "roles": BLEND, "steps": BLEND_STEPS, "rows": rows}


def mean(found: Sequence[Game], role: str) -> float:
    return round(sum(game.scores[role] for game in found) / len(found), 3)
