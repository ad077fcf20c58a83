"""`game world import-card`: a Character Card as a character of a world."""

from __future__ import annotations

from pathlib import Path

import click

from game import paths
from game.cli.world_check import put_json
from game.cli.world_exchange import new_folder


@click.command("import-card")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--world", "world_name", metavar="WORLD", help="Put the character into this world.")
@click.option("--room", metavar="ROOM", help="Where; the room the game begins in if not given.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the new world, without --world.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def import_card(
    file: Path, world_name: str | None, room: str | None, output: Path | None, as_json: bool
) -> None:
    """Make a character of a Character Card (V1, V2, V3; .json, .png, .charx).

    The character gets a small world of its own, or goes into WORLD.
    """
    from game.authoring.cards.placing import into_world, new_world
    from game.authoring.cards.reading import read_card

    card = read_card(file)
    if world_name is not None:
        imported, written = into_world(card, paths.find_world(world_name), room)
    else:
        imported, written = new_world(card, new_folder(output, file.stem))
    if as_json:
        put_json(
            {
                "character": imported.id,
                "version": card.version,
                "file": str(written),
                "notes": imported.notes,
            }
        )
        return
    click.echo(f"{imported.id}: {written}")
    for note in imported.notes:
        click.echo(f"  {note}", err=True)
