"""The environments: others' checkers pass, seeds decide, rewards are the world's patterns."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings
from collections.abc import Iterator

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test

import agents.env
from agents.env import LimelightEnv
from agents.envs.episode import Episode, Setting
from agents.envs.oracle import walkthrough
from agents.envs.parallel import LimelightParallelEnv
from agents.envs.vector import VectorEnv
from game.engine.rules import admissible
from game.engine.verbs import VERBS
from game.errors import UsageError

ROLES = ("thief", "adventurer")
#: Gestures and looks are most of what can be done; without them a random walk gets about.
IDLE = {name for name, verb in VERBS.items() if verb.idle}


@pytest.fixture(scope="module")
def village() -> Setting:
    return Setting("village")


def lively(env: LimelightEnv, rng: random.Random) -> int:
    """A random choice among the actions that can change something."""
    actions = env.episode.view(env.actor).actions
    return rng.choice([i for i, a in enumerate(actions) if a.verb not in IDLE])


def play(env: LimelightEnv, seed: int) -> Iterator[tuple[float, dict]]:
    """Rewards and infos of one lively random episode."""
    rng = random.Random(seed)
    env.reset(seed=seed)
    done = False
    while not done:
        _, reward, terminated, truncated, info = env.step(lively(env, rng))
        done = terminated or truncated
        yield reward, info


# -- Gymnasium ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cast", ["none", "heuristic"])
def test_gymnasium_accepts_the_environment(cast: str) -> None:
    env = gymnasium.make("Limelight-v0", world="village", role="thief", seed=7, cast=cast)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


def test_importing_the_environment_loads_no_torch() -> None:
    code = "import sys, agents.env, agents.envs.parallel; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_training_needs_no_research_library() -> None:
    code = (
        "import sys, agents.envs.vector, agents.envs.oracle, agents.envs.render;"
        "sys.exit(bool({'gymnasium', 'pettingzoo'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_seed_of_make_is_that_of_the_first_reset_and_decides_those_after() -> None:
    def seeds(env: gymnasium.Env) -> list[int]:
        return [env.reset()[1]["seed"] for _ in range(3)]

    first, second = (gymnasium.make("Limelight-v0", seed=7) for _ in range(2))
    found = seeds(first)
    assert found[0] == 7
    assert len(set(found)) == 3
    assert seeds(second) == found


@pytest.mark.parametrize("cast", ["none", "heuristic"])
def test_the_same_seed_and_actions_give_the_same_rewards_and_hashes(cast: str) -> None:
    def run() -> list[tuple[float, str]]:
        env = LimelightEnv(role="thief", cast=cast, random_start=True, max_steps=40)
        return [(reward, info["state_hash"]) for s in (3, 4) for reward, info in play(env, s)]

    assert run() == run()


def test_the_seed_decides_the_dice_and_the_start() -> None:
    env = LimelightEnv(random_start=True)
    starts = set()
    for seed in range(30):
        env.reset(seed=seed)
        starts.add(env.episode.view("player").scope.room)
    world = env.setting.world
    assert len(starts) > 4
    assert "crypt" not in starts, "the crypt is locked: nobody could have walked there"
    assert not any("exit" in world.rooms[room].tags for room in starts)


@pytest.mark.parametrize("role", ROLES)
def test_rewards_are_what_the_engine_pays_the_role(village: Setting, role: str) -> None:
    env = LimelightEnv(village.world, role)
    paid = 0.0
    for seed in range(20):
        total = 0.0
        for reward, info in play(env, seed):
            total += reward
            assert info["score"][role] == pytest.approx(total)
            assert env.episode.state.rewards.get("player", 0.0) == pytest.approx(total)
        paid += total
    assert paid > 0


def test_scores_are_kept_for_roles_that_are_not_played(village: Setting) -> None:
    """The thief's score is the same whichever role is played: the deeds are the same."""
    env = {role: LimelightEnv(village.world, role) for role in ROLES}
    for seed in range(10):
        scores = [[info["score"] for _, info in play(env[role], seed)][-1] for role in ROLES]
        assert scores[0] == scores[1]
        assert set(scores[0]) == set(village.world.roles)


def test_opportunities_are_the_sum_of_a_roles_rewards(village: Setting) -> None:
    most = village.table.opportunities
    for role in ROLES:
        assert most[role] == sum(r.amount for r in village.world.roles[role].rewards)
    others = len(village.world.characters) - 1
    assert most["healer"] == others, "one hug for everybody but oneself"


def test_the_observation_is_what_the_engine_and_the_teller_say() -> None:
    env = LimelightEnv(seed=1)
    seen, info = env.reset()
    assert seen["look"].startswith("The Drowned Herring")
    assert "thin purse" in seen["inventory"]
    assert (seen["feedback"], seen["last_action"]) == ("", "")
    assert ("player", "carries", "purse") in seen["knowledge"]
    assert int(seen["action_mask"].sum()) == len(seen["admissible"]) == len(info["actions"])

    seen, *_ = env.step(seen["admissible"].index("go east"))
    assert seen["last_action"] == "go east"
    assert seen["feedback"].startswith("You go east")
    assert ("tavern", "east_leads_to", "marketplace") in seen["knowledge"]
    assert ("tam", "in", "tavern") in seen["knowledge"], "what was seen is not forgotten"


def test_every_admissible_action_but_the_free_ones_is_offered_and_accepted() -> None:
    env = LimelightEnv(seed=2, max_steps=60)
    for _, info in play(env, 2):
        state = env.episode.state
        free = {a for a in admissible(state, "player") if VERBS[a.verb].free}
        assert set(info["actions"]) == set(admissible(state, "player")) - free
        assert all(e.type != "refused" for e in env.episode.view("player").heard)


def test_a_masked_choice_does_nothing_but_use_up_a_step() -> None:
    env = LimelightEnv(seed=5, max_steps=2)
    _, before = env.reset()
    seen, reward, terminated, truncated, info = env.step(env.action_space.n - 1)
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert info["state_hash"] == before["state_hash"]
    assert seen["feedback"]
    assert env.step(0)[3] is True


def test_an_episode_ends_at_the_exit_room_and_with_the_story() -> None:
    env = LimelightEnv(seed=0)
    seen, _ = env.reset()
    seen, *_ = env.step(seen["admissible"].index("go east"))
    _, reward, terminated, truncated, _ = env.step(seen["admissible"].index("go coach"))
    assert (reward, terminated, truncated) == (0.5, True, False)
    assert env.episode.state.ended == "departed"


def test_any_character_can_be_played() -> None:
    env = LimelightEnv(role="thief", actor="tam", cast="heuristic")
    seen, info = env.reset(seed=0)
    assert info["actor"] == "tam"
    assert "the stranger" in seen["look"].lower()
    seen, *_ = env.step(seen["admissible"].index("wave at stranger"))
    assert seen["feedback"].startswith("You wave")


@pytest.mark.parametrize("wrong", [{"role": "pirate"}, {"actor": "nobody"}, {"world": "atlantis"}])
def test_a_name_the_world_has_not_is_refused_with_those_it_has(wrong: dict) -> None:
    with pytest.raises(UsageError) as error:
        LimelightEnv(**wrong)
    assert error.value.hint


# -- oracle ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_oracle_reaches_the_maximum_and_its_walkthrough_can_be_played(
    village: Setting, role: str
) -> None:
    found = walkthrough(village, role)
    assert found.score == village.table.opportunities[role]
    env = LimelightEnv(village.world, role)
    seen, info = env.reset(seed=0)
    total = 0.0
    for n, command in enumerate(found.commands, 1):
        seen, reward, terminated, _, info = env.step(seen["admissible"].index(command))
        total += reward
        assert terminated == (n == found.length)
    assert total == info["score"][role] == found.score == info["oracle"].score
    assert info["oracle"].length == found.length <= env.max_steps


def test_the_oracle_is_deterministic_and_remembers(village: Setting) -> None:
    again = Setting("village")
    assert walkthrough(village, "thief") is walkthrough(village, "thief")
    assert walkthrough(again, "thief") == walkthrough(village, "thief")


def test_a_random_agent_scores_less_than_the_oracle(village: Setting) -> None:
    env = LimelightEnv(village.world, "thief")
    scores = [sum(reward for reward, _ in play(env, seed)) for seed in range(20)]
    assert max(scores) < walkthrough(village, "thief").score


# -- vectorised -----------------------------------------------------------------------------------


@pytest.mark.parametrize("others", ["none", "heuristic"])
def test_the_vectorised_environment_plays_what_single_ones_do(village: Setting, others) -> None:
    n, steps = 3, 70
    env = VectorEnv([village], ["thief"], n, others=others, max_steps=30, random_start=True)
    singles = [
        LimelightEnv(village.world, "thief", cast=others, max_steps=30, random_start=True)
        for _ in range(n)
    ]
    views = env.reset(seed=11)
    rng = random.Random(0)
    for i, single in enumerate(singles):
        seen, info = single.reset(seed=11 + i)
        assert seen["knowledge"] == tuple(views[i].knowledge)
        assert info["actions"] == views[i].actions
    ended = 0
    for _ in range(steps):
        chosen = [rng.randrange(len(view.actions)) for view in views]
        batch = env.step(chosen)
        views = batch.views
        for i, single in enumerate(singles):
            seen, reward, terminated, truncated, info = single.step(chosen[i])
            assert batch.rewards[i] == pytest.approx(reward)
            assert (batch.terminated[i], batch.truncated[i]) == (terminated, truncated)
            done = batch.finished[i]
            assert (done is not None) == (terminated or truncated)
            if done is not None:
                ended += 1
                assert (done.scores, done.digest) == (info["score"], info["state_hash"])
                assert tuple(done.view.knowledge) == seen["knowledge"]
                seen, info = single.reset()
            assert views[i].actions == info["actions"]
            assert tuple(views[i].knowledge) == seen["knowledge"]
            assert views[i].state.digest() == info["state_hash"]
    assert ended >= n


def test_roles_rotate_every_so_many_games(village: Setting) -> None:
    env = VectorEnv([village], ROLES, 2, games_per_role=2, max_steps=1)
    played = [[view.role for view in env.reset()]]
    for _ in range(5):
        played.append([view.role for view in env.step([0, 0]).views])
    assert [roles[0] for roles in played] == ["thief", "thief", "adventurer", "adventurer"] + [
        "thief",
        "thief",
    ]
    assert all(set(roles) == set(ROLES) for roles in played)


def test_without_learning_only_the_knowledge_differs(village: Setting) -> None:
    def run(learn: bool) -> list[str]:
        env = VectorEnv([village], ["thief"], 1, max_steps=50, learn=learn)
        rng, views, found = random.Random(1), env.reset(3), []
        for _ in range(60):
            assert bool(views[0].knowledge) == learn
            batch = env.step([rng.randrange(len(views[0].actions))])
            views = batch.views
            found.append(views[0].state.digest())
        return found

    assert run(True) == run(False)


# -- several characters ---------------------------------------------------------------------------


def test_pettingzoo_accepts_the_parallel_environment() -> None:
    parts = {"player": "thief", "izzy": "merchant", "tam": "thief"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(LimelightParallelEnv("village", parts, max_steps=60), num_cycles=200)


def test_characters_of_a_parallel_game_share_one_world(village: Setting) -> None:
    parts = {"player": "thief", "tam": "thief"}
    env = LimelightParallelEnv(village.world, parts)
    seen, _ = env.reset(seed=4)

    def do(**commands: str) -> tuple:
        return env.step(
            {who: seen[who]["admissible"].index(words) for who, words in commands.items()}
        )

    seen, *_ = do(player="search grimy stools", tam="wait")
    take = "take slim dagger from grimy stools"
    # Both reach for it: the one whose turn it is gets it, the other's try is refused.
    seen, rewards, terminated, truncated, infos = do(player=take, tam=take)
    assert sorted(rewards.values()) == [0.0, 1.0]
    loser = min(rewards, key=rewards.__getitem__)
    winner = max(rewards, key=rewards.__getitem__)
    assert env.episode.state.parent["dagger"] == winner
    assert take not in seen[loser]["admissible"]
    assert infos[winner]["score"]["thief"] == 1.0
    assert not any(terminated.values()) and not any(truncated.values())


def test_who_leaves_is_done_and_the_others_play_on() -> None:
    world = Setting("village").world
    env = LimelightParallelEnv(world, {"player": "thief", "perpetua": "thief"})
    seen, _ = env.reset(seed=0)
    find = seen["perpetua"]["admissible"].index
    wait = seen["player"]["admissible"].index("wait")
    _, rewards, terminated, _, _ = env.step({"player": wait, "perpetua": find("go coach")})
    assert terminated == {"player": False, "perpetua": True}
    assert rewards["perpetua"] == 0.5
    assert env.agents == ["player"]
    _, rewards, _, _, _ = env.step({"player": wait})
    assert set(rewards) == {"player"}


# -- the engine's own view ------------------------------------------------------------------------


def test_an_unchanged_scene_is_looked_at_once(village: Setting) -> None:
    episode = Episode(village, {"player": "thief"}, seed=0)
    first = episode.view("player")
    wave = next(a for a in first.actions if a.verb == "wave")
    episode.step({"player": wave})
    assert episode.view("player").scope is first.scope
    assert episode.view("player").last == wave
    assert agents.env.NOTHING not in first.actions
