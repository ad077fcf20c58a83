"""The shipped thespian in worlds it was never trained in, and in blends of roles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.envs.episode import Setting
from agents.thespian import checkpoint
from agents.thespian.blend import blending
from agents.thespian.evaluate import chance, games, heuristic, oracle
from agents.thespian.features import Lexicon
from agents.thespian.rollout import Game, Part, acting
from agents.thespian.worlds import generated, of_light

#: Generated worlds of these seeds were never trained in.
UNSEEN_SEED = 77
WORLDS = 20
ROLES = ("thief", "adventurer")
GAMES = 10
#: A role that not even the oracle is paid this much for has nothing to do in a world.
WORTHWHILE = 1.5

BLEND = ("thief", "healer")
WEIGHTS = (1.0, 0.8, 0.6, 0.5, 0.4, 0.2, 0.0)


def worlds(light: Path | None) -> list[tuple[str, Setting]]:
    """Worlds never trained in: generated ones, or LIGHT's in a folder."""
    if light is not None:
        return of_light(light)
    return [(f"generated {n}", s) for n, s in enumerate(generated(WORLDS, UNSEEN_SEED))]


def yardsticks(file: Path, light: Path | None) -> dict[str, Any]:
    """Every role by the oracle, and the mean scores of the heuristic actor and of chance.

    What was measured is kept beside `file` from cell to cell, as it takes long.
    """
    partial = file.with_suffix(".partial")
    cells = json.loads(partial.read_text(encoding="utf-8")) if partial.exists() else []
    done = {(cell["world"], cell["role"]) for cell in cells}
    for name, setting in worlds(light):
        for role in ROLES:
            if (name, role) in done:
                continue
            cell = {"world": name, "rooms": len(setting.world.rooms), "role": role}
            cell["oracle"] = most = oracle(setting, role)
            if most >= WORTHWHILE:
                cell["heuristic"] = _mean(heuristic([setting], role, GAMES // 2), role)
                cell["random"] = _mean(chance(Lexicon(), [setting], Part.of(role), GAMES), role)
            cells.append(cell)
            partial.write_text(json.dumps(cells), encoding="utf-8")
            print(cell, flush=True)
    partial.unlink()
    return {"games": GAMES, "cells": [cell for cell in cells if cell["oracle"] >= WORTHWHILE]}


def transfer(measured: Path, light: Path | None) -> dict[str, Any]:
    """The shipped thespian's mean scores beside the yardsticks in the file `measured`."""
    loaded = checkpoint.load()
    settings = dict(worlds(light))
    cells = []
    for cell in json.loads(measured.read_text(encoding="utf-8"))["cells"]:
        setting, role = settings[cell["world"]], cell["role"]
        lexicon = Lexicon()
        policy = acting(loaded.net, lexicon, [loaded.net.shape.roles.index(role)])
        played = games(policy, lexicon, [setting], Part.of(role), GAMES, clock=False)
        cells.append({**cell, "thespian": _mean(played, role)})
        print(cells[-1], flush=True)
    return {"checkpoint": loaded.hash[:8], "games": GAMES, "cells": cells}


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
        played = games(policy, lexicon, settings, part, WORLDS, clock=False, max_steps=40)
        rows.append({"weight": weight} | {role: _mean(played, role) for role in BLEND})
        print(rows[-1], flush=True)
    return {"checkpoint": loaded.hash[:8], "roles": BLEND, "steps": 40, "rows": rows}


def _mean(found: Sequence[Game], role: str) -> float:
    return round(sum(game.scores[role] for game in found) / len(found), 3)
