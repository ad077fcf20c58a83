"""Worlds of the LIGHT platform (Urbanek et al., arXiv 1903.03094): its graph JSON in and out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from game.authoring.light.exporting import to_light
from game.authoring.light.graph import read_graph
from game.authoring.light.importing import to_world
from game.authoring.light.summary import Summary

__all__ = ["Summary", "export_light", "import_light"]


def import_light(file: Path, player: str | None = None) -> tuple[dict[str, Any], Summary]:
    """The data of a world file for a LIGHT file, and what came of every field of it.

    Raises WorldError when it is no LIGHT file, or nobody in it is called `player`.
    """
    summary = Summary()
    graph = read_graph(file, summary)
    title = " ".join(re.findall(r"[^\W_]+", file.stem)).title()[:80] or "A World"
    return to_world(graph, title, summary, player), summary


def export_light(file: Path) -> tuple[dict[str, Any], Summary]:
    """LIGHT's graph of the world in a world file, and what is lost on the way.

    Raises WorldError when the world is not sound.
    """
    from game.authoring.load import in_order
    from game.authoring.problems import WorldFileError
    from game.authoring.reading import read

    reading = read(file)
    if reading.world is None or reading.spec is None:
        raise WorldFileError(in_order(reading.source.problems, file.name))
    summary = Summary()
    return to_light(reading.spec, reading.world, summary), summary
