"""Examines what the game stands on: terminal, tools, model, home, database, saves and worlds."""

from __future__ import annotations

import locale
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from game import paths, settings
from game.errors import GameError

#: What is too small, in columns and lines, and in bytes of free disk.
SMALLEST_TERMINAL = (80, 24)
LITTLE_SPACE, NO_SPACE = 500_000_000, 20_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined. "warning" can be played with, "bad" cannot; `remedy` is what to do."""

    name: str
    state: Literal["ok", "warning", "bad"]
    found: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, in order. A check that fails in a way it does not know is a finding, too."""
    for name, check in CHECKS.items():
        try:
            yield from check()
        except GameError as error:
            yield Finding(name, "bad", error.message, error.hint)
        except Exception as error:  # the doctor must not fall ill himself
            yield Finding(name, "bad", f"{type(error).__name__}: {error}", "Please report this.")


def _terminal() -> Iterator[Finding]:
    if not sys.stdout.isatty():
        yield Finding("terminal", "warning", "none here", "The game speaks in plain lines then.")
    else:
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
        small = columns < SMALLEST_TERMINAL[0] or lines < SMALLEST_TERMINAL[1]
        remedy = "Make the window 80 by 24 or larger, or play with --plain." if small else ""
        yield Finding("terminal", "warning" if small else "ok", f"{columns} by {lines}", remedy)
    yield _colours()
    encoding = (getattr(sys.stdout, "encoding", "") or locale.getpreferredencoding()).lower()
    good = encoding.replace("-", "") == "utf8"
    remedy = "" if good else "Set a UTF-8 locale: export LANG=C.UTF-8"
    yield Finding("characters", "ok" if good else "warning", encoding, remedy)


def _colours() -> Finding:
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        found = f"TERM={term}" if term else "TERM is not set"
        return Finding("colours", "warning", found, "export TERM=xterm-256color, or --plain.")
    if "NO_COLOR" in os.environ:
        return Finding("colours", "ok", "taken away by NO_COLOR")
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return Finding("colours", "ok", "16 million")
    if "256" in term:
        return Finding("colours", "ok", "256")
    return Finding("colours", "warning", f"few (TERM={term})",
                   "Try: export TERM=xterm-256color, or the theme blackout.")  # fmt: skip


def _tools() -> Iterator[Finding]:
    from game.llm import native

    version = ".".join(map(str, sys.version_info[:3]))
    recent = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if recent else "bad", version,
                  "" if recent else "Install Python 3.11 or newer.")  # fmt: skip
    try:
        loaded: GameError | None = None
        release = str(native.library().__version__)
    except GameError as error:
        loaded, release = error, ""
    for name, programs, package in (
        ("compiler", ("c++", "g++", "clang++"), "g++ (or clang, or Xcode's tools)"),
        ("cmake", ("cmake",), "cmake"),
    ):
        path = next(filter(None, map(shutil.which, programs)), None)
        if path is not None:
            yield Finding(name, "ok", path)
        else:
            # llama.cpp is compiled once; what is installed already needs neither.
            state: Literal["warning", "bad"] = "bad" if loaded and name == "compiler" else "warning"
            remedy = f"Install {package}; it is needed to install or update llama-cpp-python."
            yield Finding(name, state, "missing", remedy)
    if loaded is None:
        yield Finding("llama.cpp", "ok", f"llama-cpp-python {release}")
    else:
        yield Finding("llama.cpp", "bad", loaded.message, loaded.hint)


def _settings() -> Iterator[Finding]:
    settings.load()
    unknown = settings.unknown()
    for line in unknown:
        yield Finding("settings", "warning", line, "Mend or delete that line.")
    if not unknown:
        here = paths.settings_file().is_file()
        yield Finding("settings", "ok", str(paths.settings_file()) if here else "the defaults")


def _model() -> Iterator[Finding]:
    from game.llm.base import Prompt, Sampler, Segment
    from game.llm.bundled import bundled_model_path
    from game.llm.gguf_header import read_header
    from game.llm.llama import LlamaModel, weights_hash
    from game.llm.prepare import prepared_path

    chosen = settings.load()
    if chosen.server:
        from game.llm.remote import RemoteModel

        server = RemoteModel(chosen.server, chosen.server_model)
        yield Finding("server", "ok", f"{chosen.server} has {server.name}")
    source = Path(chosen.model).expanduser() if chosen.model else bundled_model_path()
    header = read_header(source)
    found = f"{source.name}, {header.quantisation}, {weights_hash(source)}"
    copy = prepared_path(paths.home(), source)
    playing = copy if copy.is_file() else source
    try:
        model = LlamaModel(playing, context=64)
        try:
            model.complete(Prompt((), (Segment("You"),)), Sampler(max_tokens=2))
        finally:
            model.close()
    except GameError as error:
        remedy = f"Delete {copy}; it is made again." if playing == copy else error.hint
        yield Finding("model", "bad", error.message, remedy)
        return
    yield Finding("model", "ok", found)


def _home() -> Iterator[Finding]:
    home = paths.ensure(paths.home())
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"x")
    except OSError as error:
        remedy = "Set GAME_HOME to a folder you can write to."
        yield Finding("home", "bad", f"cannot write to {home}: {error.strerror}", remedy)
        return
    yield Finding("home", "ok", str(home))
    free = shutil.disk_usage(home).free
    state: Literal["ok", "warning", "bad"] = (
        "bad" if free < NO_SPACE else "warning" if free < LITTLE_SPACE else "ok"
    )
    remedy = "" if state == "ok" else "Free some space; a prepared model takes about 150 MB."
    yield Finding("disk", state, f"{free / 1e9:.1f} GB free", remedy)


def _database() -> Iterator[Finding]:
    from game.feedback.store import FeedbackStore

    file = paths.home() / "feedback.db"
    if not file.exists():
        yield Finding("database", "ok", "no thumbs yet")
        return
    remedy = f"Move {file} away; a new one is made, and the thumbs in it are lost."
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=2) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        connection.close()
    except sqlite3.Error as error:
        yield Finding("database", "bad", f"{file}: {error}", remedy)
        return
    if verdict != "ok":
        yield Finding("database", "bad", f"{file} is damaged: {verdict}", remedy)
        return
    with FeedbackStore(file, busy_timeout=2):
        yield Finding("database", "ok", str(file))


def _saves() -> Iterator[Finding]:
    from game.saves import SUFFIX, read_save

    files = sorted((paths.home() / "games").glob(f"*{SUFFIX}"))
    damaged = 0
    for file in files:
        try:
            read_save(file)
        except GameError as error:
            damaged += 1
            yield Finding(
                "saves", "warning", error.message, f"Delete it if you can do without: {file}"
            )
    if not damaged:
        yield Finding("saves", "ok", f"{len(files)} games")


def _worlds() -> Iterator[Finding]:
    from game.front.lobby import posters

    found = posters()
    for poster in found:
        if poster.trouble:
            yield Finding("worlds", "warning", f"{poster.world}: it cannot be read", poster.trouble)
    good = [poster.world for poster in found if not poster.trouble]
    if good:
        yield Finding("worlds", "ok", ", ".join(good))
    else:
        yield Finding("worlds", "bad", "none", "Install the game again, or: game world new NAME")


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "terminal": _terminal,
    "tools": _tools,
    "home": _home,
    "settings": _settings,
    "model": _model,
    "database": _database,
    "saves": _saves,
    "worlds": _worlds,
}
