"""A new world from the template: small, playable, explained by its comments, and tested."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template

from game.authoring.json_schema import schema_text
from game.errors import UsageError, WorldError

_TEMPLATE = Path(__file__).parent / "template"


def new_world(name: str, folder: Path, author: str = "") -> list[Path]:
    """Write a new world called `name` to `folder`, which must hold none; returns its files.

    Raises UsageError for a name without letters, WorldError when it cannot be written.
    """
    words = re.findall(r"[^\W_]+", name)
    if not words:
        raise UsageError(f"{name!r} is no name for a world.", "Try one with letters: old-mill")
    if folder.exists() and any(folder.iterdir()):
        raise WorldError(f"There is something in {folder} already.", "Choose another name, or -o.")
    title = " ".join(word[0].upper() + word[1:] for word in words)
    text = Template((_TEMPLATE / "world.yaml").read_text(encoding="utf-8"))
    quoted = {"title": json.dumps(title, ensure_ascii=False), "author": json.dumps(author or "You")}
    files = {
        "world.yaml": text.safe_substitute(quoted),
        "tests/first.skein": (_TEMPLATE / "first.skein").read_text(encoding="utf-8"),
        "schema.json": schema_text(),
    }
    try:
        (folder / "tests").mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_text(content, encoding="utf-8")
    except OSError as error:
        raise WorldError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    return [folder / file for file in files]
