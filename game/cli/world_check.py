"""`game world check`, `test`, `stats`: is a world sound, does it play as meant, what is in it."""

from __future__ import annotations

import json
from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from game import paths
from game.errors import WorldError

if TYPE_CHECKING:
    from game.authoring.check import Checked
    from game.authoring.skein_run import Failure
    from game.engine.model import World


def put_json(value: Any) -> None:
    """Print one JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.command()
@click.argument("name", metavar="WORLD")
@click.option("--strict", is_flag=True, help="Warnings fail the check, too.")
@click.option(
    "--search",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="How many situations to look at for a way to complete each quest.",
)
@click.option("--no-search", is_flag=True, help="Do not play the quests through.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def check(name: str, strict: bool, search: int, no_search: bool, as_json: bool) -> int:
    """Check WORLD (a name, a folder or a file) and say everything that is wrong with it."""
    from game.authoring.check import check_world

    checked = check_world(paths.find_world(name), 0 if no_search else search)
    failed = bool(checked.errors or (strict and checked.warnings))
    if as_json:
        put_json(_check_record(checked))
        return int(failed)
    for problem in checked.problems:
        click.echo(str(problem))
    if checked.world is None:
        click.echo(
            f"{_count(len(checked.errors), 'error')}; docs/codes.md explains them.", err=True
        )
        return 1
    for quest, found in checked.solutions.items():
        if found.actions is not None:
            way = "; ".join(found.commands(checked.world)) or "nothing to do"
            steps = _count(len(found.actions), "command")
            click.echo(f"quest {quest}: {steps}{' (the fewest)' * found.shortest}: {way}")
        elif quest in checked.skeins:
            click.echo(f"quest {quest}: as in tests/{checked.skeins[quest]}")
    warned = f", {_count(len(checked.warnings), 'warning')}" if checked.warnings else ""
    click.echo(f"{checked.world.title}: sound{warned}. {_contents(checked.world)}.")
    return int(failed)


def _check_record(checked: Checked) -> dict[str, Any]:
    world = checked.world
    return {
        "world": world.id if world else None,
        "title": world.title if world else None,
        "sound": world is not None,
        "problems": [p.as_dict() for p in checked.problems],
        "quests": {
            quest: {
                "solution": None if found.actions is None or not world else found.commands(world),
                "shortest": found.shortest,
                "exhausted": found.exhausted,
                "situations": found.states,
                "skein": checked.skeins.get(quest),
            }
            for quest, found in checked.solutions.items()
        },
    }


def _contents(world: World) -> str:
    parts: dict[str, Sized] = {
        "room": world.rooms,
        "thing": world.items,
        "character": world.characters,
        "reaction": world.reactions,
        "quest": world.quests,
    }
    return ", ".join(_count(len(entries), what) for what, entries in parts.items())


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


@click.command()
@click.argument("name", metavar="WORLD")
@click.argument("skeins", nargs=-1, metavar="[SKEIN]...")
@click.option("--bless", is_flag=True, help="Write what happens into the skeins that fail.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def test(name: str, skeins: tuple[str, ...], bless: bool, as_json: bool) -> int:
    """Play WORLD's tests (tests/*.skein), or only those named."""
    from game.authoring.load import load_world
    from game.authoring.skein import read_skein
    from game.authoring.skein_run import play_skein

    file = paths.find_world(name)
    world = load_world(file)
    results: dict[str, Failure | str | None] = {}
    blessed = []
    for path in _skein_files(file.parent / "tests", skeins):
        try:
            skein = read_skein(path, world)
        except WorldError as error:
            results[path.name] = error.message
            continue
        lines: list[str] | None = [] if bless else None
        results[path.name] = failure = play_skein(world, skein, lines)
        if failure is not None and lines is not None:
            path.write_text("\n".join(lines), encoding="utf-8")
            results[path.name] = None
            blessed.append(path.name)
    failed = any(result is not None for result in results.values())
    if as_json:
        put_json({"world": world.id, "failed": failed, "skeins": _test_records(results, blessed)})
        return int(failed)
    for skein_name, result in results.items():
        word = "FAIL" if result is not None else "blessed" if skein_name in blessed else "ok"
        click.echo(f"{word:7} {skein_name}")
        if result is not None:
            click.echo(_told(result))
    passed = sum(result is None for result in results.values())
    click.echo(f"{passed} of {_count(len(results), 'skein')} as expected.")
    return int(failed)


def _skein_files(folder: Path, chosen: tuple[str, ...]) -> list[Path]:
    there = sorted(folder.glob("*.skein"))
    if not chosen:
        return there
    by_name = {path.stem: path for path in there}
    found = []
    for name in chosen:
        stem = Path(name).name.removesuffix(".skein")
        if stem not in by_name:
            known = ", ".join(by_name) or "none"
            raise WorldError(f"There is no skein {name!r} in {folder}.", f"There are: {known}.")
        found.append(by_name[stem])
    return found


def _told(result: Failure | str) -> str:
    """A failed step for people to read: what was expected, what happened, what could be done."""
    if isinstance(result, str):
        return result
    lines = [
        f"  {result.skein}:{result.line}: > {result.command}",
        f"  expected  {result.expected or 'a command that works'}",
        f"  happened  {result.told or '(nothing was told)'}".replace("\n", "\n            "),
    ]
    if result.events:
        events = ", ".join(_event(e.as_dict()) for e in result.events)
        lines.append(f"  events    {events}")
    lines.append(f"  could     {', '.join(result.could) or 'nothing'}")
    return "\n".join(lines)


def _event(fields: dict[str, Any]) -> str:
    shown = dict(fields)
    if shown["type"] == "refused":
        del shown["text"]  # a template; what was told says it in words
    return "{" + ", ".join(f"{'event' if k == 'type' else k}: {v}" for k, v in shown.items()) + "}"


def _test_records(
    results: dict[str, Failure | str | None], blessed: list[str]
) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for name, result in results.items():
        record: dict[str, Any] = {
            "skein": name,
            "ok": result is None,
            "blessed": name in blessed,
            "failure": None,
        }
        if isinstance(result, str):
            record["failure"] = {"message": result}
        elif result is not None:
            record["failure"] = {
                "line": result.line,
                "command": result.command,
                "expected": result.expected,
                "told": result.told,
                "events": [e.as_dict() for e in result.events],
                "could": list(result.could),
            }
        records.append(record)
    return records


@click.command()
@click.argument("name", metavar="WORLD")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def stats(name: str, as_json: bool) -> None:
    """Say how much of everything there is in WORLD."""
    from game.authoring.load import load_world
    from game.authoring.stats import statistics

    numbers = statistics(load_world(paths.find_world(name)))
    if as_json:
        put_json(numbers)
        return
    for what, number in numbers.items():
        click.echo(f"{what.replace('_', ' '):28}{number:>8,}")
