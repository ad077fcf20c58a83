"""The engine imports the standard library and itself, whatever packages are installed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ENGINE = Path(__file__).parents[1] / "game" / "engine"


def imported(file: Path) -> set[str]:
    """Dotted names that a file of the package imports; relative imports are within the engine."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


def test_the_engine_imports_only_the_standard_library() -> None:
    files = list(ENGINE.rglob("*.py"))
    assert files
    strangers = {
        f"{file.relative_to(ENGINE)}: {name}"
        for file in files
        for name in imported(file)
        if name.split(".")[0] not in sys.stdlib_module_names
        and name != "game.engine"
        and not name.startswith("game.engine.")
    }
    assert strangers == set()


def test_the_engine_has_no_clock_and_no_randomness_of_its_own() -> None:
    forbidden = {"random", "time", "datetime", "secrets", "uuid", "os", "pathlib", "io", "socket"}
    found = {
        f"{file.relative_to(ENGINE)}: {name}"
        for file in ENGINE.rglob("*.py")
        for name in imported(file)
        if name.split(".")[0] in forbidden
    }
    assert found == set()
