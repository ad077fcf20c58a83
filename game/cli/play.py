"""`game play`: opens a world in the terminal app, as plain lines, or as JSON lines."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from game import paths, settings
from game.errors import UsageError

if TYPE_CHECKING:
    from game.front.stage import Options
    from game.narrator.adapters import NarratorAdapter

DEFAULT_WORLD = "village"


@click.command()
@click.argument("world", required=False)
@click.option("--plain", is_flag=True, help="Plain lines, for screen readers and pipes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.option("--seed", type=click.IntRange(0), help="Begin game N: always the same.")
@click.option("--model", type=click.Path(path_type=Path), help="A GGUF model to tell the story.")
@click.option("--server", metavar="URL", help="A server to tell the story: OpenAI-compatible.")
@click.option("--server-model", metavar="NAME", help="The model to ask it for.")
@click.option("--no-llm", is_flag=True, help="Tell everything plainly, without a model.")
@click.option("--new", is_flag=True, help="Begin anew instead of going on with your game.")
@click.option(
    "--resume",
    metavar="[NAME]",
    is_flag=False,
    flag_value="auto",
    help="Go on with your game, or with the save NAME.",
)
def play(
    world: str | None,
    plain: bool,
    as_json: bool,
    seed: int | None,
    model: Path | None,
    server: str | None,
    server_model: str | None,
    no_llm: bool,
    new: bool,
    resume: str | None,
) -> int:
    """Play a world.

    WORLD is a name, the path of a world.yaml, or a LIGHT file (.json). The game goes on where you
    left it; --plain and --json begin a new one, which leaves your own alone, unless you say
    --resume. Without WORLD the one game in progress goes on; where there is none, or more than one,
    the title screen opens.
    """
    if plain and as_json:
        raise UsageError("--plain and --json exclude each other.", "Choose one of them.")
    if new and resume:
        raise UsageError("--new and --resume exclude each other.", "Choose one of them.")
    chosen = settings.load()
    for line in settings.unknown():
        click.echo(line, err=True)
    if model and server:
        raise UsageError("--model and --server exclude each other.", "Choose one of them.")
    if not plain and not as_json and not _full_screen():
        click.echo("No full terminal here: plain lines (as with --plain).", err=True)
        plain = True
    from game.cli.world_exchange import playable
    from game.front.stage import Options

    lines = plain or as_json
    seeded = seed is not None
    if seed is None:
        # A pipe is a program's or a test's game, which should come out the same each time.
        seed = secrets.randbelow(2**31) if sys.stdin.isatty() else 0
    if not as_json and not no_llm:
        _check_narrator(model, server, server_model)
    if model is None and server is None:
        server = chosen.server
        server_model = server_model or chosen.server_model
    if server_model and not server:
        raise UsageError("--server-model needs a server.", "Name it: --server URL")
    titled = world is None and not lines and not resume and not seeded
    if titled and not new:
        world = _only_game()
    options = Options(
        world=playable(world or DEFAULT_WORLD),
        mode="json" if as_json else "plain" if plain else "tui",
        seed=seed,
        resume=resume or ("never" if new or lines or seeded else "auto"),
        keep=chosen.autosave and (not lines or resume is not None),
        llm=chosen.llm and not no_llm,
        model=model or (Path(chosen.model).expanduser() if chosen.model else None),
        server=server or "",
        server_model=server_model or "",
        sampling=chosen.sampling,
        brief=chosen.brief,
        record=chosen.feedback,
        cast="thespian",
        adapters=RegisteredAdapters(model),
    )
    if titled and world is None:
        return _play_full_screen(options, chosen, "worlds" if new else "title")
    return open_game(options)


def open_game(options: Options) -> int:
    """Play a game in the mode it asks for; returns the exit code."""
    if options.mode == "tui":
        return _play_full_screen(options, settings.load())
    return _play_lines(options)


def _check_narrator(model: Path | None, server: str | None, server_model: str | None) -> None:
    """Miss at once what was asked for by name: a file that is no model, a server that is not there.

    Raises ModelUnavailable. What only the settings name is missed while the game goes on plainly,
    and in JSON by an error object.
    """
    if model is not None:
        from game.llm.gguf_header import read_header

        read_header(model)
    if server:
        from game.llm.remote import RemoteModel

        RemoteModel(server, server_model or "")


def _only_game() -> str | None:
    """The world of the game in progress, if there is exactly one."""
    from game.front.lobby import unfinished

    games = unfinished()
    return games[0].world if len(games) == 1 else None


def _full_screen() -> bool:
    """Whether there is a terminal that can be drawn on."""
    both = sys.stdin.isatty() and sys.stdout.isatty()
    return both and os.environ.get("TERM", "") not in ("", "dumb")


def _play_lines(options: Options) -> int:
    from game.front.json_mode import play_json
    from game.front.lines import Terminated
    from game.front.plain_mode import play_plain

    try:
        if options.mode == "json":
            return play_json(options)
        play_plain(options)
        return 0
    except Terminated:
        return 143


def _play_full_screen(
    options: Options,
    chosen: settings.Settings,
    begin: Literal["game", "title", "worlds"] = "game",
) -> int:
    from game.cli.versions import RegisteredVersions
    from game.front.history import History
    from game.front.stage import Stage
    from game.tui.app import LimelightApp

    if begin == "game":
        paths.find_world(options.world)  # a misspelt name is told before the screen is taken over
    if options.llm:
        from game.llm.native import redirect_native_stderr

        # What native code writes past every callback must not be drawn over the screen.
        redirect_native_stderr(paths.log_file())
    app = LimelightApp(
        (lambda: Stage.open(options)) if begin == "game" else None,
        History(paths.home() / "history"),
        options=options,
        adapters=RegisteredAdapters,
        versions=RegisteredVersions,
        chosen=chosen,
        begin="worlds" if begin == "worlds" else "title",
    )
    code = app.run()
    if app.failure is not None:
        raise app.failure
    return code or 0


class RegisteredAdapters:
    """The adapters of the registry, for the narrator that plays from the file `model`."""

    def __init__(self, model: Path | None) -> None:
        self._model = model

    def stamp(self) -> object:
        from agents.registry import Registry

        return Registry().active_stamp()

    def active(self, base: str) -> NarratorAdapter | None:
        from agents.registry import Registry
        from game.cli.adapters import playing_hashes
        from game.narrator.adapters import NarratorAdapter
        from game.narrator.prompt import schooled_prompt, template_hash

        registry = Registry()
        _, source = playing_hashes(self._model)
        path = registry.active("narrator", base, source)
        version = registry.active_version("narrator", base, source)
        if path is None or version is None:
            return None
        house = template_hash(schooled_prompt("").prefix)
        return NarratorAdapter(path, version.data.get("template") == house)
