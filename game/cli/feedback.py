"""`game feedback`: what was recorded and thumbed, to see, take along, switch off or forget."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from game import paths
from game.cli.simulate import simulate
from game.errors import UsageError

if TYPE_CHECKING:
    from game.feedback import FeedbackStore, Stats, Voted
    from game.feedback.rows import Counts


@click.group()
def feedback() -> None:
    """See, export or forget your thumbs."""


feedback.add_command(simulate)


@feedback.command("list")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest N."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_votes(limit: int, as_json: bool) -> None:
    """List the newest thumbs that stand, oldest first."""
    with _open() as store:
        voted = list(store.iter_voted(limit=limit))
    if as_json:
        _print_json([_listed(row) for row in voted])
        return
    if not voted:
        click.echo("No thumbs yet. Play, and thumb a line up or down.", err=True)
    session = ""
    for row in voted:
        if row.vote.session != session:
            session = row.vote.session
            click.echo(f"session {session}, {row.world}")
        click.echo(_line(row))


@feedback.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def stats(as_json: bool) -> None:
    """Count what is recorded, and the thumbs by source."""
    with _open() as store:
        counted = store.stats()
    if as_json:
        _print_json({"path": str(store.path), **dataclasses.asdict(counted)})
    else:
        click.echo("\n".join(_stats_lines(counted, store.path)))


@feedback.command()
@click.option("--jsonl", is_flag=True, help="Every thumbed line, with what learning needs.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["trl-kto", "trl-dpo", "openrlhf-kto", "openrlhf-dpo"]),
    help="A data set for another trainer: votes (kto) or preferences (dpo), as text.",
)
@click.option("--model", type=click.Path(path_type=Path), help="The model that wrote the lines, "
              "when it is not that of your settings.")  # fmt: skip
@click.argument("file", default="-", type=click.Path(path_type=Path, allow_dash=True))
def export(jsonl: bool, kind: str | None, model: Path | None, file: Path) -> None:
    """Write your feedback as JSON lines to FILE ("-": stdout).

    The formats are described in docs/feedback.md.
    """
    from game.feedback.export import exported, write_file, write_lines

    if jsonl == (kind is not None):
        raise click.UsageError("Say what to write: either --jsonl or --format NAME.")
    left_out: Counter[str] = Counter()
    with _open() as store:
        rows = exported(store) if kind is None else _dataset(store, kind, model, left_out)
        count = write_lines(rows, sys.stdout) if str(file) == "-" else write_file(rows, file)
    noun = "preference" if kind is not None and kind.endswith("dpo") else "vote"
    click.echo(f"{_count(count, noun)} exported.", err=True)
    for why, n in left_out.most_common():
        click.echo(f"{n} left out: {why}.", err=True)


def _dataset(
    store: FeedbackStore, kind: str, model: Path | None, left_out: Counter[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a data set, their token ids spelt by the model that plays."""
    from game.cli.models import prepared, source_model
    from game.feedback.datasets import dataset
    from game.llm.llama import weights_hash
    from game.llm.native import library, load_model
    from game.llm.vocabulary import Vocabulary

    path = prepared(model or source_model())
    llama, loaded = library(), load_model(path, weights=False)
    try:
        vocabulary = Vocabulary(llama, llama.llama_model_get_vocab(loaded))
        yield from dataset(store, kind, weights_hash(path), vocabulary.spell, left_out)
    finally:
        llama.llama_model_free(loaded)


@feedback.command()
@click.option("--session", metavar="ID", help="One session.")
@click.option("--all", "everything", is_flag=True, help="Everything.")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="The sessions begun before this (local) day or time.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(session: str | None, everything: bool, before: datetime | None, yes: bool) -> int:
    """Delete recorded sessions, with all that was told, chosen and thumbed in them, for good."""
    if [session is not None, everything, before is not None].count(True) != 1:
        raise click.UsageError("Say what to forget: one of --session ID, --all or --before DATE.")
    with _open() as store:
        doomed = store.forgettable(session, before)
        if not doomed.sessions:
            if session is not None:
                raise UsageError(
                    f"There is no session {session}.", "`game feedback list` shows their ids."
                )
            click.echo("Nothing to forget.", err=True)
            return 0
        if not yes:
            question = f"Delete {_contents(doomed)} for good?"
            if not click.confirm(question, default=False, err=True):
                click.echo("Nothing was forgotten.", err=True)
                return 1
        click.echo(f"Forgot {_contents(store.forget(session, before))}.", err=True)
    return 0


@feedback.command()
def path() -> None:
    """Print where the database is."""
    click.echo(paths.feedback_db())


@feedback.command()
def off() -> None:
    """Record nothing from now on, in running games too; what is there stays."""
    _switch(False)


@feedback.command()
def on() -> None:
    """Record again."""
    _switch(True)


def _open() -> FeedbackStore:
    from game.feedback import FeedbackStore

    return FeedbackStore(paths.feedback_db())


def _switch(on: bool) -> None:
    with _open() as store:
        store.set_recording(on)
    note = (
        "Feedback is on: what is told, and your thumbs, are kept on this machine."
        if on
        else "Feedback is off: nothing is recorded. `game feedback forget --all` deletes the past."
    )
    click.echo(note, err=True)


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False))


def _listed(row: Voted) -> dict[str, Any]:
    vote = dataclasses.asdict(row.vote)
    return {
        "vote": vote.pop("id"),
        **vote,
        "simulated": row.vote.simulated,
        "world": row.world,
        "by": _by(row),
        "text": row.target.text,
    }


def _by(row: Voted) -> str:
    """Whose line it is: a character's id, the kind of narration, or the plain teller."""
    from game.feedback import DecisionRow, GenerationRow

    if isinstance(row.target, DecisionRow):
        return row.target.character
    if isinstance(row.target, GenerationRow):
        return row.target.speaker or row.target.kind
    return "plain telling"


def _line(row: Voted) -> str:
    vote = row.vote
    when = datetime.fromisoformat(vote.at).astimezone()
    note = f" ({vote.source})" if vote.simulated else ""
    tags = f" [{', '.join(vote.tags)}]" if vote.tags else ""
    # Model and player text may hold line breaks or terminal escapes.
    text = "".join(c for c in " ".join(row.target.text.split()) if c.isprintable())
    thumb = "up  " if vote.value > 0 else "down"
    line = f"  {when:%Y-%m-%d %H:%M} {thumb}{note}{tags} {_by(row)}: {text}"
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else len(line)
    return line if len(line) <= width else line[: width - 1] + "…"


def _stats_lines(counted: Stats, database: Path) -> list[str]:
    rows = counted.rows
    kinds = ", ".join(f"{n} {kind}" for kind, n in counted.generations_by_kind.items())
    lines = [
        f"Feedback is {'on' if counted.recording else 'off'}.",
        f"Database     {database} ({counted.bytes / 1e6:.1f} MB)",
        f"Sessions     {rows.sessions}"
        + (
            f" ({counted.first[:10]} to {counted.last[:10]})"
            if counted.first and counted.last
            else ""
        ),
        f"Turns        {rows.turns}",
        f"Generations  {rows.generations}" + (f" ({kinds})" if kinds else ""),
        f"  trainable  {counted.trainable} (they have log-probs)",
        f"Decisions    {rows.decisions}",
        f"Votes        {sum(counted.up.values()) + sum(counted.down.values())} standing",
    ]
    for source in sorted({*counted.up, *counted.down}):
        up, down = counted.up.get(source, 0), counted.down.get(source, 0)
        lines.append(f"  {source}: {up} up, {down} down")
    if counted.tags:
        lines.append("  tags: " + ", ".join(f"{tag} {n}" for tag, n in counted.tags.items()))
    lines.append(f"Waiting for training: {_count(counted.pending, 'vote')} of yours")
    return lines


def _contents(counts: Counts) -> str:
    names = ["session", "turn", "generation", "decision", "vote"]
    names += [name for name in ("edit", "preference") if getattr(counts, f"{name}s")]
    parts = [_count(getattr(counts, f"{name}s"), name) for name in names]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
