"""`game audition`: the player chooses blindly between two versions of the narrator."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from game import paths, settings
from game.narrator.adapters import called

if TYPE_CHECKING:
    from game.audition import Audition, Choice, Pair
    from game.cli.versions import RegisteredVersions

#: How many turns are told again at the most.
MOST = 60
_ANSWERS: dict[str, str] = {
    answer[:n]: answer for answer in ("left", "right", "neither", "stop") for n in (1, len(answer))
}


@click.command()
@click.argument("version", required=False)
@click.option("--model", type=click.Path(path_type=Path), help="The model you play with, when it "
              "is not that of your settings.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; answers on stdin.")
def audition(version: str | None, model: Path | None, as_json: bool) -> None:
    """Choose blindly between two versions of the narrator.

    Turns that you played are told twice, by the version that plays and by VERSION (default: the
    newest other one), in an order that is not shown. Say which telling is better: left, right,
    neither, or stop. VERSION plays from then on if you clearly prefer it.
    """
    from game.audition import ASKED
    from game.cli.versions import RegisteredVersions

    versions = RegisteredVersions(model)
    with _opened(versions, version) as hearing:
        if not as_json:
            asked = f"Which telling is better? left, right, neither, or stop. {ASKED}"
            click.echo(asked, err=True)
            if not hearing.kept:
                click.echo("Feedback is off: your choices count now and are not kept.", err=True)
        while hearing.tally.verdict == "open" and (pair := hearing.next()) is not None:
            (_say_pair if as_json else _show_pair)(pair)
            choice = _answer(as_json)
            if choice is None:
                break
            hearing.vote(pair, choice)
        promoted = hearing.tally.verdict == "better"
        if promoted:
            versions.use(hearing.candidate.id)
        (_say_result if as_json else _show_result)(hearing, promoted)


@contextmanager
def _opened(versions: RegisteredVersions, version: str | None) -> Iterator[Audition]:
    from game.audition import Audition
    from game.cli.models import prepared, source_model
    from game.feedback import FeedbackStore
    from game.llm.llama import LlamaModel
    from game.replay import recent_turns

    current, candidate = versions.contenders(version)
    with FeedbackStore(paths.feedback_db()) as store:
        model = LlamaModel(prepared(versions.model or source_model()))
        try:
            past = recent_turns(store, model, MOST)
            sampling = settings.load().sampling
            yield Audition(store, model, current, candidate, past, sampling)
        finally:
            model.close()


def _answer(as_json: bool) -> Choice | None:
    """The player's choice; None to stop, which the end of the input means as well."""
    while True:
        if not as_json:
            click.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        word = _ANSWERS.get(line.strip().strip('"').lower(), "")
        if not line or word == "stop":
            return None
        if word:
            choice: Any = word
            return choice
        click.echo("Say left, right, neither or stop.", err=True)


def _show_pair(pair: Pair) -> None:
    click.echo(f"\n{pair.number}. > {_printable(pair.command)}")
    click.echo(f"   {_printable(pair.facts)}")
    click.echo(f"   left:  {_printable(pair.left)}")
    click.echo(f"   right: {_printable(pair.right)}")


def _say_pair(pair: Pair) -> None:
    said = {name: getattr(pair, name) for name in ("number", "command", "facts", "left", "right")}
    _say("pair", **said)


def _say_result(hearing: Audition, promoted: bool) -> None:
    tally = hearing.tally
    low, high = tally.interval
    _say(
        "result", current=hearing.current.id, candidate=hearing.candidate.id, wins=tally.wins,
        losses=tally.losses, neither=tally.neither, rate=tally.rate, low=low, high=high,
        verdict=tally.verdict, missing=tally.missing, skipped=hearing.skipped, promoted=promoted,
    )  # fmt: skip


def _show_result(hearing: Audition, promoted: bool) -> None:
    click.echo()
    for line in hearing.tally.lines(called(hearing.candidate.id), called(hearing.current.id)):
        click.echo(line)
    if hearing.skipped:
        click.echo(f"{hearing.skipped} turns could not be compared.", err=True)
    if promoted:
        click.echo(f"Now playing: {called(hearing.candidate.id)}.", err=True)
        click.echo("`game adapters rollback` takes it back.", err=True)
    else:
        click.echo(f"{called(hearing.current.id)} goes on playing.", err=True)


def _say(event: str, **values: Any) -> None:
    click.echo(json.dumps({"event": event, **values}, ensure_ascii=False))
    sys.stdout.flush()


def _printable(text: str) -> str:
    # What a model wrote may hold terminal escapes.
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
