"""A map in box-drawing characters."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from rich.cells import cell_len

from game.authoring.mapping.layout import Map, Spot, Way

#: Widest name on one line, and the space between boxes.
_NAME = 16
_ACROSS = 5
_DOWN = 2
#: What stands in the middle of a line: a door, a locked one.
_DOOR, _LOCKED = "□", "■"


class Canvas:
    """A sheet of characters; a wide one takes two cells."""

    def __init__(self, width: int, height: int) -> None:
        self.rows = [[" "] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str) -> None:
        for char in text:
            wide = cell_len(char)
            if wide == 0:
                self.rows[y][x - 1] += char
                continue
            self.rows[y][x] = char
            if wide == 2:
                self.rows[y][x + 1] = ""
            x += wide

    def free(self, x: int, y: int) -> bool:
        return self.rows[y][x] == " "

    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]


def draw(map: Map) -> str:
    """The map, a floor below the other, then what lines cannot show, and what the signs mean."""
    parts = []
    listed: list[Way] = []
    for floor in map.floors:
        sheet = draw_floor(map, floor)
        listed += sheet.undrawn
        head = f"── {map.floor_name(floor)} ──" if len(map.floors) > 1 else ""
        parts.append("\n".join(filter(None, (head, *sheet.lines))))
    listed += stairs(map)
    order = {id(way): n for n, way in enumerate(map.ways)}
    if listed:
        listed.sort(key=lambda way: order[id(way)])
        parts.append("\n".join(["Also:", *(f"  {in_words(map, way)}" for way in listed)]))
    parts.append("\n".join(_legend(map)))
    return "\n\n".join(filter(None, parts)) + "\n"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A floor that was drawn: its lines, the left, top, width and height in cells of each room's
    box, and the ways that no line could be drawn for."""

    lines: list[str]
    boxes: dict[str, tuple[int, int, int, int]]
    undrawn: list[Way]


def stairs(map: Map) -> list[Way]:
    """The ways from floor to floor, which are told in words."""
    return [way for way in map.ways if len({map.spots[end].floor for end in way.ends}) == 2]


def draw_floor(map: Map, floor: int) -> Sheet:
    """One floor in box-drawing characters."""
    spots = map.on(floor)
    names = {room: _label(map, room) for room in spots}
    widths = _sizes(spots, "x", {r: max(map_len(n) for n in names[r]) + 4 for r in spots})
    heights = _sizes(spots, "y", {room: len(names[room]) + 2 for room in spots})
    left = _starts(widths, _ACROSS)
    top = _starts(heights, _DOWN)
    canvas = Canvas(left[-1], top[-1])
    boxes = {}
    for room, spot in spots.items():
        boxes[room] = (left[spot.x], top[spot.y], widths[spot.x], heights[spot.y])
        _box(canvas, *boxes[room], names[room])
    taken = set(spots.values())
    undrawn = []
    for way in map.ways:
        one, other = way.ends
        if one not in spots or other not in spots:
            continue
        a, b = spots[one], spots[other]
        flipped = (b.y, b.x) < (a.y, a.x)
        if flipped:
            a, b = b, a
        if one == other or not _line(canvas, way, flipped, a, b, left, top, widths, heights, taken):
            undrawn.append(way)
    return Sheet("\n".join(canvas.lines()).rstrip().split("\n"), boxes, undrawn)


def map_len(text: str) -> int:
    return cell_len(text)


def _label(map: Map, room: str) -> list[str]:
    """The lines in a room's box: its name, and signs for stairs, darkness and the start."""
    floor = map.spots[room].floor
    signs = "*" if room == map.start else ""
    beyond = [
        map.spots[other].floor
        for way in map.ways
        for end, other in (way.ends, way.ends[::-1])
        if end == room and (other == way.there.to or way.back)
    ]
    signs += "↑" * any(f > floor for f in beyond) + "↓" * any(f < floor for f in beyond)
    if map.spoilers and map.world.rooms[room].dark:
        signs += "◐"
    lines = textwrap.wrap(map.world.rooms[room].name, _NAME) or [room]
    if signs:
        lines[-1] = f"{lines[-1]} {signs}"
    return lines


def _sizes(spots: dict[str, Spot], axis: str, wanted: dict[str, int]) -> list[int]:
    """The width of every column, or the height of every row."""
    count = max(getattr(spot, axis) for spot in spots.values()) + 1
    sizes = [0] * count
    for room, spot in spots.items():
        at = getattr(spot, axis)
        sizes[at] = max(sizes[at], wanted[room])
    return sizes


def _starts(sizes: list[int], gap: int) -> list[int]:
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size + gap)
    return starts


def _box(canvas: Canvas, x: int, y: int, width: int, height: int, lines: list[str]) -> None:
    canvas.put(x, y, "┌" + "─" * (width - 2) + "┐")
    for row in range(1, height - 1):
        canvas.put(x, y + row, "│" + " " * (width - 2) + "│")
    canvas.put(x, y + height - 1, "└" + "─" * (width - 2) + "┘")
    above = (height - 2 - len(lines)) // 2
    for n, line in enumerate(lines):
        canvas.put(x + (width - map_len(line)) // 2, y + 1 + above + n, line)


def _line(
    canvas: Canvas,
    way: Way,
    flipped: bool,
    a: Spot,
    b: Spot,
    left: list[int],
    top: list[int],
    widths: list[int],
    heights: list[int],
    taken: set[Spot],
) -> bool:
    """Draw a way from a to b, which is to its right or below; False when there is no space."""
    if a.y == b.y:
        between = {Spot(x, a.y, a.floor) for x in range(a.x + 1, b.x)}
        y = top[a.y] + heights[a.y] // 2
        cells = [(x, y) for x in range(left[a.x] + widths[a.x], left[b.x])]
        strokes, heads = ("─", "┄"), "◀▶"
    elif a.x == b.x:
        between = {Spot(a.x, y, a.floor) for y in range(a.y + 1, b.y)}
        x = left[a.x] + widths[a.x] // 2
        cells = [(x, y) for y in range(top[a.y] + heights[a.y], top[b.y])]
        strokes, heads = ("│", "┆"), "▲▼"
    elif abs(a.x - b.x) == 1 and b.y - a.y == 1:
        between = set()
        right = b.x > a.x
        first = left[a.x] + widths[a.x] if right else left[a.x] - 1
        step = (_ACROSS - 1) / (_DOWN - 1) if _DOWN > 1 else 0
        rows = range(top[a.y] + heights[a.y], top[b.y])
        cells = [(first + round(n * step) * (1 if right else -1), y) for n, y in enumerate(rows)]
        strokes, heads = ("╲" if right else "╱",) * 2, "▲▼"
    else:
        return False
    if between & taken or not all(canvas.free(x, y) for x, y in cells):
        return False
    for x, y in cells:
        canvas.put(x, y, strokes[way.hidden])
    if way.back is None:
        end = 0 if flipped else -1
        canvas.put(*cells[end], heads[0 if flipped else 1])
    if way.door:
        # The far end keeps its arrow.
        middle = cells[(len(cells) - 1) // 2 if not flipped else len(cells) // 2]
        canvas.put(*middle, _LOCKED if way.locked else _DOOR)
    return True


def in_words(map: Map, way: Way) -> str:
    one, other = (map.world.rooms[end].name for end in way.ends)
    notes = []
    if way.door:
        notes.append(f"{way.door}, locked" if way.locked else way.door)
    if way.hidden:
        notes.append("hidden")
    if way.back is None:
        notes.append("no way back")
    tail = f" ({'; '.join(notes)})" if notes else ""
    return f"{one} ─ {way.there.name} ─▶ {other}{tail}"


def _legend(map: Map) -> list[str]:
    """Only the signs that are on the map, and which key opens what."""
    signs = ["* the start"]
    floors = [{map.spots[end].floor for end in way.ends} for way in map.ways]
    if any(len(pair) == 2 for pair in floors):
        signs.append("↑↓ stairs")
    if any(way.door and not way.locked for way in map.ways):
        signs.append(f"{_DOOR} door")
    if any(way.locked for way in map.ways):
        signs.append(f"{_LOCKED} locked door")
    if any(way.back is None for way in map.ways):
        signs.append("▶ one way only")
    if any(way.hidden for way in map.ways):
        signs.append("┄ hidden")
    if map.spoilers and any(map.world.rooms[room].dark for room in map.spots):
        signs.append("◐ dark")
    locks = {f"  {way.door}: {' or '.join(way.keys) or 'no key'}" for way in map.ways if way.locked}
    return [", ".join(signs), *(["Locked doors and their keys:", *sorted(locks)] if locks else [])]
