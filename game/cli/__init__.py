"""The `game` command: a group whose subcommands are imported only when they are called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from game import __version__
from game.errors import GameError

# name -> (module that defines it, attribute, one line of help). The help is repeated here so that
# `game --help` imports no subcommand; a test keeps it equal to the command's own.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "play": ("game.cli.play", "play", "Play a world."),
    "feedback": ("game.cli.feedback", "feedback", "See, export or forget your thumbs."),
    "train-from-feedback": (
        "game.cli.train",
        "train_from_feedback",
        "Let the narrator learn from your thumbs.",
    ),
    "audition": (
        "game.cli.audition",
        "audition",
        "Choose blindly between two versions of the narrator.",
    ),
    "cast": ("game.cli.cast", "cast", "See, rate and teach the characters' roles."),
    "adapters": ("game.cli.adapters", "adapters", "Choose which trained version plays."),
    "models": ("game.cli.models", "models", "Show and prepare the language model."),
    "doctor": (
        "game.cli.doctor",
        "doctor",
        "Check all that the game needs.",
    ),
    "world": ("game.cli.world", "world", "Write, check, test and draw worlds."),
}


class LazyGroup(click.Group):
    """A group that knows its subcommands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near or args[0].startswith("-"):
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, _, short) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["play"])


@click.group(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`game` alone is `game play`. Exit codes: 0 ok, 1 findings, 2 usage, 3 no model, "
    "4 not enough feedback, 130 interrupted.",
)
@click.version_option(__version__, prog_name="limelight")
def cli() -> None:
    """Limelight: a text adventure whose cast learns from your applause."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the `game` command and return its exit code.

    A command's integer return value is its exit code. A GameError is shown as its message and hint
    on stderr; other exceptions are bugs and keep their traceback.
    """
    try:
        result: Any = cli.main(
            args=None if args is None else list(args), prog_name="game", standalone_mode=False
        )
        sys.stdout.flush()
    except GameError as error:
        click.echo(f"game: {error.message}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; point stdout away so that the exit flush stays silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0
