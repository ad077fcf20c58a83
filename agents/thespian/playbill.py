"""What a thespian's file says of itself, read without torch, and which one plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.registry import Registry
from agents.versions import MAIN, AdapterError

WHAT = "cast"
FILE = MAIN[WHAT]
#: Raised when the meaning of a feature changes.
FORMAT = 1
#: What versions of the cast are made for, in the registry: not a model, but the features.
BASE = f"thespian-{FORMAT}"
#: The one that comes with the game.
SHIPPED = Path(__file__).parent / "checkpoint"
#: A header longer than this is none.
_LONGEST = 1 << 20


def metadata(folder: Path) -> dict[str, Any]:
    """The metadata of the safetensors file in `folder`: a length, then JSON, before the tensors.

    Raises AdapterError when it cannot be read.
    """
    file = folder / FILE
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            header = json.loads(opened.read(length)) if length <= _LONGEST else {}
        found: dict[str, Any] = header["__metadata__"]
        return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterError(
            f"{file} holds no thespian that can be read: {error}.",
            "Reinstall the game for the one that ships with it, or train one anew.",
        ) from error


def roles_of(folder: Path) -> tuple[str, ...]:
    """The roles that the thespian in `folder` plays, those learned last at the end. Raises
    AdapterError."""
    try:
        found = metadata(folder)
        own, learned = json.loads(found["shape"])["roles"], json.loads(found.get("learned", "[]"))
        return (*own, *learned)
    except (KeyError, ValueError, TypeError) as error:
        raise AdapterError(
            f"{folder / FILE} does not say which roles it plays.",
            "Go back to the shipped one: game adapters rollback --what cast.",
        ) from error


def in_use(registry: Registry | None = None) -> Path:
    """The folder of the thespian that plays: the version chosen, else the shipped one.

    Raises AdapterError when the one chosen is damaged or gone.
    """
    file = (registry or Registry()).active(WHAT, BASE)
    return SHIPPED if file is None else file.parent
