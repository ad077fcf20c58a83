"""A View in words: the four texts of KG-A2C (Ammanabrolu and Hausknecht, 2020, section 3)."""

from __future__ import annotations

from typing import NamedTuple

from agents.envs.episode import View
from game.engine.events import Action
from game.engine.model import World
from game.engine.rules import canonical
from game.engine.verbs import VERBS
from game.narrator.describe import describe_room, inventory
from game.narrator.plain import tell


class Texts(NamedTuple):
    """What "look" and "inventory" would say, what followed the last action, and that action."""

    look: str
    inventory: str
    feedback: str
    last_action: str


def texts(view: View) -> Texts:
    """The four texts of a view that is not yet stale; the last two are "" before the first step."""
    state, who = view.state, view.actor
    return Texts(
        describe_room(state, who, view.scope),
        inventory(state, who),
        tell(state, view.heard, who),
        canonical(state.world, view.last) if view.last and view.last.verb in VERBS else "",
    )


class Commands(dict[Action, str]):
    """A world's actions as commands, each worded once: `commands[action]`."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, action: Action) -> str:
        words = self[action] = canonical(self._world, action)
        return words
