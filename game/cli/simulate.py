"""`game feedback simulate`: a reader of known taste thumbs real turns, marked as simulated."""

from __future__ import annotations

from pathlib import Path

import click

from game import paths
from game.errors import FeedbackError, UsageError

DEFAULT_WORLD = "village"


@click.command()
@click.option(
    "--taste", required=True, help="terse, curt, sensory, bodily or scenic: what the reader likes."
)
@click.option("--votes", type=click.IntRange(1), default=300, show_default=True)
@click.option("--world", default=DEFAULT_WORLD, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--noise", type=click.FloatRange(0, 0.5), default=0.1, show_default=True,
              help="Share of mistaken thumbs.")  # fmt: skip
@click.option("--model", type=click.Path(path_type=Path), help="A GGUF model to tell the story.")
def simulate(
    taste: str, votes: int, world: str, seed: int, noise: float, model: Path | None
) -> None:
    """Play by machine, and thumb by a rule.

    Real turns, told by the model that plays; the thumbs are kept as "simulated:TASTE" and are never
    taken for yours: `game train-from-feedback --source simulated:TASTE` uses them.
    """
    from rich.console import Console
    from rich.progress import track

    from agents.narrator import rollout
    from agents.narrator.tastes import TASTES, Reader
    from agents.narrator.train import adapter_of
    from agents.registry import Registry
    from game.authoring.load import load_world
    from game.cli.models import prepared, source_model
    from game.feedback.store import FeedbackStore
    from game.llm.llama import LlamaModel, weights_hash

    if taste not in TASTES:
        raise UsageError(f"There is no taste {taste!r}.", f"Tastes: {', '.join(TASTES)}.")
    stage = load_world(paths.find_world(world))
    source = model or source_model()
    player = LlamaModel(prepared(source))
    with FeedbackStore(paths.feedback_db()) as store:
        if not store.recording:
            raise FeedbackError("Feedback is off.", "`game feedback on` records again.")
        registry = Registry()
        active = registry.active_version("narrator", player.model_hash, weights_hash(source))
        adapter = adapter_of(registry, active)
        reader = Reader(taste, noise, seed)
        thumbs = rollout.simulate(stage, player, store, reader, votes, adapter, seed=seed)
        up = 0
        for value in track(thumbs, f"{taste} reader", total=votes, console=Console(stderr=True)):
            up += value > 0
    player.close()
    click.echo(f"{up} up, {votes - up} down, as {reader.source}.", err=True)
    click.echo(f"`game train-from-feedback --source {reader.source}` learns from them.", err=True)
