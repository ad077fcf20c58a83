"""Thespians among others: when they play, what holds them back, and who stands in for them."""

from __future__ import annotations

import json
import math
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from game import paths
from game.acting.company import Company
from game.acting.explanation import Explanation
from game.acting.kin import kin, playable
from game.acting.memory import Memory
from game.acting.moment import Moment
from game.acting.restraint import Restrained, instinct, keepsakes, permitted
from game.authoring.load import load_world
from game.cast import Cast, Decision, company
from game.engine.events import Action, Event, Pattern
from game.engine.model import State, World
from game.engine.reactions import Reward, Role
from game.engine.rules import admissible, apply, pass_turn
from game.session import Session
from tests.playing import Game, idle, stroll

VILLAGE = Path(__file__).parents[1] / "worlds" / "village"


@cache
def village() -> World:
    return load_world(VILLAGE)


@cache
def interval() -> World:
    return load_world(VILLAGE.parent / "interval")


@cache
def thespians() -> Company:
    found = company(patient=True)
    assert found is not None
    return found


class Last:
    """A policy that always wants the last action it is offered."""

    policy = "last"

    def log_probs(
        self, state: State, who: str, memory: Memory, heard: Sequence[Event],
        admissible: Sequence[Action],
    ) -> list[float]:  # fmt: skip
        return [-math.inf] * (len(admissible) - 1) + [0.0]

    def explain(self, *args: Any) -> Explanation:
        raise NotImplementedError

    def script(
        self, state: State, who: str, heard: Sequence[Event], admissible: Sequence[Action]
    ) -> dict[str, Any]:
        return {"choices": list(range(len(admissible)))}

    def playing(self, notes: object) -> Last:
        return self


def moment(state: State, who: str, memory: Memory | None = None) -> Moment:
    memory = (memory or Memory()).after(state, who, ())
    return Moment(state, who, memory, (), tuple(admissible(state, who)))


# -- the company ------------------------------------------------------------------------------


def test_the_company_plays_roles_and_blends_of_them_and_nothing_else() -> None:
    found = Company(("thief", "healer"), Last)
    world = village()
    assert found.plays(world, "thief") and found.plays(world, "0.5 healer 0.5 thief")
    assert not found.plays(world, "0.5 beast 0.5 thief") and not found.plays(world, "beast")
    assert not found.plays(world, None)


def test_a_role_of_the_world_is_played_as_the_one_that_lives_most_alike() -> None:
    world, known = interval(), thespians().roles
    akin = {role.id: found for role in world.roles.values() if (found := kin(role, known))}
    assert akin == {"caller": "wanderer", "dresser": "healer", "impresario": "thief"}
    assert playable(world, "0.75 caller 0.25 thief", known) == {"wanderer": 0.75, "thief": 0.25}
    assert playable(world, "0.75 caller 0.25 wanderer", known) == {"wanderer": 1.0}
    assert not playable(world, "0.5 caller 0.5 ghost", known)
    assert kin(world.roles["caller"], {"thief"}) is None


def test_what_is_paid_once_is_no_way_of_living() -> None:
    theft = Reward("crown", Pattern(("stole",), ()), 5.0)
    assert kin(Role("usurper", "", (theft,)), ("thief",)) is None
    assert kin(Role("magpie", "", (replace(theft, times=3),)), ("thief",)) == "thief"


def test_kin_plays_a_role_of_the_world_and_says_as_what() -> None:
    world = interval()
    (who,) = (c.id for c in world.characters.values() if c.role == "caller")
    state, cast = world.initial_state(3), Cast(world, thespians())
    for state.rng in range(40):
        decision = cast.decide(state, who)
        if decision.policy.startswith("thespian"):
            break
    why = cast.explain(state, decision)
    assert decision.role == why.role == "caller" and why.mix == {"wanderer": 1.0}
    assert why.policy.startswith("thespian") and "call boy" in why.aims


def test_the_heuristic_plays_until_the_thespian_is_there() -> None:
    arrived = threading.Event()

    def load() -> Last:
        arrived.wait()
        return Last()

    waiting = Company(("thief",), load)
    assert waiting.ready() is None
    arrived.set()
    assert Company(("thief",), load, patient=True).ready() is not None


def test_a_thespian_that_cannot_be_loaded_is_noted_and_the_game_goes_on() -> None:
    def load() -> Last:
        raise OSError("no such file")

    world = village()
    broken = Company(("merchant", "healer"), load, patient=True)
    session = Session(world, seed=3, cast=Cast(world, broken))
    other = Session(world, seed=3, cast=Cast(world))
    for _ in range(5):
        assert session.command("wait").plain == other.command("wait").plain
    assert "The thespians stay away: no such file" in paths.log_file().read_text("utf-8")


# -- manners ----------------------------------------------------------------------------------


def test_the_storys_own_things_stay_where_they_are() -> None:
    world = village()
    kept = keepsakes(world)
    assert {"iron_key", "heirlooms", "sword"} <= kept
    assert len(kept) < len(world.items)
    state = world.initial_state(1)
    state.move("iron_key", state.parent["perpetua"])
    m = moment(state, "perpetua")
    assert any(a.noun == "iron_key" for a in m.admissible)
    allowed = [m.admissible[n] for n in permitted(m, kept)]
    assert not any(a.noun in kept or a.second in kept for a in allowed)


def test_nobody_cries_out_at_rest_whose_role_does_not_ask_for_it() -> None:
    m = moment(village().initial_state(2), "perpetua")
    assert {"scream", "gasp", "cry"} <= {a.verb for a in m.admissible}
    allowed = {m.admissible[n].verb for n in permitted(m, frozenset())}
    assert "smile" in allowed and allowed.isdisjoint({"scream", "gasp", "cry"})


def test_what_was_just_done_is_neither_repeated_nor_undone() -> None:
    state = village().initial_state(2)
    who = "perpetua"
    memory = Memory()
    for _ in range(6):
        m = moment(state, who, memory)
        places = permitted(m, frozenset())
        assert places
        action = m.admissible[places[-1]]
        assert action not in memory.recent or action.verb == "wait"
        apply(state, who, action)
        memory = m.memory.having_done(action, state.turn)
        pass_turn(state)
        for dropped in memory.recent:
            if dropped.verb == "drop":
                again = moment(state, who, memory)
                allowed = [again.admissible[n] for n in permitted(again, frozenset())]
                assert not any(a.verb == "take" and a.noun == dropped.noun for a in allowed)


def test_a_blow_a_wound_or_the_dark_come_before_a_role() -> None:
    game = Game(village(), 4)
    game.state.move("player", game.state.parent["perpetua"])
    calm = moment(game.state, "perpetua")
    assert not instinct(calm)
    game.act("player", Action("hit", "perpetua"))
    heard = tuple(game.inbox["perpetua"])
    assert instinct(Moment(game.state, "perpetua", Memory(), heard, calm.admissible))
    game.state.health["perpetua"] = 1
    assert instinct(moment(game.state, "perpetua"))


def test_a_restrained_policy_is_asked_about_what_is_permitted_only() -> None:
    state = village().initial_state(2)
    actions = admissible(state, "perpetua")
    kept = keepsakes(village())
    actor = Restrained(Last(), kept)
    logs = actor.log_probs(state, "perpetua", Memory(), (), actions)
    places = actor.permitted(state, "perpetua", Memory(), (), actions)
    assert [n for n, log in enumerate(logs) if log > -math.inf] == [places[-1]]
    chosen = actions[places[-1]]
    script = actor.script(state, "perpetua", Memory(), (), actions, chosen)
    assert script["choices"] == places and places[script["chosen"]] == places[-1]


# -- whole games ------------------------------------------------------------------------------


@cache
def played() -> tuple[tuple[Decision, bool], ...]:
    """Decisions of some games with a strolling player, and whether the player was there."""
    import random

    found = []
    for seed in range(4):
        game, rng = Game(village(), seed), random.Random(seed)
        game.cast = Cast(village(), thespians())
        for _ in range(50):
            action = (stroll if seed % 2 else idle)(game.state, rng)
            if action is not None:
                game.act("player", action)
            found += [(step.decision, step.onstage) for step in game.turn()]
    return tuple(found)


def test_thespians_have_a_share_of_the_turns_and_log_what_they_saw() -> None:
    theirs = [d for d, _ in played() if d.policy.startswith("thespian-")]
    assert len(theirs) > 50
    for decision in theirs:
        script = json.loads(decision.observation)["script"]
        assert decision.admissible[script["choices"][script["chosen"]]] == decision.action
    others = [d for d, _ in played() if not d.policy.startswith("thespian-")]
    assert others and all("script" not in json.loads(d.observation) for d in others)


def test_nobody_does_the_same_thing_over_and_over() -> None:
    for decision, _ in played():
        if decision.policy.startswith("thespian-") and decision.action is not None:
            repeated = decision.action in decision.memory.recent
            assert not repeated or decision.action.verb == "wait"


def test_no_one_action_crowds_out_the_others() -> None:
    done = [d.action.verb for d, _ in played() if d.action is not None]
    verbs = Counter(verb for verb in done if verb != "wait")
    assert verbs.most_common(1)[0][1] < 0.6 * verbs.total()
    assert len(verbs) >= 8


@pytest.mark.parametrize("seed", [5, 6])
def test_whole_games_with_thespians_are_the_same_again_and_after_undo(seed: int) -> None:
    world = village()
    session = Session(world, seed=seed, cast=Cast(world, thespians()))
    digests = []
    for _ in range(12):
        session.command("wait")
        digests.append(session.state.digest())
    for _ in range(6):
        session.command("undo")
    for digest in digests[6:]:
        session.command("wait")
        assert session.state.digest() == digest
