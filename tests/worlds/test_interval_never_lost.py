"""From wherever a player may have got to, each ending can be reached or was said to be lost."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from game.cast import Cast
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.perception import perceived
from game.engine.rules import admissible, apply, pass_turn
from game.engine.scope import is_open
from tests.worlds.planner import Planner, Stuck
from tests.worlds.walking import shipped

TURNS = 300
#: What a player who has heard of puzzles may say at any time.
LINES = (
    "I was only keeping it warm.", "Macbeth!", "The ghost said please, about the trunk.",
    "Are you blind?", "About the crown.", "Edmund Pyle.", "Hello.", "Cocoa, please.",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return shipped("interval")


class Prompter(Planner):
    """Knows its way to every ending of The Long Interval."""

    def lamp(self) -> None:
        back = self.room
        if not self.has("lantern"):
            self.goto("stage_door")
            if self.state.parent["lantern"] != "player":
                self.do("use", "hook")
        self.goto(back)
        if "lantern" not in self.state.lit:
            self.do("light", "lantern")

    def from_hands(self, item: str, owner: str) -> None:
        if item == "crown" and self.state.manner.get(item) == "worn":
            self.do("tell", owner, text="May I have the crown?")
        else:
            super().from_hands(item, owner)

    def curtain(self) -> None:
        """Light, the iron up, and no curse on the bell."""
        state = self.state
        if "lime_lamp" not in state.lit:
            if state.parent["lime"] != "lime_lamp":
                self.get("lime")
                self.goto("lime_perch")
                for junk in state.contents["lime_lamp"]:
                    self.do("take", junk, "lime_lamp")
                self.do("put", "lime", "lime_lamp")
            self.goto("lime_perch")
            self.do("light", "lime_lamp")
        if not is_open(state, self.world.items["iron"]):
            if "iron" in state.locked and "tulk" not in state.dead:
                self.give("wages", "tulk")
            else:
                self.goto("fly_floor")
                self.do("use", "winch")
        if state.flags["cursed"]:
            self.goto("yard")
            self.goto("stage_door")

    def ring(self) -> str | None:
        self.curtain()
        self.goto("prompt_corner")
        self.do("use", "bell")
        return self.state.ended

    def bare(self, *slots: str) -> None:
        """Take off what is worn there."""
        for item in self.state.contents["player"]:
            if self.state.manner.get(item) == "worn" and self.world.items[item].wearable in slots:
                self.do("remove", item)

    def usurper(self) -> str | None:
        self.get("crown")
        self.get("wig")
        self.bare("head", "hair")
        self.do("wear", "crown")
        self.do("wear", "wig")
        return self.ring()

    def understudy(self) -> str | None:
        self.goto("green_room")
        self.do("applaud", "percy")
        self.give("crown", "percy")
        return self.ring()

    def settle(self) -> None:
        """Burn the certificate, and come by it fairly, or make it right."""
        state = self.state
        if not state.flags["cert_gone"] and not self.has("certificate"):
            self.get("certificate")
        if state.flags["ill_gotten"]:
            if state.parent["ledger"] == "crake" and state.parent["programme"] == "crake":
                self.get("ledger")
            give = "programme" if state.parent["ledger"] == "crake" else "ledger"
            self.give(give, "crake")
        if not state.flags["cert_gone"]:
            self.give("certificate", "thorne")

    def name(self) -> str | None:
        self.settle()
        self.give("crown", "thorne")
        return self.ring()

    def pyle(self) -> str | None:
        if not self.state.flags["pyle"]:
            self.give("ring", "thorne")
        self.give("crown", "thorne")
        return self.ring()


def lost(state: State, told: str) -> set[str]:
    """The endings that the game has said cannot be had any more."""
    gone: set[str] = set()
    if state.flags["blood"]:
        assert "Whatever endings had him in them are lost" in told
        gone |= {"name", "pyle"}
    if state.flags["pyle"]:
        assert "There will be no Augustus Thorne tonight, or after tonight" in told
        gone.add("name")
    if "percy" in state.dead:
        assert "He had one ending, and it went with him" in told
        gone.add("understudy")
    return gone


def wander(world: World, seed: int, *, peaceful: bool, cast: bool) -> tuple[State, str]:
    """Random admissible play, verbs equally likely, and everything that it was told."""
    state, rng = world.initial_state(seed), random.Random(seed)
    company = Cast(world) if cast else None
    heard: dict[str, tuple[Event, ...]] = {}
    told: list[str] = []

    def play(who: str, action: Action) -> None:
        events = apply(state, who, action)
        told.extend(str(e.text) for e in perceived(state, "player", events) if e.text)
        for other in world.characters:
            if company and other not in ("player", who):
                heard[other] = (*heard.get(other, ()), *perceived(state, other, events))[-20:]

    for _ in range(rng.randrange(60, TURNS + 1)):
        if state.ended:
            break
        by_verb: dict[str, list[Action]] = {}
        for action in admissible(state, "player"):
            leaves = (
                action.verb == "go" and "exit" in world.rooms[world.exits[str(action.noun)].to].tags
            )
            if not leaves and not (peaceful and action.verb == "hit") and action.noun != "bell":
                by_verb.setdefault(action.verb, []).append(action)
        by_verb["say"] = [Action("say", text=line) for line in LINES]
        often = ("go", "take", "give", "use") if peaceful else ("go", "take", "give", "use", "hit")
        verb = rng.choice([*sorted(by_verb), *often * 4])
        play("player", rng.choice(by_verb.get(verb) or by_verb["say"]))
        pass_turn(state)
        for who in company.whose_turn(state, heard) if company and not state.ended else ():
            if who not in state.dead and not state.ended:
                assert company is not None
                decision = company.decide(state, who, heard.pop(who, ()))
                if decision.action is not None:
                    play(who, decision.action)
    return state, "\n".join(told)


CASES = [
    *((seed, True, False) for seed in range(6)),
    *((seed, False, False) for seed in range(6, 10)),
    *((seed, seed % 2 == 0, True) for seed in range(10, 13)),
]


@pytest.mark.parametrize(("seed", "peaceful", "cast"), CASES)
def test_every_ending_is_open_or_was_said_to_be_lost(
    world: World, seed: int, peaceful: bool, cast: bool
) -> None:
    state, told = wander(world, seed, peaceful=peaceful, cast=cast)
    if state.ended is not None:
        assert state.ended == "death"
        return
    gone = lost(state, told)
    plans: dict[str, Callable[[Prompter], str | None]] = {
        "usurper": Prompter.usurper,
        "understudy": Prompter.understudy,
        "name": Prompter.name,
        "pyle": Prompter.pyle,
    }
    for ending, plan in plans.items():
        if ending in gone:
            continue
        prompter = Prompter(state.clone())
        try:
            reached = plan(prompter)
        except Stuck as trouble:
            raise AssertionError(f"{ending}: {trouble}") from trouble
        bloody = "understudy_blood" if state.flags["blood"] else "understudy"
        assert reached == (bloody if ending == "understudy" else ending), prompter.told[-4:]


@pytest.mark.parametrize("ending", ["usurper", "understudy", "name", "pyle"])
def test_a_plan_for_each_ending_works_from_the_start(world: World, ending: str) -> None:
    prompter = Prompter(world.initial_state(1))
    assert getattr(prompter, ending)() == ending
