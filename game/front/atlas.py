"""The map as far as the player has been: rooms visited, ways seen, doors as they were last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from game.authoring.mapping.layout import Map, lay_out
from game.authoring.mapping.terminal import Sheet, draw_floor, in_words, stairs
from game.engine.model import Exit, Item, Room, World
from game.front.book import Book

#: The name of a room that one has only seen the way to, and what its id begins with.
UNKNOWN = "?"
STAIRS = ("up", "down")


@dataclass(frozen=True, slots=True)
class Floor:
    """One floor of the map: its `sheet`, and in words what no line shows."""

    number: int
    name: str
    sheet: Sheet
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """The known floors from the highest down, `here` (the player's room, marked *) on one."""

    floors: tuple[Floor, ...]
    here: str
    map: Map

    @property
    def current(self) -> int:
        """The index of the player's floor."""
        number = self.map.spots[self.here].floor
        return next(n for n, floor in enumerate(self.floors) if floor.number == number)

    def legend(self) -> str:
        """Only the signs that are on the map."""
        signs = ["* you are here"]
        if any(room.startswith(UNKNOWN) for room in self.map.spots):
            signs.append("? not been there")
        if len(self.floors) > 1:
            signs.append("↑↓ stairs")
        if any(way.door and not way.locked for way in self.map.ways):
            signs.append("□ door")
        if any(way.locked for way in self.map.ways):
            signs.append("■ locked door")
        ways = [w for w in self.map.ways if not w.there.to.startswith(UNKNOWN)]
        if any(way.back is None for way in ways):
            signs.append("▶ no way back seen")
        return "  ".join(signs)

    def as_text(self) -> str:
        """All floors one under the other, the notes and the signs."""
        parts = []
        for floor in self.floors:
            head = f"── {floor.name} ──" if len(self.floors) > 1 else ""
            parts.append("\n".join(filter(None, (head, *floor.sheet.lines))))
        notes = list(dict.fromkeys(note for floor in self.floors for note in floor.notes))
        if notes:
            parts.append("\n".join(["Also:", *(f"  {note}" for note in notes)]))
        return "\n\n".join([*parts, self.legend()])


def atlas_of(book: Book) -> Atlas:
    """Draw what the player knows of the world."""
    map = replace(lay_out(known_world(book)), start=book.here)
    floors = []
    for number in map.floors:
        sheet = draw_floor(map, number)
        between = [w for w in stairs(map) if number in {map.spots[end].floor for end in w.ends}]
        notes = tuple(in_words(map, way) for way in between)
        undrawn = tuple(in_words(map, way) for way in sheet.undrawn)
        beyond = tuple(said for room, said in unclimbed(book) if map.spots[room].floor == number)
        name = _floor_name(number)
        floors.append(Floor(number, name, sheet, (*notes, *undrawn, *beyond)))
    return Atlas(tuple(floors), book.here, map)


def known_world(book: Book) -> World:
    """The world with only what the player knows of it: a room called "?" ends every way that was
    seen and leads nobody knows where."""
    world, travels = book.world, book.travels
    leads = travels.leads_to_known(book.state)
    doors: dict[str, Item] = {}
    rooms: dict[str, Room] = {}
    stubs: dict[str, Room] = {}
    for id in travels.visited:
        exits = []
        for exit in world.rooms[id].exits:
            if exit.id not in travels.seen:
                continue
            door = exit.door if exit.door in travels.doors or exit.door in book.tried else None
            if door is not None:
                locked = book.is_locked(door)
                doors[door] = replace(world.items[door], locked=locked, keys=(), hidden=False)
            to = leads.get(exit.id)
            if to is None:
                if exit.direction in STAIRS:
                    continue  # a floor of nothing but question marks: `unclimbed` names them
                to = f"{UNKNOWN}{exit.id}"
                back = Exit(f"{to}.back", to, id, UNKNOWN, door=door)
                stubs[to] = Room(to, UNKNOWN, exits=(back,))
            exits.append(replace(exit, to=to, door=door, hidden=False))
        rooms[id] = replace(world.rooms[id], exits=tuple(exits), dark=False)
    first = min(travels.visited, key=lambda room: travels.visited[room][0])
    return replace(
        world,
        rooms={**rooms, **stubs},
        items=doors,
        characters={world.player: world.characters[world.player]},
        places={world.player: (first, "in")},
    )


def unclimbed(book: Book) -> list[tuple[str, str]]:
    """Stairs that lead nobody knows where, each with the room they are in, in words."""
    leads = book.travels.leads_to_known(book.state)
    found = []
    for id in book.travels.seen:
        exit = book.world.exits[id]
        if id in leads or exit.direction not in STAIRS:
            continue
        tail = ""
        if exit.door and (exit.door in book.travels.doors or exit.door in book.tried):
            door = book.world.name(exit.door)
            tail = f" ({door}, locked)" if book.is_locked(exit.door) else f" ({door})"
        found.append((exit.room, f"{book.world.name(exit.room)} ─ {exit.name} ─▶ ?{tail}"))
    return found


def _floor_name(number: int) -> str:
    if number == 0:
        return "Where the game began"
    count = abs(number)
    return f"{count} floor{'s' * (count > 1)} {'up' if number > 0 else 'down'}"
