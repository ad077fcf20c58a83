"""A PettingZoo parallel environment: several characters of one world, each in a role of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, SupportsInt

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

from agents.env import NOTHING
from agents.envs.episode import Episode, Others, Setting
from agents.envs.render import Commands
from agents.envs.spaces import Observed, observation_space, observed
from agents.envs.vector import next_seed
from game.engine.model import World


class LimelightParallelEnv(ParallelEnv):  # type: ignore[misc]
    """The characters in `parts` (id: role) are the agents; all choose, then act one after another.

    Spaces, observations, rewards and infos are those of `agents.env.LimelightEnv` for each agent.
    Who goes first rotates from turn to turn; an action that somebody's earlier action has made
    impossible is refused and does nothing. An agent is done when it dies or enters an exit room,
    all are when the story ends, and the rest are truncated after `max_steps`.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "limelight_v0", "render_modes": []}

    def __init__(
        self,
        world: str | Path | World,
        parts: Mapping[str, str],
        *,
        cast: Others = "none",
        max_steps: int = 100,
        random_start: bool = False,
        max_actions: int = 256,
    ) -> None:
        self.setting = Setting(world)
        for actor, role in parts.items():
            self.setting.check(actor, role)
        self.parts = dict(parts)
        self.possible_agents = list(parts)
        self.agents: list[str] = []
        self.max_steps = max_steps
        self.render_mode = None
        self._max_actions = max_actions
        self._commands = Commands(self.setting.world)
        self._others: Others = cast
        self._random_start = random_start
        self._rng = np.random.default_rng()
        self._seed = 0
        space = observation_space(self.setting.world, max_actions)
        self.observation_spaces = dict.fromkeys(parts, space)
        self.action_spaces = {actor: spaces.Discrete(max_actions) for actor in parts}
        self._episode: Episode | None = None

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self.action_spaces[agent]

    @property
    def episode(self) -> Episode:
        """The episode in progress, with the engine's state."""
        if self._episode is None:
            raise RuntimeError("Call env.reset() before the first step.")
        return self._episode

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observed], dict[str, dict[str, Any]]]:
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._seed = next_seed(self._rng) if seed is None else seed
        self._episode = Episode(
            self.setting,
            self.parts,
            self._seed,
            others=self._others,
            random_start=self._random_start,
        )
        self.agents = list(self.possible_agents)
        return self._observations(self.agents), self._infos(self.agents)

    def step(
        self, actions: dict[str, SupportsInt]
    ) -> tuple[
        dict[str, Observed],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        episode, acting = self.episode, self.agents
        chosen = {}
        for agent in acting:
            listed = episode.view(agent).actions[: self._max_actions]
            index = int(actions[agent])
            chosen[agent] = listed[index] if index < len(listed) else NOTHING
        gains = episode.step(chosen)
        late = episode.steps >= self.max_steps
        rewards = {agent: gains[agent].get(self.parts[agent], 0.0) for agent in acting}
        terminated = {agent: episode.over(agent) for agent in acting}
        truncated = {agent: late and not terminated[agent] for agent in acting}
        self.agents = [a for a in acting if not (terminated[a] or truncated[a])]
        return (
            self._observations(acting),
            rewards,
            terminated,
            truncated,
            self._infos(acting),
        )

    def _observations(self, agents: list[str]) -> dict[str, Observed]:
        return {
            a: observed(self.episode.view(a), self._commands, self._max_actions) for a in agents
        }

    def _infos(self, agents: list[str]) -> dict[str, dict[str, Any]]:
        digest = self.episode.state.digest()
        return {
            agent: {
                "role": self.parts[agent],
                "score": dict(self.episode.seats[agent].tally.scores),
                "actions": self.episode.view(agent).actions[: self._max_actions],
                "seed": self._seed,
                "state_hash": digest,
            }
            for agent in agents
        }
