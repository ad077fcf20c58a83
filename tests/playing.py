"""Plays whole games with the real rules and the real cast, for tests of how characters behave."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from game.cast import Cast, Decision
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.perception import perceives
from game.engine.rules import admissible, apply, pass_turn

#: What the player does in a turn; None lets it pass.
Player = Callable[[State, random.Random], Action | None]


@dataclass(frozen=True)
class Step:
    """One decision of a character and what came of it; `onstage` is before the player's eyes."""

    turn: int
    decision: Decision
    room: str
    onstage: bool
    events: tuple[Event, ...]

    @property
    def who(self) -> str:
        return self.decision.who

    @property
    def action(self) -> Action:
        assert self.decision.action is not None
        return self.decision.action


class Game:
    """A world in play, with an inbox of perceived events for every character."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.world = world
        self.state = world.initial_state(seed)
        self.cast = Cast(world)
        self.inbox: dict[str, list[Event]] = defaultdict(list)

    def act(self, who: str, action: Action) -> tuple[Event, ...]:
        events = tuple(apply(self.state, who, action))
        for other in self.world.characters:
            if other != self.world.player:
                self.inbox[other] += [e for e in events if perceives(self.state, other, e)]
        return events

    def decide(self, who: str) -> Decision:
        return self.cast.decide(self.state, who, tuple(self.inbox.pop(who, ())))

    def turn(self) -> Iterator[Step]:
        """Everybody whose turn it is acts; then the clock moves."""
        for who in self.cast.whose_turn(self.state, self.inbox):
            if who in self.state.dead or self.state.ended:
                continue
            room = self.state.parent[who]
            onstage = room == self.state.parent[self.world.player]
            decision = self.decide(who)
            assert decision.action is not None
            events = self.act(who, decision.action)
            yield Step(self.state.turn, decision, room, onstage, events)
        pass_turn(self.state)


def play(world: World, seed: int, turns: int, player: Player) -> tuple[Game, list[Step]]:
    """A whole game, or as much of it as the story lasts."""
    game, rng, steps = Game(world, seed), random.Random(seed), []
    for _ in range(turns):
        if game.state.ended:
            break
        action = player(game.state, rng)
        if action is not None:
            game.act(world.player, action)
        steps += list(game.turn())
    return game, steps


def idle(state: State, rng: random.Random) -> Action | None:
    return None


def stroll(state: State, rng: random.Random) -> Action | None:
    """A harmless player who walks about, handles things, is polite and does not leave the story."""
    kind = rng.choice(("go", "take", "wave", "examine", "wait", "wait"))
    world = state.world
    actions = [
        a
        for a in admissible(state, world.player)
        if a.verb == kind
        and not (kind == "go" and "exit" in world.rooms[world.exits[str(a.noun)].to].tags)
    ]
    return rng.choice(actions) if actions else None
