"""`game models`: which language models there are, which one plays, and preparing it."""

from __future__ import annotations

from pathlib import Path

import click

from game import paths, settings


def source_model() -> Path:
    """The model file the settings name, else the bundled one. Raises ModelUnavailable."""
    from game.llm.bundled import bundled_model_path

    chosen = settings.load().model
    return Path(chosen).expanduser() if chosen else bundled_model_path()


def prepared(source: Path) -> Path:
    """The file that plays for `source`, prepared if need be; says so on stderr.

    Raises ModelUnavailable when `source` is no model.
    """
    from game.llm.prepare import prepared_model

    return prepared_model(paths.home(), source, lambda line: click.echo(line, err=True))


@click.group()
def models() -> None:
    """Show and prepare the language model."""


@models.command("list")
def list_models() -> None:
    """List the models here: the bundled one, the chosen one and those in the home folder.

    A star marks the model the settings choose; sizes are in MB.
    """
    from game.llm.bundled import bundled_model_path

    source = source_model()
    kept = sorted((paths.home() / "models").glob("*.gguf"))
    for path in dict.fromkeys([bundled_model_path(), source, *kept]):
        size = f"{path.stat().st_size / 1e6:6.0f}" if path.is_file() else "     -"
        click.echo(f"{'*' if path == source else ' '} {size}  {path}")


@models.command("path")
def model_path() -> None:
    """Print the model file that plays, preparing it first if need be."""
    click.echo(prepared(source_model()))


@models.command("prepare")
def prepare() -> None:
    """Make the copy of the model that runs fastest here; does nothing the second time."""
    path = prepared(source_model())
    click.echo(f"The narrator's model is ready: {path.name}", err=True)
