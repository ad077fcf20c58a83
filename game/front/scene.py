"""How the world stands for the player, as plain values that any thread may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from game.engine.model import Exit, State


@dataclass(frozen=True, slots=True)
class Way:
    """An exit: the word to go by, what is seen of it ("the oak door, closed"), and whether a closed
    door is in the way."""

    name: str
    note: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody or something: its name for the reader ("a brass lamp"), and the one that every
    command understands ("brass lamp")."""

    name: str
    ref: str


@dataclass(frozen=True, slots=True)
class Held(Seen):
    """Something the player has directly."""

    how: Literal["carried", "worn", "wielded"] = "carried"


@dataclass(frozen=True, slots=True)
class Quest:
    """A quest the player has taken on, with its goals as (text, reached)."""

    name: str
    done: bool
    goals: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the panes show after a turn. `state` is a copy that nobody changes any more."""

    turn: int
    room: str
    exits: tuple[Way, ...]
    people: tuple[Seen, ...]
    things: tuple[Seen, ...]
    inventory: tuple[Held, ...]
    quests: tuple[Quest, ...]
    health: int
    full_health: int
    score: int
    state: State

    def complete(self, prefix: str) -> list[str]:
        """Commands that begin with `prefix` and would work now, the likeliest first."""
        from game.engine.parser import complete

        return complete(self.state, self.state.world.player, prefix)


def scene_from(state: State) -> Scene:
    """What the player of `state` perceives of it."""
    from game.engine.scope import Scope
    from game.narrator.names import a

    state = state.clone()
    world, player = state.world, state.world.player
    scope = Scope(state, player)

    def seen(id: str) -> Seen:
        return Seen(a(state, id), world.refs[id])

    holds = {"worn": "worn", "wielded": "wielded"}
    return Scene(
        turn=state.turn,
        room=world.name(scope.room) if scope.lit else "Darkness",
        exits=tuple(_way(state, e, scope.lit) for e in scope.exits),
        people=tuple(seen(id) for id in scope.here),
        things=tuple(seen(id) for id in (*scope.bodies, *scope.loose)),
        inventory=tuple(
            Held(a(state, id), world.refs[id], holds.get(state.manner.get(id, ""), "carried"))  # type: ignore[arg-type]
            for id in state.contents[player]
            if id not in state.hidden
        ),
        quests=tuple(_quests(state)),
        health=state.health[player],
        full_health=world.characters[player].health,
        score=state.score,
        state=state,
    )


def _way(state: State, exit: Exit, lit: bool) -> Way:
    from game.engine.scope import is_open
    from game.narrator.describe import exit_label

    label = exit_label(state, exit, lit=lit)
    closed = exit.door is not None and not is_open(state, state.world.items[exit.door])
    return Way(exit.name, label.removeprefix(exit.name).strip(" ()"), lit and closed)


def _quests(state: State) -> list[Quest]:
    found = []
    for quest in state.world.quests.values():
        standing = state.quests.get(quest.id)
        if standing is None:
            continue
        goals = []
        for goal in quest.goals if standing == "active" else ():
            count = min(state.fired.get(f"{quest.id}:{goal.id}", 0), goal.count)
            progress = f" ({count} of {goal.count})" if goal.count > 1 else ""
            goals.append((goal.text + progress, count >= goal.count))
        found.append(Quest(quest.name, standing == "done", tuple(goals)))
    return found
