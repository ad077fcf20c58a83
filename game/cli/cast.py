"""`game cast`: the roles that characters can play: which there are, how well, and learning more."""

from __future__ import annotations

import json
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from game.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Group

    from agents.thespian.lessons import Rating

DEFAULT_WORLD = "village"


@click.group()
def cast() -> None:
    """See, rate and teach the characters' roles."""


@cast.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def list_(as_json: bool) -> None:
    """List the roles that the cast knows, and the version that plays."""
    from agents.registry import SHIPPED, Registry
    from agents.thespian.playbill import BASE, WHAT, in_use, roles_of

    registry = Registry()
    version = registry.active_version(WHAT, BASE)
    roles = roles_of(in_use(registry))
    own = roles_of_shipped()
    versions = [v.id for v in registry.versions(WHAT)]
    if as_json:
        found = {
            "version": version.id if version else SHIPPED,
            "roles": list(roles),
            "learned": [role for role in roles if role not in own],
            "versions": versions,
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for role in roles:
        click.echo(role if role in own else f"{role}\tlearned")
    named = f"the version {version.id}" if version else "the cast that came with the game"
    click.echo(f"Playing: {named}.", err=True)


def roles_of_shipped() -> tuple[str, ...]:
    from agents.thespian.playbill import SHIPPED, roles_of

    return roles_of(SHIPPED)


@cast.command()
@click.argument("world", default=DEFAULT_WORLD)
@click.option("--role", "roles", multiple=True, help="Only this role; can be given again.")
@click.option("--games", type=click.IntRange(1), default=24, show_default=True,
              help="Games for a score.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line a role.")
def evaluate(world: str, roles: tuple[str, ...], games: int, as_json: bool) -> None:
    """Rate how well the cast plays its roles in WORLD.

    A score is the reward earned where the player begins, in percent of what a perfect player
    earns; beside it what the untrained heuristic and chance get.
    """
    _one_thread()
    from agents.registry import Registry
    from agents.thespian.lessons import in_play, rate, setting_of
    from agents.thespian.playbill import in_use, roles_of

    setting = setting_of(world)
    registry = Registry()
    for role in roles:
        setting.check(setting.world.player, role)
    wanted = roles or tuple(r for r in roles_of(in_use(registry)) if r in setting.world.roles)
    checkpoint, _ = in_play(registry)
    if not as_json:
        click.echo(f"{'role':12} {'cast':>6} {'heuristic':>9} {'chance':>6}   of at most")
    for role in wanted:
        try:
            rating = rate(checkpoint, setting, role, games)
        except UsageError as error:
            if roles:
                raise
            click.echo(f"{role}: {error.message}", err=True)
            continue
        click.echo(json.dumps(asdict(rating)) if as_json else _row(rating))


def _row(rating: Rating) -> str:
    own = "-" if rating.cast is None else f"{rating.cast:.0f}%"
    rest = f"{rating.heuristic:8.0f}% {rating.chance:5.0f}%   {rating.most:g}"
    return f"{rating.role:12} {own:>6} {rest}"


@cast.command()
@click.argument("world")
@click.option("--role", required=True, help="A role that the world file declares.")
@click.option("--steps", type=click.IntRange(40, 3000), default=3000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: the curve, the report.")
def train(world: str, role: str, steps: int, seed: int, as_json: bool) -> None:
    """Teach the cast a role that WORLD declares, in a few minutes.

    The roles it knows stay as they are, to the last bit. The result is kept as a version, and plays
    from the next game on if it earns more than the untrained heuristic. `game adapters rollback
    --what cast` takes that back.
    """
    _one_thread()
    from agents.registry import Registry
    from agents.thespian.lessons import learn, learnable, setting_of

    setting = setting_of(world)
    registry = Registry()
    learnable(setting, role, registry)  # what cannot be learned is told before a curve is drawn
    watch: Any = _Lines() if as_json else _Curve(role)
    with watch:
        lesson = learn(setting, role, registry, watch.point, steps, seed)
    if as_json:
        click.echo(json.dumps({"event": "report", **lesson.as_dict()}, ensure_ascii=False))
        return
    click.echo(
        f"{lesson.version}: {role} earns {lesson.score:.0f}% of what a perfect player does (the"
        f" heuristic {lesson.heuristic:.0f}%), after {steps:,} steps in {lesson.seconds:.0f} s."
    )
    if lesson.plays:
        click.echo("It plays from the next game on.")
        click.echo("`game adapters rollback --what cast` takes it back.", err=True)
    else:
        click.echo("Kept, not playing: the heuristic plays the role no worse.")
        click.echo(f"`game adapters use {lesson.version}` lets it play all the same.", err=True)


def _one_thread() -> None:
    """Networks this small are slower on several threads."""
    import torch

    torch.set_num_threads(1)


class _Lines:
    """The curve as JSON lines on stdout."""

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None: ...

    def point(self, done: int, steps: int, score: float) -> None:
        click.echo(json.dumps({"event": "point", "step": done, "steps": steps, "score": score}))


class _Curve:
    """A bar, and the curve of the score so far, drawn anew at every point on stderr."""

    def __init__(self, role: str) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(),
            Remaining(), console=console,
        )  # fmt: skip
        self._task = self._progress.add_task(f"learning {role}", total=None)
        self._points: list[tuple[int, float]] = []
        self._live = Live(self._drawn(), console=console, refresh_per_second=4)

    def _drawn(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        return Group(self._progress, *(Text(line) for line in chart(self._points)), Text())

    def __enter__(self) -> _Curve:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def point(self, done: int, steps: int, score: float) -> None:
        self._points.append((done, score))
        self._progress.update(self._task, total=steps, completed=done)
        self._live.update(self._drawn())


def chart(points: list[tuple[int, float]], height: int = 6) -> list[str]:
    """Percentages by step as columns of blocks, with an axis: a line of text each."""
    if not points:
        return []
    top = max(100.0, *(score for _, score in points))
    lines = []
    for row in reversed(range(height)):
        cells = [_cell(score / top * height - row) * 2 for _, score in points]
        label = f"{top * (row + 1) / height:4.0f}%" if row in (0, height - 1) else " " * 5
        lines.append(f"{label} ┤{' '.join(cells)}")
    last = points[-1]
    return [*lines, f"      └{'───' * len(points)} {last[0]:,} steps: {last[1]:.0f}%"]


def _cell(fill: float) -> str:
    return " ▁▂▃▄▅▆▇█"[round(8 * max(0.0, min(1.0, fill)))]
