"""Keeping what a benchmark measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from game.atomic import write_text

RESULTS = Path(__file__).parent / "results"


def record(name: str, measured: Mapping[str, Any]) -> None:
    """Print what was measured, and keep it as `name`.json among the results."""
    text = json.dumps(measured, indent=2)
    print(text)
    write_text(RESULTS / f"{name}.json", text + "\n")
