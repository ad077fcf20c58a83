"""A map as an SVG picture."""

from __future__ import annotations

import textwrap
from html import escape

from game.authoring.mapping.layout import Map, Spot, Way

_BOX = (132, 52)
_CELL = (190, 104)
_MARGIN = 28
_STYLE = """\
text { font: 13px sans-serif; fill: #222; text-anchor: middle; dominant-baseline: middle }
.floor { font-size: 15px; font-weight: bold; text-anchor: start }
.note { font-size: 11px; fill: #555; paint-order: stroke; stroke: #fff; stroke-width: 4px }
rect.room { fill: #fdfaf3; stroke: #444; stroke-width: 1.5 }
rect.dark { fill: #d9d7de }
rect.start { stroke: #b8860b; stroke-width: 3 }
line { stroke: #444; stroke-width: 1.5 }
line.hidden { stroke-dasharray: 3 4 }
rect.door { fill: #fff; stroke: #444; stroke-width: 1.5 }
rect.locked { fill: #444 }"""


def draw(map: Map) -> str:
    """The picture, complete: floors one below the other, the highest first."""
    bodies: list[str] = []
    width, y = 0, _MARGIN
    for floor in map.floors:
        spots = map.on(floor)
        if len(map.floors) > 1:
            bodies.append(
                f'<text class="floor" x="{_MARGIN}" y="{y}">{map.floor_name(floor)}</text>'
            )
            y += 24
        bodies += _floor(map, floor, spots, y)
        width = max(width, _MARGIN * 2 + (max(s.x for s in spots.values()) + 1) * _CELL[0])
        y += (max(s.y for s in spots.values()) + 1) * _CELL[1] + 16
    title = escape(map.world.title)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" '
            f'width="{width}" height="{y}" role="img">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style>",
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" '
            'markerHeight="9" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>',
            '<rect width="100%" height="100%" fill="#fff"/>',
            *bodies,
            "</svg>\n",
        ]
    )


def _centre(spot: Spot, top: int) -> tuple[int, int]:
    return _MARGIN + spot.x * _CELL[0] + _BOX[0] // 2, top + spot.y * _CELL[1] + _BOX[1] // 2


def _floor(map: Map, floor: int, spots: dict[str, Spot], top: int) -> list[str]:
    shapes = []
    for way in map.ways:
        one, other = way.ends
        if one in spots and other in spots and one != other:
            shapes += _way(way, _centre(spots[one], top), _centre(spots[other], top))
    for room, spot in spots.items():
        shapes += _room(map, room, _centre(spot, top))
    return shapes


def _way(way: Way, a: tuple[int, int], b: tuple[int, int]) -> list[str]:
    start, end = _edge(a, b), _edge(b, a)
    hidden = ' class="hidden"' if way.hidden else ""
    arrow = ' marker-end="url(#arrow)"' if way.back is None else ""
    shapes = [f'<line{hidden} x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}"{arrow}/>']
    if way.door:
        x, y = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
        locked = " locked" if way.locked else ""
        state = "locked" if way.locked else "a door"
        shapes.append(
            f'<rect class="door{locked}" x="{x - 6}" y="{y - 6}" width="12" height="12">'
            f"<title>{escape(way.door)}: {state}</title></rect>"
        )
    return shapes


def _edge(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Where the line from the centre of box `a` towards `b` leaves the box."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    share = min(
        _BOX[0] / 2 / abs(dx) if dx else float("inf"),
        _BOX[1] / 2 / abs(dy) if dy else float("inf"),
    )
    return round(a[0] + dx * share), round(a[1] + dy * share)


def _room(map: Map, room: str, centre: tuple[int, int]) -> list[str]:
    x, y = centre
    definition = map.world.rooms[room]
    classes = ["room"]
    classes += ["start"] if room == map.start else []
    classes += ["dark"] if definition.dark and map.spoilers else []
    lines = textwrap.wrap(definition.name, 18)[:2] or [room]
    stairs = _stairs(map, room)
    shapes = [
        f'<rect class="{" ".join(classes)}" x="{x - _BOX[0] // 2}" y="{y - _BOX[1] // 2}" '
        f'width="{_BOX[0]}" height="{_BOX[1]}" rx="6"/>'
    ]
    offset = -8 * (len(lines) - 1)
    for n, line in enumerate(lines):
        shapes.append(f'<text x="{x}" y="{y + offset + 16 * n}">{escape(line)}</text>')
    if stairs:
        below = y + _BOX[1] // 2 + 11
        shapes.append(f'<text class="note" x="{x}" y="{below}">{escape(stairs)}</text>')
    return shapes


def _stairs(map: Map, room: str) -> str:
    floor = map.spots[room].floor
    notes = []
    for way in map.ways:
        for end, other in (way.ends, way.ends[::-1]):
            if end != room or (other != way.there.to and way.back is None):
                continue
            beyond = map.spots[other].floor
            if beyond != floor:
                lock = " (locked)" if way.locked else ""
                notes.append(
                    f"{'↑' if beyond > floor else '↓'} {map.world.rooms[other].name}{lock}"
                )
    return ", ".join(dict.fromkeys(notes))
