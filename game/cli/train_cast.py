"""`game train-from-feedback --what cast`: thumbs on what characters did become a new cast."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from game import paths
from game.errors import UsageError

#: Options that only the narrator's training has.
_NARRATORS = ("algo", "dtype")


def train_cast(
    source: str,
    force: bool,
    dry_run: bool,
    as_json: bool,
    settings: Mapping[str, Any],
    others: Sequence[str],
) -> None:
    """Run it with `settings` (None: as they are by default). `others` are options given that make
    no sense here. Raises UsageError for these, else as `agents.thespian.feedback.train_cast`."""
    given = {name: value for name, value in settings.items() if value is not None}
    wrong = [*others, *(f"--{name}" for name in _NARRATORS if name in given)]
    if wrong:
        raise UsageError(
            f"{' and '.join(wrong)} cannot be used with --what cast.",
            "The cast learns by PPO, in whatever world it was thumbed in.",
        )
    import torch

    torch.set_num_threads(1)  # networks this small are slower on several
    from agents.registry import Registry
    from agents.thespian.feedback import DEFAULTS, plan
    from agents.thespian.feedback import train_cast as train
    from game.cli.train import progress, show_plan
    from game.feedback.store import FeedbackStore

    registry = Registry()
    with FeedbackStore(paths.feedback_db()) as store:
        if dry_run:
            planned = plan(store, registry, source, force)
            show_plan(planned, "the cast that came with the game", given, as_json)
            return
        with progress(as_json) as watcher:
            report = train(store, registry, replace(DEFAULTS, **given), watcher, source, force)
    file = paths.home() / "adapters" / report.version / "report.md"
    if as_json:
        click.echo(
            json.dumps({"event": "report", "path": str(file), **report.as_dict()}, default=str)
        )
        return
    for line in report.lines():
        click.echo(line)
    click.echo(f"\nThe whole report: {file}", err=True)
    if report.verdict.outcome == "promoted":
        click.echo("`game adapters rollback --what cast` takes it back.", err=True)
    else:
        click.echo(f"`game adapters use {report.version}` lets it play all the same.", err=True)
