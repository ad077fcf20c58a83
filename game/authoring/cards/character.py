"""A Character Card as a character of a world file, with the lore of its book.

Nothing of a card is taken as an instruction: prompts that it brings are kept as data and not used.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any, NamedTuple

from game.authoring.cards.reading import Card
from game.authoring.source import CONTROL
from game.engine.model import World

#: The longest texts and names that the format takes.
_TEXT, _NAME = 4000, 80
_MACROS = (
    (re.compile(r"\{\{\s*char\s*\}\}|<BOT>|<CHAR>", re.I), "{name}"),
    (re.compile(r"\{\{\s*user\s*\}\}|<USER>", re.I), "the stranger"),
    (re.compile(r"\{\{\s*//.*?\}\}", re.S), ""),
)
_CARRIED = ("name", "description", "personality", "scenario", "first_mes", "tags", "character_book")


class Imported(NamedTuple):
    """Sections of a world file, the character's id, and what the author should know."""

    id: str
    sections: dict[str, Any]
    notes: list[str]


def to_character(card: Card, room: str, world: World | None = None) -> Imported:
    """The card as `characters` and `lore` sections, with the character in `room`.

    Entries of the card's lore book are about the rooms, things and people of `world` that their
    keys name, else about the character. What has no place in a world is kept under `extra.card`.
    """
    data, notes = card.data, list[str]()
    name = _clean(data["name"], "").strip()[:_NAME]
    taken = {*world.entities, *world.quests} if world else {"player", room}
    id = _free_id(name, taken)

    def text(field: str) -> str:
        return _clean(data.get(field) or "", name)

    whole = "\n\n".join(filter(None, (text("description"), text("personality"))))
    persona, *more = textwrap.wrap(whole, _TEXT, replace_whitespace=False) or [""]
    first = re.split(r"(?<=[.!?])\s", text("description"), maxsplit=1)[0]
    tags = [t for t in map(_slug, _texts(data.get("tags"))) if t][:20]
    kept = {key: value for key, value in data.items() if key not in _CARRIED and value}
    if card.around:
        kept["around"] = card.around
    character: dict[str, Any] = {
        "in": room,
        "name": name,
        "description": textwrap.shorten(first, 300, placeholder=" ...") or name,
        "persona": persona,
        "goals": textwrap.wrap(text("scenario"), _TEXT)[:3] or [f"Be {name}."],
        "greeting": _spoken(text("first_mes")),
        "tags": list(dict.fromkeys(tags)),
        "extra": {
            "card": _plain({"version": card.version, "first_mes": text("first_mes"), **kept})
        },
    }
    lore = {f"{id}_{n}": {"about": id, "text": part} for n, part in enumerate(more, 2)}
    lore |= _book(data.get("character_book"), id, name, world, notes)
    for field in ("system_prompt", "post_history_instructions"):
        if data.get(field):
            notes.append(f"its {field.replace('_', ' ')} is kept, and not used")
    character = {key: value for key, value in character.items() if value}
    sections: dict[str, Any] = {"characters": {id: character}}
    if lore:
        sections["lore"] = lore
    return Imported(id, sections, notes)


def _clean(text: str, name: str) -> str:
    """A card's text without its macros, control characters and runs of blank lines."""
    for pattern, instead in _MACROS:
        text = pattern.sub(lambda _, to=instead: to.replace("{name}", name), text)  # type: ignore[misc]
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\t", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _spoken(text: str) -> str:
    """What is said in a card's first message, which tells as well as speaks."""
    quotes = re.findall(r"[\"“”]([^\"“”]+)[\"“”]", text)
    said = " ".join(quotes) or re.sub(r"\*[^*]*\*", " ", text) or text
    return textwrap.shorten(said.replace("*", " "), 400, placeholder=" ...")


def _slug(text: str) -> str:
    word = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]
    return word if word[:1].isalpha() else f"x_{word}"[:60] if word else ""


def _free_id(name: str, taken: set[str]) -> str:
    base = _slug(name)[:50] or "guest"
    id, number = base, 1
    while id in taken:
        number += 1
        id = f"{base}_{number}"
    return id


def _texts(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _book(
    book: Any, id: str, name: str, world: World | None, notes: list[str]
) -> dict[str, dict[str, Any]]:
    """The entries of a lore book, about what their keys name."""
    entries = book.get("entries") if isinstance(book, dict) else None
    if isinstance(entries, dict):  # some writers number them
        entries = list(entries.values())
    lore: dict[str, dict[str, Any]] = {}
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("enabled") is False:
            continue
        content = entry.get("content")
        if not isinstance(content, str) or not _clean(content, name):
            continue
        keys = _texts(entry.get("keys")) or _texts(entry.get("key"))
        about = _named(keys, world) or [id]
        for part in textwrap.wrap(_clean(content, name), _TEXT, replace_whitespace=False):
            lore[f"{id}_lore_{len(lore) + 1}"] = {"about": about, "text": part}
    if lore:
        own = sum(note["about"] == [id] for note in lore.values())
        notes.append(f"{len(lore)} lore notes, {own} of them about {name} alone")
    return lore


def _named(keys: list[str], world: World | None) -> list[str]:
    """The rooms, things and people of the world that go by one of these words."""
    if world is None:
        return []
    words = {key.strip().lower() for key in keys}
    return [e.id for e in world.entities.values() if words & {e.name.lower(), e.id, *e.names}]


def _plain(value: Any, depth: int = 0) -> Any:
    """Data that a world file can hold: text without control characters, not too deep."""
    if isinstance(value, str):
        return CONTROL.sub("", value.replace("\r\n", "\n"))
    if isinstance(value, dict) and depth < 20:
        return {CONTROL.sub("", str(k)): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list) and depth < 20:
        return [_plain(v, depth + 1) for v in value]
    return value if isinstance(value, int | float | bool | None) else str(value)[:_TEXT]
