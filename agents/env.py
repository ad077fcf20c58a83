"""`Limelight-v0`: a Gymnasium environment in which an agent plays one character in a role.

    import gymnasium, agents.env
    env = gymnasium.make("Limelight-v0", world="village", role="thief", seed=7)

Importing this module registers it. To train, use `agents.envs.vector`, which does without words;
where several characters learn at once, `agents.envs.parallel`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, SupportsInt

import gymnasium
from gymnasium import spaces

from agents.envs.episode import Episode, Others, Setting
from agents.envs.oracle import Oracle
from agents.envs.render import Commands
from agents.envs.spaces import Observed, observation_space, observed
from agents.envs.vector import next_seed
from game.engine.events import Action
from game.engine.model import World

#: What a choice beyond the admissible actions does: no verb, so the rules refuse it.
NOTHING = Action("")


class LimelightEnv(gymnasium.Env[Observed, SupportsInt]):
    """One character of a world, played for the reward patterns of one role (section 3.2 of
    Cui, Peng and Riedl, arXiv 2308.01872).

    Action: an index into the admissible actions, `Discrete(max_actions)`. Sample with
    `env.action_space.sample(mask=observation["action_mask"])`; a choice that is masked does nothing
    and uses up a step. Actions beyond `max_actions` are not offered (gestures are the last).

    Observation: the four texts of KG-A2C (`look`, `inventory`, `feedback`, `last_action`), the
    `knowledge` graph so far as (subject, relation, object) triples of ids, the `admissible`
    commands, and `action_mask`.

    Reward: what the world file's patterns pay the role for the step. `info` has the `score` so far
    in *every* role of the world, the `opportunities` (each role's nominal maximum), the `oracle`
    (a walkthrough for the role, searched for when it is first read), the `actions` behind the
    admissible commands, the episode's `seed` and the `state_hash`.

    The episode terminates with an ending of the story, when the character dies or when it enters a
    room tagged "exit"; it is truncated after `max_steps`. `cast` says who moves the others:
    "heuristic" (the game's own actor) or "none". `actor` is the player unless given; with
    `random_start` it begins anywhere it could have walked to. `seed` seeds the first `reset` that
    is given none; an episode reset with a seed plays the world of exactly that seed.

    Raises WorldError or UsageError for a world, role or character that does not exist.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        world: str | Path | World = "village",
        role: str = "thief",
        actor: str | None = None,
        *,
        seed: int | None = None,
        cast: Others = "none",
        max_steps: int = 100,
        random_start: bool = False,
        max_actions: int = 256,
        render_mode: str | None = None,
    ) -> None:
        self.setting = Setting(world)
        self.role = role
        self.actor = actor or self.setting.world.player
        self.setting.check(self.actor, role)
        self.max_steps = max_steps
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(max_actions)
        self.observation_space = observation_space(self.setting.world, max_actions)
        self._max_actions = max_actions
        self._commands = Commands(self.setting.world)
        self._first_seed = seed
        self._others: Others = cast
        self._random_start = random_start
        self._seed = 0
        self._episode: Episode | None = None
        self._observed: Observed = {}

    @property
    def episode(self) -> Episode:
        """The episode in progress, with the engine's state."""
        if self._episode is None:
            raise gymnasium.error.ResetNeeded("Call env.reset() before the first step.")
        return self._episode

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        """Begin an episode; there are no options."""
        if seed is None:
            seed, self._first_seed = self._first_seed, None
        super().reset(seed=seed)
        self._seed = next_seed(self.np_random) if seed is None else seed
        self._episode = Episode(
            self.setting,
            {self.actor: self.role},
            self._seed,
            others=self._others,
            random_start=self._random_start,
        )
        info = self._look()
        return self._observed, info

    def step(self, action: SupportsInt) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        episode = self.episode
        actions = episode.view(self.actor).actions[: self._max_actions]
        chosen = int(action)
        done = actions[chosen] if chosen < len(actions) else NOTHING
        gains = episode.step({self.actor: done})[self.actor]
        terminated = episode.over(self.actor)
        truncated = not terminated and episode.steps >= self.max_steps
        info = self._look()
        return self._observed, gains.get(self.role, 0.0), terminated, truncated, info

    def render(self) -> str | None:
        """What the character perceived last, in words, for `render_mode="ansi"`."""
        if self.render_mode is None:
            return None
        now = self._observed
        said = f"> {now['last_action']}\n{now['feedback']}" if now["last_action"] else now["look"]
        return str(said)

    def _look(self) -> dict[str, Any]:
        view = self.episode.view(self.actor)
        self._observed = observed(view, self._commands, self._max_actions)
        return {
            "role": self.role,
            "actor": self.actor,
            "score": dict(self.episode.seats[self.actor].tally.scores),
            "opportunities": dict(self.setting.table.opportunities),
            "oracle": Oracle(self.setting, self.role, self.actor, self.max_steps),
            "actions": view.actions[: self._max_actions],
            "seed": self._seed,
            "state_hash": self.episode.state.digest(),
        }


gymnasium.register("Limelight-v0", entry_point="agents.env:LimelightEnv")
