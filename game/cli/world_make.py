"""`game world new`, `graph`, `fmt`, `play` and `watch`: beginning, seeing and trying a world."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from game import paths
from game.cli.world_check import put_json
from game.cli.world_exchange import new_folder
from game.errors import WorldError

_WORLD = click.argument("name", metavar="WORLD")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")


@click.command()
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write; one of yours if not given.",
)
@_JSON
def new(name: str, output: Path | None, as_json: bool) -> None:
    """Begin a new world called NAME: small, playable, explained and tested."""
    from game.authoring.beginning import new_world

    folder = new_folder(output, name)
    files = new_world(name, folder)
    if as_json:
        put_json({"folder": str(folder), "files": [str(file) for file in files]})
        return
    click.echo(f"Begun: {files[0]}")
    told = folder.name if output is None else folder
    click.echo(f"Play it with: game play {told}", err=True)


@click.command()
@_WORLD
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture.")
@click.option("--mermaid", is_flag=True, help="A Mermaid flowchart instead.")
@click.option("--spoiler-free", is_flag=True, help="Without hidden ways, locks and darkness.")
@_JSON
def graph(name: str, svg: Path | None, mermaid: bool, spoiler_free: bool, as_json: bool) -> None:
    """Draw the map of WORLD."""
    from game.authoring.load import load_world
    from game.authoring.mapping import layout

    laid_out = layout.lay_out(load_world(paths.find_world(name)), spoilers=not spoiler_free)
    if svg is not None:
        from game.authoring.mapping.svg import draw as picture

        try:
            svg.write_text(picture(laid_out), encoding="utf-8")
        except OSError as error:
            raise WorldError(f"Cannot write {svg}: {error.strerror or error}.") from error
    if as_json:
        put_json(laid_out.as_dict())
    elif mermaid:
        from game.authoring.mapping.mermaid import draw as flowchart

        click.echo(flowchart(laid_out), nl=False)
    elif svg is None:
        from game.authoring.mapping.terminal import draw

        click.echo(draw(laid_out), nl=False)


@click.command()
@_WORLD
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if it would.")
@_JSON
def fmt(name: str, only_check: bool, as_json: bool) -> int:
    """Lay out WORLD's files canonically. Comments and order stay."""
    from game.authoring.formatting import formatted
    from game.authoring.source import read_world

    changed = []
    for file in read_world(paths.find_world(name)).files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WorldError(f"Cannot read {file}: {error}.") from error
        new_text = formatted(text, file.name)
        if new_text == text:
            continue
        changed.append(str(file))
        if not only_check:
            _replace(file, new_text)
    if as_json:
        put_json({"changed": changed})
    else:
        word = "Would change" if only_check else "Laid out"
        click.echo(
            "\n".join(f"{word}: {Path(file).name}" for file in changed) or "Nothing to change."
        )
    return int(only_check and bool(changed))


def _replace(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    temporary = file.with_name(f".{file.name}.new")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        raise WorldError(f"Cannot write {file}: {error.strerror or error}.") from error


_FROM = click.option("--from", "start", metavar="ROOM", help="Begin in this room.")
_HOLDING = click.option("--holding", metavar="THING", multiple=True, help="Begin with this thing.")
_SEED = click.option("--seed", type=click.IntRange(0), default=0, help="Game N: always the same.")


@click.command()
@_WORLD
@_FROM
@_HOLDING
@_SEED
@click.option("--plain", is_flag=True, help="Plain lines.")
@click.option("--llm", is_flag=True, help="Have the model tell it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def play(
    name: str,
    start: str | None,
    holding: tuple[str, ...],
    seed: int,
    plain: bool,
    llm: bool,
    as_json: bool,
) -> int:
    """Try WORLD from any room, with anything in hand. Nothing is saved or recorded."""
    from game.cli.play import open_game
    from game.front.stage import Options

    plain = plain or not (sys.stdin.isatty() and sys.stdout.isatty())
    mode: Literal["json", "plain", "tui"] = "json" if as_json else "plain" if plain else "tui"
    return open_game(
        Options(name, mode, seed, "never", False, llm, record=False, start=start, holding=holding)
    )


@click.command()
@_WORLD
@_FROM
@_HOLDING
@_SEED
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def watch(name: str, start: str | None, holding: tuple[str, ...], seed: int, as_json: bool) -> None:
    """Play WORLD plainly while you write it: changed files take effect at once."""
    from game.front.stage import Options
    from game.front.watch_mode import play_watching

    options = Options(
        name, "json" if as_json else "plain", seed, "never", False, False,
        record=False, start=start, holding=holding,
    )  # fmt: skip
    play_watching(options)
