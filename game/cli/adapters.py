"""`game adapters`: the trained versions of narrator and cast, to choose, share or take back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from game.errors import ModelUnavailable
from game.feedback.rows import PLAYER
from game.narrator.adapters import called

if TYPE_CHECKING:
    from agents.registry import Registry
    from agents.versions import Version

Command = TypeVar("Command", bound=Callable[..., Any])


def _model_option(command: Command) -> Command:
    option = click.option(
        "--model",
        type=click.Path(path_type=Path),
        help="The model you play with, when it is not that of your settings.",
    )
    return option(command)


def _what_option(command: Command) -> Command:
    kind = click.Choice(["narrator", "cast"])
    return click.option("--what", type=kind, default="narrator", show_default=True)(command)


@click.group()
def adapters() -> None:
    """Choose which trained version plays."""


@adapters.command("list")
@_model_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_versions(model: Path | None, as_json: bool) -> None:
    """List the trained versions, oldest first; a star marks those that play."""
    registry = _registry()
    versions, (active, bases) = registry.versions(), _playing(registry, model)
    if as_json:
        rows = [_described(registry, version, active) for version in versions]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for version in versions:
            click.echo(_line(version, active, bases))
    if not versions:
        click.echo("Nothing has been trained yet.", err=True)
    for name in registry.damaged():
        click.echo(f"{name} is damaged: `game adapters remove {name}` deletes it.", err=True)


@adapters.command()
@click.argument("version")
@_what_option
@_model_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show(version: str, what: str, model: Path | None, as_json: bool) -> None:
    """Show what VERSION was trained from, and how well it did."""
    registry = _registry()
    found = registry.get(version, what)
    described = _described(registry, found, _playing(registry, model)[0])
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False))
        return
    del described["files"]  # of use to programs alone
    rows = list(_flat(described))
    if (report := registry.path(found) / "report.md").is_file():
        rows.append(("report", str(report)))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        click.echo(f"{name.ljust(width)}  {text}")


@adapters.command()
@click.argument("version")
@_what_option
@_model_option
def use(version: str, what: str, model: Path | None) -> None:
    """Let VERSION play: an id, "shipped", or "none" for the model as it came.

    A running game changes over at its next turn; a cast with the next game.
    """
    registry = _registry()
    base, source = _base(what, model)
    if what == "cast" and version == "shipped":
        version = "none"
    registry.activate(version, base, source, what)
    click.echo(
        f"Now playing: {_name(registry.active_version(what, base, source), what)}.", err=True
    )


@adapters.command()
@_what_option
@_model_option
def rollback(what: str, model: Path | None) -> None:
    """Go back to the version that played before."""
    registry = _registry()
    base, source = _base(what, model)
    registry.rollback(what, base)
    click.echo(
        f"Now playing: {_name(registry.active_version(what, base, source), what)}.", err=True
    )


@adapters.command()
@click.argument("version")
def remove(version: str) -> None:
    """Delete VERSION for good."""
    _registry().remove(version)
    click.echo(f"Removed {version}.", err=True)


@adapters.command()
@click.argument("version")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_what_option
def export(version: str, file: Path, what: str) -> None:
    """Write VERSION to the zip file FILE, to keep or give away."""
    _registry().export(version, file, what)
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).", err=True)


@adapters.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_version(file: Path) -> None:
    """Add the version in FILE, which `export` wrote, or in a folder that the school wrote.

    Prints its id here.
    """
    version = _registry().import_(file)
    click.echo(version.id)
    click.echo(f"`game adapters use {version.id}` lets it play.", err=True)


def playing_hashes(model: Path | None = None) -> tuple[str, str]:
    """Hashes of the model file that plays and of the file it was prepared from.

    `model` overrides the settings' choice. Raises ModelUnavailable when there is no such model.
    """
    from game.cli.models import prepared, source_model
    from game.llm.llama import weights_hash

    source = model or source_model()
    return weights_hash(prepared(source)), weights_hash(source)


def _base(what: str, model: Path | None) -> tuple[str, str]:
    """What versions of that kind are made for: a model, or for the cast its features."""
    from agents.thespian.playbill import BASE, WHAT

    return (BASE, "") if what == WHAT else playing_hashes(model)


def _registry() -> Registry:
    from agents.registry import Registry

    return Registry()


def _playing(registry: Registry, model: Path | None) -> tuple[set[tuple[str, str]], set[str]]:
    """(kind, id) of the versions that play, and what versions must be made for to play.

    Without a model both lack the narrator, with a note."""
    from agents.versions import KINDS

    active: set[tuple[str, str]] = set()
    bases: set[str] = set()
    for what in KINDS:
        try:
            base, source = _base(what, model)
            bases |= {base, source}
            if version := registry.active_version(what, base, source):
                active.add((version.what, version.id))
        except ModelUnavailable as error:
            click.echo(f"Which {what} plays is unknown: {error.message}", err=True)
    return active, bases


def _described(
    registry: Registry, version: Version, active: set[tuple[str, str]]
) -> dict[str, Any]:
    folder = str(registry.path(version))
    return {**asdict(version), "active": (version.what, version.id) in active, "path": folder}


def _line(version: Version, active: set[tuple[str, str]], bases: set[str]) -> str:
    from agents.registry import SHIPPED

    star = "*" if (version.what, version.id) in active else " "
    told = ["came with the game"] if version.id == SHIPPED else []
    if version.parent:
        told.append(f"from {version.parent}")
    if votes := version.data.get("votes"):
        source = version.data.get("source", PLAYER)
        told.append(f"{votes} votes" + (f" of {source}" if source != PLAYER else ""))
    if verdict := version.metrics.get("verdict"):
        told.append(verdict)
    if version.base not in bases:
        told.append(f"for {version.base_name or version.base}")
    return f"{star} {version.id:12} {version.created[:10]}  {version.what:8}  {', '.join(told)}"


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and values to read, of nested ones too; a figure with its interval is one value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value.keys() == {"value", "low", "high"}:
            yield before + name, "{value:.3f} [{low:.3f}, {high:.3f}]".format(**value)
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}: ")
        elif isinstance(value, bool):
            yield before + name, "yes" if value else "no"
        elif value is not None:
            text = f"{value:.4g}" if isinstance(value, float) else value
            yield before + name, text if isinstance(text, str) else json.dumps(text)


def _name(version: Version | None, what: str) -> str:
    from agents.registry import SHIPPED

    if version is None:
        return "the cast that came with the game" if what == "cast" else "the model as it came"
    return called(version.id) if version.id == SHIPPED else f"the {version.what} {version.id}"
