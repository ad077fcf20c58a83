"""The author's hints of The Long Interval: there are some for all that is open, and they hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from game.authoring.compile import world_hash
from game.engine.model import World
from game.engine.parser import Misunderstanding, ParserMemory, parse
from game.engine.reactions import Goal
from game.meta.hints import MORE
from game.session import Turn
from tests.worlds import test_interval_endings as walkthroughs
from tests.worlds.walking import Walk, shipped


@pytest.fixture(scope="module")
def world() -> World:
    return shipped("interval")


def asked_out(walk: Walk, words: str = "") -> list[str]:
    """Hints until there are no more."""
    told = [walk.session.command(f"hint {words}".strip()).plain]
    while told[-1].endswith(MORE):
        assert len(told) < 12, told
        told.append(walk.session.command(f"hint {words}".strip()).plain)
    return told


def test_the_hints_go_from_where_it_is_to_what_to_type(world: World) -> None:
    walk = Walk(world)
    told = asked_out(walk)
    assert told[0].startswith(
        "Light the lime lamp on the perch, with a lime in it.\nThe lamp is up"
    )
    assert "GIVE TICKET TO FIREMAN." in told[-1] and len(told) == 4
    assert "The winch" in walk.session.command("hint iron").plain
    assert "Colonel" in walk.session.command("hint crown").plain
    assert "every line of the play but the last" in walk.session.command("hint").plain
    told = walk.session.command("hint dragons").plain
    assert told == 'None of your goals is about "dragons". They are under goals.'


def test_a_hint_is_of_what_is_still_to_do(world: World) -> None:
    walk = Walk(world)
    walkthroughs.light_the_lime(walk)
    assert "winch" in walk.session.command("hint").plain
    assert "HINT MONEY" in asked_out(walk)[-1]
    assert "A cat can be paid" not in "".join(asked_out(walk, "money"))


class HintedWalk(Walk):
    """Asks for hints on the way, as often as there are new ones."""

    hints: set[str]

    def _type(self, line: str) -> Turn:
        before = self.state.digest()
        told = asked_out(self)
        self.hints |= set(told)
        assert all(told) and self.state.digest() == before
        return super()._type(line)


@pytest.mark.parametrize(
    "through",
    [
        walkthroughs.test_the_name_on_the_bill,
        walkthroughs.test_mr_edmund_pyle,
        walkthroughs.test_the_understudy_goes_on,
        walkthroughs.test_whoever_wears_it,
    ],
)
def test_there_is_a_hint_at_every_step_of_a_walkthrough(
    world: World, through: Callable[[Walk], None]
) -> None:
    walk = HintedWalk(world)
    walk.hints = set()
    through(walk)
    assert any("PRESS BELL" in text for text in walk.hints)


def goals(world: World) -> list[Goal]:
    return [goal for quest in world.quests.values() for goal in quest.goals]


def test_every_goal_has_hints_that_end_in_what_to_type(world: World) -> None:
    for goal in goals(world):
        assert len(goal.hints) >= 2, goal.id
        assert re.search(r"[A-Z]{3,} [A-Z]{3,}", " ".join(h.text for h in goal.hints)), goal.id


def test_a_hint_put_better_leaves_the_players_saves_alone(world: World) -> None:
    bare = {
        id: replace(quest, hints=(), goals=tuple(replace(g, hints=()) for g in quest.goals))
        for id, quest in world.quests.items()
    }
    assert world_hash(replace(world, quests=bare)) == world.hash
    assert world_hash(replace(world, title="Another")) != world.hash


def test_what_the_hints_say_to_type_is_understood(world: World) -> None:
    """With everything within reach, every command in capitals is one."""
    state = world.initial_state(1)
    here = state.parent["player"]
    for thing in world.places:
        if thing in world.characters or not world.items[thing].fixed:
            state.move(thing, here if thing in world.characters else "player")
        elif not world.items[thing].between:
            state.move(thing, here)
    state.hidden.clear()
    state.scopes.clear()
    for goal in goals(world):
        for hint in goal.hints:
            for command in re.findall(r"\b[A-Z]{3,}(?: [A-Z]+)*\b", hint.text):
                if command.startswith("HINT") or "DOOR" in command:  # doors stay where they are
                    continue
                parsed = parse(state, "player", command.lower(), memory=ParserMemory())
                assert not isinstance(parsed, Misunderstanding), (command, parsed)
