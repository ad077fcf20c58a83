"""The cast: who acts, decisions that can be learned from, memories that can be restored."""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest

from game.cast import Cast
from game.engine.events import Action, Pattern
from game.engine.reactions import Reward, Role
from game.engine.rules import admissible, canonical
from tests.engine.small_world import small_world
from tests.playing import Game, idle, play, stroll
from tests.test_heuristic import WOLF, person, scene


def test_the_same_state_gives_the_same_decisions_and_is_not_changed() -> None:
    world = small_world()
    for seed in range(5):
        state = world.initial_state(seed)
        before = state.digest()
        decisions = []
        for _ in range(2):
            cast = Cast(world)
            order = cast.whose_turn(state)
            decisions.append((order, [cast.decide(state, who) for who in world.characters]))
        assert decisions[0] == decisions[1]
        assert state.digest() == before


def test_whole_games_are_the_same_again() -> None:
    world = small_world()
    games = [play(world, 3, 80, stroll) for _ in range(2)]
    assert games[0][0].state.digest() == games[1][0].state.digest()
    assert games[0][1] == games[1][1]


def test_decisions_are_admissible_and_say_so() -> None:
    game = Game(small_world(), 1)
    for _ in range(60):
        for who in game.cast.whose_turn(game.state):
            decision = game.decide(who)
            assert decision.admissible == tuple(admissible(game.state, who))
            assert decision.action in decision.admissible
            assert game.act(who, decision.action)[0].type != "refused"
        game.state.turn += 1


def test_the_log_probability_is_that_of_the_action_as_sampled() -> None:
    """Over many draws of one decision, actions come as often as the probabilities say."""
    world = scene(WOLF, person("smith", speed=10))
    state = world.initial_state(1)
    state.turn = 20
    draws = 3000
    for who in ("wolf", "smith"):
        seen: Counter[Action] = Counter()
        said: dict[Action, float] = {}
        for rng in range(draws):
            state.rng = rng
            decision = Cast(world).decide(state, who)
            assert decision.action is not None
            seen[decision.action] += 1
            said[decision.action] = math.exp(decision.logprob)
        for action, probability in said.items():
            spread = math.sqrt(probability * (1 - probability) / draws)
            assert abs(seen[action] / draws - probability) < 5 * spread + 1e-9
        assert sum(said.values()) == pytest.approx(1.0, abs=0.02)


def test_why_lists_the_likeliest_actions_first() -> None:
    decision = Game(scene(WOLF)).decide("wolf")
    chances = [p for _, p in decision.why]
    assert 1 <= len(chances) <= 5
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1 + 1e-9


def test_the_observation_holds_what_was_seen_heard_and_remembered() -> None:
    game = Game(scene(person("smith", mood="cheerful")))
    game.act("player", Action("wave", "smith"))
    decision = game.decide("smith")
    seen = json.loads(decision.observation)
    assert seen["room"] == "square" and seen["characters"] == ["player"]
    assert seen["mood"] == "cheerful" and seen["health"] == 10
    assert [e["type"] for e in seen["heard"]] == ["emoted"]
    canonical = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical == decision.observation


def test_the_dead_and_a_finished_story_do_nothing() -> None:
    game = Game(scene(WOLF))
    game.state.health["wolf"] = 0
    game.state.dead.add("wolf")
    assert "wolf" not in game.cast.whose_turn(game.state)
    decision = game.decide("wolf")
    assert decision.action is None and decision.admissible == () and decision.logprob == 0.0
    other = Game(scene(WOLF))
    other.state.ended = "death"
    assert other.cast.whose_turn(other.state) == []


def test_no_more_than_three_act_before_the_player_and_those_come_first() -> None:
    crowd = [person(f"villager{n}", speed=10) for n in range(9)]
    game = Game(scene(*crowd))
    for who in ("villager7", "villager8"):
        game.state.move(who, "inn")
    for turn in range(50):
        game.state.turn = turn
        order = game.cast.whose_turn(game.state)
        assert len(order) == len(set(order))
        there = [game.state.parent[who] == "square" for who in order]
        assert sum(there) == 3
        assert there == sorted(there, reverse=True)


def test_speed_decides_how_often_and_everybody_gets_a_turn() -> None:
    game = Game(scene(person("slow", speed=0), person("quick", speed=10)))
    turns: Counter[str] = Counter()
    for turn in range(300):
        game.state.turn = turn
        turns.update(game.cast.whose_turn(game.state))
    assert 0.3 * 300 < turns["slow"] < 0.6 * 300 < turns["quick"]


def test_the_player_is_never_cast() -> None:
    world = small_world()
    _, steps = play(world, 1, 50, idle)
    assert steps and all(s.who != world.player for s in steps)


def test_whoever_is_struck_acts_at_once() -> None:
    for seed in range(20):
        game = Game(scene(*(person(f"villager{n}", speed=10) for n in range(6)),
                          person("slow", speed=0)), seed)  # fmt: skip
        game.act("player", Action("hit", "slow"))
        assert game.cast.whose_turn(game.state, game.inbox)[0] == "slow"


def test_memories_survive_json_and_bring_back_the_same_decisions() -> None:
    world = scene(WOLF, person("smith"), person("monk", pacifist=True))
    game, _ = play(world, 5, 30, stroll)
    kept, state = json.dumps(game.cast.memory()), game.state.clone()
    cast = Cast(world)
    cast.restore(json.loads(kept))
    assert json.dumps(cast.memory()) == kept
    assert len(kept) < 2000 * len(world.characters)
    for who in ("wolf", "smith", "monk"):
        assert cast.decide(state, who) == game.cast.decide(game.state, who)


def test_undo_takes_a_grudge_back() -> None:
    game = Game(scene(person("smith", aggression=6, health=30)))
    game.decide("smith")
    before = game.cast.memory()
    calm = game.state.clone()
    game.act("player", Action("hit", "smith"))
    assert "hit stranger" in dict(game.decide("smith").why)
    assert game.cast.memory() != before
    game.cast.restore(before)
    assert "hit stranger" not in dict(game.cast.decide(calm, "smith").why)


def test_an_explanation_names_the_likeliest_actions_as_they_were_decided() -> None:
    world = scene(WOLF, person("smith", speed=10))
    state = world.initial_state(1)
    state.turn = 20
    cast = Cast(world)
    before = state.digest()
    decision = cast.decide(state, "wolf")
    explained = cast.explain(state, decision)
    assert state.digest() == before
    assert explained.policy == decision.policy and explained.role == decision.role
    assert 1 <= len(explained.options) <= 5
    named = [(canonical(world, o.action), o.probability) for o in explained.options]
    assert named == [(action, pytest.approx(p)) for action, p in decision.why]
    assert all(option.reason for option in explained.options)


def test_a_rewarded_role_says_what_it_hopes_for() -> None:
    role = Role("waver", "You greet everybody.", (Reward("hello", Pattern(("emoted",)), 2.0),))
    world = scene(person("smith", role="waver"), roles={"waver": role})
    state = world.initial_state(1)
    cast = Cast(world)
    explained = cast.explain(state, cast.decide(state, "smith"))
    assert (explained.role, explained.aims) == ("waver", "You greet everybody.")
    best = explained.options[0]
    assert best.reason == "play role" and best.reward is not None and best.reward > 0
