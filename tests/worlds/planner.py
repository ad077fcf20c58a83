"""A player with a plan: gets things and goes places by the real rules, from any state."""

from __future__ import annotations

from collections import deque

from game.engine.events import Action, Event
from game.engine.model import NOWHERE, Exit, State
from game.engine.rules import apply, pass_turn
from game.engine.scope import is_lit, is_open

#: How often a theft or a barred way is tried before giving up.
TRIES = 80


class Stuck(Exception):
    """The plan cannot be carried out from here."""


class Planner:
    """Plays `state` on. `lamp()` must bring a lit light into the player's hands, or raise Stuck."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.world = state.world
        self.told: list[str] = []
        self._wanted: list[str] = []  # what is being fetched, so that plans do not go in circles

    # -- single actions -----------------------------------------------------------------------

    def do(
        self, verb: str, noun: str | None = None, second: str | None = None, text: str | None = None
    ) -> list[Event]:
        """One action. Raises Stuck when it is refused."""
        events = apply(self.state, "player", Action(verb, noun, second, text))
        if events[0].type == "refused":
            raise Stuck(f"{verb} {noun} {second}: {events[0].reason} in {self.room}")
        self.told += [str(e.text) for e in events if e.type in ("narrated", "said")]
        pass_turn(self.state)
        return events

    @property
    def room(self) -> str:
        return self.state.parent["player"]

    def has(self, item: str) -> bool:
        return self.state.parent[item] == "player"

    # -- going --------------------------------------------------------------------------------

    def goto(self, room: str) -> None:
        while self.room != room:
            exit = self._way(room)
            if exit.door is not None:
                self.open(exit.door)
            here = self.room
            for _ in range(TRIES):
                self.do("go", exit.id)
                if self.room != here:
                    break
            else:
                raise Stuck(f"held back in {here}")

    def _way(self, room: str) -> Exit:
        """The first step of the shortest way there, through doors that can be opened."""
        first: dict[str, Exit] = {}
        queue = deque([self.room])
        seen = {self.room}
        while queue:
            here = queue.popleft()
            for exit in self.world.rooms[here].exits:
                if exit.to in seen or exit.id in self.state.hidden or not self._passable(exit):
                    continue
                seen.add(exit.to)
                first[exit.to] = first.get(here, exit)
                queue.append(exit.to)
        if room not in first:
            raise Stuck(f"no way from {self.room} to {room}")
        return first[room]

    def _passable(self, exit: Exit) -> bool:
        if "exit" in self.world.rooms[exit.to].tags:
            return False
        door = exit.door
        if door is None or is_open(self.state, self.world.items[door]):
            return True
        if not is_lit(self.state, exit.room):
            return False  # nobody finds a handle in the dark
        if door not in self.state.locked:
            return True
        keys = self.world.items[door].keys
        return any(key not in self._wanted for key in keys) and door not in self._wanted

    def open(self, thing: str) -> None:
        """Open a door or container within reach, with its key if it is locked."""
        if is_open(self.state, self.world.items[thing]):
            return
        if thing in self.state.locked:
            where = self.room
            key = self._key(thing)
            self.goto(where)
            self.do("unlock", thing, key)
        self.do("open", thing)

    def _key(self, thing: str) -> str:
        keys = self.world.items[thing].keys
        held = [key for key in keys if self.has(key)]
        if held:
            return held[0]
        self._wanted.append(thing)
        try:
            for key in keys:
                try:
                    self.get(key)
                except Stuck:
                    continue
                return key
        finally:
            self._wanted.pop()
        raise Stuck(f"no key to {thing}")

    # -- getting ------------------------------------------------------------------------------

    def get(self, item: str) -> None:
        """Have the item in hand, wherever it is: found, taken out, taken off or stolen."""
        if item in self._wanted:
            raise Stuck(f"{item} is needed to get {item}")
        self._wanted.append(item)
        try:
            self._fetch(item)
        finally:
            self._wanted.pop()

    def _fetch(self, item: str) -> None:
        state = self.state
        for _ in range(12):
            if self.has(item):
                if item in state.manner:
                    self.do("remove", item)
                return
            room = state.room_of(item)
            if room == NOWHERE:
                raise Stuck(f"{item} is out of the world")
            if state.holder_of(item) != "player":
                self.lit(room)
            parent = state.parent[item]
            shut = self._outermost_shut(item)
            if shut is not None:
                self.open(shut)
            elif item in state.hidden:
                self.do("search", parent if parent in self.world.items else None)
            elif parent in self.world.characters and parent not in state.dead:
                self.from_hands(item, parent)
            else:
                self.do("take", item, None if parent == self.room else parent)
        raise Stuck(f"cannot get {item} from {state.parent[item]}")

    def from_hands(self, item: str, owner: str) -> None:
        for _ in range(TRIES):
            if self.has(item):
                return
            self.do("steal", item, owner)
        raise Stuck(f"cannot steal {item}")

    def _outermost_shut(self, item: str) -> str | None:
        shut = None
        holder = self.state.parent[item]
        while holder in self.world.items:
            if not is_open(self.state, self.world.items[holder]):
                shut = holder
            holder = self.state.parent[holder]
        return shut

    def lit(self, room: str) -> None:
        """Be in the room, and see."""
        if self.world.rooms[room].dark and not (self.room == room and is_lit(self.state, room)):
            self.goto(room)
            if not is_lit(self.state, room):
                self.lamp()
        self.goto(room)
        if not is_lit(self.state, room):
            raise Stuck(f"no light in {room}")

    def lamp(self) -> None:
        raise Stuck("this world has no lamp")

    def give(self, item: str, who: str) -> None:
        self.get(item)
        self.goto(self.state.room_of(who))
        self.do("give", item, who)
