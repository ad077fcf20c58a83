"""`game train-from-feedback`: thumbs become a new narrator, which plays if it is the better one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from game import paths

if TYPE_CHECKING:
    from agents.narrator.ppo import Step
    from agents.narrator.report import Report
    from agents.narrator.train import Plan, Watcher
    from agents.thespian.feedback import Plan as CastPlan

    AnyPlan = Plan | CastPlan

Command = TypeVar("Command", bound=Callable[..., Any])
_ALGORITHMS = ["ppo", "kto", "sft-up", "reweighted"]


def _settings(command: Command) -> Command:
    """The settings of training that are options here; the rest of `Args` keep their defaults."""
    options = (
        click.option("--algo", type=click.Choice(_ALGORITHMS), help="How to learn; kto if not "
                     "said."),
        click.option("--seed", type=click.IntRange(0), help="The same seed, the same narrator."),
        click.option("--max-minutes", type=click.FloatRange(0, min_open=True), help="Stop the "
                     "training, not the report, after so long; 10 if not said."),
        click.option("--epochs", type=click.IntRange(1), help="Times through the votes."),
        click.option("--batch", type=click.IntRange(2), help="Lines in a step."),
        click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="How far "
                     "a step goes at the most."),
        click.option("--beta", type=click.FloatRange(0), help="How hard to hold on to the start."),
        click.option("--kl-stop", type=click.FloatRange(0), help="Stop this far from the start."),
        click.option("--dtype", type=click.Choice(["bf16", "fp32"]), help="Precision."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("train-from-feedback")
@click.option(
    "--what", type=click.Choice(["narrator", "cast"]), default="narrator", show_default=True
)
@click.option(
    "--source",
    default="player",
    show_default=True,
    help='Whose votes: "player", or a pattern such as "simulated:*".',
)
@_settings
@click.option("--turns", type=click.IntRange(10), default=40, show_default=True,
              help="Turns told twice for the comparison.")  # fmt: skip
@click.option("--world", help="Where those turns are; the world most voted on by default.")
@click.option("--model", type=click.Path(path_type=Path), help="The model you play with, when it "
              "is not that of your settings.")  # fmt: skip
@click.option("--force", is_flag=True, help="Go on with fewer votes than it takes.")
@click.option("--dry-run", is_flag=True, help="Say what there is and what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: phases, steps, report.")
def train_from_feedback(
    what: str,
    source: str,
    turns: int,
    world: str | None,
    model: Path | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Let the narrator learn from your thumbs.

    Makes a new version of the narrator, compares it with the one that plays on votes and turns it
    has not seen, and lets it play if it is better beyond chance. `game adapters rollback` takes
    that back. With --what cast the characters learn, from thumbs on what they did.
    """
    if what == "cast":
        from game.cli.train_cast import train_cast

        others = {"--world": world, "--model": model}
        train_cast(source, force, dry_run, as_json, settings, [k for k, v in others.items() if v])
        return
    from agents.narrator.train import Request, plan
    from agents.narrator.train import train_from_feedback as train
    from agents.registry import Registry
    from game.cli.models import prepared, source_model
    from game.feedback.store import FeedbackStore
    from game.llm.llama import weights_hash

    if world is not None:
        paths.find_world(world)  # a misspelt name is told before anything is loaded
    from_file = model or source_model()
    request = Request(
        prepared(from_file), weights_hash(from_file), source, force, world, turns
    )  # fmt: skip
    with FeedbackStore(paths.feedback_db()) as store:
        if dry_run:
            planned = plan(store, request, Registry())
            show_plan(planned, "the model as it came", settings, as_json)
            return
        from agents.distributed import is_main
        from agents.narrator.ppo import Args

        args = Args(**{name: value for name, value in settings.items() if value is not None})
        # Of the processes that `accelerate launch` started, one speaks for all.
        with progress(as_json) if is_main() else _Silence() as watcher:
            report = train(store, request, args, watcher, Registry())
    if report is not None:
        _show_report(report, as_json)


def progress(as_json: bool) -> AbstractContextManager[Watcher]:
    """Shows how a run goes: as JSON lines on stdout, or as bars on stderr."""
    return _Lines() if as_json else _Screen()


def show_plan(planned: AnyPlan, bare: str, settings: dict[str, Any], as_json: bool) -> None:
    """Print what a run would do; `bare` names the start where it is no version."""
    given = {name: value for name, value in settings.items() if value is not None}
    described = planned.as_dict() | {"settings": given}
    if as_json:
        click.echo(json.dumps({"event": "plan", **described}, ensure_ascii=False))
        return
    for line in planned.votes.lines():
        click.echo(line)
    click.echo(f"would train on {described['train']} and judge on {described['held_out']}")
    tokens = f"; {described['tokens']:,} tokens an epoch" if "tokens" in described else ""
    click.echo(f"starting from {described['start'] or bare}{tokens}")
    for name, value in given.items():
        click.echo(f"{name.replace('_', '-')}: {value}")


def _show_report(report: Report, as_json: bool) -> None:
    folder = paths.home() / "adapters" / report.version
    if as_json:
        event = {"event": "report", "path": str(folder / "report.md"), **report.as_dict()}
        click.echo(json.dumps(event, ensure_ascii=False))
        return
    for line in report.lines():
        click.echo(_printable(line))
    click.echo(f"\nThe whole report: {folder / 'report.md'}", err=True)


def _printable(line: str) -> str:
    # What a model wrote may hold terminal escapes.
    return "".join(c for c in line if c.isprintable())


class _Silence:
    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None: ...

    def phase(self, text: str) -> None: ...

    def step(self, step: Step) -> None: ...


class _Lines(_Silence):
    """Progress as JSON lines on stdout, for programs."""

    def phase(self, text: str) -> None:
        self._say("phase", text=text)

    def step(self, step: Step) -> None:
        self._say("step", **asdict(step))

    def _say(self, event: str, **values: Any) -> None:
        click.echo(json.dumps({"event": event, **values}, ensure_ascii=False))
        sys.stdout.flush()


class _Screen:
    """Progress on stderr: a line a phase; training's with a bar, the numbers of the last step and
    the time that is left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: Any = None

    def __enter__(self) -> Watcher:
        self._progress.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._end_phase()
        self._progress.stop()

    def phase(self, text: str) -> None:
        self._end_phase()
        self._task = self._progress.add_task(text, total=None, numbers="")

    def _end_phase(self) -> None:
        """Show the phase under way as done; one that stopped early keeps its count of steps."""
        if self._task is not None and self._progress.tasks[self._task].total is None:
            self._progress.update(self._task, total=1, completed=1)
        elif self._task is not None:
            self._progress.stop_task(self._task)

    def step(self, step: Step) -> None:
        numbers = (
            f"loss {step.loss:+.3f}  KL {step.kl:.4f}  clipped {step.clipped:.1%}  "
            f"ratio {step.ratio:.3f}"
        )
        self._progress.update(self._task, total=step.steps, completed=step.step, numbers=numbers)
