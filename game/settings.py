"""The player's settings: a small TOML file in the home folder, each key documented."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from game import atomic, paths
from game.errors import SaveError, SettingsError
from game.llm.presets import PRESETS, STEADY


def _setting(default: Any, name: str, help: str, choices: Mapping[str, str] | None = None) -> Any:
    """A documented field. `choices` are the values it may have, each with what it means."""
    return field(default=default, metadata={"name": name, "help": help, "choices": choices})


#: The colour themes of the terminal app, each with what it is like.
THEMES = {
    "evening": "soft colours on dark",
    "matinee": "soft colours on light",
    "blackout": "high contrast, on black",
    "programme": "high contrast, on white",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a player can set once instead of on every command line."""

    theme: str = _setting("evening", "Theme", "Colours of the terminal app.", THEMES)
    llm: bool = _setting(
        True,
        "Narration",
        "The language model tells the story; off: the plain teller does, at once.",
    )
    sampling: str = _setting(
        STEADY,
        "Sampling",
        "How freely the narrator writes.",
        {name: preset.help for name, preset in PRESETS.items()},
    )
    facts: bool = _setting(
        False, "Facts", "Show under every telling what truly happened, as F3 does."
    )
    brief: bool = _setting(
        False, "Brief", "A new game describes each room only the first time you come to it."
    )
    autosave: bool = _setting(
        True, "Autosave", "Keep the game after every turn; off: only `save` keeps it."
    )
    feedback: bool = _setting(
        True, "Feedback", "Keep thumbs and the lines they judge in feedback.db, to learn from."
    )
    model: str = _setting(
        "", "Model", "Path of a GGUF model to play with; empty: the one that came with the game."
    )
    server: str = _setting(
        "", "Server", "Address of an OpenAI-compatible server to narrate instead; empty: none."
    )
    server_model: str = _setting(
        "", "Server model", "The model to ask that server for; empty: the first it lists."
    )


FIELDS = {f.name: f for f in dataclasses.fields(Settings)}


def load(path: Path | None = None) -> Settings:
    """The settings in the file at `path` (default: the home's); defaults where it says nothing.

    Keys that are no settings are left to `unknown`: another version of the game may know them.
    Raises SettingsError naming the file, line and key of the first value that cannot be used.
    """
    path = path or paths.settings_file()
    text, table = _read(path)
    known = {key: value for key, value in table.items() if key in FIELDS}
    for key, value in known.items():
        if problem := _problem(key, value):
            message, hint = problem
            raise SettingsError(f"{path}:{_line_of(key, text)}: {message}", hint)
    return Settings(**known)


def unknown(path: Path | None = None) -> list[str]:
    """A line for every key of the file that is no setting, with its place and the nearest one."""
    path = path or paths.settings_file()
    text, table = _read(path)
    found = []
    for key in table:
        if key not in FIELDS:
            near = difflib.get_close_matches(key, FIELDS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(FIELDS)}."
            found.append(f"{path}:{_line_of(key, text)}: {key!r} is no setting. {hint}")
    return found


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """The file's text and table, both empty when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return "", {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Cannot read {path}: {error}.", "Mend or delete the file; defaults then apply."
        ) from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not valid TOML: {error}.", "Mend that line, or delete the file."
        ) from error


def save(settings: Settings, path: Path | None = None) -> Path:
    """Write every setting with its help text, all or nothing; returns the file's path.

    What else the file says, comments and keys of other versions included, stays as it is. Raises
    SettingsError for a value out of range or a file that cannot be edited, and SaveError when it
    cannot be written.
    """
    path = path or paths.settings_file()
    for key in FIELDS:
        if problem := _problem(key, getattr(settings, key)):
            raise SettingsError(*problem)
    text = edited(_read(path)[0], dataclasses.asdict(settings), path)
    paths.ensure(path.parent)
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise SaveError(
            f"The settings could not be written to {path}: {error.strerror or error}.",
            "Free some space or set GAME_HOME to a folder you can write to.",
        ) from error
    return path


def edited(text: str, values: Mapping[str, Any], path: Path) -> str:
    """The TOML `text` with `values` at its top level; lines that say so already are not touched.

    A new key comes under its help text, before the first table. Raises SettingsError, naming
    `path`, for a value that is spread over several lines.
    """
    had = tomllib.loads(text)
    lines = text.splitlines()
    top = next((n for n, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    fresh = []
    for key, value in values.items():
        if key not in had:
            fresh.append(f"# {_documented(key)}\n{key} = {_toml(value)}\n")
        elif had[key] != value:
            at = _line_of(key, text) - 1
            lines[at] = _replaced(lines[at], value)
    head = "\n".join(lines[:top]).rstrip()
    rest = "\n".join(lines[top:]).rstrip()
    result = "\n\n".join(part.rstrip() for part in (head, *fresh, rest) if part) + "\n"
    try:
        understood = tomllib.loads(result) == had | dict(values)
    except tomllib.TOMLDecodeError:
        understood = False
    if not understood:
        raise SettingsError(
            f"{path} is written in a way that the game cannot edit.",
            "Write each setting on a line of its own, KEY = VALUE, or delete the file.",
        )
    return result


def _replaced(line: str, value: object) -> str:
    """The line `key = old  # comment` with another value and the same comment."""
    key, _, rest = line.partition("=")
    for at in (n for n, character in enumerate(rest) if character == "#"):
        try:
            tomllib.loads(f"x = {rest[:at]}")
        except tomllib.TOMLDecodeError:
            continue  # that # is inside a text
        return f"{key.rstrip()} = {_toml(value)}  {rest[at:]}"
    return f"{key.rstrip()} = {_toml(value)}"


def _documented(key: str) -> str:
    help: str = FIELDS[key].metadata["help"]
    choices = FIELDS[key].metadata["choices"]
    return f"{help} One of: {', '.join(choices)}." if choices else help


def _problem(key: str, value: object) -> tuple[str, str] | None:
    """What is wrong with the value of a setting and what to do about it, or None."""
    spec = FIELDS[key]
    choices = spec.metadata["choices"]
    if type(value) is not type(spec.default):
        wanted = "true or false" if isinstance(spec.default, bool) else "a text"
    elif choices and value not in choices:
        near = difflib.get_close_matches(str(value), choices, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"there is no {key} {value!r}.{hint}", f"Choose one of: {', '.join(choices)}."
    else:
        return None
    return (
        f"{key} = {value!r} cannot be used; it takes {wanted}.",
        f"{spec.metadata['help']} Default: {_toml(spec.default)}.",
    )


def _line_of(key: str, text: str) -> int:
    """The line that sets `key`; 1 when it is written in a way we do not look for."""
    pattern = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return number
    return 1


def _toml(value: object) -> str:
    """One TOML value; JSON's spelling of texts, numbers and booleans is TOML's too."""
    # DEL is the one character that JSON leaves bare in a text and TOML forbids.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
