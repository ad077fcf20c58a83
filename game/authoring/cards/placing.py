"""An imported character into a world of its own, or into one that is there."""

from __future__ import annotations

import re
from pathlib import Path

from game.authoring.cards.character import Imported, to_character
from game.authoring.cards.reading import Card
from game.authoring.load import load_world
from game.authoring.writing import to_yaml, write_world
from game.errors import UsageError, WorldError


def new_world(card: Card, folder: Path) -> tuple[Imported, Path]:
    """A world of one room with the character in it; returns its file too."""
    imported = to_character(card, "here")
    scene = imported.sections["characters"][imported.id]["goals"][0]
    data = {
        "format": 1,
        "title": f"An audience with {imported.sections['characters'][imported.id]['name']}"[:80],
        "player": {"start": "here"},
        "rooms": {"here": {"name": "Here", "description": scene}},
        **imported.sections,
    }
    file = write_world(data, folder, "From a Character Card.")[0]
    load_world(file)
    return imported, file


def into_world(card: Card, world_file: Path, room: str | None) -> tuple[Imported, Path]:
    """Write the character to a file of its own in a world's folder, and include that.

    Raises UsageError for an unknown room, WorldError (with everything as it was) when it does not
    fit.
    """
    world = load_world(world_file)
    where = room or world.places[world.player][0]
    if where not in world.rooms:
        raise UsageError(f"There is no room {where!r} in this world.", "Give --room an id.")
    imported = to_character(card, where, world)
    file = world_file.parent / f"{imported.id}.yaml"
    before = world_file.read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(to_yaml(imported.sections))
    except OSError as error:
        raise WorldError(f"Cannot write {file}: {error.strerror or error}.") from error
    try:
        world_file.write_text(including(before, file.name), encoding="utf-8")
        load_world(world_file)
    except (OSError, WorldError):
        file.unlink(missing_ok=True)
        world_file.write_text(before, encoding="utf-8")
        raise
    return imported, file


def including(text: str, name: str) -> str:
    """A world file's text with one more file in its `include`."""
    one = re.search(r"^include:[ \t]*([^\s#\[][^\n#]*?)[ \t]*(#.*)?$", text, re.M)
    if one:
        return f"{text[: one.start(1)]}[{one[1]}, {name}]{text[one.end(1) :]}"
    several = re.search(r"^include:[ \t]*\[([^\]]*?)\s*,?\s*\]", text, re.M)
    if several:
        comma = ", " if several[1].strip() else ""
        return f"{text[: several.end(1)]}{comma}{name}]{text[several.end() :]}"
    block = re.search(r"^include:[ \t]*(?:#.*)?\n(\s*)-", text, re.M)
    if block:
        start = block.end() - 1
        return f"{text[:start]}- {name}\n{block[1]}{text[start:]}"
    return re.sub(r"^(title:.*\n)", rf"\1include: {name}\n", text, count=1, flags=re.M)
