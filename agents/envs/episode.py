"""One episode of a world: who is played by agents, what they do, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from agents.envs.scoring import RoleTable, Tally
from game import paths
from game.authoring.load import load_world
from game.cast import Cast
from game.engine.events import Action, Event
from game.engine.model import State, World
from game.engine.perception import Knowledge, Triple, observe, perceived
from game.engine.rules import admissible, apply, pass_turn
from game.engine.scope import Scope, scope_of
from game.engine.verbs import VERBS
from game.errors import UsageError

#: Who moves the characters that no agent plays: the game's heuristic actor, or nobody.
Others = Literal["none", "heuristic"]
#: The tag of rooms that end an episode.
EXIT = "exit"
#: How many perceived events wait for a character's next decision.
LONGEST_INBOX = 20

#: Verbs that take no time tell only what every observation holds, so agents are not offered them.
_FREE = frozenset(name for name, verb in VERBS.items() if verb.free)


class Setting:
    """A world made ready for episodes: what depends on the world alone is worked out once."""

    def __init__(self, world: World | str | Path) -> None:
        if not isinstance(world, World):
            world = load_world(paths.find_world(str(world)))
        self.world = world
        self.table = RoleTable(world)
        self.exits = frozenset(room.id for room in world.rooms.values() if EXIT in room.tags)

    def check(self, actor: str, role: str) -> None:
        """Raises UsageError unless `actor` and `role` are of this world."""
        for kind, id, known in (
            ("character", actor, self.world.characters),
            ("role", role, self.world.roles),
        ):
            if id not in known:
                raise UsageError(
                    f"The world {self.world.id!r} has no {kind} {id!r}.",
                    f"It has: {', '.join(known)}.",
                )

    def starts(self, state: State, actor: str) -> list[str]:
        """Rooms that `actor` can walk to from where it is through no lock, exit rooms left out."""
        found = [state.parent[actor]]
        for here in found:
            for e in self.world.rooms[here].exits:
                shut = e.id in state.hidden or e.door in state.locked or e.door in state.hidden
                if not shut and e.to not in found and e.to not in self.exits:
                    found.append(e.to)
        return sorted(found, key=self.world.order.__getitem__)


class View(NamedTuple):
    """What an agent observes, by id and without text.

    `scope` and `knowledge` are the engine's own live objects: read them before the next step, and
    copy what is to be kept. `heard` is what the character perceived since it last chose, in order,
    its own action's events first. `actions` are all admissible actions that take time.
    """

    actor: str
    role: str
    scope: Scope
    actions: tuple[Action, ...]
    knowledge: Mapping[Triple, int]
    heard: Sequence[Event]
    last: Action | None
    step: int

    @property
    def state(self) -> State:
        return self.scope.state


@dataclass(slots=True)
class Seat:
    """A character that an agent plays: its score and what it has come to know."""

    actor: str
    role: str
    tally: Tally
    knowledge: Knowledge
    heard: list[Event] = field(default_factory=list)
    last: Action | None = None
    seen: Scope | None = None
    listed: tuple[Action, ...] = ()


class Episode:
    """A game in which agents play some of the characters, one action each a step.

    `parts` maps each played character to its role. The same setting, parts, seed and actions give
    the same episode. With `random_start` the played characters begin in rooms drawn by the seed.
    `learn` keeps `View.knowledge`; without it a step is faster and the graph stays empty.
    With `verbs`, agents are offered the actions of these verbs only, which is faster as well.
    """

    def __init__(
        self,
        setting: Setting,
        parts: Mapping[str, str],
        seed: int,
        *,
        others: Others = "none",
        random_start: bool = False,
        learn: bool = True,
        verbs: frozenset[str] | None = None,
    ) -> None:
        self.setting = setting
        self.state = setting.world.initial_state(seed)
        self.steps = 0
        self._learn = learn
        self._verbs = None if verbs is None else tuple(v for n, v in VERBS.items() if n in verbs)
        self.seats: dict[str, Seat] = {}
        for actor, role in parts.items():
            setting.check(actor, role)
            self.state.role[actor] = role
            tally = Tally(setting.table, actor)
            self.seats[actor] = Seat(actor, role, tally, Knowledge(actor))
            if random_start:
                rooms = setting.starts(self.state, actor)
                self.state.move(actor, rooms[self.state.roll(len(rooms))])
        self._cast = Cast(setting.world) if others == "heuristic" else None
        self._inbox: dict[str, list[Event]] = {}
        for seat in self.seats.values():
            self._look(seat)

    def over(self, actor: str) -> bool:
        """Whether this character's episode has ended: the story did, it died, or it left."""
        state = self.state
        return (
            state.ended is not None
            or actor in state.dead
            or state.parent[actor] in self.setting.exits
        )

    def view(self, actor: str) -> View:
        seat = self.seats[actor]
        assert seat.seen is not None
        return View(
            actor, seat.role, seat.seen, seat.listed, seat.knowledge.facts, seat.heard, seat.last,
            self.steps,
        )  # fmt: skip

    def step(self, chosen: Mapping[str, Action]) -> dict[str, dict[str, float]]:
        """Everybody in `chosen` acts, time passes, and then the other characters act.

        Returns what each played character earned, by role. An action that the rules refuse does
        nothing and takes no time. When several act, who goes first rotates from turn to turn.
        """
        state = self.state
        self.steps += 1
        gains: dict[str, dict[str, float]] = {actor: {} for actor in self.seats}
        order = [*chosen]
        if len(order) > 1:
            first = state.turn % len(order)
            order = order[first:] + order[:first]
        for actor in order:
            self.seats[actor].heard = []
        timely = False
        for actor in order:
            action = chosen[actor]
            events = apply(state, actor, action)
            self.seats[actor].last = action
            timely = timely or events[0].type != "refused"
            self._spread(events, actor, gains)
            self._arrive(actor, action)
        if timely and state.ended is None:
            self._spread(pass_turn(state), None, gains)
            if self._cast is not None:
                self._others_act(self._cast, gains)
        for seat in self.seats.values():
            self._look(seat)
        return gains

    def _others_act(self, cast: Cast, gains: dict[str, dict[str, float]]) -> None:
        state = self.state
        for who in cast.whose_turn(state, self._inbox):
            if who in self.seats or who in state.dead or state.ended is not None:
                continue
            action = cast.decide(state, who, tuple(self._inbox.pop(who, ()))).action
            if action is not None:
                self._spread(apply(state, who, action), who, gains)

    def _spread(
        self, events: Sequence[Event], actor: str | None, gains: dict[str, dict[str, float]]
    ) -> None:
        """Score what `actor` brought about, and let everybody notice what they perceive of it."""
        for who, seat in self.seats.items():
            for role, amount in seat.tally.count(self.state, events).items():
                gains[who][role] = gains[who].get(role, 0.0) + amount
            seat.heard += perceived(self.state, who, events)
        if self._cast is not None:
            for who in self.setting.world.characters:
                if who not in self.seats and who != actor:
                    seen = perceived(self.state, who, events)
                    if seen:
                        self._inbox[who] = [*self._inbox.get(who, ()), *seen][-LONGEST_INBOX:]

    def _arrive(self, actor: str, action: Action) -> None:
        if action.verb == "go" and self._learn:
            exit = self.setting.world.exits.get(str(action.noun))
            if exit is not None and self.state.parent[actor] == exit.to:
                self.seats[actor].knowledge.arrive(self.state, exit.id, exit.to)

    def _look(self, seat: Seat) -> None:
        """Take in the scene; a state that did not change is the very same Scope."""
        scope = scope_of(self.state, seat.actor)
        if scope is seat.seen:
            return
        seat.seen = scope
        seat.listed = self._list(scope)
        if self._learn and seat.actor not in self.state.dead:
            seat.knowledge.see(self.state, observe(self.state, seat.actor))

    def _list(self, scope: Scope) -> tuple[Action, ...]:
        if self._verbs is None:
            listed = admissible(self.state, scope.actor)
            return tuple([a for a in listed if a[0] not in _FREE])
        if self.state.ended is not None or scope.actor in self.state.dead:
            return ()
        return tuple([action for verb in self._verbs for action in verb.admissible(scope)])
