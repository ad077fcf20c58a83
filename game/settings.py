"""The player's settings: a small TOML file in the home folder, each key documented."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from game import paths
from game.errors import SettingsError


def _setting(default: Any, help: str, check: Callable[[Any], bool] | None = None) -> Any:
    """A documented field; `check` says whether a value of the right type is in range."""
    return field(default=default, metadata={"help": help, "check": check})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a player can set once instead of on every command line."""

    model: str = _setting("", "Path of a GGUF model to play with; empty: the bundled one.")
    llm: bool = _setting(True, "Let the language model tell the story; false: the plain teller.")
    temperature: float = _setting(
        0.7,
        "How freely the narrator writes, from 0 (always the likeliest word) to 2.",
        lambda x: 0 <= x <= 2,
    )
    min_p: float = _setting(
        0.1,
        "Words less likely than this share of the likeliest one are never drawn, 0 to 1.",
        lambda x: 0 <= x <= 1,
    )
    theme: str = _setting("", "Colour theme of the terminal app; empty: its own.")
    text_speed: int = _setting(
        0, "Characters a second at which prose appears; 0: as it is written.", lambda x: x >= 0
    )
    feedback: bool = _setting(True, "Keep thumbs and what they judge in feedback.db.")


FIELDS = {f.name: f for f in dataclasses.fields(Settings)}


def load(path: Path | None = None) -> Settings:
    """The settings in the file at `path` (default: the home's); defaults where it says nothing.

    Raises SettingsError naming the file, line and key of the first thing that is wrong.
    """
    path = path or paths.settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Cannot read {path}: {error}.", "Mend or delete the file; defaults then apply."
        ) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not valid TOML: {error}.", "Mend that line, or delete the file."
        ) from error
    for key, value in table.items():
        if problem := _problem(key, value):
            message, hint = problem
            raise SettingsError(f"{path}:{_line_of(key, text)}: {message}", hint)
    return Settings(**{key: _coerced(key, value) for key, value in table.items()})


def save(settings: Settings, path: Path | None = None) -> Path:
    """Write every setting with its help text, all or nothing; returns the file's path.

    Raises SettingsError for a value out of range and SaveError when the file cannot be written.
    """
    path = path or paths.settings_file()
    for key in FIELDS:
        if problem := _problem(key, getattr(settings, key)):
            raise SettingsError(*problem)
    paths.ensure(path.parent)
    # A rename is atomic, so a crash or a second game never leaves half a file.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(dumps(settings))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def dumps(settings: Settings) -> str:
    """The settings as TOML, each key under its help text."""
    blocks = [
        f"# {f.metadata['help']}\n{name} = {_toml(getattr(settings, name))}\n"
        for name, f in FIELDS.items()
    ]
    return "\n".join(blocks)


def _problem(key: str, value: object) -> tuple[str, str] | None:
    """What is wrong with one setting and what to do about it, or None."""
    if key not in FIELDS:
        import difflib

        near = difflib.get_close_matches(key, FIELDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(FIELDS)}."
        return f"unknown setting {key!r}.", hint
    spec = FIELDS[key]
    kind = type(spec.default)
    fits = type(value) is kind or (kind is float and type(value) is int)
    if isinstance(value, float) and not math.isfinite(value):
        fits = False
    check = spec.metadata["check"]
    if fits and (check is None or check(value)):
        return None
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return (
        f"{key} = {value!r} cannot be used; it takes {words[kind]}.",
        f"{spec.metadata['help']} Default: {_toml(spec.default)}.",
    )


def _coerced(key: str, value: Any) -> Any:
    return float(value) if isinstance(FIELDS[key].default, float) else value


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
