"""What one character can see, reach and leave by, here and now: the ground every verb stands on."""

from __future__ import annotations

from game.engine.events import Action
from game.engine.model import Exit, Item, State


def is_open(state: State, item: Item) -> bool:
    """Whether a container or door stands open (one that cannot be closed always does)."""
    return not item.openable or item.id in state.opened


def is_lit(state: State, room: str) -> bool:
    """Whether one can see in `room`: it is not dark, or an uncovered light burns there."""
    if not state.world.rooms[room].dark:
        return True
    items = state.world.items
    for id in state.lit:
        holder = id
        while holder not in state.world.rooms and holder:
            holder = state.parent[holder]
            item = items.get(holder)
            if item and item.holds == "in" and not item.transparent and not is_open(state, item):
                break
        else:
            if holder == room:
                return True
    return False


class Scope:
    """Sorted, fixed-order views of one state for one actor. Stale as soon as the state changes.

    `here`     others in the room, alive and seen
    `bodies`   the dead in the room
    `loose`    items within reach that nobody has: in the room, in what is open, on the dead
    `carried`  what the actor has directly, worn and wielded included
    `inner`    what is in or on things the actor has
    `theirs`   what the others here have directly: seen, out of reach
    `doors`    doors of the room
    `exits`    ways out that are not hidden (in the dark one can still grope for them)
    """

    __slots__ = (
        "actions", "actor", "bodies", "carried", "doors", "exits", "here", "inner", "lit", "loose",
        "room", "state", "theirs", "world", "_free", "_reach",
    )  # fmt: skip

    def __init__(self, state: State, actor: str) -> None:
        world = state.world
        self.state = state
        self.world = world
        self.actor = actor
        self.actions: tuple[Action, ...] | None = None  # filled in by rules.admissible
        self.room = room = state.parent[actor]
        self.carried = state.contents[actor]
        self._free = -1
        self._reach: frozenset[str] | None = None
        items, hidden, contents = world.items, state.hidden, state.contents
        here: list[str] = []
        bodies: list[str] = []
        loose: list[str] = []
        theirs: list[str] = []
        definition = world.rooms[room]
        self.lit = not definition.dark or is_lit(state, room)
        self.doors: tuple[str, ...] = ()
        if self.lit:
            dead = state.dead
            for id in contents[room]:
                if id in hidden:
                    continue
                if id in items:
                    loose.append(id)
                    if contents[id]:
                        self._open_up(id, loose)
                elif id in dead:
                    bodies.append(id)
                    loose.extend(contents[id])
                elif id != actor:
                    here.append(id)
                    theirs.extend(contents[id])
            doors = world.doors[room]
            if doors:
                self.doors = tuple(d for d in doors if d not in hidden) if hidden else doors
        inner: list[str] = []
        for id in self.carried:
            if contents[id]:
                self._open_up(id, inner)
        self.here = here
        self.bodies = bodies
        self.loose = loose
        self.theirs = theirs
        self.inner = inner
        exits = definition.exits
        self.exits: tuple[Exit, ...] = exits
        if hidden:
            self.exits = tuple(
                e for e in exits if e.id not in hidden and (e.door is None or e.door not in hidden)
            )

    def _open_up(self, id: str, into: list[str]) -> None:
        """Add what is within reach in or on an item, at any depth."""
        state = self.state
        item = self.world.items[id]
        if item.holds == "in" and item.openable and id not in state.opened:
            return
        for inside in state.contents[id]:
            if inside not in state.hidden:
                into.append(inside)
                if state.contents[inside]:
                    self._open_up(inside, into)

    @property
    def reach(self) -> frozenset[str]:
        """Everything the actor can touch: items, doors and bodies (not the living)."""
        if self._reach is None:
            self._reach = frozenset(
                (*self.loose, *self.carried, *self.inner, *self.doors, *self.bodies)
            )
        return self._reach

    @property
    def free(self) -> int:
        """How much more, in size, the actor can carry."""
        if self._free < 0:
            capacity = self.world.characters[self.actor].capacity
            self._free = max(0, capacity - self.state.load(self.actor))
        return self._free

    def enclosed(self) -> list[str]:
        """Things seen inside closed transparent containers within reach: visible, not touchable."""
        state = self.state
        return [
            inside
            for id in (*self.loose, *self.carried, *self.inner)
            if id in self.world.items
            and self.world.items[id].transparent
            and not is_open(state, self.world.items[id])
            for inside in state.contents[id]
            if inside not in state.hidden
        ]

    def visible(self) -> list[str]:
        """Every thing and character the actor can see, themselves included, each once."""
        return [
            *self.here, *self.bodies, *self.loose, *self.theirs, *self.carried, *self.inner,
            *self.doors, *self.enclosed(), self.actor,
        ]  # fmt: skip


def scope_of(state: State, actor: str) -> Scope:
    """The actor's scope, kept with the state until it changes."""
    scope = state.scopes.get(actor)
    if scope is None:
        scope = state.scopes[actor] = Scope(state, actor)
    return scope
