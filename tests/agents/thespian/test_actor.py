"""The thespian on the stage, with the checkpoint that ships."""

from __future__ import annotations

import json
import math

import pytest

from agents.envs.episode import Setting
from agents.thespian import checkpoint
from agents.thespian.actor import ThespianActor
from agents.thespian.worlds import REPERTOIRE
from game.acting.memory import Memory
from game.engine.model import State
from game.engine.rules import admissible, apply, canonical, pass_turn
from game.errors import UsageError

WHO = "perpetua"


@pytest.fixture(scope="module")
def loaded() -> checkpoint.Checkpoint:
    return checkpoint.load()


@pytest.fixture
def actor(loaded: checkpoint.Checkpoint) -> ThespianActor:
    return ThespianActor(loaded)


@pytest.fixture
def state(village: Setting) -> State:
    return village.world.initial_state(4)


def logs_of(actor: ThespianActor, state: State, memory: Memory, who: str = WHO) -> list[float]:
    return actor.log_probs(state, who, memory, (), admissible(state, who))


def play(actor: ThespianActor, state: State, turns: int, who: str = WHO) -> Memory:
    """Let `who` do the likeliest thing for some turns."""
    memory = Memory()
    for _ in range(turns):
        actions = admissible(state, who)
        memory = memory.after(state, who, ())
        logs = actor.log_probs(state, who, memory, (), actions)
        action = actions[max(range(len(logs)), key=logs.__getitem__)]
        apply(state, who, action)
        memory = memory.having_done(action, state.turn)
        pass_turn(state)
    return memory


def test_the_shipped_one_is_small_and_knows_the_repertoire(
    loaded: checkpoint.Checkpoint, actor: ThespianActor
) -> None:
    assert actor.roles == REPERTOIRE
    assert (checkpoint.SHIPPED / checkpoint.FILE).stat().st_size <= 5_000_000
    card = (checkpoint.SHIPPED / checkpoint.CARD).read_text(encoding="utf-8")
    assert "python -m agents.thespian.repertory" in card
    assert actor.policy == f"thespian-{loaded.hash[:8]}"


def test_probabilities_are_of_the_admissible_actions(actor: ThespianActor, state: State) -> None:
    actor.direct(WHO, "thief")
    logs = logs_of(actor, state, Memory())
    assert len(logs) == len(admissible(state, WHO))
    assert sum(map(math.exp, logs)) == pytest.approx(1.0, abs=1e-4)


def test_nobody_walks_out_of_the_world(actor: ThespianActor, state: State) -> None:
    actor.direct(WHO, "thief")
    chances = dict(zip(admissible(state, WHO), logs_of(actor, state, Memory()), strict=True))
    away = [a for a in chances if a.verb == "go" and "coach" in str(a.noun)]
    assert away and all(chances[a] == -math.inf for a in away)


def test_a_part_is_the_worlds_role_until_directed(actor: ThespianActor, state: State) -> None:
    assert actor.part(state, WHO) == {"merchant": 1.0}
    assert actor.part(state, "bregan") is None
    actor.direct(WHO, {"thief": 3, "healer": 1})
    assert actor.part(state, WHO) == {"thief": 0.75, "healer": 0.25}
    actor.direct(WHO, None)
    assert actor.part(state, WHO) == {"merchant": 1.0}


def test_another_part_at_once_acts_otherwise(actor: ThespianActor, state: State) -> None:
    actor.direct(WHO, "thief")
    thief = logs_of(actor, state, Memory())
    actor.direct(WHO, "healer")
    healer = logs_of(actor, state, Memory())
    hugs = [n for n, a in enumerate(admissible(state, WHO)) if a.verb == "hug"]
    assert sum(math.exp(healer[n]) for n in hugs) > sum(math.exp(thief[n]) for n in hugs)


@pytest.mark.parametrize("part", ["wizard", {"thief": -1.0}, {}, {"thief": 0.0}])
def test_impossible_parts_are_refused(actor: ThespianActor, part: object) -> None:
    with pytest.raises(UsageError, match="No part") as caught:
        actor.direct(WHO, part)  # type: ignore[arg-type]
    assert "thief" in caught.value.hint


def test_who_has_no_part_cannot_be_asked(actor: ThespianActor, state: State) -> None:
    with pytest.raises(UsageError, match="knows no role"):
        logs_of(actor, state, Memory(), "bregan")


def test_an_explanation_tells_what_was_weighed(actor: ThespianActor, state: State) -> None:
    assert actor.explain(WHO) is None
    actor.direct(WHO, {"thief": 0.6, "healer": 0.4})
    logs = logs_of(actor, state, Memory())
    why = actor.explain(WHO)
    assert why is not None
    assert why.part == {"thief": 0.6, "healer": 0.4}
    assert sum(why.attention.values()) == pytest.approx(1.0, abs=1e-3)
    best = admissible(state, WHO)[max(range(len(logs)), key=logs.__getitem__)]
    assert why.top[0] == (canonical(state.world, best), pytest.approx(math.exp(max(logs))))
    assert len(why.top) == 5
    assert json.loads(json.dumps(why.as_json()))["value"] == pytest.approx(why.value)


def test_asking_twice_in_a_turn_changes_nothing(actor: ThespianActor, state: State) -> None:
    actor.direct(WHO, "thief")
    memory = play(actor, state, 3)
    first = logs_of(actor, state, memory)
    assert logs_of(actor, state, memory) == first


def test_going_back_is_exact(actor: ThespianActor, state: State) -> None:
    actor.direct(WHO, "thief")
    memory = play(actor, state, 4)
    saved, kept = json.loads(json.dumps(actor.memory())), state.clone()
    before = logs_of(actor, state, memory)
    play(actor, state, 5)
    actor.restore(saved)
    assert logs_of(actor, kept, memory) == before


def test_a_thief_is_drawn_to_what_is_worth_taking(actor: ThespianActor, state: State) -> None:
    actor.direct("player", "thief")
    play(actor, state, 40, "player")
    world = state.world
    own = [world.items[i] for i in state.contents["player"] if i in world.items]
    assert sum("valuable" in item.tags for item in own) >= 2
