"""A world's data to the files of a world folder, in the style that an author would write."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

from game import atomic
from game.errors import WorldError

WIDTH = 96
#: A file is begun anew beyond this many bytes: the loader takes no file of more than 400,000.
MOST_BYTES = 300_000
#: The sections that go to files of their own, by file.
_FILES = {
    "things": ("doors", "items"),
    "people": ("characters",),
    "story": ("reactions", "quests", "roles", "endings", "lore", "prototypes", "flags"),
}

#: What can stand in YAML without quotes, and mean text.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.()'!?;+*/-]*(?: [A-Za-z0-9_.()'!?;+*/-]+)*")
#: The same where no list or mapping is around it on its line.
_LINE = re.compile(r"[A-Za-z][^\s:#\"]*(?: [^\s:#\"]+)*")
_NOT_TEXT = frozenset(("true", "false", "null"))


def write_world(data: dict[str, Any], folder: Path, about: str) -> list[Path]:
    """Write `data` (as `game.authoring.validate` takes it) to a folder that holds no world yet.

    `about` is the comment at the top. Returns the files, world.yaml first. Raises WorldError when
    the folder cannot be written or has a world in it.
    """
    if (folder / "world.yaml").exists():
        raise WorldError(f"There is a world in {folder} already.", "Choose another folder with -o.")
    texts: dict[str, str] = {}
    main = dict(data)
    for file, sections in _FILES.items():
        own = {name: main.pop(name) for name in sections if main.get(name)}
        texts |= _split(file, own)
    texts |= _split("rooms", {"rooms": main.pop("rooms")}) if _large(main["rooms"]) else {}
    if texts:
        late = ("player", "rooms", "extra")
        head = {key: main.pop(key) for key in tuple(main) if key not in late}
        main = {**head, "include": list(texts), **main}
    texts = {"world.yaml": to_yaml(main), **texts}
    first = "# yaml-language-server: $schema=../schema/world.json\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            comment = f"# {about}\n" if name == "world.yaml" else ""
            atomic.write_text(folder / name, first + comment + text)
    except OSError as error:
        raise WorldError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    return [folder / name for name in texts]


def _large(section: dict[str, Any]) -> bool:
    return len(to_yaml(section).encode()) > MOST_BYTES // 3


def _split(file: str, sections: dict[str, Any]) -> dict[str, str]:
    """The text of a file with these sections, or of several when that is too long for one."""
    parts: list[dict[str, dict[str, Any]]] = [{}]
    size = 0
    for section, entries in sections.items():
        for key, entry in entries.items():
            length = len(to_yaml({key: entry}).encode())
            if size and size + length > MOST_BYTES:
                parts.append({})
                size = 0
            size += length
            parts[-1].setdefault(section, {})[key] = entry
    return {
        f"{file}{f'_{n}' if n > 1 else ''}.yaml": to_yaml(part)
        for n, part in enumerate(parts, 1)
        if part
    }


def to_yaml(data: dict[str, Any]) -> str:
    """YAML 1.2 text. Mappings of plain data with text keys, in the order given."""
    lines: list[str] = []
    _mapping(data, 0, lines)
    return "\n".join(lines) + "\n"


def _mapping(data: dict[str, Any], indent: int, lines: list[str]) -> None:
    pad = " " * indent
    for key, value in data.items():
        head = f"{pad}{_text(key)}:"
        if indent == 0 and isinstance(value, dict) and lines:
            lines.append("")
        flow = _text(value, _LINE) if isinstance(value, str) else _flow(value)
        if len(head) + 1 + len(flow) <= WIDTH and (indent > 0 or not isinstance(value, dict)):
            lines.append(f"{head} {flow}")
        elif isinstance(value, dict):
            lines.append(head)
            _mapping(value, indent + 2, lines)
        elif isinstance(value, list):
            lines.append(head)
            _sequence(value, indent + 2, lines)
        elif isinstance(value, str) and _folds(value):
            lines.append(f"{head} >-")
            _folded(value, indent + 2, lines)
        else:
            lines.append(f"{head} {flow}")


def _sequence(data: list[Any], indent: int, lines: list[str]) -> None:
    pad = " " * indent
    for value in data:
        flow = _flow(value)
        if len(pad) + 2 + len(flow) <= WIDTH or not isinstance(value, str | dict):
            lines.append(f"{pad}- {flow}")
        elif isinstance(value, dict):
            inner: list[str] = []
            _mapping(value, indent + 2, inner)
            inner[0] = f"{pad}- {inner[0].lstrip()}"
            lines += inner
        elif _folds(value):
            lines.append(f"{pad}- >-")
            _folded(value, indent + 2, lines)
        else:
            lines.append(f"{pad}- {flow}")


def _folds(text: str) -> bool:
    """Whether folding over lines gives back the same text."""
    return bool(text.strip() == text and not re.search(r"\s\s|[^\S ]", text))


def _folded(text: str, indent: int, lines: list[str]) -> None:
    width = max(40, WIDTH - indent)
    wrapped = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    lines += [" " * indent + line for line in wrapped]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str, plain: re.Pattern[str] = _PLAIN) -> str:
    if plain.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    # JSON's strings are YAML's, but for line ends of Unicode that YAML would take for its own.
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("\x85", "\\x85").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
