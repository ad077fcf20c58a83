"""Gymnasium spaces for the worded observations, and a View put into them."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.envs.episode import View
from agents.envs.render import Commands, texts
from game.engine.model import World

#: The longest that each text can be, in characters; what is beyond it is cut.
LONGEST = {"look": 8_000, "inventory": 4_000, "feedback": 16_000, "last_action": 400}
LONGEST_NAME = 200

Observed = dict[str, Any]


def observation_space(world: World, max_actions: int) -> spaces.Dict:
    """What `observed` gives, with every character that the world's texts can make."""
    written = repr((world.rooms, world.items, world.characters, world.reactions, world.quests))
    written += repr((world.endings, world.title, world.intro))
    letters = frozenset(string.printable) | frozenset(written + written.upper())

    def text(longest: int) -> spaces.Text:
        return spaces.Text(longest, min_length=0, charset=letters)

    name = text(LONGEST_NAME)
    return spaces.Dict(
        {
            **{part: text(longest) for part, longest in LONGEST.items()},
            "knowledge": spaces.Sequence(spaces.Tuple((name, name, name))),
            "admissible": spaces.Sequence(text(LONGEST["last_action"])),
            "action_mask": spaces.MultiBinary(max_actions),
        }
    )


def observed(view: View, commands: Commands, max_actions: int) -> Observed:
    """The view as an element of `observation_space`."""
    parts = texts(view)._asdict()
    admissible = tuple([commands[action] for action in view.actions[:max_actions]])
    mask = np.zeros(max_actions, np.int8)
    mask[: len(admissible)] = 1
    return {
        **{part: words[: LONGEST[part]] for part, words in parts.items()},
        "knowledge": tuple(view.knowledge),
        "admissible": admissible,
        "action_mask": mask,
    }
