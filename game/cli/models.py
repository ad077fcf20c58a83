"""`game models`: which language models there are, which one plays, and preparing it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from game import paths, settings

if TYPE_CHECKING:
    from game.llm.catalogue import KnownModel


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
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def list_models(as_json: bool) -> None:
    """List the models here: the bundled one, the chosen one and those in the home folder.

    A star marks the model the settings choose. Then size in MB, quantisation, context in tokens,
    and tokens a second as `game models measure` found them.
    """
    from game.llm.catalogue import known_models

    chosen = settings.load().model
    path = Path(chosen).expanduser() if chosen else None
    found = [(m, m.path == path if path else m.bundled) for m in known_models(paths.home(), path)]
    if as_json:
        click.echo(json.dumps([_record(m, plays) for m, plays in found], indent=2))
        return
    for model, plays in found:
        facts = f"{model.size / 1e6:6.0f} {model.quantisation:<6} {model.context:>7}"
        speed = f"{model.speed.write:6.0f}" if model.speed else "     -"
        shown = f"{'-':>6} {'-':<6} {'-':>7} {'-':>6}" if model.trouble else f"{facts} {speed}"
        click.echo(f"{'*' if plays else ' '} {shown}  {model.path}")
        if model.trouble:
            click.echo(model.trouble, err=True)


def _record(model: KnownModel, chosen: bool) -> dict[str, Any]:
    record = asdict(model) | {"path": str(model.path), "chosen": chosen}
    return record | {"trouble": model.trouble or None}


@models.command("measure")
@click.argument("model", type=click.Path(path_type=Path), required=False)
def measure_model(model: Path | None) -> None:
    """Measure how fast a model runs here, once: tokens a second, reading and writing.

    MODEL is a GGUF file; without it, the one that the settings choose.
    """
    from game.llm.catalogue import measure

    speed = measure(paths.home(), model or source_model())
    click.echo(f"reads {speed.read:.0f} tokens/s, writes {speed.write:.0f} tokens/s")


@models.command("path")
def model_path() -> None:
    """Print the model file that plays, preparing it first if need be."""
    click.echo(prepared(source_model()))


@models.command("prepare")
def prepare() -> None:
    """Make the copy of the model that runs fastest here; does nothing the second time."""
    path = prepared(source_model())
    click.echo(f"The narrator's model is ready: {path.name}", err=True)
