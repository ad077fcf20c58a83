"""`game world`: the author's toolbox. Its larger tools are in modules of their own."""

from __future__ import annotations

from pathlib import Path

import click

from game import paths
from game.cli.world_cards import import_card
from game.cli.world_check import check, put_json, stats, test
from game.cli.world_exchange import export_light, import_light, random_
from game.cli.world_make import fmt, graph, new, play, watch
from game.errors import UsageError, WorldError


@click.group()
def world() -> None:
    """Write, check, test and draw worlds."""


for _command in (
    new, check, test, graph, play, watch, fmt, stats, import_light, export_light, import_card,
    random_,
):  # fmt: skip
    world.add_command(_command)


@world.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def list_(as_json: bool) -> None:
    """List the worlds that can be played, one a line: name, then folder."""
    if as_json:
        put_json({name: str(folder) for name, folder in paths.list_worlds().items()})
        return
    for name, folder in paths.list_worlds().items():
        click.echo(f"{name}\t{folder}")


@world.command()
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file."
)
@click.option("--markdown", is_flag=True, help="The same as a page to read.")
@click.option("--json", "as_json", is_flag=True, help="Say where it was written, for programs.")
def schema(output: Path | None, markdown: bool, as_json: bool) -> None:
    """Print the JSON Schema (draft 7) of world files, for editors to complete and explain."""
    from game.authoring.json_schema import schema_text
    from game.authoring.reference import reference

    if markdown and as_json:
        raise UsageError("--markdown and --json exclude each other.", "Choose one of them.")
    text = reference() if markdown else schema_text()
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WorldError(f"Cannot write {output}: {error.strerror or error}.") from error
    if as_json:
        put_json({"file": str(output)})
