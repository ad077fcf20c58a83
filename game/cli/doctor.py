"""`game doctor`: examines what the game needs and says what to do about what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from game.errors import GameError
from game.health import Finding, examine

_SIGNS = {"ok": "✓", "warning": "!", "bad": "✗"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def doctor(as_json: bool) -> int:
    """Check all that the game needs.

    Says what to do about whatever is wrong. Exit code 0 when the game can be played, even if with
    warnings; 1 when something is broken.
    """
    findings = [*examine(), *_adapters()]
    bad = any(finding.state == "bad" for finding in findings)
    if as_json:
        record = {"ok": not bad, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(record, indent=2))
        return int(bad)
    for finding in findings:
        click.echo(f"{_SIGNS[finding.state]} {finding.name:<11}{finding.found}")
        if finding.remedy:
            click.echo(f"  {'':<11}→ {finding.remedy}")
    return int(bad)


def _adapters() -> Iterator[Finding]:
    from agents.registry import Registry

    try:
        registry = Registry()
        damaged = registry.damaged()
        versions = registry.versions()
        registry.active_version("narrator", "", "")  # reads which version plays
    except (GameError, OSError) as error:
        hint = error.hint if isinstance(error, GameError) else "Check its permissions."
        yield Finding("adapters", "bad", str(error), hint)
        return
    for version in damaged:
        remedy = f"Remove it: game adapters remove {version}"
        yield Finding("adapters", "warning", f"{version} is damaged", remedy)
    yield Finding("adapters", "ok", f"{len(versions)} versions")
