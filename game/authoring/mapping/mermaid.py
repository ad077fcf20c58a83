"""A map as a Mermaid flowchart, for pages that draw those."""

from __future__ import annotations

from game.authoring.mapping.layout import Map, Way


def draw(map: Map) -> str:
    """The flowchart's text: a subgraph for each floor, a labelled line for each way."""
    lines = ["flowchart TB"]
    for floor in map.floors:
        several = len(map.floors) > 1
        if several:
            lines.append(f'  subgraph floor{floor + 1000}["{map.floor_name(floor)}"]')
        for room in map.on(floor):
            opening, closing = ("([", "])") if room == map.start else ("[", "]")
            lines.append(f'    r_{room}{opening}"{_text(map.world.rooms[room].name)}"{closing}')
        if several:
            lines.append("  end")
    lines += [_way(way) for way in map.ways]
    return "\n".join(lines) + "\n"


def _way(way: Way) -> str:
    words = way.there.name if way.back is None else f"{way.there.name} / {way.back.name}"
    if way.door:
        words += f", {way.door}" + (" (locked)" if way.locked else "")
    line = {
        (False, False): "---",
        (False, True): "-->",
        (True, False): "-.-",
        (True, True): "-.->",
    }[way.hidden, way.back is None]
    return f'  r_{way.there.room} {line}|"{_text(words)}"| r_{way.there.to}'


def _text(text: str) -> str:
    """As Mermaid's quoted text: entities for what would end it."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;")
