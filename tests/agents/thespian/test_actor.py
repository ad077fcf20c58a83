"""The thespian on the stage, with the checkpoint that ships."""

from __future__ import annotations

import json
import math

import pytest

from agents.envs.episode import Setting
from agents.thespian import checkpoint
from agents.thespian.actor import ThespianActor
from agents.thespian.notes import Notes
from agents.thespian.playbill import FILE, SHIPPED
from agents.thespian.scripts import of_script
from agents.thespian.worlds import REPERTOIRE
from game.acting.memory import Memory
from game.engine.model import State
from game.engine.roles import part_of, role_line
from game.engine.rules import admissible, apply, pass_turn
from game.engine.scope import scope_of
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


def fresh_notes(state: State, who: str = WHO) -> Notes:
    notes = Notes()
    notes.see(scope_of(state, who))
    return notes


def logs_of(
    actor: ThespianActor, state: State, notes: Notes | None = None, who: str = WHO
) -> list[float]:
    playing = actor.playing(notes or fresh_notes(state, who))
    return playing.log_probs(state, who, Memory(), (), admissible(state, who))


def play(actor: ThespianActor, state: State, notes: Notes, turns: int, who: str = WHO) -> None:
    """Let `who` do the likeliest thing for some turns."""
    for _ in range(turns):
        actions = admissible(state, who)
        logs = logs_of(actor, state, notes, who)
        action = actions[max(range(len(logs)), key=logs.__getitem__)]
        before = state.rewards.get(who, 0.0)
        apply(state, who, action)
        pass_turn(state)
        notes.did(action, state.rewards.get(who, 0.0) - before)
        notes.see(scope_of(state, who))


def test_the_shipped_one_is_small_and_knows_the_repertoire(
    loaded: checkpoint.Checkpoint, actor: ThespianActor
) -> None:
    assert actor.roles == REPERTOIRE
    assert (SHIPPED / FILE).stat().st_size <= 5_000_000
    card = (SHIPPED / checkpoint.CARD).read_text(encoding="utf-8")
    assert "python -m agents.thespian.repertory" in card
    assert actor.policy == f"thespian-{loaded.hash[:8]}"


def test_probabilities_are_of_the_admissible_actions(actor: ThespianActor, state: State) -> None:
    state.role[WHO] = "thief"
    logs = logs_of(actor, state)
    assert len(logs) == len(admissible(state, WHO))
    assert sum(map(math.exp, logs)) == pytest.approx(1.0, abs=1e-4)


def test_nobody_walks_out_of_the_world(actor: ThespianActor, state: State) -> None:
    state.role[WHO] = "thief"
    chances = dict(zip(admissible(state, WHO), logs_of(actor, state), strict=True))
    away = [a for a in chances if a.verb == "go" and "coach" in str(a.noun)]
    assert away and all(chances[a] == -math.inf for a in away)


def test_a_part_is_the_worlds_role_until_directed(actor: ThespianActor, state: State) -> None:
    assert part_of(state.role.get(WHO)) == {"merchant": 1.0}
    merchant = logs_of(actor, state)
    state.role[WHO] = role_line({"thief": 3, "healer": 1})
    assert part_of(state.role.get(WHO)) == {"thief": 0.75, "healer": 0.25}
    assert logs_of(actor, state) != merchant
    state.role[WHO] = "merchant"
    assert logs_of(actor, state) == merchant


def test_another_part_at_once_acts_otherwise(actor: ThespianActor, state: State) -> None:
    notes = fresh_notes(state)
    state.role[WHO] = "thief"
    thief = logs_of(actor, state, notes)
    state.role[WHO] = "healer"
    healer = logs_of(actor, state, notes)
    hugs = [n for n, a in enumerate(admissible(state, WHO)) if a.verb == "hug"]
    assert sum(math.exp(healer[n]) for n in hugs) > sum(math.exp(thief[n]) for n in hugs)


@pytest.mark.parametrize("part", ["wizard", "0.5 wizard 0.5 thief", None])
def test_impossible_parts_are_refused(actor: ThespianActor, state: State, part: str | None) -> None:
    if part is None:
        state.role.pop(WHO)
    else:
        state.role[WHO] = part
    with pytest.raises(UsageError, match="knows no role") as caught:
        logs_of(actor, state)
    assert "thief" in caught.value.hint


def test_an_explanation_tells_what_was_weighed(actor: ThespianActor, state: State) -> None:
    state.role[WHO] = "0.6 thief 0.4 healer"
    actions = admissible(state, WHO)
    logs = logs_of(actor, state)
    why = actor.playing(fresh_notes(state)).explain(state, WHO, Memory(), (), actions)
    assert why.policy == actor.policy and why.role == "0.6 thief 0.4 healer"
    assert why.mix == {"thief": 0.6, "healer": 0.4}
    assert sum(why.attention.values()) == pytest.approx(1.0, abs=1e-3)
    best = actions[max(range(len(logs)), key=logs.__getitem__)]
    assert why.options[0].action == best
    assert why.options[0].probability == pytest.approx(math.exp(max(logs)))
    assert len(why.options) == 5
    assert why.hope is not None and math.isfinite(why.hope)


def test_asking_twice_in_a_turn_changes_nothing(actor: ThespianActor, state: State) -> None:
    state.role[WHO] = "thief"
    notes = fresh_notes(state)
    play(actor, state, notes, 3)
    before, kept = state.digest(), notes.as_json()
    first = logs_of(actor, state, notes)
    assert logs_of(actor, state, notes) == first
    assert state.digest() == before and notes.as_json() == kept


def test_going_back_is_exact(actor: ThespianActor, state: State) -> None:
    state.role[WHO] = "thief"
    notes = fresh_notes(state)
    play(actor, state, notes, 4)
    saved, kept = json.loads(json.dumps(notes.as_json())), state.clone()
    before = logs_of(actor, state, notes)
    play(actor, state, notes, 5)
    assert logs_of(actor, kept, Notes.from_json(saved)) == before


def test_a_thief_is_drawn_to_what_is_worth_taking(actor: ThespianActor, state: State) -> None:
    state.role["player"] = "thief"
    play(actor, state, fresh_notes(state, "player"), 40, "player")
    world = state.world
    own = [world.items[i] for i in state.contents["player"] if i in world.items]
    assert sum("valuable" in item.tags for item in own) >= 2


def test_a_script_brings_back_what_was_considered(actor: ThespianActor, state: State) -> None:
    """What is logged is what the network saw: asked again, it gives the same probabilities."""
    state.role[WHO] = "0.6 thief 0.4 healer"
    notes = fresh_notes(state)
    play(actor, state, notes, 6)
    actions = admissible(state, WHO)
    logs = logs_of(actor, state, notes)
    script = actor.playing(notes).script(state, WHO, (), actions)
    script = json.loads(json.dumps(script))
    sample, choices, encoder = actor.sample(state, WHO, notes, (), actions)
    assert script["choices"] == choices
    again = of_script(script, encoder)
    for field, value in sample._asdict().items():
        assert getattr(again, field) == pytest.approx(value, abs=1e-5), field
    considered = actor.consider(again, part_of(state.role[WHO]), script["choices"])
    assert [logs[n] for n in choices] == pytest.approx(considered.logs.tolist(), abs=1e-4)
