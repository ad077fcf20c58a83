"""`game world import-light`, `export-light` and `random`: worlds from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from game import paths
from game.errors import WorldError

if TYPE_CHECKING:
    from game.authoring.light import Summary

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


def new_folder(output: Path | None, name: str) -> Path:
    """Where a new world goes: the folder asked for, else one of that name among the player's.

    Raises WorldError when another world is played by that name.
    """
    if output is not None:
        return output
    slug = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "world"
    folder = paths.home() / "worlds" / slug
    there = paths.list_worlds().get(slug, folder)
    if there != folder:
        raise WorldError(
            f"There is a world called {slug!r} already.", "Choose another name, or -o."
        )
    return folder


def playable(name: str) -> str:
    """`name`; for a file of LIGHT's, the world of yours that it is made into the first time.

    Raises WorldError when it is none of LIGHT's or cannot be played.
    """
    file = Path(name).expanduser()
    if file.suffix.lower() != ".json" or not file.is_file():
        return name
    folder = new_folder(None, file.stem)
    if not (folder / paths.WORLD_FILE).is_file():
        import_file(file, folder)
        click.echo(f"{file.name}: made into {folder}.", err=True)
    return str(folder)


def import_file(file: Path, folder: Path, player: str | None = None) -> tuple[str, Summary]:
    """Make a world folder of a LIGHT file; returns its title and what came of every field."""
    from game.authoring.light import import_light as read
    from game.authoring.load import load_world
    from game.authoring.writing import write_world

    data, summary = read(file, player)
    load_world(write_world(data, folder, f"From LIGHT: {file.name}.")[0])
    return data["title"], summary


@click.command("import-light")
@click.argument("file", type=_FILE)
@click.option(
    "-o", "--output", type=_FOLDER, help="The folder to write; one of yours if not given."
)
@click.option("--player", help="The name of the character to play; a newcomer if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def import_light(file: Path, output: Path | None, player: str | None, as_json: bool) -> None:
    """Make a world folder of LIGHT's graph JSON, and say what became of every field."""
    folder = new_folder(output, file.stem)
    title, summary = import_file(file, folder, player)
    _report(summary, as_json, {"folder": str(folder)}, f"{title}: written to {folder}.")
    if not as_json:
        click.echo(f"Play it with: game play {folder if output else folder.name}", err=True)


@click.command("export-light")
@click.argument("name", metavar="WORLD")
@click.option("-o", "--output", type=_FILE, help="The file to write; the terminal if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def export_light(name: str, output: Path | None, as_json: bool) -> None:
    """Write WORLD as LIGHT's graph JSON, and say what LIGHT cannot hold."""
    from game.authoring.light import export_light as convert

    graph, summary = convert(paths.find_world(name))
    text = json.dumps(graph, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise WorldError(f"Cannot write {output}: {error.strerror or error}.") from error
    where = {} if output is None else {"file": str(output)}
    head = f"{name}: written to {output}." if output else f"{name}:"
    _report(summary, as_json, where, head, err=output is None)


def _report(
    summary: Summary, as_json: bool, where: dict[str, str], head: str, err: bool = False
) -> None:
    if as_json:
        text = json.dumps({**where, **summary.as_dict()}, indent=2, ensure_ascii=False)
        click.echo(text, err=err)
        return
    for line in (head, *summary.lines()):
        click.echo(line, err=err)


@click.command("random")
@click.option("--rooms", type=int, default=10, show_default=True, help="How many rooms.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which of all such worlds.")
@click.option(
    "--inventory",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder to choose from: yours, or LIGHT's inventory; ours if not given.",
)
@click.option(
    "-o", "--output", type=_FOLDER, help="The folder to write; one of yours if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def random_(
    rooms: int, seed: int, inventory: Path | None, output: Path | None, as_json: bool
) -> None:
    """Make a world by chance: rooms that go together, and a quest that can be won."""
    from game.authoring.random_world import compiled, random_data
    from game.authoring.writing import write_world

    data = random_data(rooms, seed, inventory)
    made = compiled(data)
    folder = new_folder(output, f"random_{rooms}_{seed}")
    write_world(data, folder, f"Made by `game world random --rooms {rooms} --seed {seed}`.")
    counts = {
        "rooms": len(made.rooms),
        "things": len(made.items),
        "characters": len(made.characters),
    }
    if as_json:
        found = {"folder": str(folder), "title": made.title, **counts}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    told = ", ".join(f"{n} {what}" for what, n in counts.items())
    click.echo(f"{made.title}: {told}. Written to {folder}.")
    click.echo(f"Play it with: game play {folder}")
