"""Where each room stands on a map, from the compass directions of its exits."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from game.engine.model import Exit, World

#: Steps east, steps south, floors up.
_STEPS = {
    "north": (0, -1, 0), "northeast": (1, -1, 0), "east": (1, 0, 0), "southeast": (1, 1, 0),
    "south": (0, 1, 0), "southwest": (-1, 1, 0), "west": (-1, 0, 0), "northwest": (-1, -1, 0),
    "up": (0, 0, 1), "down": (0, 0, -1),
}  # fmt: skip


class Spot(NamedTuple):
    """A place on the map: columns from the left, rows from the top, floors above the first."""

    x: int
    y: int
    floor: int


@dataclass(frozen=True, slots=True)
class Way:
    """What joins two rooms: the exit there, and the one back if there is one."""

    there: Exit
    back: Exit | None
    door: str = ""  # its name
    locked: bool = False
    keys: tuple[str, ...] = ()  # their names
    hidden: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        return self.there.room, self.there.to


@dataclass(frozen=True, slots=True)
class Map:
    """`spots` has every room that is shown; `start` is where the game begins."""

    world: World
    start: str
    spots: dict[str, Spot]
    ways: tuple[Way, ...]
    spoilers: bool

    @property
    def floors(self) -> list[int]:
        """From the highest down."""
        return sorted({spot.floor for spot in self.spots.values()}, reverse=True)

    def on(self, floor: int) -> dict[str, Spot]:
        return {id: spot for id, spot in self.spots.items() if spot.floor == floor}

    def floor_name(self, floor: int) -> str:
        if floor == 0:
            return "Where the game begins"
        count = abs(floor)
        return f"{count} floor{'s' * (count > 1)} {'up' if floor > 0 else 'down'}"

    def as_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "start": self.start,
            "rooms": [
                {"id": id, "name": self.world.rooms[id].name, **spot._asdict()}
                for id, spot in self.spots.items()
            ],
            "ways": [
                {
                    "from": way.there.room,
                    "to": way.there.to,
                    "exit": way.there.name,
                    "back": way.back.name if way.back else None,
                    "door": way.door or None,
                    "locked": way.locked,
                    "hidden": way.hidden,
                }
                for way in self.ways
            ],
        }


def lay_out(world: World, spoilers: bool = True) -> Map:
    """The map of a world. Without spoilers, it has no hidden ways, what lies beyond them, or locks.

    Rooms go where their exits point; where that is taken, as near as there is space.
    """
    start = world.places[world.player][0]
    exits = [e for e in world.exits.values() if spoilers or not _is_hidden(world, e)]
    ways = _ways(world, exits, spoilers)
    leading: dict[str, list[Exit]] = {}
    for e in sorted(exits, key=lambda e: e.direction not in _STEPS):
        leading.setdefault(e.room, []).append(e)
    spots: dict[str, Spot] = {}
    taken: set[Spot] = set()
    roots = [start, *(world.rooms if spoilers else ())]
    for root in roots:
        if root not in spots:
            _grow(root, leading, spots, taken)
    shown = tuple(w for w in ways if w.ends[0] in spots and w.ends[1] in spots)
    return Map(world, start, _packed(spots), shown, spoilers)


def _is_hidden(world: World, e: Exit) -> bool:
    return e.hidden or bool(e.door and world.items[e.door].hidden)


def _grow(
    root: str, leading: dict[str, list[Exit]], spots: dict[str, Spot], taken: set[Spot]
) -> None:
    """Place a room, and then all that can be walked to from it, compass directions first."""

    def place(room: str, wanted: Spot, step: tuple[int, int]) -> None:
        spot = next(s for s in _near(wanted, step) if s not in taken)
        spots[room] = spot
        taken.add(spot)

    # What cannot be walked to from the start stands beside everything else.
    right = max((spot.x for spot in spots.values()), default=-2) + 2
    place(root, Spot(right if spots else 0, 0, 0), (1, 0))
    queue, later = deque([root]), deque[Exit]()
    while queue or later:
        if not queue:
            e = later.popleft()
            if e.to not in spots:
                here = spots[e.room]
                place(e.to, here, (0, 0))
                queue.append(e.to)
            continue
        room = queue.popleft()
        here = spots[room]
        for e in leading.get(room, ()):
            if e.to in spots:
                continue
            if e.direction not in _STEPS:
                later.append(e)
                continue
            dx, dy, up = _STEPS[e.direction]
            place(e.to, Spot(here.x + dx, here.y + dy, here.floor + up), (dx, dy))
            queue.append(e.to)


def _near(wanted: Spot, step: tuple[int, int]) -> Iterator[Spot]:
    """A spot, some beyond it in the same direction, then ever farther ones around it."""
    dx, dy = step
    yield wanted
    for n in range(1, 4 if dx or dy else 0):
        yield Spot(wanted.x + n * dx, wanted.y + n * dy, wanted.floor)
    radius = 0
    while True:
        radius += 1
        ring = [
            (x, y)
            for x in range(-radius, radius + 1)
            for y in range(-radius, radius + 1)
            if max(abs(x), abs(y)) == radius
        ]
        for x, y in sorted(ring, key=lambda p: (abs(p[0]) + abs(p[1]), -p[1], -p[0])):
            yield Spot(wanted.x + x, wanted.y + y, wanted.floor)


def _packed(spots: dict[str, Spot]) -> dict[str, Spot]:
    """The spots without empty columns and rows, floor by floor."""
    packed: dict[str, Spot] = {}
    for floor in {spot.floor for spot in spots.values()}:
        here = {id: spot for id, spot in spots.items() if spot.floor == floor}
        columns = sorted({spot.x for spot in here.values()})
        rows = sorted({spot.y for spot in here.values()})
        for id, spot in here.items():
            packed[id] = Spot(columns.index(spot.x), rows.index(spot.y), floor)
    return {id: packed[id] for id in spots}


def _ways(world: World, exits: list[Exit], spoilers: bool) -> list[Way]:
    """Exits there and back as one way each, the first written first."""
    ways: list[Way] = []
    paired: set[str] = set()
    for e in exits:
        if e.id in paired:
            continue
        back = next(
            (
                b
                for b in exits
                if b.room == e.to and b.to == e.room and b.id not in paired and b.id != e.id
                and b.door == e.door
            ),
            None,
        )  # fmt: skip
        paired |= {e.id, back.id} if back else {e.id}
        door = world.items[e.door] if e.door else None
        ways.append(
            Way(
                e,
                back,
                door.name if door else "",
                bool(door and door.locked and spoilers),
                tuple(world.name(k) for k in door.keys) if door and spoilers else (),
                _is_hidden(world, e) or bool(back and _is_hidden(world, back)),
            )
        )
    return ways
