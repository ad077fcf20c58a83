"""`game world`: the worlds at hand, whether one is sound, and the format's schema."""

from __future__ import annotations

from pathlib import Path

import click

from game import paths
from game.errors import WorldError


@click.group()
def world() -> None:
    """List and check worlds; print the format's schema."""


@world.command("list")
def list_() -> None:
    """List the worlds that can be played, one a line: name, then folder."""
    for name, folder in paths.list_worlds().items():
        click.echo(f"{name}\t{folder}")


@world.command()
@click.argument("name", metavar="WORLD")
def check(name: str) -> int:
    """Check WORLD (a name, a folder or a file) and say everything that is wrong with it."""
    from game.authoring.load import load_world

    try:
        found = load_world(paths.find_world(name))
    except WorldError as error:
        click.echo(error.message)
        click.echo(error.hint, err=True)
        return error.exit_code
    counts = (
        f"{len(found.rooms)} rooms, {len(found.items)} things, {len(found.characters)} characters, "
        f"{len(found.reactions)} reactions, {len(found.quests)} quests"
    )
    click.echo(f"{found.title}: sound. {counts}.")
    return 0


@world.command()
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file."
)
def schema(output: Path | None) -> None:
    """Print the JSON Schema (draft 7) of world files, for editors to complete and explain."""
    from game.authoring.json_schema import schema_text

    if output is None:
        click.echo(schema_text(), nl=False)
        return
    try:
        output.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise WorldError(f"Cannot write {output}: {error.strerror or error}.") from error
