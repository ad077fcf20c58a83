"""What must hold in every world, whatever anybody does in it: checked by random play."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from game.engine.events import Action
from game.engine.model import NOWHERE, State, World
from game.engine.perception import Knowledge, observe
from game.engine.rules import Entry, admissible, apply, canonical, pass_turn, replay
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from tests.engine.small_world import small_world

WORLDS = Path(__file__).parents[2] / "worlds"
SHIPPED = sorted(p.parent for p in WORLDS.glob("*/world.yaml"))
PLAYTHROUGHS = 200
STEPS = 100


@pytest.fixture(scope="module", params=["small", *(p.name for p in SHIPPED)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "small":
        return small_world()
    from game.authoring.load import load_world

    return load_world(WORLDS / request.param)


def random_play(world: World, seed: int, steps: int = STEPS) -> Iterator[tuple[State, Entry]]:
    """Random admissible actions by random characters; yields the state after every step."""
    rng = random.Random(seed)
    state = world.initial_state(seed)
    people = list(world.characters)
    for _ in range(steps):
        actor = rng.choice([world.player, *people])
        actions = admissible(state, actor)
        if not actions:
            pass_turn(state)
            yield state, (None, None)
            continue
        action = rng.choice(actions)
        events = apply(state, actor, action)
        assert events and events[0].type != "refused", (actor, action, events)
        yield state, (actor, action)


def check_forest(state: State) -> None:
    """Everything has one parent, parents and contents agree, and nothing contains itself."""
    world = state.world
    movable = set(world.places)
    assert set(state.parent) == movable
    held = [t for things in state.contents.values() for t in things]
    assert len(held) == len(set(held)) == len(movable)
    for parent, things in state.contents.items():
        assert list(things) == sorted(things, key=world.order.__getitem__)
        for thing in things:
            assert state.parent[thing] == parent
    for thing in movable:
        seen = set()
        at = thing
        while at in state.parent:
            assert at not in seen, f"{thing} contains itself"
            seen.add(at)
            at = state.parent[at]
        assert at == NOWHERE or at in world.rooms
    for thing in state.manner:
        assert thing in world.items and state.parent[thing] != NOWHERE


def check_bounds(state: State) -> None:
    world = state.world
    for who, health in state.health.items():
        assert health >= 0
        assert (health == 0) == (who in state.dead)
    for who in state.dead:
        assert who not in state.following and who not in state.blocking
    assert not state.opened & state.locked
    for who, character in world.characters.items():
        worn = [i for i in state.contents[who] if state.manner.get(i) == "worn"]
        assert len(worn) <= character.max_worn
        assert len({world.items[i].wearable for i in worn}) == len(worn)


def test_random_play_keeps_every_invariant(world: World) -> None:
    for seed in range(PLAYTHROUGHS):
        journal: list[Entry] = []
        digests = []
        state = world.initial_state(seed)
        for step, (state, entry) in enumerate(random_play(world, seed)):
            journal.append(entry)
            if step % 10 == 9:
                check_forest(state)
                check_bounds(state)
                digests.append(state.digest())
        check_forest(state)
        assert replay(world, seed, journal).digest() == state.digest()


def test_replay_reproduces_every_state(world: World) -> None:
    for seed in range(10):
        steps = [(s.digest(), entry) for s, entry in random_play(world, seed)]
        state = world.initial_state(seed)
        for digest, (actor, action) in steps:
            if actor is None or action is None:
                pass_turn(state)
            else:
                apply(state, actor, action)
            assert state.digest() == digest


def test_applying_to_a_clone_is_the_same_and_leaves_the_original_alone(world: World) -> None:
    for seed in range(10):
        for state, _ in random_play(world, seed, 60):
            for actor in world.characters:
                actions = admissible(state, actor)
                if not actions:
                    continue
                action = random.Random(state.rng).choice(actions)
                before = state.digest()
                one, two = state.clone(), state.clone()
                assert apply(one, actor, action) == apply(two, actor, action)
                assert one.digest() == two.digest()
                assert state.digest() == before


def every_action(world: World) -> Iterator[Action]:
    things = [None, *world.items, *world.characters]
    for verb in VERBS.values():
        if verb.speech:
            continue
        nouns = [*things, *world.exits]
        for noun, second in itertools.product(nouns, things):
            yield Action(verb.name, noun, second)


def test_admissible_is_exact(world: World) -> None:
    """Against every verb with every noun and second, in states from random play."""
    everything = list(every_action(world))
    for seed in range(2):
        for state, _ in itertools.islice(random_play(world, seed), 0, None, 45):
            for actor in (world.player, list(world.characters)[-1]):
                listed = admissible(state, actor)
                assert len(listed) == len(set(listed))
                if state.ended is not None or actor in state.dead:
                    assert not listed
                    continue
                scope = Scope(state, actor)
                accepted = {
                    a for a in everything if VERBS[a.verb].check(scope, a.noun, a.second) is None
                }
                assert set(listed) == accepted


def test_refused_actions_change_nothing_and_say_why(world: World) -> None:
    rng = random.Random(5)
    actions = list(every_action(world))
    for state, _ in itertools.islice(random_play(world, 1), 0, None, 20):
        for action in rng.sample(actions, 400):
            listed = set(admissible(state, world.player))
            before = state.digest()
            trial = state.clone()
            events = apply(trial, world.player, action)
            if action in listed:
                assert events[0].type != "refused"
            else:
                assert [e.type for e in events] == ["refused"]
                assert events[0].reason and events[0].text
                assert trial.digest() == before


def test_canonical_commands_are_unique(world: World) -> None:
    for seed in range(5):
        for state, _ in random_play(world, seed):
            listed = admissible(state, world.player)
            commands = {canonical(world, a) for a in listed}
            assert len(commands) == len(listed)


def test_knowledge_is_never_ahead_of_the_eyes(world: World) -> None:
    """Where one stands and what one holds is known truly; unseen rooms stay unknown."""
    for seed in range(10):
        knowledge = Knowledge(world.player)
        visited = set()
        for state, _ in random_play(world, seed):
            if world.player in state.dead:
                break
            seen = observe(state, world.player)
            visited.add(seen.room)
            knowledge.see(state, seen)
            facts = set(knowledge.facts)
            assert (world.player, "in", seen.room) in facts
            held = {o for s, r, o in facts if s == world.player and r != "in"}
            assert held == set(seen.carried)
            assert {s for s, r, _ in facts if r == "has_exit"} <= visited
